"""Which stored files the rows name, and their bytes on the way out and in, whichever stores they lie in."""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any

from botocore.exceptions import BotoCoreError, ClientError
from django.apps import apps
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import File
from django.core.files.storage import Storage, default_storage, storages
from django.db.models import FileField, Model, Q, QuerySet
from django.utils import timezone

from fileshare.models import Derivation, DocumentVersion, SharedDocument
from fileshare.models.derivation import NOTHING_STORED
from portal.ops.archive import CHUNK, Hashing, NotAnArchive, Source
from portal.ops.tables import Table

logger = logging.getLogger(__name__)
STORES = {"private": "default", "public": "public"}  # as the archive has them, and Django's names for them
TROUBLE = (OSError, BotoCoreError, ClientError)  # what a store raises that is away or full


class StoreTrouble(Exception):
    """A store cannot be read or written. The message is a sentence."""


@dataclass(frozen=True)
class Named:
    """A file that a row names. `sha256` is empty where the row does not say."""

    store: str
    key: str
    field: str
    sha256: str

    @property
    def member(self) -> str:
        return f"files/{self.store}/{self.key}"


class Names:
    """The files that the rows name which pass by, kept on disk: there may be many."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile("w+")  # noqa: SIM115 -- `files` closes it

    def watch(self, table: Table) -> Callable[[list[Any]], None] | None:
        """What is to see each row of a table; None for a table without files."""
        fields = [field for field in table.fields if _holds_files(field)]
        if not fields:
            return None
        places = {field.attname: number for number, field in enumerate(table.fields)}

        def note(row: list[Any]) -> None:
            if "destroyed_at" in places and row[places["destroyed_at"]]:
                return  # nobody gets these bytes any more, and the worker is about to let go of them
            sha256 = row[places["sha256"]] if "sha256" in places else ""
            for field in fields:
                if key := row[places[field.attname]]:
                    self._file.write(json.dumps([_store_of(field), key, str(field), sha256]) + "\n")

        return note

    def files(self) -> Iterator[Named]:
        with self._file:
            self._file.seek(0)
            for line in self._file:
                yield Named(*json.loads(line))


def _holds_files(field: Any) -> bool:
    """Wagtail's own field of a paper names the bytes of one of its versions."""
    return isinstance(field, FileField) and field is not SharedDocument._meta.get_field("file")


def _store_of(field: Any) -> str:
    return "private" if field.storage is default_storage else "public"


def storage_of(store: str) -> Storage:
    return storages[STORES[store]]


# --- Out --------------------------------------------------------------------------------------------------------
def opened(named: Named) -> tuple[int, IO[bytes]] | None:
    """Size and bytes; None where the store has no such file. Raises StoreTrouble."""
    storage = storage_of(named.store)
    try:
        size = storage.size(named.key)
        if hasattr(storage, "read_range"):
            return size, _Pieces(storage.read_range(named.key, 0, size))  # type: ignore[return-value]  # reads
        return size, storage.open(named.key, "rb")
    except FileNotFoundError:
        return None
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:
            return None
        raise StoreTrouble(f"The file {named.key} cannot be read: {error}") from error
    except TROUBLE as error:
        raise StoreTrouble(f"The file {named.key} cannot be read: {error}") from error


class _Pieces:
    """A store's pieces as something to read from."""

    def __init__(self, pieces: Any) -> None:
        self._pieces, self._rest = pieces, b""

    def read(self, size: int = CHUNK, /) -> bytes:
        while len(self._rest) < size and (piece := next(self._pieces, b"")):
            self._rest += piece
        found, self._rest = self._rest[:size], self._rest[size:]
        return found

    def close(self) -> None:
        self._pieces.close()


class Reading:
    """A file on its way out: a store that fails or ends early is told apart from an archive that does."""

    def __init__(self, named: Named, size: int, source: IO[bytes]) -> None:
        self._named, self._left, self._source = named, size, source

    def read(self, size: int = CHUNK, /) -> bytes:
        wanted = min(size, self._left)
        try:
            piece = self._source.read(wanted) if wanted else b""
        except TROUBLE as error:
            raise StoreTrouble(f"The file {self._named.key} cannot be read: {error}") from error
        if wanted and not piece:
            raise StoreTrouble(f"The file {self._named.key} is shorter than its store says.")
        self._left -= len(piece)
        return piece


def is_still_named(named: Named) -> bool:
    """Whether a row of this moment names it: where none does, it was deleted while the backup was made."""
    label, _, name = named.field.rpartition(".")
    model = apps.get_model(label)
    rows = model._base_manager.filter(**{name: named.key})
    if model is DocumentVersion:
        rows = rows.filter(destroyed_at=None)
    if model is Derivation:
        rows = rows.filter(version__destroyed_at=None)
    return rows.exists()


# --- In ---------------------------------------------------------------------------------------------------------
class Bringing:
    """Files on their way into the stores. `undo` takes away again what was brought."""

    def __init__(self) -> None:
        self._brought = tempfile.TemporaryFile("w+")  # noqa: SIM115 -- `close` closes it
        self.count = self.bytes = 0

    def bring(self, member: str, size: int, source: Hashing) -> None:
        """Store it under its own key. A file that a broken-off restore has left there is taken over or replaced.

        Raises NotAnArchive and StoreTrouble.
        """
        store, key = _place(member)
        storage = storage_of(store)
        try:
            if storage.exists(key):
                with tempfile.TemporaryFile() as copy:
                    _copy(source, copy)
                    copy.seek(0)
                    if _sha256(storage, key) != source.sha256:
                        storage.delete(key)
                        self._save(storage, store, key, copy)
            else:
                self._save(storage, store, key, source)
        except SuspiciousFileOperation as error:
            raise NotAnArchive(f"The backup was altered: “{member}” is no name of a file.") from error
        except TROUBLE as error:
            raise StoreTrouble(f"The file {key} cannot be stored: {error}") from error
        self.count += 1
        self.bytes += size

    def _save(self, storage: Storage, store: str, key: str, source: Source) -> None:
        self._brought.write(json.dumps([store, key]) + "\n")
        name = storage.save(key, _Unseekable(source))
        if name != key:
            storage.delete(name)
            raise StoreTrouble(f"The file {key} cannot be stored under its own name.")

    def undo(self) -> None:
        """As far as the store lets us: what is left is an orphan, and the next restore takes it over."""
        self._brought.seek(0)
        for line in self._brought:
            store, key = json.loads(line)
            try:
                storage_of(store).delete(key)
            except TROUBLE:
                logger.warning("The file %s of the restore that failed is still in its store.", key)

    def close(self) -> None:
        self._brought.close()


class _Unseekable(File):  # type: ignore[type-arg]
    """What a storage saves of a source that is read once."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)  # type: ignore[arg-type]  # reads, and no more

    def seekable(self) -> bool:
        return False

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        while piece := self.read(CHUNK):
            yield piece

    def close(self) -> None:
        """The archive goes on."""


def _place(member: str) -> tuple[str, str]:
    folder, _, rest = member.partition("/")
    store, _, key = rest.partition("/")
    if folder != "files" or store not in STORES or not key:
        raise NotAnArchive(f"The backup was altered: “{member}” does not belong to it.")
    return store, key


def _copy(source: Source, into: IO[bytes]) -> None:
    while piece := source.read(CHUNK):
        into.write(piece)


def _sha256(storage: Storage, key: str) -> str:
    digest = hashlib.sha256()
    with storage.open(key, "rb") as file:
        for piece in file.chunks(CHUNK):
            digest.update(piece)
    return digest.hexdigest()


# --- Gone meanwhile -----------------------------------------------------------------------------------------------
def settle_gone(gone: list[list[str]]) -> None:
    """Rows that name a file which the site destroyed while the backup was made: the file stays destroyed."""
    for field, key in gone:
        label, _, name = field.rpartition(".")
        model = apps.get_model(label)
        rows = model._base_manager.filter(**{name: key})
        if model is DocumentVersion:
            rows.update(destroyed_at=timezone.now(), file="")
        elif model is Derivation:
            rows.update(**NOTHING_STORED)
        elif label in GO_WITH_THEIR_FILE:
            _delete(rows)


GO_WITH_THEIR_FILE = {"portal.PictureRendition", "members.DataExport", "wagtailcore.UploadedFile"}


def _delete(rows: QuerySet[Model]) -> None:
    """Without receivers, which would ask the worker to delete a file that is not there."""
    rows.filter(Q())._raw_delete(rows.db)  # type: ignore[attr-defined]
