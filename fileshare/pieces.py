"""What rows of papers and the folders in the margin show, as plain values (`members.pieces`).

The attributes have the names that papers, attachments and folders have, so that a template shows either.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.urls import reverse

from fileshare.markings import INFO, Marking, MarkingInfo

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fileshare.attachments import Attachment
    from fileshare.folders import FolderNode
    from fileshare.models import SharedDocument
    from fileshare.previews import Picture


@dataclass(frozen=True)
class Source:
    short_name: str


@dataclass(frozen=True)
class Paper:
    uuid: UUID
    title: str
    source: Source | None
    original_date: datetime.date | None
    marking: str
    caveat: str
    publish_at: datetime.datetime
    acknowledge_by: datetime.date | None
    current_version_id: int | None
    kind_label: str
    pages: int | None
    size: int
    state: str
    is_destroyed: bool
    news: str
    picture: Picture | None

    def get_absolute_url(self) -> str:
        return reverse("fileshare:document", args=[self.uuid])

    @property
    def download_url(self) -> str:
        return reverse("fileshare:download", args=[self.uuid])

    @property
    def marking_info(self) -> MarkingInfo:
        return INFO[Marking(self.marking)]


def paper(shown: SharedDocument) -> Paper:
    return Paper(
        uuid=shown.uuid,
        title=shown.title,
        source=None if shown.source is None else Source(shown.source.short_name),
        original_date=shown.original_date,
        marking=str(shown.marking),
        caveat=shown.caveat,
        publish_at=shown.publish_at,
        acknowledge_by=shown.acknowledge_by,
        current_version_id=shown.current_version_id,
        kind_label=shown.kind_label,
        pages=shown.pages,
        size=shown.size,
        state=str(shown.state),
        is_destroyed=shown.is_destroyed,
        news=shown.news,
        picture=shown.picture,
    )


@dataclass(frozen=True)
class AttachedPaper:
    paper: Paper | None
    title: str
    readable: bool
    restricted: bool
    reason: str
    hidden_because: str


def attached(shown: Attachment) -> AttachedPaper:
    return AttachedPaper(
        paper=None if shown.paper is None else paper(shown.paper),
        title=shown.title,
        readable=shown.readable,
        restricted=shown.restricted,
        reason=shown.reason,
        hidden_because=shown.hidden_because,
    )


@dataclass(frozen=True)
class Branch:
    """A folder in the margin; of one that is not open nobody sees what lies in it."""

    name: str
    path: str
    count: int
    is_current: bool
    is_open: bool
    children: tuple[Branch, ...]

    @property
    def url(self) -> str:
        return reverse("fileshare:folder", args=[self.path])


def branches(nodes: Iterable[FolderNode]) -> tuple[Branch, ...]:
    return tuple(
        Branch(
            node.name,
            node.path,
            node.count,
            node.is_current,
            node.is_open,
            branches(node.children) if node.is_open else (),
        )
        for node in nodes
    )
