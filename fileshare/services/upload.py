"""A file comes in: a new object under a new key, a new version row, and the inspection after the commit.

Nothing is ever overwritten, and when the transaction fails the object that was just stored goes again.
"""

from __future__ import annotations

import hashlib
import logging
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max

from fileshare import tasks
from fileshare.enums import Change, Kind
from fileshare.inspection import formats
from fileshare.inspection.formats import Format
from fileshare.models import DocumentVersion, Folder, SharedDocument
from fileshare.services import scan
from fileshare.storage import new_key
from members import audit
from members.enums import Action

if TYPE_CHECKING:
    from members.models import User

MAX_NAME = 200
KNOWN = "gatehouse_sums"  # on a file whose sums have been asked for
logger = logging.getLogger(__name__)


class NotStored(ValidationError):
    """The store did not take the file: it is full, or away. What was there before is as it was."""

    def __init__(self) -> None:
        super().__init__(
            "The file could not be stored just now, so nothing was changed. Please try again in a few minutes. "
            "If that does not help, please tell the administrator."
        )


class Damaged(Exception):
    """The bytes are not those that they should be."""


@dataclass(frozen=True)
class StoredFile:
    """What is known of a file once its bytes are stored."""

    key: str
    file_name: str
    kind: Kind
    size: int
    sha256: str
    crc32: int


def clean_file_name(name: str) -> str:
    """The last part of a name without control characters, short enough to keep; never empty.

    Everything else that people write (spaces, accents, other scripts) stays as it is.
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    printable = "".join(character for character in last if character.isprintable()).strip(" .")
    stem, dot, extension = printable.rpartition(".")
    if not dot:
        return printable[:MAX_NAME] or "paper"
    return f"{stem[: MAX_NAME - len(extension) - 1] or 'paper'}.{extension}"


def takes_zips(folder_id: int | None) -> bool:
    """Whether zip archives may come into the folder; never beside the folders."""
    return Folder.objects.filter(pk=folder_id, takes_zips=True).exists()


def recognise(file: File[bytes], name: str, folder_id: int | None) -> Format:
    """What the file is, by the one list for every way in; a zip archive only for a folder that takes it.

    Raises formats.Refused with a sentence.
    """
    if fault := scan.too_large_to_come_in(file.size):
        raise formats.Refused(fault)
    zips = name.lower().endswith(".zip") and takes_zips(folder_id)
    return formats.recognise(file, name, zips=zips)  # type: ignore[arg-type]  # reads and seeks like any other


@dataclass(frozen=True)
class Sums:
    """By which a file is known again."""

    sha256: str
    crc32: int


def sums_of(file: File[bytes]) -> Sums:
    """Read once, however often they are asked for. Leaves the file at its start."""
    known: Sums | None = getattr(file, KNOWN, None)
    if known is None:
        digest, crc = hashlib.sha256(), 0
        for chunk in file.chunks():
            digest.update(chunk)
            crc = zlib.crc32(chunk, crc)
        known = Sums(digest.hexdigest(), crc)
        setattr(file, KNOWN, known)
    file.seek(0)
    return known


@contextmanager
def in_store(file: File[bytes], name: str, folder_id: int) -> Iterator[StoredFile]:
    """Store a file of an allowed kind; take it, or the half of it, away again when anything fails before a version
    names it. It belongs around the transaction, never into it: for gigabytes it takes longer than others wait for the
    database.

    Raises formats.Refused; NotStored.
    """
    found = recognise(file, name, folder_id)
    sums, size = sums_of(file), file.size
    key = new_key()
    try:
        try:
            key = default_storage.save(key, file)
        except OSError as error:
            logger.exception("The store took no file")
            raise NotStored from error
        yield StoredFile(key, clean_file_name(name), found.kind, size, sums.sha256, sums.crc32)
    except BaseException:
        # Where store or database is away, `services.orphans` finds what may be left of it.
        with suppress(Exception):
            if not DocumentVersion.objects.filter(file=key).exists():
                default_storage.delete(key)
        raise


def _add_version(
    document: SharedDocument,
    stored: StoredFile,
    by: User | None,
    note: str,
    *,
    change: Change | None = None,
    asks_again: bool = False,
    restores: DocumentVersion | None = None,
    priority: int = tasks.SOON,
) -> DocumentVersion:
    if restores is not None and restores.sha256 != stored.sha256:
        raise Damaged(f"The store gives other bytes for version {restores.number} than once came in.")
    last = document.versions.aggregate(last=Max("number"))["last"] or 0
    version = DocumentVersion.objects.create(
        document=document,
        number=last + 1,
        file=stored.key,
        file_name=stored.file_name,
        kind=stored.kind,
        size=stored.size,
        sha256=stored.sha256,
        crc32=stored.crc32,
        note=note,
        change=change or "",
        asks_again=asks_again,
        created_by=by,
    )
    about: dict[str, Any] = {"version": version.number, "sha256": stored.sha256}
    about |= {"change": change} if change else {}
    about |= {"restores": restores.number} if restores else {}
    audit.record(
        Action.UPLOADED if version.number == 1 else Action.REPLACED,
        actor=by, object_kind="document", object_id=document.uuid, **about,
    )  # fmt: skip
    # The queue is a table of the same database: the row that names the object and the task that inspects it are
    # there together or not at all, and the worker sees neither before the commit.
    tasks.inspect_version.using(priority=priority).enqueue(version.pk)
    return version


def create(
    *,
    document: SharedDocument,
    file: File[bytes],
    name: str,
    by: User | None,
    note: str = "",
    complete: Callable[[], None] = lambda: None,
    priority: int = tasks.SOON,
) -> SharedDocument:
    """Store a file and save a new document with it as the first version. Nobody can read it before its inspection.

    `complete` saves what else belongs to the paper, in the same transaction; `priority` is that of its inspection.
    Raises formats.Refused and NotStored, each with a sentence for the person.
    """
    with in_store(file, name, document.collection_id) as stored:
        return create_stored(document=document, stored=stored, by=by, note=note, complete=complete, priority=priority)


@transaction.atomic
def create_stored(
    *,
    document: SharedDocument,
    stored: StoredFile,
    by: User | None,
    note: str = "",
    complete: Callable[[], None],
    priority: int = tasks.SOON,
) -> SharedDocument:
    """The same for a file whose bytes are stored."""
    document.file.name, document.file_size = stored.key, stored.size
    document.uploaded_by_user = by
    document.save()
    _add_version(document, stored, by, note, priority=priority)
    complete()
    return document


def replace(
    *,
    document: SharedDocument,
    file: File[bytes],
    name: str,
    by: User | None,
    note: str = "",
    change: Change = Change.MAJOR,
    asks_again: bool = False,
    restores: DocumentVersion | None = None,
) -> DocumentVersion:
    """Add a version; the former one stays what readers get until the new one has passed its inspection.

    `asks_again` has members confirm a real change anew, where the paper asks for that; from its publication on, not
    before. `restores` is the former version whose file this is (`services.restore`). Two at once are numbered in the
    order in which they arrive at the lock. Raises formats.Refused; NotStored; Damaged.
    """
    with in_store(file, name, document.collection_id) as stored:
        return replace_stored(
            document=document, stored=stored, by=by, note=note, change=change, asks_again=asks_again, restores=restores
        )


@transaction.atomic
def replace_stored(
    *,
    document: SharedDocument,
    stored: StoredFile,
    by: User | None,
    note: str = "",
    change: Change = Change.MAJOR,
    asks_again: bool = False,
    restores: DocumentVersion | None = None,
) -> DocumentVersion:
    """The same for a file whose bytes are stored."""
    locked = SharedDocument.objects.select_for_update(no_key=True).get(pk=document.pk)
    locked.file.name, locked.file_size = stored.key, stored.size
    locked.save(update_fields=["file", "file_size"])
    document.file.name, document.file_size = stored.key, stored.size
    return _add_version(locked, stored, by, note, change=change, asks_again=asks_again, restores=restores)
