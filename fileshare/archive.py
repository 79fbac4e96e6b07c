"""A zip of stored files whose length is known before its first byte, written while it is sent.

After APPNOTE.TXT 6.3.10 of PKWARE. Nothing is compressed (papers are, already), and size and CRC-32 of each file are
known from its upload, so that every byte of the zip has its place from the start: a broken download can be resumed
anywhere, programs that unpack while they receive need no second look, and what the store has spoiled is noticed by
whoever unpacks it. Memory grows with the number of files, by some 300 bytes for each, and never with their size.
"""

from __future__ import annotations

import datetime
import re
import struct
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.utils import timezone

Source = TypeVar("Source")

_LOCAL, _CENTRAL = struct.Struct("<4s5H3L2H"), struct.Struct("<4s6H3L5H2L")
_END, _END_64, _LOCATOR_64 = struct.Struct("<4s4H2LH"), struct.Struct("<4sQ2H2L4Q"), struct.Struct("<4sLQL")
_FULL_16, _FULL_32 = 0xFFFF, 0xFFFFFFFF  # "look into the ZIP64 field"
_VERSION, _VERSION_64, _UNIX = 20, 45, 3 << 8
_UTF_8 = 1 << 11
_ORDINARY_FILE = 0o100644 << 16
# What Windows forbids in names, and everything that shows nothing.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)
MAX_NAME = 200  # bytes of one name; most systems allow 255


@dataclass(frozen=True)
class Entry(Generic[Source]):
    """One file of the zip. `source` is whatever the caller reads it from."""

    name: str
    size: int
    crc32: int
    modified: datetime.datetime
    source: Source


class Cut(Exception, Generic[Source]):
    """A file failed, or ended before its size: the zip must not go on as if nothing had happened."""

    def __init__(self, entry: Entry[Source], why: str) -> None:
        super().__init__(f"{entry.name}: {why}")
        self.entry = entry


def _shortened(text: str, length: int) -> str:
    """As many whole characters as fit into so many bytes."""
    return text.encode()[: max(length, 0)].decode(errors="ignore").rstrip(". ")


def safe_name(name: str) -> str:
    """One part of a path that every system can write, and that leads nowhere else."""
    shown = "".join(character for character in unicodedata.normalize("NFC", name) if character.isprintable())
    plain = _FORBIDDEN.sub("_", shown).strip().rstrip(". ")
    if len(plain.encode()) > MAX_NAME:
        stem, dot, extension = plain.rpartition(".")
        ending = f"{dot}{extension}" if stem and len(extension) < 10 else ""
        plain = _shortened(plain.removesuffix(ending), MAX_NAME - len(ending.encode())) + ending
    return f"_{plain}" if not plain or _DEVICES.match(plain) else plain


class Names:
    """Gives each file of a zip a path of its own; capitals make no difference, as on Windows and macOS."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._last: dict[str, int] = {}

    def path_for(self, folders: Sequence[str], name: str) -> str:
        """`name` in these folders; where it is taken already, with a number."""
        above = "".join(f"{safe_name(folder)}/" for folder in folders)
        path = wanted = above + safe_name(name)
        stem, dot, extension = safe_name(name).rpartition(".")
        number = self._last.get(wanted.casefold(), 1)
        while path.casefold() in self._taken:
            number += 1
            path = f"{above}{stem} ({number}).{extension}" if dot else f"{above}{extension} ({number})"
        self._last[wanted.casefold()] = number
        self._taken.add(path.casefold())
        return path


def _dos_moment(moment: datetime.datetime) -> tuple[int, int]:
    """Time and date of the clock on the wall, by two seconds, from 1980 to 2107 (APPNOTE 4.4.6)."""
    local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    year = min(max(local.year, 1980), 2107)
    return (
        local.hour << 11 | local.minute << 5 | local.second // 2,
        (year - 1980) << 9 | local.month << 5 | local.day,
    )


def _zip_64(*values: int) -> bytes:
    """The extra field for numbers of more than 32 bits (APPNOTE 4.5.3); empty where there is none."""
    return struct.pack(f"<2H{len(values)}Q", 1, 8 * len(values), *values) if values else b""


def _local_header(entry: Entry[Source]) -> bytes:
    name, (time, date) = entry.name.encode(), _dos_moment(entry.modified)
    extra = _zip_64(entry.size, entry.size) if entry.size >= _FULL_32 else b""
    size = min(entry.size, _FULL_32)
    version = _VERSION_64 if extra else _VERSION
    fixed = _LOCAL.pack(
        b"PK\x03\x04", version, _UTF_8, 0, time, date, entry.crc32, size, size, len(name), len(extra)
    )  # fmt: skip
    return fixed + name + extra


def _central_header(entry: Entry[Source], offset: int) -> bytes:
    name, (time, date) = entry.name.encode(), _dos_moment(entry.modified)
    large = [entry.size, entry.size] if entry.size >= _FULL_32 else []
    extra = _zip_64(*large, *([offset] if offset >= _FULL_32 else []))
    size = min(entry.size, _FULL_32)
    version = _VERSION_64 if extra else _VERSION
    fixed = _CENTRAL.pack(
        b"PK\x01\x02", _UNIX | _VERSION_64, version, _UTF_8, 0, time, date, entry.crc32, size, size, len(name),
        len(extra), 0, 0, 0, _ORDINARY_FILE, min(offset, _FULL_32),
    )  # fmt: skip
    return fixed + name + extra


def _end(count: int, size: int, offset: int) -> bytes:
    """What stands after the central directory, which has `size` bytes and begins at `offset`."""
    large = b""
    if count >= _FULL_16 or size >= _FULL_32 or offset >= _FULL_32:
        large = _END_64.pack(
            b"PK\x06\x06", _END_64.size - 12, _UNIX | _VERSION_64, _VERSION_64, 0, 0, count, count, size, offset
        ) + _LOCATOR_64.pack(b"PK\x06\x07", 0, offset + size, 1)
    count = min(count, _FULL_16)
    return large + _END.pack(b"PK\x05\x06", 0, 0, count, count, min(size, _FULL_32), min(offset, _FULL_32), 0)


class Archive(Generic[Source]):
    """The zip of these files, in this order. `size` is its length in bytes."""

    def __init__(self, entries: Sequence[Entry[Source]]) -> None:
        self.entries = entries
        offset, directory = 0, []
        for entry in entries:
            directory.append(_central_header(entry, offset))
            offset += len(_local_header(entry)) + entry.size
        headers = b"".join(directory)
        self._tail = headers + _end(len(entries), len(headers), offset)
        self.size = offset + len(self._tail)

    def _parts(self) -> Iterator[tuple[int, bytes | Entry[Source]]]:
        for entry in self.entries:
            header = _local_header(entry)
            yield len(header), header
            yield entry.size, entry
        yield len(self._tail), self._tail

    def stream(self, start: int, length: int, read: Callable[[Source, int, int], Iterable[bytes]]) -> Iterator[bytes]:
        """The bytes [start, start + length) in pieces; `read` gives so many bytes of a file from a place on.

        Raises Cut when a file ends too early, or when `read` raises anything.
        """
        for size, part in self._parts():
            if start >= size:
                start -= size
                continue
            wanted = min(size - start, length)
            if isinstance(part, bytes):
                yield part[start : start + wanted]
            else:
                yield from _exactly(part, start, wanted, read)
            start, length = 0, length - wanted
            if not length:
                return


def _exactly(
    entry: Entry[Source], start: int, wanted: int, read: Callable[[Source, int, int], Iterable[bytes]]
) -> Iterator[bytes]:
    try:
        for piece in read(entry.source, start, wanted):
            wanted -= len(piece)
            yield piece
    except Exception as error:
        raise Cut(entry, str(error)) from error
    if wanted:
        raise Cut(entry, f"ended {wanted} bytes too early")
