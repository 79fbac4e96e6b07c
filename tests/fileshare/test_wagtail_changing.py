"""Papers change in the administration: their file, their facts, their marking; and they are withdrawn."""

from __future__ import annotations

import datetime
import json

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from fileshare.models import SharedDocument
from fileshare.services import inspect
from members.models import AccessRecord
from tests.factories import (
    add_version,
    make_folder,
    make_member,
    make_paper,
    minimal_pdf,
)
from tests.fileshare import files
from tests.fileshare.admin import (
    add,
    attached,
    details_of,
    edit,
    errors,
    local,
    rows,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(editor, signed_in):
    return signed_in(editor)


def test_editor_replaces_the_file(client, editor, folder):
    paper = make_paper(collection=folder, title="The same title")
    former = paper.current_version
    response = edit(client, paper, file=attached(minimal_pdf("new", pages=2), "new.pdf"), version_note="Corrected")
    assert errors(response) == {}
    paper.refresh_from_db()
    version = paper.versions.first()
    assert (version.number, version.note, version.file_name, version.created_by) == (2, "Corrected", "new.pdf", editor)
    assert paper.current_version == former
    assert default_storage.exists(former.file.name)
    assert rows(1)[0][:3] == ("replaced", editor.pk, str(paper.uuid))
    inspect.inspect(version_id=version.pk)
    paper.refresh_from_db()
    assert (paper.current_version, paper.pages, paper.title) == (version, 2, "The same title")


def test_edit_without_changes_is_no_row(client, folder):
    paper = make_paper(collection=folder, publish_at=timezone.now().replace(microsecond=0))
    before = AccessRecord.objects.count()
    assert errors(edit(client, paper)) == {}
    assert [row[0] for row in rows(AccessRecord.objects.count() - before)] == []


def test_changed_details_are_a_row(client, editor, folder):
    paper = make_paper(collection=folder, publish_at=timezone.now().replace(microsecond=0))
    assert errors(edit(client, paper, title="Another title", description="What it is about")) == {}
    paper.refresh_from_db()
    assert (paper.title, paper.description) == ("Another title", "What it is about")
    assert rows(1) == [
        ("changed", editor.pk, str(paper.uuid), "", {"fields": ["description", "title"], "marking": None})
    ]


def test_editing_details_leaves_a_version_that_was_published_meanwhile(client, folder, monkeypatch):
    paper = make_paper(collection=folder)
    add_version(paper, minimal_pdf("second"), inspected=False)
    waiting = paper.versions.first()
    original = SharedDocument.save

    def slow(self, *args, **kwargs):
        inspect.inspect(version_id=waiting.pk)
        return original(self, *args, **kwargs)

    monkeypatch.setattr(SharedDocument, "save", slow)
    edit(client, paper, title="Changed")
    monkeypatch.undo()
    paper.refresh_from_db()
    assert (paper.title, paper.current_version) == ("Changed", waiting)


def test_new_marking_needs_a_reason(client, editor, folder):
    paper = make_paper(collection=folder, publish_at=timezone.now().replace(microsecond=0))
    response = edit(client, paper, marking="TLP:AMBER")
    assert errors(response) == {"marking_reason": ["Please say in a few words why the marking changes."]}
    paper.refresh_from_db()
    assert paper.marking == "TLP:GREEN"
    assert errors(edit(client, paper, marking="TLP:AMBER", marking_reason="Names of people")) == {}
    paper.refresh_from_db()
    assert paper.marking == "TLP:AMBER"
    assert rows(1) == [
        (
            "changed",
            editor.pk,
            str(paper.uuid),
            "Names of people",
            {"fields": ["marking", "marking_reason"], "marking": {"from": "TLP:GREEN", "to": "TLP:AMBER"}},
        )
    ]


def test_red_needs_named_recipients(client, folder):
    paper = make_paper(collection=folder)
    response = edit(client, paper, marking="TLP:RED", marking_reason="For two people")
    assert errors(response) == {"recipient_addresses": ["A TLP:RED paper needs at least one named recipient."]}
    response = add(client, folder, attached(minimal_pdf()), marking="TLP:RED")
    assert errors(response) == {"recipient_addresses": ["A TLP:RED paper needs at least one named recipient."]}
    assert SharedDocument.objects.filter(marking="TLP:RED").count() == 0


def test_unknown_recipients_are_named(client, folder):
    known = make_member("known@example.org")
    paper = make_paper(collection=folder)
    addresses = f"{known.email}\nnobody@example.org\r\n  ANOTHER@example.org \n\n"
    response = edit(client, paper, marking="TLP:RED", marking_reason="x", recipient_addresses=addresses)
    assert errors(response)["recipient_addresses"] == [
        "Nobody here has this address: another@example.org, nobody@example.org."
    ]


def test_red_paper_is_for_its_recipients(client, folder):
    first, second = make_member("first@example.org"), make_member("second@example.org")
    response = add(
        client, folder, attached(minimal_pdf()), marking="TLP:RED", recipient_addresses=" FIRST@Example.org\n\n"
    )
    assert errors(response) == {}
    paper = SharedDocument.objects.get()
    inspect.inspect(version_id=paper.versions.get().pk)
    visible = SharedDocument.objects.visible_to
    assert (visible(first).exists(), visible(second).exists()) == (True, False)
    assert errors(edit(client, paper, recipient_addresses="second@example.org")) == {}
    assert (visible(first).exists(), visible(second).exists()) == (False, True)
    assert "recipient_addresses" in rows(1)[0][4]["fields"]


@pytest.mark.parametrize(
    ("marking", "content", "name", "sentence"),
    [
        ("TLP:AMBER", files.docx_file(), "a.docx", "Only a PDF can be marked above TLP:GREEN."),
        ("TLP:AMBER+STRICT", files.docx_file(), "a.docx", "Only a PDF can be marked above TLP:GREEN."),
        ("TLP:RED", files.docx_file(), "a.docx", "Only a PDF can be marked above TLP:GREEN."),
        ("TLP:AMBER", files.encrypted_pdf(), "a.pdf", "protected by a password"),
        ("TLP:AMBER+STRICT", files.encrypted_pdf("secret"), "a.pdf", "protected by a password"),
        ("TLP:AMBER", files.signed_pdf(), "a.pdf", "digital signature"),
        ("TLP:RED", files.damaged_pdf(), "a.pdf", "damaged"),
    ],
)
def test_file_that_cannot_be_stamped_is_refused_above_green(client, folder, marking, content, name, sentence):
    recipient = make_member().email
    response = add(client, folder, attached(content, name), marking=marking, recipient_addresses=recipient)
    assert sentence in " ".join(errors(response)["file"])
    assert not SharedDocument.objects.exists()


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (files.docx_file(), "a.docx", "Only a PDF can be marked above TLP:GREEN."),
        (files.signed_pdf(), "a.pdf", "digital signature"),
    ],
)
def test_marking_of_a_stored_file_that_cannot_be_stamped_is_not_raised(client, folder, content, name, sentence):
    paper = make_paper(collection=folder, content=content, file_name=name)
    response = edit(client, paper, marking="TLP:AMBER", marking_reason="x")
    assert sentence in json.dumps(errors(response))
    paper.refresh_from_db()
    assert paper.marking == "TLP:GREEN"


def test_amber_paper_s_file_is_replaced_by_a_plain_pdf_alone(client, folder):
    paper = make_paper(collection=folder, marking="TLP:AMBER")
    assert list(errors(edit(client, paper, file=attached(files.signed_pdf())))) == ["file"]
    assert list(errors(edit(client, paper, file=attached(files.docx_file(), "a.docx")))) == ["file"]
    assert errors(edit(client, paper, file=attached(minimal_pdf("good")))) == {}
    assert paper.versions.count() == 2


def test_withdrawing_and_bringing_back(client, editor, folder):
    paper = make_paper(collection=folder, publish_at=timezone.now().replace(microsecond=0))
    member = make_member()
    visible = SharedDocument.objects.visible_to(member)
    refused = errors(edit(client, paper, withdrawn="on"))
    assert refused == {"withdrawal_reason": ["Please say in a few words why the paper is withdrawn."]}
    assert visible.all().exists()
    assert errors(edit(client, paper, withdrawn="on", withdrawal_reason="Names a witness")) == {}
    assert "Names a witness" in client.get(f"/admin/documents/edit/{paper.pk}/").content.decode()
    assert not visible.exists()
    paper.refresh_from_db()
    changed = details_of(paper)
    del changed["withdrawn"]
    client.post(f"/admin/documents/edit/{paper.pk}/", changed)
    assert visible.all().exists()
    assert [row[:4] for row in rows(2)] == [
        ("withdrawn", editor.pk, str(paper.uuid), "Names a witness"),
        ("restored", editor.pk, str(paper.uuid), ""),
    ]


def test_expiry_before_publication_is_refused(client, folder):
    paper = make_paper(collection=folder)
    response = edit(client, paper, expires_at=local(paper.publish_at - datetime.timedelta(days=1)))
    assert "The expiry must be later than the publication." in json.dumps(errors(response))


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("original_date", "0001-01-01", "a paper's date lies between 1500 and the end of next year"),
        ("original_date", "9999-12-31", "a paper's date lies between 1500 and the end of next year"),
        ("publish_at", "0001-01-01T00:00", "the publication lies between 1990 and "),
        ("publish_at", "9999-12-31T23:59", "the publication lies between 1990 and "),
        ("expires_at", "9999-12-31T23:59", "the expiry lies between 1990 and "),
    ],
)
def test_absurd_year_is_refused_with_a_sentence(client, folder, field, value, sentence):
    paper = make_paper(collection=folder)
    for response in (
        edit(client, paper, **{field: value}),
        add(client, folder, attached(minimal_pdf()), **{field: value}),
    ):
        assert sentence in " ".join(errors(response)[field])


def test_old_paper_and_next_year_s_date_are_taken(client, folder):
    paper = make_paper(collection=folder)
    for date in ("1787-09-17", str(timezone.localdate() + datetime.timedelta(days=30))):
        assert errors(edit(client, paper, original_date=date)) == {}


@pytest.mark.parametrize("value", ["nonsense", "999999999999999999999999", "\x00", "x" * 5000])
def test_nonsense_in_the_fields_is_an_error_of_the_form(client, folder, value):
    make_folder("Another folder of the same editor", parent=folder)  # else there is no field for it
    paper = make_paper(collection=folder, content=b"text", file_name="a.txt")
    fields = ("marking", "publish_at", "expires_at", "collection", "source", "original_date")
    response = edit(client, paper, **dict.fromkeys(fields, value))
    assert response.status_code == 200
    assert set(fields) <= set(errors(response))


@pytest.mark.parametrize("between", [", ", ";", "\n", " ", " ,\r\n"])
def test_recipients_are_written_as_people_write_lists_of_addresses(client, folder, between):
    people = [make_member(f"{name}@example.org") for name in ("one", "two")]
    paper = make_paper(collection=folder)
    red = {"marking": "TLP:RED", "marking_reason": "x"}
    addresses = [person.email for person in people]
    assert errors(edit(client, paper, **red, recipient_addresses=between.join(addresses))) == {}
    assert set(paper.recipients.all()) == set(people)
    response = edit(client, paper, **red, recipient_addresses=between.join([*addresses, "three@example.org"]))
    assert errors(response) == {"recipient_addresses": ["Nobody here has this address: three@example.org."]}
