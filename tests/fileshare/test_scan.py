"""What the virus scanner's word does to a paper: on its way in, and later."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from fileshare import states, tasks
from fileshare.enums import Inspection, PaperState
from fileshare.models import DocumentVersion, SharedDocument
from fileshare.services import contribute, inspect, release, rescan, scan, upload
from members.models import AccessRecord
from portal.ops import scanning
from tests import clamd as fake
from tests.factories import make_administrator, make_editor_of, make_folder, make_member, make_paper, minimal_pdf
from tests.fileshare import files

pytestmark = pytest.mark.django_db
EVIL = b"Words with something evil in them."
FOUND = "The virus scanner found “Test.Evil-1” in it."
SIGNATURES = "ClamAV 1.4.6/1/Mon Nov 30 08:00:00 2026"
NEWER = "ClamAV 1.4.6/2/Tue Dec  1 08:00:00 2026"


@pytest.fixture
def folder():
    return make_folder("Guidance")


def paper_of(folder, content=b"Good words.", **said):
    return make_paper("The paper", collection=folder, content=content, file_name="a.txt", **said)


def replaced(paper, content):
    version = upload.replace(document=paper, file=ContentFile(content), name="a.txt", by=None)
    inspect.inspect(version_id=version.pk)
    paper.refresh_from_db()
    version.refresh_from_db()
    return version


def rows(action="inspected"):
    found = AccessRecord.objects.filter(action=action).order_by("pk")
    return [(row.reason, row.details.get("version"), row.details.get("outcome")) for row in found]


def everybody(folder):
    return [make_member(), make_editor_of(folder), make_administrator()]


def got(people, paper, signed_in):
    """What each gets of the paper's file: its bytes, or nothing that is told from a paper that does not exist."""
    answers = [signed_in(person).get(f"/files/document/{paper.uuid}/download/") for person in people]
    return [b"".join(each.streaming_content) if each.status_code == 200 else each.status_code for each in answers]


def due_tasks():
    """Do what the timer has put into the queue, as the worker would."""
    for task in list(DBTaskResult.objects.ready().order_by("-priority", "enqueued_at")):
        if task.task_path.startswith("fileshare."):
            task.task.call(*task.args_kwargs["args"])
    DBTaskResult.objects.all().delete()


def timer():
    DBTaskResult.objects.all().delete()
    scanning.keep_up()
    due_tasks()


# --- On the way in ------------------------------------------------------------------------------------------------


def test_clean_file_is_read_by_its_readers_and_says_how_it_was_scanned(clamd, folder, signed_in):
    paper = paper_of(folder)
    version = paper.versions.get()
    assert clamd.files == [b"Good words."]
    assert (version.inspection, version.scan_found, version.scanned_with) == (Inspection.PASSED, "", SIGNATURES)
    assert got([make_member()], paper, signed_in) == [b"Good words."]
    assert rows() == [("", 1, "passed")]


def test_infected_file_is_held_and_recorded(clamd, folder, signed_in):
    people = everybody(folder)
    paper = paper_of(folder, EVIL)
    assert (paper.state, paper.current_version) == (PaperState.QUARANTINED, None)
    assert got(people, paper, signed_in) == [404, 404, 404]
    assert rows() == [(FOUND, 1, "quarantined")]
    assert states.reason(paper) == f"{FOUND} {states.WHAT_TO_DO_WITH_MALWARE}"
    assert not SharedDocument.objects.visible_to(people[0]).exists()


def test_infected_replacement_leaves_the_former_version(clamd, folder, signed_in):
    people = everybody(folder)
    paper = paper_of(folder)
    version = replaced(paper, EVIL)
    assert (version.inspection, paper.current_version.number) == (Inspection.QUARANTINED, 1)
    assert got(people, paper, signed_in) == [b"Good words."] * 3
    address = f"/files/document/{paper.uuid}/versions/2/download/"
    assert [signed_in(person).get(address).status_code for person in people] == [404, 404, 404]


@pytest.mark.parametrize("limit", ["the site's", "the scanner's", "what it unpacks"])
def test_file_that_is_too_large_to_scan_is_held_and_the_former_version_stays(clamd, folder, settings, signed_in, limit):
    paper = paper_of(folder)
    if limit == "the site's":  # somebody has lowered it since the file came in
        settings.SCAN_AT_MOST = 30
    elif limit == "the scanner's":
        clamd.most = 30
    else:
        clamd.talk = fake.answers("stream: Heuristics.Limits.Exceeded.MaxScanSize FOUND")
    version = replaced(paper, b"Rather many good words, more than can be scanned.")
    assert (version.inspection, version.inspection_note) == (Inspection.QUARANTINED, scan.NOT_WHOLE)
    assert got([make_member()], paper, signed_in) == [b"Good words."]
    assert states.reason(paper).endswith(states.WHAT_TO_DO_WITH_LARGE)


def test_scanner_away_nobody_reads_and_the_file_comes_in_when_it_is_back(clamd, folder, signed_in):
    people = everybody(folder)
    clamd.goes()
    paper = paper_of(folder)
    assert (paper.state, states.headline(paper), states.reason(paper)) == (
        PaperState.UNSCANNED, "Waiting for the virus scanner", scan.AWAY,
    )  # fmt: skip
    DBTaskResult.objects.all().delete()
    for _ in range(3):  # the timer asks each minute, and has nothing done while nobody is there
        scanning.keep_up()
    assert not DBTaskResult.objects.exists()
    assert got(people, paper, signed_in) == [404, 404, 404]
    assert rows() == [(scan.AWAY, 1, "unscanned")]
    clamd.comes()
    timer()
    assert got(people, paper, signed_in) == [b"Good words."] * 3
    assert rows() == [(scan.AWAY, 1, "unscanned"), ("", 1, "passed")]


def test_scanner_away_readers_keep_the_former_version(clamd, folder, signed_in):
    paper = paper_of(folder)
    clamd.goes()
    version = replaced(paper, b"Newer words.")
    assert version.inspection == Inspection.UNSCANNED
    assert states.reason(paper) == f"Version 2 waits; readers get the former. {scan.AWAY}"
    assert got([make_member()], paper, signed_in) == [b"Good words."]
    assert SharedDocument.objects.filter(states.in_state(PaperState.UNSCANNED)).get() == paper
    clamd.comes()
    timer()
    assert got([make_member()], paper, signed_in) == [b"Newer words."]


def test_infected_file_that_waited_for_the_scanner_is_held(clamd, folder):
    clamd.goes()
    paper = paper_of(folder, EVIL)
    clamd.comes()
    timer()
    paper.refresh_from_db()
    assert paper.state == PaperState.QUARANTINED


@pytest.mark.parametrize("talk", [fake.hang_up, fake.answers("stream: OK\n"), fake.answers("stream: Broken ERROR")])
def test_file_on_which_the_scanner_fails_waits_ever_longer(clamd, folder, talk):
    clamd.talk = talk
    now, waits = timezone.now(), []
    with time_machine.travel(now, tick=False) as clock:
        paper = paper_of(folder)
        for _ in range(5):
            version = paper.versions.get()
            assert (version.inspection, version.inspection_note) == (Inspection.UNSCANNED, scan.FAILED)
            waits.append((version.scan_after - timezone.now()) / datetime.timedelta(minutes=1))
            clock.move_to(version.scan_after - datetime.timedelta(seconds=1))
            timer()
            assert paper.versions.get().scan_tries == version.scan_tries, "too early"
            clock.move_to(version.scan_after)
            timer()
        assert waits == [1, 5, 15, 60, 60]
        clamd.talk = fake.as_it_should
        clock.move_to(paper.versions.get().scan_after)
        timer()
    assert paper.versions.get().inspection == Inspection.PASSED


@pytest.mark.parametrize(
    ("name", "content"), [("a.txt", b"Good words."), ("a.pdf", minimal_pdf())], ids=["text", "PDF"]
)
def test_file_that_the_store_lost_while_it_waited_for_the_scanner_is_tried_ever_more_rarely(
    clamd, folder, name, content
):
    clamd.goes()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        paper = make_paper(collection=folder, content=content, file_name=name)
        default_storage.delete(paper.versions.get().file.name)
        clamd.comes()
        waits = []
        for _ in range(5):
            timer()
            version = paper.versions.get()
            waits.append((version.scan_after - timezone.now()) / datetime.timedelta(minutes=1))
            clock.move_to(version.scan_after)
        assert waits == [1, 5, 15, 60, 60]
        assert (version.inspection, states.reason(paper)) == (Inspection.UNSCANNED, scan.NOT_GIVEN)
        assert rows() == [(scan.AWAY, 1, "unscanned"), (scan.NOT_GIVEN, 1, "unscanned")]
        default_storage.save(version.file.name, ContentFile(content))
        timer()
    assert paper.versions.get().inspection == Inspection.PASSED


def test_scanner_that_hangs_is_left_alone_for_ever_longer_and_holds_no_mail(clamd, folder, monkeypatch):
    clamd.goes()
    for number in range(3):
        paper_of(folder, f"Paper {number}".encode())
    clamd.comes()
    whole, given, begin = scan.scanner.scan, [], timezone.now()

    def hangs(pieces, size):
        given.append((timezone.now() - begin) // datetime.timedelta(minutes=1))
        raise scan.scanner.Late("it did not come to an end within 310 seconds")

    monkeypatch.setattr(scan.scanner, "scan", hangs)
    DBTaskResult.objects.all().delete()
    with time_machine.travel(begin, tick=False) as clock:
        for _ in range(40):
            scanning.keep_up()
            assert {task.priority for task in DBTaskResult.objects.all()} <= {scanning.BEHIND}
            due_tasks()
            clock.shift(60)
        assert given == [0, 1, 6, 21, 36]
        assert (scanning.last().signatures, scanning.last().why_not) == ("", scan.HANGS)
        assert paper_of(folder, b"Just come in").state == PaperState.UNSCANNED
        assert given == [0, 1, 6, 21, 36]
        monkeypatch.setattr(scan.scanner, "scan", whole)
        clock.shift(60 * 60)
        timer()
        assert not DocumentVersion.objects.exclude(inspection=Inspection.PASSED).exists()
        monkeypatch.setattr(scan.scanner, "scan", hangs)
        paper_of(folder, b"Another")
        clock.shift(60)
        assert not scan.is_paused(), "one that was done begins it anew"


def test_file_with_which_the_scanner_is_late_lets_others_go_before(clamd, folder):
    clamd.goes()
    late = paper_of(folder)
    paper_of(folder, b"Other words.")
    DocumentVersion.objects.filter(document=late).update(scan_tries=1)
    clamd.comes()
    clamd.files.clear()
    timer()
    assert clamd.files == [b"Other words.", b"Good words."]


def test_active_pdf_is_held_as_such_whatever_the_scanner_says(clamd, folder):
    content = files.pdf_with_opening_script()
    note = "The PDF contains a script, an action, an XFA form or an embedded file."
    assert make_paper(content=content).versions.get().inspection_note == note
    clamd.evil = content[:40]
    assert make_paper(content=content).versions.get().inspection_note == FOUND
    clamd.goes()
    assert make_paper(content=content).versions.get().inspection_note == note


def test_file_that_the_store_gives_half_of_is_not_called_clean(clamd, folder, monkeypatch):
    paper = paper_of(folder, inspected=False)
    version = paper.versions.get()
    whole = default_storage.read_range
    monkeypatch.setattr(
        default_storage, "read_range", lambda name, start, length: whole(name, start, length - 4), raising=False
    )
    with pytest.raises(OSError, match="broke off"):
        tasks.inspect_version.call(version.pk)
    assert paper.versions.get().inspection == Inspection.WAITING


def test_file_larger_than_what_can_be_scanned_does_not_come_in(clamd, folder, settings):
    settings.WAGTAILDOCS_MAX_UPLOAD_SIZE = 1024**2
    with pytest.raises(upload.formats.Refused) as refused:
        upload.recognise(ContentFile(b"a" * (1024**2 + 1)), "a.txt", folder.pk)
    assert str(refused.value) == (
        "This file is larger than 1.0\xa0MB, which is the most that can come in, since larger files cannot be scanned "
        "for viruses here."
    )


def test_without_a_scanner_nothing_waits(folder, clamd, settings):
    clamd.goes()
    paper = paper_of(folder)
    settings.CLAMD_URL = ""
    timer()
    paper.refresh_from_db()
    assert (paper.state, paper.current_version.scanned_at) == (PaperState.PUBLISHED, None)
    assert scanning.last() is None


def test_member_s_paper_cannot_be_taken_in_before_it_is_scanned(clamd, folder):
    folder.folder.takes_contributions = True
    folder.folder.save()
    clamd.goes()
    document = contribute.contribute(
        folder=folder, by=make_member(), file=ContentFile(b"Words."), name="a.txt", title="Brought"
    )
    inspect.inspect(version_id=document.versions.get().pk)
    with pytest.raises(ValidationError, match="waits for the virus scanner"):
        contribute.accept(document=document, by=make_administrator())


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
    monkeypatch.setattr(default_storage, "size", away, raising=False)
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
