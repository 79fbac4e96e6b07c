"""The form behind every door through which a paper comes in or changes: what its pages do not show."""

from __future__ import annotations

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile
from wagtail.documents.forms import get_document_form, get_document_multi_form

from fileshare import forms
from fileshare.forms import SharedDocumentForm
from fileshare.models import SharedDocument
from members import audit
from members.models import AccessRecord
from tests.factories import make_folder, make_member, make_paper, minimal_pdf
from tests.fileshare import files
from tests.fileshare.admin import attached, details, details_of, objects

pytestmark = pytest.mark.django_db


def form_for(user, data, instance=None, **uploads):
    form_class = get_document_form(SharedDocument)
    return form_class(data, uploads, instance=instance or SharedDocument(), user=user)


def test_ours_is_the_form_of_every_door():
    assert issubclass(get_document_form(SharedDocument), SharedDocumentForm)
    assert issubclass(get_document_multi_form(SharedDocument), SharedDocumentForm)


def test_new_paper_asks_for_neither_withdrawal_nor_reason(folder, editor):
    fields = form_for(editor, None).fields
    assert "withdrawn" not in fields
    assert "marking_reason" not in fields
    assert "file_name" not in fields
    assert {"recipient_addresses", "version_note", "marking", "publish_at"} <= set(fields)


def test_marking_is_one_of_the_labels(folder, editor):
    form = form_for(editor, details(folder, marking="TLP:PINK"), file=attached(minimal_pdf()))
    assert list(form.errors) == ["marking"]


def test_saving_without_committing_is_refused(folder, editor):
    form = form_for(editor, details(folder), file=attached(minimal_pdf()))
    assert form.is_valid()
    with pytest.raises(TypeError, match="whole or not at all"):
        form.save(commit=False)
    assert not SharedDocument.objects.exists()


def test_only_the_own_folders_are_on_offer(editor):
    elsewhere = make_folder("Elsewhere")
    below = make_folder("Below", parent=elsewhere)
    form = form_for(editor, details(below), file=attached(minimal_pdf()))
    if form.is_valid():
        assert form.save().collection.name == "Guidance"
    assert not SharedDocument.objects.filter(collection__in=[elsewhere, below]).exists()


def test_paper_of_a_single_folder_s_editor_names_it_all_the_same(folder, editor):
    form = form_for(editor, details(folder, collection=""), file=attached(minimal_pdf()))
    assert form.errors == {"collection": ["Please choose the folder: it decides who may read the paper."]}
    form = form_for(editor, details(folder), file=attached(minimal_pdf()))
    assert form.is_valid(), form.errors
    assert form.save().collection == folder


def test_large_file_on_disk_is_looked_into_where_it_lies(folder, editor):
    content = files.signed_pdf()
    with TemporaryUploadedFile("a.pdf", "application/pdf", len(content), None) as file:
        file.write(content)
        file.flush()
        file.seek(0)
        form = form_for(editor, details(folder, marking="TLP:AMBER"), file=file)
        assert "digital signature" in str(form.errors)


def test_file_is_whole_after_it_was_looked_into(folder, editor):
    content = minimal_pdf("whole", pages=3)
    form = form_for(editor, details(folder, marking="TLP:AMBER"), file=attached(content))
    assert form.is_valid(), form.errors
    version = form.save().versions.get()
    with version.file.open("rb") as stored:
        assert stored.read() == content


def test_marking_of_a_lost_file_is_a_sentence_and_no_error(folder, editor):
    paper = make_paper(collection=folder)
    default_storage.delete(paper.file.name)
    form = form_for(editor, details_of(paper, marking="TLP:AMBER", marking_reason="x"), instance=paper)
    assert not form.is_valid()
    assert "cannot be reached" in str(form.errors)


def test_failing_record_leaves_the_paper_as_it_was(folder, editor, monkeypatch):
    paper = make_paper("Before", collection=folder)
    form = form_for(editor, details_of(paper, title="After"), instance=SharedDocument.objects.get(pk=paper.pk))
    assert form.is_valid(), form.errors

    def full(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(audit, "record", full)
    with pytest.raises(OSError, match="disk full"):
        form.save()
    assert SharedDocument.objects.get(pk=paper.pk).title == "Before"


def test_replacing_and_renaming_at_once_happens_whole_or_not_at_all(folder, editor, monkeypatch):
    paper = make_paper("Before", collection=folder)
    form = form_for(
        editor, details_of(paper, title="After"), instance=SharedDocument.objects.get(pk=paper.pk),
        file=attached(minimal_pdf("new")),
    )  # fmt: skip
    assert form.is_valid(), form.errors
    record, before = audit.record, objects()
    calls = []

    def full_the_second_time(*args, **kwargs):
        calls.append(args)
        if len(calls) > 1:
            raise OSError("disk full")
        return record(*args, **kwargs)

    monkeypatch.setattr(audit, "record", full_the_second_time)
    with pytest.raises(OSError, match="disk full"):
        form.save()
    monkeypatch.undo()
    again = SharedDocument.objects.get(pk=paper.pk)
    assert (again.title, again.versions.count()) == ("Before", 1)
    assert not AccessRecord.objects.filter(action__in=["replaced", "changed"]).exists()
    assert objects() == before
    assert again.file.name == paper.file.name


def test_failing_relations_of_a_new_paper_leave_no_paper(folder, editor, monkeypatch):
    recipient = make_member()
    form = form_for(
        editor, details(folder, marking="TLP:RED", recipient_addresses=recipient.email), file=attached(minimal_pdf())
    )
    assert form.is_valid(), form.errors

    def fail(self):
        raise OSError("gone")

    before = objects()

    monkeypatch.setattr(forms.SharedDocumentForm, "_save_relations", fail)
    with pytest.raises(OSError, match="gone"):
        form.save()
    assert not SharedDocument.objects.exists()
    assert objects() == before


def test_recipients_shown_are_those_named(folder, editor):
    first, second = make_member("b@example.org"), make_member("a@example.org")
    paper = make_paper(collection=folder, marking="TLP:RED", recipients=(first, second))
    assert form_for(editor, None, instance=paper).initial["recipient_addresses"] == "a@example.org\nb@example.org"
