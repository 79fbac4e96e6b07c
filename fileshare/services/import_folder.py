"""Papers from a folder on disk, one after the other: what is in already is passed over, so that it can be run again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from django.core.files.base import File
from django.utils import timezone
from wagtail.models import Collection
from wagtail.search.backends import get_search_backends

from fileshare import tasks
from fileshare.models import DocumentVersion, SharedDocument
from fileshare.services import upload

if TYPE_CHECKING:
    from pathlib import Path

    from fileshare.folder_import import Candidate
    from members.models import User

SOUGHT_AT_ONCE = 100
FIELDS = ("description", "source_id", "original_date", "marking", "caveat", "expires_at")


def _sha256(path: Path) -> str:
    with path.open("rb") as stored:
        return hashlib.file_digest(stored, "sha256").hexdigest()


class _Folders:
    """The folders below one, made where they are missing."""

    def __init__(self, into: Collection) -> None:
        self._known: dict[tuple[str, ...], Collection] = {(): into}

    def at(self, names: tuple[str, ...]) -> Collection:
        if names not in self._known:
            above = self.at(names[:-1])
            above.refresh_from_db()
            own = above.get_children().filter(name=names[-1]).first() or above.add_child(name=names[-1])
            self._known[names] = own
        return self._known[names]


def import_papers(
    *, candidates: Iterable[Candidate], into: Collection, by: User | None
) -> Iterator[tuple[Candidate, bool]]:
    """Bring each in, and say of each whether it is new; False where its folder has the same file already.

    Each is a transaction of its own: what was brought in before an interruption stays.
    """
    folders, seen = _Folders(into), list[int]()
    try:
        for candidate in candidates:
            folder = folders.at(candidate.folders)
            here = DocumentVersion.objects.filter(document__collection=folder, sha256=_sha256(candidate.path))
            known = here.values_list("document", flat=True).first()
            seen.append(known or _bring(candidate, folder, by))
            if len(seen) == SOUGHT_AT_ONCE:
                _have_found(seen)
                seen = []
            yield candidate, known is None
    finally:
        _have_found(seen)


def _have_found(papers: list[int]) -> None:
    """Have the administration's search find them, also those that came in before a kill. One by one would be slow: it
    counts all its entries each time."""
    missing = list(SharedDocument.objects.filter(pk__in=papers, index_entries=None))
    for backend in get_search_backends(with_auto_update=True):
        backend.add_bulk(SharedDocument, missing)


def _bring(candidate: Candidate, folder: Collection, by: User | None) -> int:
    fields = candidate.fields
    document = SharedDocument(
        title=fields.get("title") or candidate.path.stem.replace("_", " ")[:255],
        collection=folder,
        publish_at=fields.get("publish_at") or timezone.now(),
        **{name: fields[name] for name in FIELDS if name in fields},
    )
    with candidate.path.open("rb") as stored:
        upload.create(
            document=document,
            file=File(stored, name=candidate.path.name),
            name=candidate.path.name,
            by=by,
            priority=tasks.ONE_OF_MANY,
        )
    return int(document.pk)
