"""What may not come in comes in by no door, and what does is inert: each promise, at each way in for a file."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import Client
from wagtail.models import Collection, UploadedFile

from fileshare.enums import Inspection
from fileshare.models import DocumentVersion, Folder, SharedDocument
from fileshare.services import contribute, inspect
from members.models import AccessRecord, User
from tests.clamd import EVIL, Clamd
from tests.factories import make_editor_of, make_folder, make_paper, minimal_pdf
from tests.fileshare import files
from tests.fileshare.admin import add, details, edit, objects

pytestmark = pytest.mark.django_db
AWAY = "The file could not be stored just now, so nothing was changed."
CHOOSER = "document-chooser-upload"


class Sent(io.BytesIO):
    """A file under the name that somebody sends. Django's own class for tests makes another of some names, or fails."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name


class Doors:
    """An editor of one folder who is a member as well, with a paper there, and every way to bring a file."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.folder: Collection = make_folder("Guidance")
        Folder.objects.filter(pk=self.folder.pk).update(takes_contributions=True)
        self.editor: User = make_editor_of(self.folder)
        self.paper = make_paper("The former", collection=self.folder, content=b"Former words.", file_name="a.txt")
        self.client = Client()
        self.client.force_login(self.editor)

    def form(self, content: bytes, name: str) -> Any:
        return add(self.client, self.folder, Sent(content, name), same_file_too="on")

    def replacement(self, content: bytes, name: str) -> Any:
        return edit(self.client, self.paper, file=Sent(content, name), same_file_too="on")

    def chooser(self, content: bytes, name: str) -> Any:
        filled = {f"{CHOOSER}-{field}": value for field, value in details(self.folder, same_file_too="on").items()}
        return self.client.post("/admin/documents/chooser/create/", filled | {f"{CHOOSER}-file": Sent(content, name)})

    def drop(self, content: bytes, name: str) -> Any:
        return self.client.post(
            "/admin/documents/multiple/add/",
            {"collection": self.folder.pk, "files[]": Sent(content, name)},
            headers={"x-requested-with": "XMLHttpRequest"},
        )

    def dropped(self, content: bytes, name: str) -> Any:
        """Dropped, and then its details."""
        answer = self.drop(content, name)
        waiting = UploadedFile.objects.order_by("-pk").first()
        if waiting is None:
            return answer
        return self.details_of_dropped(waiting, name)

    def details_of_dropped(self, waiting: UploadedFile, name: str) -> Any:
        prefix = f"uploaded-document-{waiting.pk}"
        filled = {f"{prefix}-{field}": value for field, value in details(self.folder, file_name=name).items()}
        return self.client.post(f"/admin/documents/multiple/create_from_uploaded_document/{waiting.pk}/", filled)

    def contribution(self, content: bytes, name: str) -> Any:
        return self.client.post("/files/document/contribute/guidance/", {"papers": [Sent(content, name)]})

    def folder_of_files(self, content: bytes, name: str) -> str:
        shelf = self.scratch / f"shelf{len(list(self.scratch.iterdir()))}"
        shelf.mkdir()
        (shelf / name).write_bytes(content)
        said = io.StringIO()
        try:
            call_command("import_papers", str(shelf), "--into", "Guidance", "--go", stdout=said, stderr=said)
        except CommandError as error:
            said.write(str(error))
        return said.getvalue()


DOORS: list[Callable[[Doors, bytes, str], Any]] = [
    Doors.form, Doors.replacement, Doors.chooser, Doors.dropped, Doors.contribution, Doors.folder_of_files,
]  # fmt: skip
at_every_door = pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)


@pytest.fixture
def doors(tmp_path: Path) -> Doors:
    return Doors(tmp_path)


def words(answer: Any) -> str:
    """What a door says, however it says it: a page, a piece of JSON with a form in it, or lines."""
    said = answer if isinstance(answer, str) else answer.content.decode()
    said = said.replace("\\n", " ").replace('\\"', '"').encode().decode("unicode_escape") if "\\u" in said else said
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", said)).split())


def what_is_there() -> tuple[Any, ...]:
    return objects(), SharedDocument.objects.count(), DocumentVersion.objects.count(), UploadedFile.objects.count()


def bytes_of(version: DocumentVersion) -> bytes:
    with version.file.open("rb") as file:
        return bytes(file.read())


FORBIDDEN = {
    "program.exe": (b"MZ\x90\x00" + bytes(64), "“.exe” files cannot be shared here"),
    "false.pdf": (b"MZ\x90\x00" + bytes(64), "it is a Windows program inside"),
    "page.pdf": (b"<!DOCTYPE html><script>alert(1)</script>", "it is a web page or XML file inside"),
    "page.html": (b"<!DOCTYPE html><script>alert(1)</script>", "“.html” files cannot be shared here"),
    "drawing.svg": (
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "“.svg” files cannot be shared here",
    ),
    "really-word.pdf": (files.docx_file(), "it is a Word file inside"),
    "macros.docm": (files.with_part(files.docx_file(), "word/vbaProject.bin", b"macro"), "kind with macros"),
    "macros.docx": (files.with_part(files.docx_file(), "word/vbaProject.bin", b"macro"), "This file contains macros"),
    "bomb.docx": (files.lying_bomb(), "unpacks to far more than its size"),
    "many.docx": (files.many_entries(), "unpacks to far more than its size"),
    "locked.docx": (files.encrypted_office(), "an Office file of an old kind or with a password inside"),
    "archive.zip": (files.archive({"a.txt": b"A"}), "takes no zip archives"),
    "empty.txt": (b"", "empty"),
    "no-name": (b"Some words.", "Files without an ending in their name"),
}


@at_every_door
def test_what_is_forbidden_is_refused_with_a_sentence_and_leaves_nothing(door, doors):
    before = what_is_there()
    for name, (content, sentence) in FORBIDDEN.items():
        assert sentence in words(door(doors, content, name)), name
        assert what_is_there() == before, name
    doors.paper.refresh_from_db()
    assert bytes_of(doors.paper.current_version) == b"Former words."


@at_every_door
def test_active_pdf_is_held_and_the_former_version_stays(door, doors):
    door(doors, files.pdf_with_opening_script(), "plan.pdf")
    version = DocumentVersion.objects.latest("pk")
    inspect.inspect(version_id=version.pk)
    version.refresh_from_db()
    assert version.inspection == Inspection.QUARANTINED
    row = AccessRecord.objects.filter(object_id=str(version.document.uuid)).latest("pk")
    assert (row.action, row.details["version"], row.details["outcome"]) == (
        "inspected", version.number, "quarantined",
    )  # fmt: skip
    address = f"/files/document/{version.document.uuid}/download/"
    if door is Doors.replacement:
        assert b"".join(doors.client.get(address).streaming_content) == b"Former words."
    else:
        assert doors.client.get(address).status_code == 404


@at_every_door
def test_what_is_infected_too_large_or_not_scanned_comes_in_by_no_door(door, doors, clamd, settings):
    """Nobody reads it, and where it was to replace a paper, the former stays; what is clean comes in when the scanner
    is back."""
    wanted = b"Former words." if door is Doors.replacement else 404

    def brought(content: bytes) -> DocumentVersion:
        door(doors, content, "new.txt")
        version = DocumentVersion.objects.latest("pk")
        inspect.inspect(version_id=version.pk)
        assert bytes_of(version) == content
        return version

    def got(version: DocumentVersion) -> bytes | int:
        answer = doors.client.get(f"/files/document/{version.document.uuid}/download/")
        return b"".join(answer.streaming_content) if answer.status_code == 200 else answer.status_code

    infected = brought(b"Words with " + EVIL)
    with clamd_that_takes(clamd, 10):
        large = brought(b"Words that are many.")
    clamd.goes()
    waiting = brought(b"Words that wait.")
    assert [got(version) for version in (infected, large, waiting)] == [wanted] * 3
    found = DocumentVersion.objects.filter(pk__in=(infected.pk, large.pk, waiting.pk)).order_by("pk")
    assert [version.inspection for version in found] == ["quarantined", "quarantined", "unscanned"]
    clamd.comes()
    inspect.inspect(version_id=waiting.pk)
    if door is Doors.contribution:  # until an editor has taken it in
        contribute.accept(document=waiting.document, by=doors.editor)
    assert got(waiting) == b"Words that wait."


@contextmanager
def clamd_that_takes(clamd: Clamd, most: int) -> Iterator[None]:
    clamd.most = most
    yield
    clamd.most = 1 << 40


NAMES = {
    "Отчёт за 2026.pdf": "Отчёт за 2026.pdf",
    "报告 📄.pdf": "报告 📄.pdf",
    "exe\u202efdp.pdf": "exefdp.pdf",
    "<img src=x onerror=alert(1)>.pdf": "<img src=x onerror=alert(1)>.pdf",
    "=cmd|'!A0'.pdf": "=cmd|'!A0'.pdf",
    "{{ 7*7 }} %s %0d%0aSet-Cookie.pdf": "{{ 7*7 }} %s %0d%0aSet-Cookie.pdf",
}


@at_every_door
def test_any_name_survives_and_harms_nothing(door, doors):
    group = Group.objects.create(name="Readers of nothing")
    for number, (name, kept) in enumerate(NAMES.items()):
        said = words(door(doors, minimal_pdf(f"Page {number}"), name))
        version = DocumentVersion.objects.latest("pk")
        assert version.file_name == kept, said
        assert re.fullmatch(r"[0-9a-z/_-]+", version.file.name), "a key says nothing of the file"
        inspect.inspect(version_id=version.pk)
        page = doors.client.get(f"/admin/documents/edit/{version.document_id}/").content.decode()
        assert "<img src=x" not in page
    assert group.name not in page


@at_every_door
def test_store_that_takes_nothing_is_a_sentence_and_costs_nothing(door, doors, monkeypatch):
    before = what_is_there()

    def full(self, name, content):
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(default_storage.__class__, "_save", full)
        said = words(door(doors, b"New words.", "new.txt"))
    expected = AWAY if door is not Doors.folder_of_files else "The store of papers is full, or cannot be reached."
    assert expected in said
    assert what_is_there() == before
    doors.paper.refresh_from_db()
    assert bytes_of(doors.paper.current_version) == b"Former words."


def test_dropped_file_waits_on_while_the_store_takes_nothing(doors, monkeypatch):
    doors.drop(b"New words.", "new.txt")
    (waiting,) = UploadedFile.objects.all()

    def full(self, name, content):
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(default_storage.__class__, "_save", full)
        answer = doors.details_of_dropped(waiting, "new.txt")
    assert answer.json()["success"] is False
    assert AWAY in answer.json()["form"]
    assert 'value="A paper"' in answer.json()["form"]
    assert doors.details_of_dropped(waiting, "new.txt").json()["success"] is True
    assert bytes_of(DocumentVersion.objects.latest("pk")) == b"New words."
