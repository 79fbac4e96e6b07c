"""What the virus scanner's word does to a paper later, and how one comes out of the quarantine."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django_tasks_db.models import DBTaskResult

from fileshare.enums import Inspection, PaperState
from fileshare.models import DocumentVersion, SharedDocument
from fileshare.services import release, rescan, scan
from members.models import AccessRecord
from portal.ops import scanning
from tests import clamd as fake
from tests.factories import make_administrator, make_member, make_paper
from tests.fileshare import files
from tests.fileshare.scanned import (
    EVIL,
    FOUND,
    NEWER,
    SIGNATURES,
    due_tasks,
    everybody,
    got,
    paper_of,
    replaced,
    rows,
    timer,
)

pytestmark = pytest.mark.django_db


# --- Later --------------------------------------------------------------------------------------------------------


def test_paper_found_infected_later_is_taken_from_everybody_at_once(clamd, folder, signed_in):
    people = everybody(folder)
    paper = paper_of(folder)
    replaced(paper, b"Newer words.")
    clamd.files.clear()
    timer()
    assert clamd.files == [], "nothing has changed"
    clamd.signatures, clamd.evil = NEWER, b"Newer"
    timer()
    paper.refresh_from_db()
    assert (paper.state, got(people, paper, signed_in)) == (PaperState.QUARANTINED, [404, 404, 404])
    assert clamd.files == [b"Good words.", b"Newer words."]
    assert rows()[-1] == (FOUND, 2, "quarantined")
    end = AccessRecord.objects.get(action="rescanned")
    assert (end.object_kind, end.details) == ("store", {"signatures": NEWER, "files": 2, "held": 1})


def test_former_version_found_infected_leaves_the_paper(clamd, folder, signed_in):
    paper = paper_of(folder)
    replaced(paper, b"Newer words.")
    clamd.signatures, clamd.evil = NEWER, b"Good"
    timer()
    paper.refresh_from_db()
    member = signed_in(make_member())
    assert (paper.state, got([make_member()], paper, signed_in)) == (PaperState.PUBLISHED, [b"Newer words."])
    assert member.get(f"/files/document/{paper.uuid}/versions/1/download/").status_code == 404


def test_share_goes_on_where_the_last_one_ended_and_nobody_starves(clamd, monkeypatch):
    made = [make_paper(content=f"Paper {number}".encode(), file_name="a.txt") for number in range(4)]
    DocumentVersion.objects.filter(document=made[1]).update(scanned_with="", scanned_at=None)
    clamd.signatures = NEWER
    clamd.files.clear()
    monkeypatch.setattr(rescan, "SECONDS", -1)
    assert rescan.share() == 1
    clamd.signatures = f"{NEWER} and so on"
    assert [rescan.share() for _ in range(3)] == [1, 1, 1]
    assert clamd.files == [b"Paper 1", b"Paper 0", b"Paper 2", b"Paper 3"], "never scanned, then longest ago"
    monkeypatch.setattr(rescan, "SECONDS", 20)
    monkeypatch.setattr(rescan, "FILES", 3)
    assert [rescan.share(), rescan.share()] == [1, 0]


def test_scanner_that_goes_while_files_are_scanned_again_takes_nothing_away(clamd, folder, signed_in):
    paper = paper_of(folder)
    clamd.signatures, clamd.talk = NEWER, fake.hang_up
    assert rescan.share() == 1
    assert got([make_member()], paper, signed_in) == [b"Good words."]
    assert rescan.share() == 0, "not at once again"
    clamd.goes()
    DocumentVersion.objects.update(scan_after=None)
    assert rescan.share() == 0
    assert got([make_member()], paper, signed_in) == [b"Good words."]
    assert paper.versions.get().scanned_with == SIGNATURES


def test_share_ends_where_the_scanner_goes(clamd, folder, monkeypatch):
    for number in range(3):
        paper_of(folder, f"Paper {number}".encode())
    clamd.signatures = NEWER
    monkeypatch.setattr(rescan.scan, "look", lambda version: scan.Scan(why_not="it is away", is_away=True))
    assert rescan.share() == 1


def test_limits_lowered_later_hold_what_was_never_scanned_alone(clamd, folder, settings):
    paper, old = paper_of(folder), paper_of(folder, b"From before")
    DocumentVersion.objects.filter(document=old).update(scanned_with="", scanned_at=None)
    clamd.signatures, clamd.most = NEWER, 5
    timer()
    assert [each.versions.get().inspection for each in (paper, old)] == [Inspection.PASSED, Inspection.QUARANTINED]
    assert scanning.ask().behind == 1
    assert not AccessRecord.objects.filter(action="rescanned").exists()


def test_file_that_the_store_has_lost_keeps_no_other_from_its_scan(clamd, folder):
    lost, other = paper_of(folder), paper_of(folder, b"Other words.")
    default_storage.delete(lost.current_version.file.name)
    clamd.signatures = NEWER
    assert rescan.share() == 2
    assert other.versions.get().scanned_with == NEWER


def test_store_that_does_not_give_a_file_ends_the_share_and_the_next_begins_behind_it(clamd, folder, monkeypatch):
    spoilt, other = paper_of(folder), paper_of(folder, b"Other words.")
    size = default_storage.size

    def away(name):
        if name == spoilt.current_version.file.name:
            raise ConnectionError("no route to the store")
        return size(name)

    clamd.signatures = NEWER
    monkeypatch.setattr(default_storage.__class__, "size", staticmethod(away))
    assert (rescan.share(), other.versions.get().scanned_with) == (1, SIGNATURES)
    assert (rescan.share(), other.versions.get().scanned_with) == (1, NEWER)
    assert spoilt.versions.get().inspection == Inspection.PASSED


def test_shares_do_not_pile_up(clamd, folder):
    paper_of(folder)
    DBTaskResult.objects.all().delete()
    clamd.signatures = NEWER
    for _ in range(3):
        scanning.keep_up()
    assert [task.task_path for task in DBTaskResult.objects.all()] == ["fileshare.tasks.scan_again"]


# --- Out of the quarantine ----------------------------------------------------------------------------------------


def test_released_file_is_read_and_the_same_finding_holds_it_no_more(clamd, folder, signed_in):
    paper, administrator = paper_of(folder, EVIL), make_administrator()
    release.release(version=paper.versions.get(), by=administrator, found="Test.Evil-1", reason=" The makers say so. ")
    assert got([make_member()], paper, signed_in) == [404], "not before it is inspected once more"
    due_tasks()
    assert got([make_member()], paper, signed_in) == [EVIL]
    row = AccessRecord.objects.get(action="released")
    assert (row.actor_id, row.object_id, row.reason, row.details) == (
        administrator.pk, str(paper.uuid), "The makers say so.", {"version": 1, "found": "Test.Evil-1"},
    )  # fmt: skip
    clamd.signatures = NEWER
    timer()
    assert got([make_member()], paper, signed_in) == [EVIL]
    clamd.name, clamd.signatures = "Test.Worse-1", f"{NEWER} and so on"
    timer()
    assert got([make_member()], paper, signed_in) == [404]


def test_released_file_that_is_too_large_stays_so(clamd, folder, signed_in):
    clamd.most = 5
    paper = paper_of(folder)
    release.release(
        version=paper.versions.get(), by=make_administrator(), found=scan.TOO_LARGE, reason="A film of ours."
    )
    due_tasks()
    clamd.signatures = NEWER
    timer()
    assert got([make_member()], paper, signed_in) == [b"Good words."]


def test_released_file_waits_for_a_scanner_that_is_away(clamd, folder):
    paper = paper_of(folder, EVIL)
    clamd.goes()
    release.release(version=paper.versions.get(), by=make_administrator(), found="Test.Evil-1", reason="Mine.")
    due_tasks()
    assert paper.versions.get().inspection == Inspection.UNSCANNED


def test_release_needs_a_reason_and_a_file_that_the_scanner_holds(clamd, folder):
    paper, administrator = paper_of(folder, EVIL), make_administrator()
    with pytest.raises(ValidationError, match="give the reason"):
        release.release(version=paper.versions.get(), by=administrator, found="Test.Evil-1", reason="  ")
    active = make_paper(content=files.pdf_with_opening_script())
    released = paper_of(folder, EVIL).versions.get()
    release.release(version=released, by=administrator, found="Test.Evil-1", reason="Mine.")
    due_tasks()
    for version in (paper_of(folder).versions.get(), active.versions.get(), released):
        with pytest.raises(ValidationError, match="not held by the virus scanner"):
            release.release(version=version, by=administrator, found="Test.Evil-1", reason="Because.")
    assert AccessRecord.objects.filter(action="released").count() == 1


def test_wrong_finding_that_newer_signatures_take_back_is_scanned_again_by_command(clamd, folder, capsys):
    paper, other = paper_of(folder, EVIL), paper_of(folder, b"Other evil.")
    DocumentVersion.objects.filter(document=other).update(inspection=Inspection.QUARANTINED, scan_found="Other")
    clamd.evil = b"no such thing"
    call_command("scan_again", "--found", "Test.Evil-1")
    due_tasks()
    paper.refresh_from_db()
    other.refresh_from_db()
    assert (paper.state, other.versions.get().inspection) == (PaperState.PUBLISHED, Inspection.QUARANTINED)
    call_command("scan_again")
    due_tasks()
    assert other.versions.get().inspection == Inspection.PASSED
    call_command("scan_again", "--all")
    assert capsys.readouterr().out.splitlines() == [
        "1 files in quarantine will be scanned again by the worker.",
        "1 files in quarantine will be scanned again by the worker.",
        "2 files will be scanned again, as the timer runs.",
    ]
    assert rescan.behind(SIGNATURES).count() == 2


def test_replaced_version_does_not_come_back_from_a_wrong_finding_in_both(clamd, folder, signed_in):
    folder.folder.former_versions_readable = False
    folder.folder.save()
    people, paper = everybody(folder), paper_of(folder)
    replaced(paper, b"Newer words.")
    SharedDocument.objects.filter(pk=paper.pk).update(acknowledge_from=2)
    DocumentVersion.objects.filter(number=1).update(asks_again=True, change="major")
    clamd.signatures, clamd.evil = NEWER, b"words"
    timer()
    assert got(people, paper, signed_in) == [404, 404, 404]
    clamd.evil = b"Newer"
    call_command("scan_again")
    due_tasks()
    paper.refresh_from_db()
    assert [each.inspection for each in paper.versions.order_by("number")] == ["passed", "quarantined"]
    assert (paper.current_version, paper.acknowledge_from) == (None, 2)
    assert got(people, paper, signed_in) == [404, 404, 404]
    clamd.evil = b"no such thing"
    call_command("scan_again")
    due_tasks()
    assert got(people, paper, signed_in) == [b"Newer words."] * 3


def test_version_whose_replacement_never_came_out_comes_back(clamd, folder, signed_in):
    paper = paper_of(folder)
    replaced(paper, EVIL)
    clamd.signatures, clamd.evil = NEWER, b"o"
    timer()
    assert got([make_member()], paper, signed_in) == [404]
    clamd.evil = fake.EVIL
    call_command("scan_again")
    due_tasks()
    assert got([make_member()], paper, signed_in) == [b"Good words."]


def test_command_wants_a_scanner():
    with pytest.raises(CommandError, match="no virus scanner"):
        call_command("scan_again")
