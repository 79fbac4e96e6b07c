"""What the virus scanner's word does to a paper on its way in."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from fileshare import states, tasks
from fileshare.enums import Inspection, PaperState
from fileshare.models import DocumentVersion, SharedDocument
from fileshare.services import contribute, inspect, scan, upload
from portal.ops import scanning
from tests import clamd as fake
from tests.factories import make_administrator, make_member, make_paper, minimal_pdf
from tests.fileshare import files
from tests.fileshare.scanned import EVIL, FOUND, SIGNATURES, due_tasks, everybody, got, paper_of, replaced, rows, timer

pytestmark = pytest.mark.django_db


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
        default_storage.__class__,
        "read_range",
        staticmethod(lambda name, start, length: whole(name, start, length - 4)),
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
