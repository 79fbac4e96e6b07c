"""Where bytes lie: this module and `object_storage` alone know object keys.

An object gets a random key, is never overwritten, and has no address of its own: `url()` refuses, so that no page, feed
or administration view can ever show one.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, Protocol
from urllib.parse import quote

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db.models.fields.files import FieldFile
from django.utils.deconstruct import deconstructible

CHUNK = 256 * 1024
PIECE = 32 * 1024  # of which every slow reader holds one


def new_key(instance: object = None, filename: str = "") -> str:
    """A fresh key with 160 bits of chance and nothing of the file's name; two levels keep folders small."""
    token = secrets.token_hex(20)
    return f"papers/{token[:2]}/{token[2:]}"


def new_preview_key(instance: object = None, filename: str = "") -> str:
    """The same for a preview, beside the papers, so that neither is taken for the other."""
    return new_key().replace("papers/", "previews/", 1)


def new_copy_key(instance: object = None, filename: str = "") -> str:
    """The same for a stamped copy, which goes again after a day."""
    return new_key().replace("papers/", "copies/", 1)


def keys_below(folder: str) -> Iterator[str]:
    """The keys of all objects in a folder of the private store and in those inside it, one folder after the other; none
    where there is no such folder."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}/{name}" for name in files)
    for name in folders:
        yield from keys_below(f"{folder}/{name}")


@contextmanager
def copy_on_disk(stored: FieldFile, suffix: str = "") -> Iterator[str]:
    """The path of a copy on this machine's disk for as long as it is looked at, since the store may be elsewhere.

    Raises FileNotFoundError when the store has lost the object and OSError or the store's own error when it is away.
    """
    with tempfile.NamedTemporaryFile(suffix=suffix) as copy, stored.open("rb") as source:
        shutil.copyfileobj(source, copy, CHUNK)
        copy.flush()
        yield copy.name


@contextmanager
def on_disk(stored: FieldFile, suffix: str = "") -> Iterator[str]:
    """The path of the object itself, where the store is a folder of this machine, else of such a copy. For whoever only
    reads: objects are never changed."""
    try:
        path = stored.path
    except NotImplementedError:
        with copy_on_disk(stored, suffix) as copy:
            yield copy
    else:
        yield path


@contextmanager
def uploaded_on_disk(file: File[bytes], suffix: str = "") -> Iterator[str]:
    """The path of a file that is just being uploaded, for as long as it is looked at."""
    if isinstance(file, TemporaryUploadedFile):
        yield file.temporary_file_path()
        return
    with tempfile.NamedTemporaryFile(suffix=suffix) as copy:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        file.seek(0)
        yield copy.name


class Readable(Protocol):
    """An open file, or the body of an object store's answer."""

    def read(self, size: int, /) -> bytes: ...

    def close(self) -> None: ...


class Pieces:
    """So many bytes of something readable, a piece at a time. Closed at the end, or when the reader goes away."""

    def __init__(self, source: Readable, length: int) -> None:
        self._source, self._left = source, length

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = self._source.read(min(PIECE, self._left)) if self._left else b""
        if not piece:
            self.close()
            raise StopIteration
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        self._source.close()


class StoreAway(OSError):
    """The store did not take the object: it is full, or cannot be reached."""


class RangedStorage(Protocol):
    """What delivery needs of a private storage beyond Django's interface."""

    def size(self, name: str) -> int: ...

    def read_range(self, name: str, start: int, length: int) -> Pieces:
        """The bytes [start, start + length) in pieces. Opens the object before the first piece is asked for;
        raises FileNotFoundError when it is not there and OSError when the store is away."""

    def internal_address(self, name: str) -> str:
        """Where nginx in front finds the object, below a location that it opens to nobody; it never reaches a reader.
        Whether the object is there has been asked before."""


@deconstructible(path="fileshare.storage.PrivateFolderStorage")
class PrivateFolderStorage(FileSystemStorage):
    """A folder outside the public media folder, readable by the site's own user alone, or by its group too."""

    def __init__(self, location: str | None = None, is_read_by_group: bool = False) -> None:
        super().__init__(
            location=location,
            base_url=None,
            file_permissions_mode=0o640 if is_read_by_group else 0o600,
            directory_permissions_mode=0o750 if is_read_by_group else 0o700,
        )

    def url(self, name: str | None) -> NoReturn:
        raise NotImplementedError("Private files have no address.")

    def read_range(self, name: str, start: int, length: int) -> Pieces:
        file = Path(self.path(name)).open("rb")  # noqa: SIM115 -- the pieces close it
        file.seek(start)
        return Pieces(file, length)

    def internal_address(self, name: str) -> str:
        return quote(name)
