"""Stored objects that no row names, and rows whose object is not there.

The first are what a process leaves behind that dies between storing and committing, or between committing and deleting;
the second are loss. Both are found with no more than one folder of the store in memory.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.apps import apps
from django.core.files.storage import default_storage
from django.db.models import FileField
from django.utils import timezone

from fileshare.models import DocumentVersion
from fileshare.storage import keys_below
from members import audit
from members.enums import Action

# What the site itself puts into the private store. Anything else that lies there is not for it to judge.
FOLDERS = ("papers", "previews", "copies", "own-data", "wagtail_uploads", "avatar_images")
# An upload in flight has its object before its row.
MIN_AGE = datetime.timedelta(days=1)
AT_ONCE = 500


@dataclass(frozen=True)
class Orphan:
    """An object that no row names."""

    key: str
    size: int
    stored_at: datetime.datetime


def find() -> Iterator[Orphan]:
    """Orphans that are at least a day old. Raises what the store raises when it is away."""
    before = timezone.now() - MIN_AGE
    fields = list(_fields())
    for folder in FOLDERS:
        keys = keys_below(folder)
        while some := set(islice(keys, AT_ONCE)):
            for key in sorted(some - _named(fields, some)):
                try:
                    stored_at = default_storage.get_modified_time(key)
                    if stored_at < before:
                        yield Orphan(key, default_storage.size(key), stored_at)
                except FileNotFoundError:
                    continue  # it went while we looked


def _fields() -> Iterator[FileField]:
    """Every column that names an object of the private store, whichever app it belongs to."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, FileField) and field.storage is default_storage and field.model is model:
                yield field


def _named(fields: Iterable[FileField], keys: set[str]) -> set[str]:
    found: set[str] = set()
    for field in fields:
        rows = field.model._default_manager.filter(**{f"{field.name}__in": keys}).order_by()
        found.update(rows.values_list(field.name, flat=True))
    return found


def remove(orphans: Iterable[Orphan]) -> Iterator[Orphan]:
    """Delete them, some hundred after each row of the record, and say of each that it is gone."""
    left = iter(orphans)
    while some := list(islice(left, AT_ONCE)):
        audit.record(
            Action.ORPHANS_REMOVED, actor=None, object_kind="store", count=len(some),
            bytes=sum(orphan.size for orphan in some), first=some[0].key, last=some[-1].key,
        )  # fmt: skip
        for orphan in some:
            default_storage.delete(orphan.key)
            yield orphan


def missing() -> Iterator[DocumentVersion]:
    """Versions of which the store lacks the file, or what was made of it. Raises what it raises when it is away."""
    versions = DocumentVersion.objects.filter(destroyed_at=None).select_related("document", "derivation")
    for version in versions.order_by("pk").iterator(chunk_size=AT_ONCE):
        derivation = getattr(version, "derivation", None)
        keys = [str(version.file.name), *(derivation.keys if derivation else ())]
        if not all(map(default_storage.exists, keys)):
            yield version
