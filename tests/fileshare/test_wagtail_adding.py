"""Papers come in through the administration: by its form, several at once, and in the chooser."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from wagtail.models import (
    UploadedFile,
)

from fileshare.models import DocumentVersion, SharedDocument
from tests.factories import (
    make_administrator,
    make_editor_of,
    make_folder,
    make_paper,
    minimal_pdf,
)
from tests.fileshare import files
from tests.fileshare.admin import (
    add,
    attached,
    details,
    drop,
    edit,
    errors,
    fill_in,
    objects,
    rows,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(editor, signed_in):
    return signed_in(editor)


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


@pytest.fixture
def transactions_at_the_store(monkeypatch):
    """How many were open each time when bytes were stored, beside those of the test itself."""
    save, seen, own = default_storage.save, [], len(connection.atomic_blocks)

    def note(name, content, **more):
        seen.append(len(connection.atomic_blocks) - own)
        return save(name, content, **more)

    monkeypatch.setattr(default_storage.__class__, "save", staticmethod(note))
    return seen


@pytest.mark.parametrize("door", ["one", "several", "chooser", "replacement"])
def test_no_transaction_is_open_while_bytes_are_stored(client, folder, door, transactions_at_the_store):
    """For gigabytes that takes longer than others wait for the database."""
    file, stores = attached(minimal_pdf()), 1
    if door == "one":
        assert add(client, folder, file).status_code == 302
    elif door == "several":
        number = drop(client, folder, minimal_pdf(), "a.pdf").json()["uploaded_file_id"]
        assert fill_in(client, number, folder).json()["success"]
        stores = 2  # while it waits, and as the paper's
    elif door == "chooser":
        prefix = "document-chooser-upload"
        filled = {f"{prefix}-{name}": value for name, value in details(folder).items()} | {f"{prefix}-file": file}
        assert client.post("/admin/documents/chooser/create/", filled).json()["step"] == "chosen"
    else:
        paper = make_paper(collection=folder)
        transactions_at_the_store.clear()
        assert edit(client, paper, file=attached(minimal_pdf("Newer"))).status_code == 302
    assert transactions_at_the_store == [0] * stores


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


def test_dropped_file_whose_row_cannot_be_saved_leaves_no_bytes(client, folder, monkeypatch):
    before = objects()

    def fails(self, **kwargs):
        raise DatabaseError("no space for the row")

    monkeypatch.setattr(UploadedFile, "save", fails)
    with pytest.raises(DatabaseError):
        drop(client, folder, minimal_pdf(), "a.pdf")
    assert objects() == before


def test_editor_cannot_add_to_another_folder(client, folder):
    elsewhere = make_folder("Elsewhere")
    add(client, elsewhere, attached(minimal_pdf()))
    assert not SharedDocument.objects.filter(collection=elsewhere).exists()


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


@pytest.mark.parametrize("name", ["a.zip", "a.docx"])
def test_no_pdf_marked_above_green_without_a_folder_is_two_sentences(folder, signed_in, name):
    """A zip archive comes in or not by its folder, which is not known yet."""
    content = files.archive({"a.txt": b"A"}) if name == "a.zip" else files.docx_file()
    client = signed_in(make_administrator())
    found = errors(add(client, folder, attached(content, name), collection="", marking="TLP:AMBER"))
    assert {field: list(said) for field, said in found.items()} == {
        "collection": ["Please choose the folder: it decides who may read the paper."],
        "file": ["Only a PDF can be marked above TLP:GREEN."],
    }
