"""Zip archives come in only where the folder takes them, by every door, and with nothing in them that could not come in
by itself."""

from __future__ import annotations

import io
import stat
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from fileshare.enums import Inspection
from fileshare.inspection import formats, zips
from fileshare.models import DocumentVersion, Folder, SharedDocument
from fileshare.services import inspect
from tests.factories import add_version, make_editor_of, make_folder, make_member, make_paper, minimal_pdf
from tests.fileshare import files
from tests.fileshare.admin import add, attached, drop, edit, errors, fill_in, objects
from tests.fileshare.test_import_papers import run
from tests.portal.reading import soup_of, words_of

DROP = "/admin/documents/multiple/add/"
GOOD = files.archive({"Plans/a.pdf": minimal_pdf(), "Plans/b.docx": files.docx_file(), "c.txt": b"Words."})
STORED = files.archive({"a.pdf": minimal_pdf()}, zipfile.ZIP_STORED)


def with_entry(name, content=b"x", *, mode=0, compression=zipfile.ZIP_DEFLATED, flags=0):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", b"Words.")
        entry = zipfile.ZipInfo(name)
        entry.external_attr, entry.compress_type = mode << 16, compression
        archive.writestr(entry, content)
    data = bytearray(out.getvalue())
    if flags:
        for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            data[data.rindex(signature) + place] |= flags
    return bytes(data)


def refusal_of(content, name="a.zip"):
    with pytest.raises(formats.Refused) as refused:
        formats.recognise(io.BytesIO(content), name, zips=True)
    return str(refused.value)


@pytest.mark.parametrize("content", [GOOD, STORED])
def test_archive_is_recognised_where_archives_come_in_and_refused_elsewhere(content):
    assert formats.recognise(io.BytesIO(content), "A.ZIP", zips=True).kind == "zip"
    with pytest.raises(formats.Refused, match="This folder takes no zip archives"):
        formats.recognise(io.BytesIO(content), "a.zip")


def test_what_systems_leave_behind_is_no_obstacle():
    left = {"__MACOSX/._a.pdf": b"\0\5\x16\7", ".DS_Store": b"\0\0\0\1Bud1", "Plans/Thumbs.db": b"x", "a.txt": b"a"}
    assert formats.recognise(io.BytesIO(files.archive(left)), "a.zip", zips=True).kind == "zip"
    assert "no file in this archive" in refusal_of(files.archive({".DS_Store": b"x"}))
    assert "of no kind" in refusal_of(files.archive({"Thumbs.db": bytes(100_000)} | {"a.txt": b"a"}, 0))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (with_entry("b.zip"), "This archive holds another archive, “b.zip”. Please unpack that one first."),
        (with_entry("x/b.tar.GZ"), "holds another archive"),
        (with_entry("b.exe"), "“b.exe” in this archive is of no kind that can be shared here."),
        (with_entry("b.docm"), "of no kind"),
        (with_entry("b"), "of no kind"),
        (with_entry("../b.txt"), "outside of the folder"),
        (with_entry("/etc/b.txt"), "outside of the folder"),
        (with_entry("x\\..\\b.txt"), "outside of the folder"),
        (with_entry("C:b.txt"), "outside of the folder"),
        (with_entry("b.txt", b"/etc/passwd", mode=stat.S_IFLNK | 0o777), "is a link to another file"),
        (with_entry("b.txt", compression=zipfile.ZIP_LZMA), "packed in a way"),
        (with_entry("b.txt", flags=1), "protected by a password"),
        (with_entry("b.txt", bytes(100 * 1024**2)), "unpacks to far more than its size"),
        (files.archive({f"{number}.txt": b"x" for number in range(1001)}), "more than 1000 files"),
        (files.many_entries(), "unpacks to far more than its size"),
        (GOOD[:-30], "damaged"),
        (files.docx_file(), "it is a Word file inside"),
        (files.opendocument("text"), "it is an OpenDocument text file inside"),
        (minimal_pdf(), "it is a PDF file inside"),
        (b"MZ" + bytes(100) + GOOD, "it is a Windows program inside"),
    ],
)
def test_archive_that_could_do_harm_is_refused_with_the_reason(content, sentence):
    assert sentence in refusal_of(content)


def test_what_is_in_an_archive_is_judged_by_content_too(tmp_path):
    """One process for each, so that all are in one test."""
    path = tmp_path / "a.zip"
    for parts, sentence in (
        ({"Plans/a.pdf": minimal_pdf(), "b.docx": files.docx_file(), "empty.txt": b""}, ""),
        ({"a.pdf": b"MZ" + bytes(200)}, "“a.pdf” in this archive: The name of this file ends in “.pdf”, but it is a"),
        ({"a.txt": b"a", "b.pdf": files.pdf_with_opening_script()}, "“b.pdf” in this archive: The PDF contains a"),
        ({"b.docx": files.with_part(files.docx_file(), "word/vbaProject.bin", b"x")}, "This file contains macros"),
        ({"b.docx": files.GOOD["docx"][:200]}, "damaged"),
    ):
        path.write_bytes(files.archive(parts))
        found = zips.examine(path)
        assert sentence in found
        assert bool(sentence) == bool(found)
    path.write_bytes(GOOD[:200])
    assert zips.examine(path) == "This archive is damaged."


# --- Every door -------------------------------------------------------------------------------------------------
@pytest.fixture
def folder(db):
    return make_folder("Plans")


@pytest.fixture
def client(folder, signed_in):
    return signed_in(make_editor_of(folder))


def take_zips(folder):
    Folder.objects.filter(pk=folder.pk).update(takes_zips=True)


def test_each_way_into_the_administration_asks_the_folder(client, folder):
    other = make_folder("Other", parent=folder)
    note = make_paper("Note", collection=folder, content=b"text", file_name="a.txt")
    before = objects()
    takes_none = "This folder takes no zip archives."
    zipped = lambda: attached(GOOD, "a.zip", "application/zip")  # noqa: E731 -- a file is read once
    assert takes_none in errors(add(client, folder, zipped()))["file"][0]
    assert takes_none in errors(edit(client, note, file=zipped()))["file"][0]
    assert takes_none in str(drop(client, folder, GOOD, "a.zip").json())
    unplaced = {"collection": "", "files[]": zipped()}
    waiting = client.post(DROP, unplaced, headers={"x-requested-with": "XMLHttpRequest"}).json()
    assert waiting["success"] is True
    number = waiting["uploaded_file_id"]
    answer = fill_in(client, number, folder, file_name="a.zip").json()
    assert answer["success"] is False
    assert takes_none in answer["form"]
    assert len(objects() - before) == 1  # the one that waits
    assert SharedDocument.objects.count() == 1
    take_zips(folder)
    assert errors(add(client, folder, zipped(), title="Added")) == {}
    assert errors(edit(client, note, file=zipped(), same_file_too="on")) == {}
    assert fill_in(client, number, folder, file_name="a.zip", title="Dropped").json()["success"] is True
    kinds = DocumentVersion.objects.order_by("pk").values_list("document__title", "kind")
    assert list(kinds) == [("Note", "txt"), ("Added", "zip"), ("Note", "zip"), ("Dropped", "zip")]
    # Nor does it come in by being moved, or marked.
    added = SharedDocument.objects.get(title="Added")
    assert "that folder does not take" in errors(edit(client, added, collection=other.pk))["collection"][0]
    assert "Only a PDF" in str(errors(edit(client, added, marking="TLP:AMBER", marking_reason="So")))


def test_member_and_import_ask_the_folder(folder, signed_in, tmp_path):
    Folder.objects.filter(pk=folder.pk).update(takes_contributions=True)
    member = signed_in(make_member())
    address = "/files/document/contribute/plans/"
    (tmp_path / "shelf" / "New").mkdir(parents=True)
    for place in ("a.zip", "New/b.zip"):
        (tmp_path / "shelf" / place).write_bytes(GOOD)

    def bring():
        return member.post(address, {"papers": SimpleUploadedFile("a.zip", GOOD), "title": "Brought"})

    answer = bring()
    assert answer.status_code == 400
    assert "“a.zip”: This folder takes no zip archives." in answer.content.decode()
    assert len(run(tmp_path / "shelf", "--into", "Plans")[1]) == 2
    take_zips(folder)
    assert "takes zip archives as well" in words_of(soup_of(member, address))
    _out, problems, _end = run(tmp_path / "shelf", "--into", "Plans", "--go")
    assert len(problems) == 1  # a new folder takes none
    assert problems[0].startswith("New/b.zip: This folder takes no zip archives.")
    assert bring().status_code == 302
    assert sorted(SharedDocument.objects.values_list("title", flat=True)) == ["Brought", "a"]


def test_archive_is_looked_into_before_members_get_it_and_is_downloaded_whole(folder, signed_in):
    take_zips(folder)
    paper = make_paper("Plans", collection=folder, content=GOOD, file_name="plans.zip")
    member = signed_in(make_member())
    answer = member.get(f"{paper.get_absolute_url()}download/")
    assert (answer["Content-Type"], b"".join(answer.streaming_content)) == ("application/zip", GOOD)
    assert "Read online" not in words_of(soup_of(member, paper.get_absolute_url()))
    add_version(paper, files.archive({"b.pdf": files.pdf_with_opening_script()}), file_name="plans.zip")
    newest = paper.versions.first()
    assert newest.inspection == Inspection.QUARANTINED
    assert newest.inspection_note.startswith("“b.pdf” in this archive: The PDF contains a script")
    assert paper.current_version.number == 1
    assert inspect.inspect(version_id=newest.pk) is None
