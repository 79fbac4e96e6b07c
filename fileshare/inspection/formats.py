"""The one list of files that may come in, judged by content and agreeing with the name; applied at every door."""

from __future__ import annotations

import codecs
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, NoReturn

from fileshare.enums import Kind
from fileshare.inspection import zips as zip_archives

HEAD = 4096
SAMPLE = 256 * 1024
MAX_ENTRIES = 10_000
MAX_UNPACKED = 2 * 1024**3  # bytes
MAX_RATIO = 200  # unpacked to packed; real Office files stay far below
MACRO_EXTENSIONS = {
    **dict.fromkeys(("docm", "dotm"), ("Word", "docx")),
    **dict.fromkeys(("xlsm", "xltm", "xlam", "xlsb"), ("Excel", "xlsx")),
    **dict.fromkeys(("pptm", "potm", "ppsm"), ("PowerPoint", "pptx")),
}
MACRO_PARTS = ("vbaproject.bin", "vbadata.xml")
MACRO_FOLDERS = ("basic/", "scripts/")  # of OpenDocument


class Refused(ValueError):
    """The file cannot come in; the message is a sentence for the person who brought it."""


@dataclass(frozen=True)
class Format:
    """One kind of file: the extensions that people give it and the type that it is sent as."""

    kind: Kind
    content_type: str
    extensions: tuple[str, ...]


_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"
FORMATS = {
    each.kind: each
    for each in (
        Format(Kind.PDF, "application/pdf", ("pdf",)),
        Format(Kind.DOCX, f"{_OFFICE}.wordprocessingml.document", ("docx",)),
        Format(Kind.XLSX, f"{_OFFICE}.spreadsheetml.sheet", ("xlsx",)),
        Format(Kind.PPTX, f"{_OFFICE}.presentationml.presentation", ("pptx",)),
        Format(Kind.ODT, f"{_OPEN}.text", ("odt",)),
        Format(Kind.ODS, f"{_OPEN}.spreadsheet", ("ods",)),
        Format(Kind.ODP, f"{_OPEN}.presentation", ("odp",)),
        Format(Kind.TXT, "text/plain; charset=utf-8", ("txt",)),
        Format(Kind.CSV, "text/csv; charset=utf-8", ("csv",)),
        Format(Kind.PNG, "image/png", ("png",)),
        Format(Kind.JPEG, "image/jpeg", ("jpg", "jpeg")),
        Format(Kind.WEBP, "image/webp", ("webp",)),
        Format(Kind.MP4, "video/mp4", ("mp4",)),
        Format(Kind.ZIP, "application/zip", ("zip",)),
    )
}
KIND_OF_EXTENSION = {extension: each.kind for each in FORMATS.values() for extension in each.extensions}
# What comes in everywhere; a zip archive only where a folder takes it.
EVERYWHERE = [extension for extension, kind in KIND_OF_EXTENSION.items() if kind != Kind.ZIP]
NO_ZIPS = (
    "This folder takes no zip archives. Please unpack it and bring the files that are in it, or choose a folder that "
    "takes archives."
)
_OFFICE_PARTS = {"word/document.xml": Kind.DOCX, "xl/workbook.xml": Kind.XLSX, "ppt/presentation.xml": Kind.PPTX}
_OPEN_TYPES = {FORMATS[kind].content_type.encode(): kind for kind in (Kind.ODT, Kind.ODS, Kind.ODP)}
_ZIP = b"PK\x03\x04"
_SIGNATURES: tuple[tuple[Kind, Callable[[bytes], bool]], ...] = (
    (Kind.PDF, lambda head: b"%PDF-" in head[:1024]),
    (Kind.PNG, lambda head: head.startswith(b"\x89PNG\r\n\x1a\n")),
    (Kind.JPEG, lambda head: head.startswith(b"\xff\xd8\xff")),
    (Kind.WEBP, lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP"),
    (Kind.MP4, lambda head: head[4:8] == b"ftyp"),
)

# What people bring under a false name, for the sentence that refuses it.
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
    (b"#!", "a script"),
    (b"\xd0\xcf\x11\xe0", "an Office file of an old kind or with a password"),
    (_ZIP, "a zip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x1f\x8b", "a packed file"),
    (b"{\\rtf", "a Rich Text file"),
    (b"GIF8", "a GIF picture"),
)
_PAGES = (b"<!doctype html", b"<html", b"<script", b"<svg", b"<?xml")


def _found(head: bytes, kind: Kind | None) -> str:
    """What the content is, as the end of a sentence."""
    if kind:
        label = str(Kind(kind).label)
        article = "an" if label[0] in "AEIO" else "a"
        return f"it is {article} {label} file inside"
    if named := next((name for start, name in _OTHERS if head.startswith(start)), ""):
        return f"it is {named} inside"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGES):
        return "it is a web page or XML file inside"
    return "its content is of no kind that can be shared here"


def _refuse_name(extension: str) -> NoReturn:
    """A name whose kind does not come in, whatever stands inside."""
    if extension in MACRO_EXTENSIONS:
        program, without = MACRO_EXTENSIONS[extension]
        raise Refused(
            f"A “.{extension}” file is {program}’s kind with macros, which can do harm on the reader’s computer. "
            f"In {program} choose File → Save As, take the kind “.{without}”, and upload that file instead."
        )
    named = f"“.{extension}” files" if extension else "Files without an ending in their name"
    raise Refused(f"{named} cannot be shared here. Allowed are: {', '.join(EVERYWHERE)}.")


def recognise(file: IO[bytes], name: str, *, zips: bool = False) -> Format:
    """What the file is, by its content. Leaves the file at its start. `zips`: whether the folder takes zip archives.

    Raises Refused when it is empty, of no allowed kind, not what its name says, a bomb, or carries macros.
    """
    extension = PurePosixPath(name).suffix.lower().removeprefix(".")
    promised = KIND_OF_EXTENSION.get(extension)
    if promised is None:
        _refuse_name(extension)
    if promised == Kind.ZIP and not zips:
        raise Refused(NO_ZIPS)
    file.seek(0)
    head = file.read(HEAD)
    if not head:
        raise Refused("This file is empty. Please check it and choose it again.")
    try:
        kind = _kind_of(file, head, promised)
    finally:
        file.seek(0)
    if kind != promised:
        raise Refused(
            f"The name of this file ends in “.{extension}”, but {_found(head, kind)}. "
            "Changing a name does not change a file: please save it in one of the allowed kinds and retry."
        )
    return FORMATS[kind]


def _kind_of(file: IO[bytes], head: bytes, promised: Kind) -> Kind | None:
    if promised == Kind.ZIP and head.startswith(_ZIP):  # first: a stored PDF begins within the first kilobyte
        return _kind_of_archive(file, promised)
    for kind, matches in _SIGNATURES:
        if matches(head):
            return kind
    if head.startswith(_ZIP):
        return _kind_of_archive(file, promised)
    if promised in (Kind.TXT, Kind.CSV) and _is_text(head + file.read(SAMPLE)):
        return promised
    return None


def _kind_of_archive(file: IO[bytes], promised: Kind) -> Kind | None:
    """An Office or OpenDocument file, or a plain archive where one is promised; looks at the list of its parts, and
    unpacks nothing but one short entry."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _refuse_bombs(entries)
            names = {entry.filename.lower() for entry in entries}
            if promised != Kind.ZIP:
                _refuse_macros(names)
            if "[content_types].xml" in names:
                return next((kind for part, kind in _OFFICE_PARTS.items() if part in names), None)
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                return _OPEN_TYPES.get(archive.read("mimetype").strip())
            return _plain_archive(entries) if promised == Kind.ZIP else None
    except Refused:
        raise
    except Exception as error:  # whatever a hostile file makes the parser raise, the answer is the same
        raise Refused("This file is damaged or protected by a password, so it cannot be shared.") from error


def _plain_archive(entries: list[zipfile.ZipInfo]) -> Kind:
    if fault := zip_archives.fault_of_list(entries, EVERYWHERE):
        raise Refused(fault)
    return Kind.ZIP


def _refuse_bombs(entries: list[zipfile.ZipInfo]) -> None:
    unpacked, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(packed, 64 * 1024):
        raise Refused("This file unpacks to far more than its size, which is a known attack. It was not taken.")


def _refuse_macros(names: set[str]) -> None:
    if any(PurePosixPath(name).name in MACRO_PARTS or name.startswith(MACRO_FOLDERS) for name in names):
        raise Refused(
            "This file contains macros, which can do harm on the reader’s computer. Remove them (in Microsoft Office: "
            "View → Macros, delete each; in LibreOffice: Tools → Macros), or save the file as a PDF, and upload that."
        )


def _is_text(sample: bytes) -> bool:
    if b"\0" in sample:
        return False
    try:
        # Incremental, since the sample may end in the middle of a character.
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        # Windows programs still write tables in their own 8-bit sets: text, as long as no control bytes stand in it.
        return not any(byte < 32 and byte not in (9, 10, 12, 13) for byte in sample)
    return True
