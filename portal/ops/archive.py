"""The form of a backup: one tar, written and read from its beginning to its end, with little in memory.

`gatehouse.json` comes first, then rows as `rows/<table>/<number>.jsonl`, then stored files as `files/<storage>/<key>`,
then `SHA256SUMS` of all of these, as the program `sha256sum` has them, and `end.json`. An archive without its end is
none; what was altered is named by the sums. Neither knows the database or the stores.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import IO, Any, Protocol

FORMAT = 1
HEAD, SUMS, END = "gatehouse.json", "SHA256SUMS", "end.json"
CHUNK = 1024 * 1024
# What is read whole must not be as large as somebody likes to say.
MOST_IN_MEMORY = 64 * 1024 * 1024


class NotAnArchive(ValueError):
    """It is no backup, or is cut off, or was altered. The message is a sentence."""


class Source(Protocol):
    """Bytes to read, to their end."""

    def read(self, size: int = ..., /) -> bytes: ...


class Hashing:
    """A source that keeps the SHA-256 of what was read from it."""

    def __init__(self, source: Source) -> None:
        self._source, self._digest = source, hashlib.sha256()

    def read(self, size: int = CHUNK, /) -> bytes:
        piece = self._source.read(size)
        self._digest.update(piece)
        return piece

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


class _Counting:
    """Where the archive is written to, and how many bytes that was."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self.count = stream, 0

    def write(self, data: bytes) -> int:
        self._stream.write(data)
        self.count += len(data)
        return len(data)


class Writer:
    """Raises OSError as the stream does, and OSError where a source ends before its size."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = _Counting(stream)
        # The type stubs ask for more than writing, which is all that tarfile does with it.
        self._tar = tarfile.open(fileobj=self._stream, mode="w|", format=tarfile.PAX_FORMAT, bufsize=CHUNK)  # type: ignore[call-overload]  # noqa: SIM115 -- `finish` closes it
        self._tar.copybufsize = CHUNK
        self._sums = tempfile.TemporaryFile()  # noqa: SIM115 -- `__exit__` closes it

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._tar.fileobj.closed = True  # type: ignore[union-attr, misc]  # else it would write an end when it is forgotten
        self._sums.close()

    def begin(self, head: dict[str, Any]) -> None:
        self.put_bytes(HEAD, json.dumps({"format": FORMAT, **head}, ensure_ascii=False).encode())

    @property
    def bytes_written(self) -> int:
        return self._stream.count

    def put(self, name: str, source: Source, size: int) -> str:
        """Append so many bytes. Returns their SHA-256."""
        hashing = Hashing(source)
        self._append(name, hashing, size)
        self._sums.write(f"{hashing.sha256}  {name}\n".encode())
        return hashing.sha256

    def put_bytes(self, name: str, data: bytes) -> None:
        self.put(name, io.BytesIO(data), len(data))

    def finish(self, facts: dict[str, Any]) -> None:
        """The sums and the end. Without it the archive is none."""
        size = self._sums.tell()
        self._sums.seek(0)
        hashing = Hashing(self._sums)
        self._append(SUMS, hashing, size)
        end = json.dumps({**facts, "sums": hashing.sha256}, ensure_ascii=False).encode()
        self._append(END, io.BytesIO(end), len(end))
        self._tar.close()

    def _append(self, name: str, source: Source, size: int) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        self._tar.addfile(member, source)  # type: ignore[arg-type]  # reads, and no more
        self._tar.members.clear()  # type: ignore[attr-defined]  # it would keep a note of each for ever


class Reader:
    """The members between the head and the sums, in their order. Each must be read to its end before the next.

    Raises NotAnArchive.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._sums = tempfile.TemporaryFile()  # noqa: SIM115 -- `__exit__` closes it
        try:
            self._tar = tarfile.open(fileobj=stream, mode="r|", bufsize=CHUNK)  # noqa: SIM115 -- as above
        except (tarfile.TarError, EOFError) as error:
            self._sums.close()
            raise NotAnArchive("This is no backup of Gatehouse.") from error

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._sums.close()

    def head(self) -> dict[str, Any]:
        """What the archive says of itself. Read it first."""
        first = self._next()
        if first is None or first.name != HEAD:
            raise NotAnArchive("This is no backup of Gatehouse.")
        return self._read_json(first)

    def members(self) -> Iterator[tuple[str, int, Hashing]]:
        """Name, size and bytes of each."""
        while (member := self._next()) is not None and member.name != SUMS:
            hashing = self._open(member)
            yield member.name, member.size, hashing
            while hashing.read(CHUNK):
                pass  # what the caller did not want counts all the same
            self._note(member, hashing)
        if member is None:
            raise NotAnArchive("The backup is cut off: its end is missing.")
        self._compare(member)

    def end(self) -> dict[str, Any]:
        """The last member. Read it last."""
        member = self._next()
        if member is None or member.name != END:
            raise NotAnArchive("The backup is cut off: its end is missing.")
        found = _json(self._open(member), member)
        if found.pop("sums", None) != self._sums_digest:
            raise NotAnArchive("The backup was altered: its sums are not those that its end names.")
        return found

    def _next(self) -> tarfile.TarInfo | None:
        try:
            member = self._tar.next()
        except (tarfile.TarError, EOFError) as error:
            raise NotAnArchive("The backup is cut off or was altered.") from error
        self._tar.members.clear()  # type: ignore[attr-defined]  # as above
        if member is not None and not member.isreg():
            raise NotAnArchive(f"The backup was altered: “{member.name}” is no file.")
        return member

    def _open(self, member: tarfile.TarInfo) -> Hashing:
        source = self._tar.extractfile(member)
        assert source is not None  # noqa: S101 -- a regular file: `_next` has looked
        return Hashing(_Whole(source, member))

    def _read_json(self, member: tarfile.TarInfo) -> dict[str, Any]:
        hashing = self._open(member)
        found = _json(hashing, member)
        self._note(member, hashing)
        return found

    def _note(self, member: tarfile.TarInfo, hashing: Hashing) -> None:
        self._sums.write(f"{hashing.sha256}  {member.name}\n".encode())

    def _compare(self, member: tarfile.TarInfo) -> None:
        """The sums of what was read with those that were written."""
        self._sums.seek(0)
        written = self._open(member)
        lines = io.BufferedReader(_Raw(written), CHUNK)
        for said, found in zip(lines, self._sums, strict=False):
            if said != found:
                name = found.decode().partition("  ")[2].strip()
                raise NotAnArchive(f"The backup was altered: “{name}” is not what was backed up.")
        if lines.read(1) or self._sums.read(1) or self._sums.tell() != member.size:
            raise NotAnArchive("The backup was altered: members of it are missing.")
        self._sums_digest = written.sha256


class _Whole:
    """A member's bytes; an archive that ends within them is cut off."""

    def __init__(self, source: IO[bytes], member: tarfile.TarInfo) -> None:
        self._source, self._left, self._name = source, member.size, member.name

    def read(self, size: int = CHUNK, /) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        try:
            piece = self._source.read(wanted) if wanted else b""
        except (tarfile.TarError, EOFError) as error:
            raise NotAnArchive(f"The backup is cut off within “{self._name}”.") from error
        if wanted and not piece:
            raise NotAnArchive(f"The backup is cut off within “{self._name}”.")
        self._left -= len(piece)
        return piece


class _Raw(io.RawIOBase):
    """A source as Python's readers of lines want it."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        piece = self._source.read(len(into))
        into[: len(piece)] = piece
        return len(piece)


def _json(source: Source, member: tarfile.TarInfo) -> dict[str, Any]:
    if member.size > MOST_IN_MEMORY:
        raise NotAnArchive(f"The backup was altered: “{member.name}” is too large.")
    data = b""
    while piece := source.read():
        data += piece
    try:
        found = json.loads(data)
    except ValueError as error:
        raise NotAnArchive(f"The backup was altered: “{member.name}” cannot be understood.") from error
    if not isinstance(found, dict):
        raise NotAnArchive(f"The backup was altered: “{member.name}” cannot be understood.")
    return found
