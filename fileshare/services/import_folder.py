"""Papers from a folder on disk, one after the other: what is in already is passed over, so that it can be run again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from django.core.files.base import File
from django.utils import timezone
from wagtail.models import Collection
from wagtail.search import index as search_index

from fileshare.models import DocumentVersion, SharedDocument
from fileshare.services import upload

if TYPE_CHECKING:
    from pathlib import Path

    from fileshare.folder_import import Candidate
    from members.models import User

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
    folders = _Folders(into)
    for candidate in candidates:
        folder = folders.at(candidate.folders)
        here = DocumentVersion.objects.filter(document__collection=folder, sha256=_sha256(candidate.path))
        is_new = not here.exists()
        if is_new:
            _bring(candidate, folder, by)
        yield candidate, is_new


def _bring(candidate: Candidate, folder: Collection, by: User | None) -> None:
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
            complete=lambda: search_index.insert_or_update_object(document),
        )
