"""What the worker makes of a file once it has passed its inspection: text by page, preview, opening, facts.

None of it decides whether the paper can be read: a file that defeats the parsers stays downloadable as it is.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F

from fileshare import signals
from fileshare.derivatives import opening, preview, text
from fileshare.enums import Inspection, Kind, Making
from fileshare.inspection.child import Defeated
from fileshare.models import Derivation, DocumentVersion, PageText, SharedDocument
from fileshare.storage import copy_on_disk, new_preview_key

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_ATTEMPTS = 3  # a file on which the worker itself died so often is left alone
ROWS_AT_ONCE = 200
GAVE_UP = "Neither text nor preview could be made of this file: the attempt did not come to its end."
NO_TEXT = "The text of this file could not be read."
CUT_TEXT = "The text of this file is so long that only the first {pages} pages of it were read."
NO_PREVIEW = "No preview could be made of this file."


@dataclass(frozen=True)
class Made:
    """What came out; `notes` are sentences about what did not."""

    text: text.Text
    preview: preview.Preview | None
    notes: tuple[str, ...]
    opening: bytes = b""


def is_wanted(*, version_id: int) -> bool:
    """Whether the version may be read and nothing has been made of it yet."""
    passed = DocumentVersion.objects.filter(pk=version_id, inspection=Inspection.PASSED, destroyed_at=None)
    return passed.exclude(derivation__state__in=(Making.MADE, Making.FAILED)).exists()


def derive(*, version_id: int) -> Derivation | None:
    """Make what can be made and keep it. Safe to run twice; None when there is nothing to do.

    Raises whatever the store raises when it is away, so that the task is seen to fail and is tried again.
    """
    version = DocumentVersion.objects.filter(pk=version_id, inspection=Inspection.PASSED).first()
    if version is None or not is_wanted(version_id=version_id):
        return None
    if version.kind not in text.KINDS | preview.KINDS:
        return _keep(version, Made(text.Text(), None, ()))
    with copy_on_disk(version.file) as path:
        if not _begin(version):
            return _keep(version, Made(text.Text(), None, (GAVE_UP,)))
        made = _look(path, version.kind)
    return _keep(version, made)


def _begin(version: DocumentVersion) -> bool:
    """Count the attempt before it is made; False where there were too many."""
    row, _created = Derivation.objects.get_or_create(version=version)
    return bool(Derivation.objects.filter(pk=row.pk, attempts__lt=MOST_ATTEMPTS).update(attempts=F("attempts") + 1))


def _look(path: str, kind: str) -> Made:
    """Each in a child of its own: one that is defeated does not take the others along."""
    read, drawn, notes, first = text.Text(), None, [], b""
    if kind in text.KINDS:
        try:
            read = text.make(path, kind)
        except Defeated:
            notes.append(NO_TEXT)
        if read.cut:
            notes.append(CUT_TEXT.format(pages=len(read.pages)))
    if kind in preview.KINDS:
        try:
            drawn = preview.make(path, kind)
        except Defeated:
            notes.append(NO_PREVIEW)
    if kind == Kind.PDF:
        with suppress(Defeated):  # it only opens more slowly then
            first = opening.make(path)
    return Made(read, drawn, tuple(notes), first)


@contextmanager
def _stored(made: Made) -> Iterator[dict[str, str]]:
    """Store what there is under fresh keys; take it away again when anything fails or it is not wanted."""
    keys: dict[str, str] = {}
    try:
        drawn = {"small": made.preview.small, "large": made.preview.large} if made.preview else {}
        for name, content in (drawn | ({"opening": made.opening} if made.opening else {})).items():
            keys[name] = default_storage.save(new_preview_key(), ContentFile(content))
        yield keys
    except BaseException:
        for key in keys.values():
            default_storage.delete(key)
        raise


class _Overtaken(Exception):
    """The version was deleted or destroyed meanwhile, or another worker was quicker."""


def _keep(version: DocumentVersion, made: Made) -> Derivation | None:
    try:
        with _stored(made) as keys, transaction.atomic():
            return _write(version, made, keys)
    except _Overtaken:
        return None


def _write(version: DocumentVersion, made: Made, keys: dict[str, str]) -> Derivation:
    if not DocumentVersion.objects.select_for_update(no_key=True).filter(pk=version.pk, destroyed_at=None).exists():
        raise _Overtaken
    row, _created = Derivation.objects.get_or_create(version=version)
    if row.state != Making.WAITING:
        raise _Overtaken
    said = made.text
    row.state = Making.FAILED if {GAVE_UP, NO_TEXT, NO_PREVIEW} & {*made.notes} else Making.MADE
    row.note = " ".join(made.notes)
    row.title, row.author, row.dated, row.language = said.title, said.author, said.dated, said.language
    if made.preview is not None:
        row.small.name, row.large.name = keys["small"], keys["large"]
        row.width, row.height = made.preview.width, made.preview.height
    row.opening.name, row.opening_size = keys.get("opening", ""), len(made.opening)
    row.save()
    pages = (PageText(version=version, number=number, text=page) for number, page in enumerate(said.pages, start=1))
    PageText.objects.bulk_create(pages, batch_size=ROWS_AT_ONCE)
    if version.pages is None and said.count is not None:
        version.pages = said.count
        version.save(update_fields=["pages"])
    announce = partial(signals.text_made.send, SharedDocument, document_id=version.document_id, version_id=version.pk)
    transaction.on_commit(announce)
    return row
