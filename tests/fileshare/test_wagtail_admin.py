"""Papers in the administration, through its own pages: what editors do, and what they cannot reach."""

from __future__ import annotations

import datetime
import html
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.models import (
    Collection,
    CollectionViewRestriction,
    GroupCollectionPermission,
    ReferenceIndex,
    UploadedFile,
)
from wagtail.permissions import policy_registry
from wagtail.tasks import delete_file_from_storage_task

from fileshare.models import DocumentVersion, Folder, SharedDocument
from fileshare.services import inspect
from members.models import AccessRecord, Membership, Organisation, User
from portal.models import Picture
from tests.factories import (
    add_version,
    make_administrator,
    make_editor_of,
    make_folder,
    make_member,
    make_paper,
    minimal_pdf,
)
from tests.fileshare import files
from tests.fileshare.admin import add, attached, details, details_of, edit, errors, local, objects

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder():
    return make_folder("Guidance")


@pytest.fixture
def editor(folder):
    return make_editor_of(folder)


@pytest.fixture
def client(editor, signed_in):
    return signed_in(editor)


def rows(count):
    newest = AccessRecord.objects.order_by("-pk")[:count]
    return [(row.action, row.actor_id, row.object_id, row.reason, row.details) for row in newest][::-1]


# --- Bringing papers in -----------------------------------------------------------------------------------------


def test_editor_adds_a_paper(client, editor, folder):
    response = add(client, folder, attached(minimal_pdf(), "Отчёт.pdf"), title="The report", caveat="OFFICIAL")
    assert errors(response) == {}
    assert (response.status_code, response["Location"]) == (302, "/admin/documents/")
    paper = SharedDocument.objects.get()
    version = paper.versions.get()
    assert (paper.title, paper.collection, paper.caveat, paper.uploaded_by_user) == (
        "The report",
        folder,
        "OFFICIAL",
        editor,
    )
    assert (version.file_name, version.created_by, paper.current_version) == ("Отчёт.pdf", editor, None)
    assert [row[:3] for row in rows(1)] == [("uploaded", editor.pk, str(paper.uuid))]


def test_new_paper_without_a_file_is_refused(client, folder):
    assert list(errors(add(client, folder, None))) == ["file"]
    assert not SharedDocument.objects.exists()


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (files.docx_file(), "a.pdf", "it is a Word file inside"),
        (b"MZ\0\0", "a.pdf", "it is a Windows program inside"),
        (b"\x01\x02\x03", "a.pdf", "its content is of no kind that can be shared here"),
        (b"<!DOCTYPE html><p>x", "a.pdf", "it is a web page or XML file inside"),
        (files.encrypted_office(), "a.docx", "an Office file of an old kind or with a password"),
        (files.docx_file(), "a.docm", "“.docm” file is Word’s kind with macros"),
        (files.docx_file(), "a.DOCM", "take the kind “.docx”"),
        (b"", "a.pdf", "The submitted file is empty."),
        (files.bomb(), "a.docx", "unpacks to far more than its size"),
        (files.with_part(files.docx_file(), "word/vbaProject.bin", b"x"), "a.docx", "contains macros"),
        (files.with_part(files.docx_file(), "word/vbaProject.bin", b"x"), "a.docx", "or save the file as a PDF"),
        (b"<svg/>", "a.svg", "Allowed are"),
        (minimal_pdf(), "a.exe", "“.exe” files cannot be shared here. Allowed are"),
    ],
)
def test_bad_file_is_refused_with_a_sentence_and_leaves_nothing(client, folder, content, name, sentence):
    paper = make_paper(collection=folder, content=b"old", file_name="a.txt")
    before = objects()
    for response in (add(client, folder, attached(content, name)), edit(client, paper, file=attached(content, name))):
        assert list(errors(response)) == ["file"]
        assert sentence in " ".join(errors(response)["file"])
    assert objects() == before
    assert (SharedDocument.objects.count(), DocumentVersion.objects.count()) == (1, 1)


def drop(client, folder, content, name):
    """What the page for several files sends for each that is dropped on it."""
    return client.post(
        "/admin/documents/multiple/add/",
        {"collection": folder.pk, "files[]": attached(content, name)},
        headers={"x-requested-with": "XMLHttpRequest"},
    )


def fill_in(client, number, folder, /, **changes):
    prefix = f"uploaded-document-{number}"
    filled = {f"{prefix}-{name}": value for name, value in details(folder, **changes).items()}
    return client.post(f"/admin/documents/multiple/create_from_uploaded_document/{number}/", filled)


def test_editor_adds_several_papers_at_once(client, editor, folder):
    assert client.get("/admin/documents/multiple/add/").status_code == 200
    before = objects()
    dropped = [("One_paper.pdf", minimal_pdf("1")), ("报告.docx", files.docx_file()), ("table.csv", b"a,b\n")]
    waiting = {}
    for name, content in dropped:
        answer = drop(client, folder, content, name).json()
        assert answer["success"] is True
        waiting[name] = answer
    assert not SharedDocument.objects.exists()
    assert UploadedFile.objects.count() == 3
    for name, answer in waiting.items():
        number = answer["uploaded_file_id"]
        kept = re.search(r'name="uploaded-document-\d+-file_name" value="([^"]*)"', answer["form"])
        assert kept[1] == name
        response = fill_in(client, number, folder, title=f"Titled {name}", file_name=kept[1])
        assert response.json()["success"] is True, response.json().get("form")
    assert not UploadedFile.objects.exists()
    assert len(objects() - before) == 3
    for name, content in dropped:
        paper = SharedDocument.objects.get(title=f"Titled {name}")
        version = paper.versions.get()
        assert (paper.collection, paper.uploaded_by_user, version.created_by) == (folder, editor, editor)
        assert (version.file_name, version.size) == (name, len(content))
        with version.file.open("rb") as stored:
            assert stored.read() == content


def test_title_is_suggested_from_the_name_of_a_dropped_file(client, folder):
    form = drop(client, folder, minimal_pdf(), "A_good_report.pdf").json()["form"]
    assert 'value="A good report"' in form


def test_bad_dropped_file_is_refused_at_once(client, folder):
    before = objects()
    answer = drop(client, folder, files.docx_file(), "a.pdf").json()
    assert answer == {
        "success": False,
        "error_message": "The name of this file ends in “.pdf”, but it is a Word file inside. "
        "Changing a name does not change a file: please save it in one of the allowed kinds and retry.",
    }
    assert objects() == before


def test_details_that_do_not_fit_keep_the_file_waiting(client, folder):
    number = drop(client, folder, files.docx_file(), "a.docx").json()["uploaded_file_id"]
    answer = fill_in(client, number, folder, marking="TLP:AMBER", file_name="a.docx").json()
    assert answer["success"] is False
    assert "Only a PDF can be marked above TLP:GREEN." in answer["form"]
    assert UploadedFile.objects.filter(pk=number).exists()
    assert not SharedDocument.objects.exists()
    assert fill_in(client, number, folder, file_name="a.docx").json()["success"] is True


def test_false_name_in_the_details_of_a_dropped_file_is_refused(client, folder):
    number = drop(client, folder, files.docx_file(), "a.docx").json()["uploaded_file_id"]
    answer = fill_in(client, number, folder, file_name="a.pdf").json()
    assert answer["success"] is False
    assert "it is a Word file inside" in answer["form"]
    assert not SharedDocument.objects.exists()


@pytest.mark.parametrize("name", ["", "../../x/report.docx"])
def test_name_missing_or_strange_in_the_details_harms_nothing(client, folder, name):
    number = drop(client, folder, files.docx_file(), "a.docx").json()["uploaded_file_id"]
    assert fill_in(client, number, folder, file_name=name).json()["success"] is True
    kept = DocumentVersion.objects.get().file_name
    assert kept == "report.docx" if name else kept.endswith(".docx")


def test_somebody_else_s_waiting_file_cannot_be_taken(client, folder, signed_in):
    number = drop(client, folder, minimal_pdf(), "a.pdf").json()["uploaded_file_id"]
    other = signed_in(make_editor_of(folder))
    assert fill_in(other, number, folder, file_name="a.pdf").status_code in (302, 403, 404)
    assert other.post(f"/admin/documents/multiple/delete_upload/{number}/").status_code in (302, 403, 404)
    assert UploadedFile.objects.filter(pk=number).exists()
    assert not SharedDocument.objects.exists()


def test_waiting_file_that_was_given_up_goes_from_the_store(client, folder):
    before = objects()
    number = drop(client, folder, minimal_pdf(), "a.pdf").json()["uploaded_file_id"]
    assert len(objects()) == len(before) + 1
    assert client.post(f"/admin/documents/multiple/delete_upload/{number}/").json() == {"success": True}
    assert objects() == before


def test_waiting_file_is_in_the_private_store(client, folder):
    number = drop(client, folder, minimal_pdf(), "a.pdf").json()["uploaded_file_id"]
    waiting = UploadedFile.objects.get(pk=number)
    assert Path(waiting.file.path).is_relative_to(settings.PRIVATE_ROOT)
    with pytest.raises(NotImplementedError):
        _ = waiting.file.url


def test_waiting_file_that_the_store_lost_is_not_found(client, folder):
    number = drop(client, folder, minimal_pdf(), "a.pdf").json()["uploaded_file_id"]
    default_storage.delete(UploadedFile.objects.get(pk=number).file.name)
    client.raise_request_exception = False
    assert fill_in(client, number, folder, file_name="a.pdf").status_code == 404


def test_paper_uploaded_in_the_chooser_goes_through_the_same_form(client, editor, folder):
    prefix = "document-chooser-upload"
    filled = {f"{prefix}-{name}": value for name, value in details(folder, title="By the chooser").items()}
    response = client.post("/admin/documents/chooser/create/", filled | {f"{prefix}-file": attached(minimal_pdf())})
    assert json.loads(response.content)["step"] == "chosen", response.content
    assert SharedDocument.objects.get().versions.get().created_by == editor
    response = client.post("/admin/documents/chooser/create/", filled | {f"{prefix}-file": attached(b"MZ", "a.pdf")})
    assert json.loads(response.content)["step"] == "reshow_creation_form"
    assert SharedDocument.objects.count() == 1


def chooser_upload(client, folder, /, **changes):
    prefix = "document-chooser-upload"
    filled = {f"{prefix}-{name}": value for name, value in details(folder, **changes).items()}
    return client.post("/admin/documents/chooser/create/", filled | {f"{prefix}-file": attached(minimal_pdf())})


@pytest.mark.parametrize("folders", [1, 2])
def test_upload_in_the_chooser_asks_for_the_folder_and_says_who_will_read(client, folder, folders):
    """Even of one folder none is chosen beforehand, since choosing it is what publishes."""
    if folders == 2:
        make_folder("Inner circle", parent=folder, groups=("Committee",))
    shown = html.unescape(client.get("/admin/documents/chooser/").json()["html"])
    field = re.search(r'<select name="document-chooser-upload-collection".*?</select>', shown, re.DOTALL)[0]
    assert re.search(r'<option value="" selected>Choose a folder</option>', field)
    assert "Guidance — every current member" in field
    assert ("Inner circle — current members in the group Committee" in field) == (folders == 2)
    assert "The folder decides who may read the paper" in shown
    asked = re.findall(r'name="document-chooser-upload-(\w+)"', shown)
    assert list(dict.fromkeys(asked))[:6] == [
        "title", "file", "collection", "marking", "recipient_addresses", "publish_at",
    ]  # fmt: skip


def test_upload_in_the_chooser_without_a_folder_is_refused(client, folder):
    answer = chooser_upload(client, folder, collection="").json()
    assert answer["step"] == "reshow_creation_form"
    assert "Please choose the folder: it decides who may read the paper." in answer["htmlFragment"]
    assert not SharedDocument.objects.exists()


def test_dropped_file_goes_to_no_folder_by_itself(client, folder):
    make_folder("Below", parent=folder)
    page = client.get("/admin/documents/multiple/add/").content.decode()
    assert re.search(r'<option value="">\s*Choose for each paper', page)
    response = client.post(
        "/admin/documents/multiple/add/",
        {"collection": "", "files[]": attached(minimal_pdf(), "a.pdf")},
        headers={"x-requested-with": "XMLHttpRequest"},
    )
    assert '<option value="" selected>Choose a folder</option>' in response.json()["form"]
    number = response.json()["uploaded_file_id"]
    assert fill_in(client, number, folder, collection="", file_name="a.pdf").json()["success"] is False
    chosen = drop(client, folder, minimal_pdf(), "b.pdf").json()["form"]
    assert f'<option value="{folder.pk}" selected>' in chosen


def test_editor_cannot_add_to_another_folder(client, folder):
    elsewhere = make_folder("Elsewhere")
    add(client, elsewhere, attached(minimal_pdf()))
    assert not SharedDocument.objects.filter(collection=elsewhere).exists()


# --- Changing papers --------------------------------------------------------------------------------------------


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


# --- Moving and deleting ----------------------------------------------------------------------------------------


def bulk(client, action, papers, **data):
    numbers = "&".join(f"id={getattr(paper, 'pk', paper)}" for paper in papers)
    address = f"/admin/bulk/fileshare/shareddocument/{action}/?{numbers}"
    return client.post(address, data) if data else client.get(address)


@pytest.mark.parametrize("existing", [False, True], ids=["new", "changed"])
def test_nothing_is_left_over_where_the_search_cannot_be_told(client, folder, monkeypatch, existing):
    paper = make_paper("Before", collection=folder) if existing else None
    before = (objects(), SharedDocument.objects.count(), AccessRecord.objects.count())

    def fail(*args, **kwargs):
        raise RuntimeError("The index is away.")

    monkeypatch.setattr("fileshare.forms.search_index.insert_or_update_object", fail)
    client.raise_request_exception = False
    if paper is not None:
        response = edit(client, paper, title="After", file=attached(minimal_pdf("New")))
    else:
        response = add(client, folder, attached(minimal_pdf("New")))
    assert response.status_code == 500
    assert (objects(), SharedDocument.objects.count(), AccessRecord.objects.count()) == before
    assert list(SharedDocument.objects.values_list("title", flat=True)) == (["Before"] if existing else [])


def test_moving_in_bulk_is_recorded(client, editor, folder):
    below = make_folder("Below", parent=folder)
    papers = [make_paper(collection=folder, content=b"x", file_name="a.txt") for _ in range(2)]
    page = bulk(client, "add_to_collection", papers)
    assert page.status_code == 200
    response = bulk(client, "add_to_collection", papers, collection=below.pk)
    assert response.status_code == 302
    assert set(SharedDocument.objects.values_list("collection", flat=True)) == {below.pk}
    details_of_move = {"fields": ["collection"], "marking": None}
    assert sorted(rows(2), key=str) == sorted(
        [("changed", editor.pk, str(paper.uuid), "", details_of_move) for paper in papers], key=str
    )


def test_moving_by_the_form_is_recorded(client, editor, folder):
    below = make_folder("Below", parent=folder)
    paper = make_paper(collection=folder, publish_at=timezone.now().replace(microsecond=0))
    assert errors(edit(client, paper, collection=below.pk)) == {}
    paper.refresh_from_db()
    assert paper.collection == below
    assert rows(1) == [("changed", editor.pk, str(paper.uuid), "", {"fields": ["collection"], "marking": None})]


def wanted_deletions():
    return {
        row.args_kwargs["args"][1]
        for row in DBTaskResult.objects.filter(task_path="wagtail.tasks.delete_file_from_storage_task")
    }


def test_deleting_removes_the_objects_by_a_task_after_the_commit(client, editor, folder):
    paper = make_paper(collection=folder)
    add_version(paper, minimal_pdf("second"))
    names = {version.file.name for version in paper.versions.all()}
    uuid = str(paper.uuid)
    with transaction.atomic():  # which fails: nothing is wanted, and everything is there
        client.post(f"/admin/documents/delete/{paper.pk}/")
        transaction.set_rollback(True)
    assert wanted_deletions() & names == set()
    response = client.post(f"/admin/documents/delete/{paper.pk}/")
    assert response.status_code == 302
    assert not SharedDocument.objects.exists()
    assert names <= wanted_deletions()
    assert all(default_storage.exists(name) for name in names)
    assert rows(1) == [("deleted", editor.pk, uuid, "", {})]
    for row in DBTaskResult.objects.filter(task_path="wagtail.tasks.delete_file_from_storage_task"):
        delete_file_from_storage_task.call(*row.args_kwargs["args"])
    assert not any(default_storage.exists(name) for name in names)


def test_deleting_in_bulk_is_recorded(client, editor, folder):
    papers = [make_paper(collection=folder, content=b"x", file_name="a.txt") for _ in range(2)]
    assert bulk(client, "delete", papers, next="/admin/documents/").status_code == 302
    assert not SharedDocument.objects.exists()
    assert sorted(row[:3] for row in rows(2)) == sorted(("deleted", editor.pk, str(paper.uuid)) for paper in papers)


def test_changing_an_audience_is_recorded(folder, signed_in):
    administrator = make_administrator()
    client = signed_in(administrator)
    group = Group.objects.create(name="Committee")
    response = client.post(
        f"/admin/collections/{folder.pk}/privacy/", {"restriction_type": "groups", "groups": [group.pk]}
    )
    assert response.status_code == 200
    assert CollectionViewRestriction.objects.get().groups.get() == group
    assert rows(1) == [
        ("audience_changed", administrator.pk, str(folder.pk), "", {"restriction": "groups", "groups": ["Committee"]})
    ]
    client.post(f"/admin/collections/{folder.pk}/privacy/", {"restriction_type": "none"})
    assert rows(1)[0][:3] == ("audience_changed", administrator.pk, str(folder.pk))
    assert not CollectionViewRestriction.objects.exists()


def test_shared_password_is_not_offered(folder, signed_in):
    client = signed_in(make_administrator())
    assert "password" not in client.get(f"/admin/collections/{folder.pk}/privacy/").content.decode()
    client.post(f"/admin/collections/{folder.pk}/privacy/", {"restriction_type": "password", "password": "x"})
    assert not CollectionViewRestriction.objects.exists()


# --- What cannot be reached -------------------------------------------------------------------------------------

SECRET = "Zanzibar-marker"


@pytest.fixture
def secret():
    """A paper of a folder that is not the editor's, with a mark in each of its texts."""
    elsewhere = make_folder(f"{SECRET} folder", groups=("Committee",))
    return make_paper(
        f"{SECRET} title",
        id=48_151_623,
        collection=elsewhere,
        file_name=f"{SECRET}-name.pdf",
        description=f"{SECRET} description",
        caveat=f"{SECRET} caveat",
        publish_at=timezone.now() + datetime.timedelta(days=1),
    )


def every_address_with(number):
    return [
        f"/admin/documents/edit/{number}/",
        f"/admin/documents/delete/{number}/",
        f"/admin/documents/usage/{number}/",
        f"/admin/documents/restore/{number}/1/",
        f"/admin/documents/quarantine/{number}/1/",
        f"/admin/documents/multiple/{number}/",
        f"/admin/documents/multiple/{number}/delete/",
        f"/admin/documents/chooser/chosen/{number}/",
        f"/admin/documents/chooser/chosen-multiple/?id={number}",
        f"/admin/api/main/documents/{number}/",
        f"/admin/bulk/fileshare/shareddocument/delete/?id={number}",
        f"/admin/bulk/fileshare/shareddocument/edit/?id={number}",
        f"/admin/bulk/fileshare/shareddocument/add_tags/?id={number}",
        f"/admin/bulk/fileshare/shareddocument/add_to_collection/?id={number}",
    ]


@pytest.mark.parametrize("method", ["get", "post"])
def test_numbers_of_another_folder_s_papers_are_like_unused_ones(client, folder, secret, method):
    filled = details_of(secret, title="Overwritten", collection=folder.pk, tags="x")
    for there, not_there in zip(every_address_with(secret.pk), every_address_with(99_999_999), strict=True):
        answers = []
        for address in (there, not_there):
            response = getattr(client, method)(address, filled if method == "post" else None)
            body = re.sub(r'value="[^"]{20,}"|"CSRF_TOKEN":"[^"]*"|nonce="[^"]*"', "", response.content.decode())
            answers.append((response.status_code, response.get("Location"), re.sub(r"48151623|99999999", "N", body)))
            assert SECRET not in body, address
        assert answers[0] == answers[1], there
    secret.refresh_from_db()
    assert (secret.title, secret.collection.name) == (f"{SECRET} title", f"{SECRET} folder")
    assert secret.tags.count() == 0


def test_bulk_action_on_both_touches_the_own_paper_alone(client, folder, secret):
    own = make_paper("Own paper", collection=folder, content=b"x", file_name="a.txt")
    page = bulk(client, "delete", [own, secret]).content.decode()
    assert "Own paper" in page
    assert SECRET not in page
    bulk(client, "delete", [own, secret], next="/")
    assert list(SharedDocument.objects.all()) == [secret]


LISTS = [
    "/admin/",
    "/admin/documents/",
    "/admin/documents/results/",
    "/admin/documents/?q=Zanzibar",
    "/admin/documents/?collection_id={collection}",
    "/admin/documents/chooser/",
    "/admin/documents/chooser/results/",
    "/admin/documents/chooser/?q=Zanzibar",
    "/admin/documents/chooser/results/?q=Zanzibar",
    "/admin/documents/chooser/results/?collection_id={collection}",
    "/admin/documents/multiple/add/",
    "/admin/api/main/documents/",
    "/admin/api/main/documents/?search=Zanzibar",
    "/admin/api/main/documents/?title=Zanzibar-marker+title",
    "/admin/reports/site-history/",
    "/admin/reports/site-history/results/",
    "/admin/snippets/fileshare/folder/",
    "/admin/snippets/fileshare/folder/edit/{collection}/",
    "/admin/snippets/fileshare/folder/history/{collection}/",
    "/admin/snippets/fileshare/folder/usage/{collection}/",
    "/admin/snippets/fileshare/folder/delete/{collection}/",
    "/admin/collections/",
    "/admin/collections/{collection}/",
    "/admin/tag-autocomplete/?term=zan",
    "/admin/bulk/fileshare/shareddocument/delete/?id=all&childOf={collection}",
    "/admin/bulk/fileshare/folder/delete/?id={collection}",
]


def test_lists_of_the_administration_name_no_paper_of_another_folder(client, secret, signed_in):
    administrator = signed_in(make_administrator())
    assert errors(edit(administrator, secret, description=f"{SECRET} two")) == {}
    Folder.objects.filter(collection=secret.collection).update(description=f"{SECRET} folder")
    for address in LISTS:
        there = address.replace("{collection}", str(secret.collection_id))
        response = client.get(there, follow=True)
        assert response.status_code in (200, 400, 404), there
        assert SECRET not in response.content.decode(), there
    assert SECRET in administrator.get("/admin/documents/").content.decode()


def test_usage_of_an_organisation_tells_of_no_hidden_paper_or_membership(client, editor, folder, secret, signed_in):
    organisation = Organisation.objects.create(name="The source")
    member = make_member()
    Membership.objects.filter(user=member).update(organisation=organisation)
    SharedDocument.objects.filter(pk=secret.pk).update(source=organisation)
    own = make_paper("Own paper", collection=folder, source=organisation)
    for thing in (secret, own, member.membership):
        thing.refresh_from_db()
        ReferenceIndex.create_or_update_for_object(thing)
    for codename in ("change_organisation", "delete_organisation"):
        editor.groups.first().permissions.add(Permission.objects.get(codename=codename))
    administrator = signed_in(make_administrator())
    address = f"/admin/snippets/members/organisation/usage/{organisation.pk}/"
    page = client.get(address).content.decode()
    assert "Own paper" in page
    for word in (SECRET, "(Private", "embership"):
        assert word not in page
    assert SECRET in administrator.get(address).content.decode()
    for address, known, all_of_them in (
        (f"/admin/snippets/members/organisation/edit/{organisation.pk}/", "Used 1 time", "Used 3 times"),
        (f"/admin/snippets/members/organisation/delete/{organisation.pk}/", "referenced 1 time", "referenced 3 times"),
        (f"/admin/bulk/members/organisation/delete/?id={organisation.pk}", "referenced 1 time", "referenced 3 times"),
    ):
        page = client.get(address).content.decode()
        assert re.findall(r"(?:Used|referenced) \d+ times?", page) == [known], address
        assert SECRET not in page
        assert re.findall(r"(?:Used|referenced) \d+ times?", administrator.get(address).content.decode()) == [
            all_of_them
        ], address


def test_organisation_that_hidden_papers_name_is_not_deleted(client, editor, secret):
    organisation = Organisation.objects.create(name="The source")
    SharedDocument.objects.filter(pk=secret.pk).update(source=organisation)
    secret.refresh_from_db()
    ReferenceIndex.create_or_update_for_object(secret)
    for codename in ("change_organisation", "delete_organisation"):
        editor.groups.first().permissions.add(Permission.objects.get(codename=codename))
    for address in ("snippets/members/organisation/delete/{}/", "bulk/members/organisation/delete/?id={}"):
        page = client.get(f"/admin/{address.format(organisation.pk)}").content.decode()
        assert "referenced 0 times" in page
        assert client.post(f"/admin/{address.format(organisation.pk)}").status_code in (302, 403)
    assert list(Organisation.objects.all()) == [organisation]


def test_site_history_of_documents_stays_inside_the_folders(client, folder, secret, signed_in):
    """The log that Wagtail keeps of each edit names the title."""
    administrator = signed_in(make_administrator())
    assert errors(edit(administrator, secret, description="changed")) == {}
    assert SECRET in administrator.get("/admin/reports/site-history/").content.decode()
    assert SECRET not in client.get("/admin/reports/site-history/").content.decode()


def test_index_and_chooser_show_own_papers(client, folder):
    make_paper("Own paper", collection=folder, content=b"x", file_name="a.txt")
    for address in ("/admin/documents/", "/admin/documents/chooser/results/", "/admin/api/main/documents/"):
        assert "Own paper" in client.get(address).content.decode()


def test_chooser_offers_only_what_the_editor_may_read(client, editor, folder):
    make_paper("Red for somebody else", collection=folder, marking="TLP:RED")
    make_paper("Red for the editor", collection=folder, marking="TLP:RED", recipients=(editor,))
    shown = client.get("/admin/documents/chooser/results/").content.decode()
    assert "Red for the editor" in shown
    assert "Red for somebody else" not in shown


def test_policy_says_the_same_of_one_paper_and_of_many(editor, folder, secret):
    red = make_paper(collection=folder, marking="TLP:RED")
    green = make_paper(collection=folder, content=b"x", file_name="a.txt")
    policy = policy_registry.get_by_type(SharedDocument)
    for actions in ({"choose"}, {"change"}, {"delete"}, {"choose", "change"}, {"view"}, {"choose", "view"}):
        for user in (editor, make_member(), make_administrator()):
            many = set(policy.instances_user_has_any_permission_for(user, actions))
            for paper in (red, green, secret):
                assert policy.user_has_any_permission_for_instance(user, actions, paper) == (paper in many)
                if len(actions) == 1:
                    assert policy.user_has_permission_for_instance(user, *actions, paper) == (paper in many)
    assert policy.user_has_permission_for_instance(editor, "choose", green)
    assert not policy.user_has_permission_for_instance(editor, "choose", red)


def test_editor_who_may_only_add_changes_the_own_paper_alone(folder, signed_in):
    user = make_editor_of(folder, actions=("add",))
    client = signed_in(user)
    add(client, folder, attached(minimal_pdf()), title="Mine")
    mine = SharedDocument.objects.get(title="Mine")
    other = make_paper("Not mine", collection=folder)
    assert client.get(f"/admin/documents/edit/{mine.pk}/").status_code == 200
    assert client.get(f"/admin/documents/edit/{other.pk}/").status_code == 404
    assert client.get("/admin/documents/").content.decode().count("Not mine") == 0


def test_folder_s_details_are_for_its_editors(client, folder):
    own = client.get(f"/admin/snippets/fileshare/folder/edit/{folder.pk}/")
    assert own.status_code == 200
    response = client.post(
        f"/admin/snippets/fileshare/folder/edit/{folder.pk}/",
        {"slug": "guides", "description": "All guides", "order": "5"},
    )
    assert response.status_code == 302
    changed = Folder.objects.get(pk=folder.pk)
    assert (changed.slug, changed.description, changed.order, changed.former_versions_readable) == (
        "guides",
        "All guides",
        5,
        False,
    )


def test_folder_is_neither_added_nor_deleted_by_hand(client, folder, signed_in):
    for who in (client, signed_in(make_administrator())):
        assert who.get("/admin/snippets/fileshare/folder/add/").status_code in (302, 403, 404)
        who.post(f"/admin/snippets/fileshare/folder/delete/{folder.pk}/")
        who.post(f"/admin/bulk/fileshare/folder/delete/?id={folder.pk}", {"next": "/"})
        assert Folder.objects.filter(pk=folder.pk).exists()


def test_member_without_a_role_is_refused(secret, signed_in):
    response = signed_in(make_member()).get("/admin/documents/")
    assert response.status_code == 403
    assert SECRET not in response.content.decode()


def test_losing_the_editor_s_group_ends_it_at_the_next_request(client, editor, folder):
    paper = make_paper(collection=folder)
    assert client.get(f"/admin/documents/edit/{paper.pk}/").status_code == 200
    GroupCollectionPermission.objects.filter(
        permission=Permission.objects.get(codename="change_document", content_type__app_label="wagtaildocs")
    ).delete()
    assert client.get(f"/admin/documents/edit/{paper.pk}/").status_code == 404
    editor.groups.clear()
    assert client.get("/admin/documents/").status_code == 403


@pytest.mark.parametrize(
    ("facts", "has_papers"),
    [
        ({"decision": "suspended"}, False),
        ({"expires_on": datetime.date(2020, 1, 1)}, False),
        ({"starts_on": datetime.date(2990, 1, 1)}, False),
        ({"decision": "pending", "number": None, "starts_on": None}, True),
    ],
)
def test_closed_membership_ends_an_editor_s_papers_and_not_the_pictures(client, editor, folder, facts, has_papers):
    """Of the three rights it is those to papers that go; also where something else asked for the person's rights
    before, as the menu does, and for the editor's own papers. Who only applied never was a member."""
    mine = make_paper("Mine", collection=folder, content=b"x", file_name="a.txt", by=editor)
    root = Collection.get_first_root_node()
    for codename in ("add_image", "change_image"):
        permission = Permission.objects.get(codename=codename, content_type__app_label="wagtailimages")
        GroupCollectionPermission.objects.create(group=editor.groups.get(), collection=root, permission=permission)
    Membership.objects.filter(user=editor).update(**{"starts_on": datetime.date(2010, 1, 1), **facts})
    editor = User.objects.get(pk=editor.pk)
    assert policy_registry.get_by_type(Picture).user_has_permission(editor, "change")
    assert policy_registry.get_by_type(SharedDocument).user_has_permission(editor, "change") is has_papers
    assert SharedDocument.objects.visible_to(editor).exists() is has_papers
    wanted = {
        f"/admin/documents/edit/{mine.pk}/": (404, 200),
        f"/admin/documents/chooser/chosen/{mine.pk}/": (404, 200),
        mine.get_absolute_url(): (404, 200),
        "/admin/documents/": (302, 200),
        "/admin/documents/add/": (302, 200),
        "/admin/snippets/fileshare/folder/": (302, 200),
        "/admin/images/": (200, 200),
    }
    assert {address: client.get(address).status_code for address in wanted} == {
        address: statuses[has_papers] for address, statuses in wanted.items()
    }
    menu = client.get("/admin/").content.decode()
    assert ("/admin/documents/" in menu, "/admin/images/" in menu) == (has_papers, True)


def test_new_collection_gets_its_folder(signed_in):
    client = signed_in(make_administrator())
    root = Collection.get_first_root_node()
    client.post("/admin/collections/add/", {"name": "Neue Länder", "parent": root.pk})
    assert Folder.objects.get(collection__name="Neue Länder").slug == "neue-lander"


def test_file_that_was_chosen_beside_a_mistake_is_said_to_be_gone(client, folder):
    paper = make_paper("The title", collection=folder)
    stored = paper.current_version
    response = edit(client, paper, title="", file=attached(minimal_pdf("new"), "new.pdf"))
    assert errors(response) == {"title": ["This field is required."]}
    page = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())
    assert "The file “new.pdf” was not kept: please choose it again before you save." in page
    assert "could not be found" not in page
    response = edit(client, paper, title="")
    assert "was not kept" not in response.content.decode()
    response = add(client, folder, attached(minimal_pdf(), "another.pdf"), title="")
    assert "The file “another.pdf” was not kept" in html.unescape(response.content.decode())
    paper.refresh_from_db()
    assert (paper.current_version, paper.versions.count()) == (stored, 1)


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
