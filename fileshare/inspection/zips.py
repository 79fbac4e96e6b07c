"""What may stand in a zip archive: files of the kinds that come in by themselves, and nothing that is packed again.

The list of its entries is judged when it arrives, without unpacking anything (`fault_of_list`); what is in them, by the
worker, in a child process with limits of time and memory (`examine`). Run as a module it *is* the child.
"""

from __future__ import annotations

import re
import shutil
import stat
import sys
import tempfile
import zipfile
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path, PurePosixPath

from fileshare.inspection import child

SECONDS = 60
MEMORY = 1024**3  # bytes
MAX_ENTRIES = 1_000
CHUNK = 256 * 1024
PACKED = frozenset(
    (
        *("zip", "zipx", "7z", "rar", "gz", "tgz", "bz2", "tbz", "xz", "txz", "zst", "lz", "lzma", "tar"),
        *("cab", "iso", "img", "dmg", "jar", "war", "apk", "arj", "ace"),
    )
)
ENCRYPTED = 0x1  # APPNOTE.TXT, 4.4.4
# What systems put beside people's files; small, and started by no click.
LEFT_BEHIND = (".DS_Store", "Thumbs.db", "desktop.ini")
MAX_LEFT_BEHIND = 64 * 1024  # bytes
_ELSEWHERE = re.compile(r"^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)|[\x00-\x1f]")
DEFEATED = "This archive could not be looked into within a minute, so nobody knows what is in it."


def _files(entries: Iterable[zipfile.ZipInfo]) -> Iterator[zipfile.ZipInfo]:
    """Without folders, and without what systems leave behind."""
    for entry in entries:
        path = PurePosixPath(entry.filename)
        left_behind = path.name in LEFT_BEHIND or (path.name.startswith("._") and path.parts[0] == "__MACOSX")
        if not entry.is_dir() and not (left_behind and entry.file_size <= MAX_LEFT_BEHIND):
            yield entry


def fault_of_list(entries: list[zipfile.ZipInfo], allowed: Collection[str]) -> str:
    """Why an archive with these entries cannot come in, as a sentence, or "". `allowed` are extensions."""
    if len(entries) > MAX_ENTRIES:
        return f"This archive holds more than {MAX_ENTRIES} files. Please make several of it."
    if not any(_files(entries)):
        return "There is no file in this archive."
    # Of folders too the name leads where it says.
    outside = next((entry for entry in entries if _ELSEWHERE.search(entry.filename)), None)
    if outside is not None:
        return "This archive would unpack files outside of the folder that is chosen for it, which is a known attack."
    return next((fault for entry in _files(entries) if (fault := _fault_of(entry, allowed))), "")


def _fault_of(entry: zipfile.ZipInfo, allowed: Collection[str]) -> str:
    extension = PurePosixPath(entry.filename).suffix.lower().removeprefix(".")
    if entry.flag_bits & ENCRYPTED:
        return "This archive is protected by a password, so nobody can see here what is in it."
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "This archive is packed in a way that many computers cannot open. Please make a plain zip of it."
    if stat.S_ISLNK(entry.external_attr >> 16):
        return f"“{entry.filename}” in this archive is a link to another file, not a file."
    if extension in PACKED:
        return f"This archive holds another archive, “{entry.filename}”. Please unpack that one first."
    if extension not in allowed:
        return f"“{entry.filename}” in this archive is of no kind that can be shared here."
    return ""


def examine(path: str | Path) -> str:
    """Why members cannot have this archive, as a sentence, or "". Never raises for what is inside it."""
    try:
        return str(child.run(__name__, str(path), seconds=SECONDS))
    except child.Defeated:
        return DEFEATED


def _look_inside(path: str) -> str:
    """Each file as if it had come by itself."""
    from fileshare.inspection import formats  # noqa: PLC0415 -- that module asks this one

    try:
        with zipfile.ZipFile(path) as archive:
            for entry in _files(archive.infolist()):
                if entry.file_size and (fault := _fault_inside(archive, entry)):
                    return f"“{entry.filename}” in this archive: {fault}"
    except formats.Refused as refused:
        return str(refused)
    except Exception:  # noqa: BLE001 -- whatever a hostile file makes the parser raise, the answer is the same
        return "This archive is damaged."
    return ""


def _fault_inside(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    from fileshare.inspection import formats, pdf  # noqa: PLC0415 -- as above

    with tempfile.NamedTemporaryFile() as copy, archive.open(entry) as packed:
        shutil.copyfileobj(packed, copy, CHUNK)  # no more than the entry says, and the sum of that is limited
        copy.flush()
        try:
            kind = formats.recognise(copy, entry.filename).kind  # type: ignore[arg-type]  # reads like any file
        except formats.Refused as refused:
            return str(refused)
        found = pdf.look_inside(copy.name) if kind == "pdf" else pdf.PdfFacts()
    if found.active:
        return "The PDF contains a script, an action, an XFA form or an embedded file."
    return "The PDF cannot be read here, so nobody knows what it would do." if found.damaged else ""


if __name__ == "__main__":
    child.answer(lambda: _look_inside(sys.argv[1]), seconds=SECONDS, memory=MEMORY)
