"""Between arriving and being readable."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from fileshare import signals, tasks
from fileshare.enums import Inspection, PaperState
from fileshare.inspection.pdf import PdfFacts
from fileshare.models import SharedDocument
from fileshare.services import inspect, upload
from members.models import AccessRecord
from tests.factories import make_member, make_paper, minimal_pdf
from tests.fileshare import files

pytestmark = pytest.mark.django_db


def replaced(paper, content, name="paper.pdf"):
    return upload.replace(document=paper, file=ContentFile(content), name=name, by=None)


def readable(paper):
    return SharedDocument.objects.visible_to(make_member()).filter(pk=paper.pk).exists()


def test_clean_paper_becomes_readable_with_its_pages():
    paper = make_paper(content=minimal_pdf(pages=4), inspected=False)
    assert not readable(paper)
    version = inspect.inspect(version_id=paper.versions.get().pk)
    paper.refresh_from_db()
    assert (version.inspection, version.pages, version.inspection_note) == (Inspection.PASSED, 4, "")
    assert paper.current_version == version
    assert readable(paper)


def test_inspecting_twice_does_nothing_the_second_time(django_capture_on_commit_callbacks, monkeypatch):
    paper = make_paper(inspected=False)
    number = paper.versions.get().pk
    announced = []

    def note(**kwargs):
        announced.append(kwargs["version_id"])

    signals.version_published.connect(note)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            assert inspect.inspect(version_id=number) is not None
            rows = AccessRecord.objects.count()
            monkeypatch.setattr(inspect, "facts", lambda version: pytest.fail("read again"))
            assert inspect.inspect(version_id=number) is None
            tasks.inspect_version.call(number)
    finally:
        signals.version_published.disconnect(note)
    assert AccessRecord.objects.count() == rows
    assert announced == [number]


def test_inspecting_a_version_that_is_gone_does_nothing():
    assert inspect.inspect(version_id=999_999) is None


def test_inspection_is_a_row_of_the_record():
    paper = make_paper(content=files.pdf_with_opening_script())
    row = AccessRecord.objects.first()
    note = "The PDF contains a script, an action, an XFA form or an embedded file."
    assert (row.action, row.actor_id, row.object_kind, row.object_id) == (
        "inspected",
        None,
        "document",
        str(paper.uuid),
    )
    assert (row.reason, row.details) == (note, {"version": 1, "outcome": "quarantined"})


@pytest.mark.parametrize(
    "make", [files.pdf_with_opening_script, files.pdf_that_launches, files.pdf_with_embedded_file, files.damaged_pdf]
)
def test_active_or_unreadable_pdf_is_quarantined(make):
    paper = make_paper(content=make())
    assert (paper.current_version, paper.state) == (None, PaperState.QUARANTINED)
    assert not readable(paper)


@pytest.mark.parametrize("marking", ["TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"])
@pytest.mark.parametrize("make", [files.encrypted_pdf, files.signed_pdf])
def test_pdf_that_cannot_be_stamped_is_quarantined_above_green(make, marking):
    assert make_paper(content=make(), marking=marking).state == PaperState.QUARANTINED


@pytest.mark.parametrize("make", [files.encrypted_pdf, files.signed_pdf])
def test_pdf_that_cannot_be_stamped_is_readable_at_green(make):
    assert readable(make_paper(content=make()))


def test_quarantined_replacement_leaves_the_former_version():
    paper = make_paper()
    former = paper.current_version
    version = inspect.inspect(version_id=replaced(paper, files.pdf_with_embedded_file()).pk)
    paper.refresh_from_db()
    assert version.inspection == Inspection.QUARANTINED
    assert (paper.current_version, paper.state) == (former, PaperState.PUBLISHED)
    assert readable(paper)


def test_older_version_inspected_late_does_not_come_back():
    paper = make_paper(inspected=False)
    first, second = paper.versions.get(), replaced(paper, minimal_pdf("Second"))
    inspect.inspect(version_id=second.pk)
    inspect.inspect(version_id=first.pk)
    paper.refresh_from_db()
    assert paper.current_version == second


def test_document_of_another_kind_passes_without_a_look_inside(monkeypatch):
    monkeypatch.setattr(inspect, "examine", lambda path: pytest.fail("asked"))
    assert readable(make_paper(content=files.docx_file(), file_name="a.docx"))


def test_marking_raised_while_the_file_waits_is_the_one_that_counts():
    paper = make_paper(content=files.signed_pdf(), inspected=False)
    SharedDocument.objects.update(marking="TLP:AMBER")
    assert inspect.inspect(version_id=paper.versions.get().pk).inspection == Inspection.QUARANTINED


def test_office_file_behind_an_amber_marking_is_quarantined():
    """The form refuses it; should one come in by another door, it is held."""
    paper = make_paper(content=files.docx_file(), file_name="a.docx", marking="TLP:AMBER")
    assert paper.state == PaperState.QUARANTINED


def test_file_lost_before_its_inspection_fails_the_task_and_stays_unreadable():
    paper = make_paper(inspected=False)
    default_storage.delete(paper.versions.get().file.name)
    with pytest.raises(FileNotFoundError):
        tasks.inspect_version.call(paper.versions.get().pk)
    assert not readable(paper)
    assert paper.versions.get().inspection == Inspection.WAITING


def test_parser_that_fails_quarantines(monkeypatch):
    paper = make_paper(inspected=False)
    monkeypatch.setattr(inspect, "examine", lambda path: PdfFacts(damaged=True))
    assert inspect.inspect(version_id=paper.versions.get().pk).inspection == Inspection.QUARANTINED
