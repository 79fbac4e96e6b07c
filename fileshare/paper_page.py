"""What a paper's page shows beside the paper's own facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Value
from django.urls import reverse
from django.utils.http import urlencode

from fileshare import access, mentions, previews
from fileshare.models import SharedDocument

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.sessions.backends.base import SessionBase

    from members.models import User

MOST_RELATED = 4


def about(paper: SharedDocument, reader: User, session: SessionBase) -> dict[str, Any]:
    """Picture, topics, related papers, mentions, and whether the reader has saved it."""
    topics = list(paper.tags.order_by("name").values_list("pk", "name"))
    return {
        "picture": _picture(paper, reader, session),
        "topics": [{"name": name, "url": _papers_on(name)} for _key, name in topics],
        "related": related(paper, reader, [key for key, _name in topics]),
        "mentions": mentions.of(paper, reader),
        "is_saved": paper.is_saved,
    }


def _picture(paper: SharedDocument, reader: User, session: SessionBase) -> previews.Picture | None:
    """None too while the marking asks something of the reader first: then the address would not give it."""
    picture = previews.picture_of(paper, previews.LARGE)
    return None if picture is None or access.requirements(reader, paper, session) else picture


def _papers_on(topic: str) -> str:
    return f"{reverse('fileshare:index')}?{urlencode({'topic': topic})}"


def related(paper: SharedDocument, reader: User, topics: Iterable[int]) -> list[SharedDocument]:
    """Other papers that the reader may read: the newest on one of its topics, and then the newest of its source. One
    query, whatever there is."""
    others = SharedDocument.objects.visible_to(reader).exclude(pk=paper.pk).newest_first()
    on_topic = others.filter(pk__in=SharedDocument.objects.filter(tags__in=topics).order_by().values("pk"))
    of_source = others.filter(source=paper.source_id) if paper.source_id else others.none()
    # Each half is found by itself, and only then are the rows of these few read.
    halves = [
        SharedDocument.objects.with_facts().annotate(rank=Value(rank)).filter(pk__in=half.values("pk")[:MOST_RELATED])
        for rank, half in enumerate((on_topic, of_source))
    ]
    found = sorted(halves[0].union(halves[1], all=True), key=lambda each: each.publish_at, reverse=True)
    once: dict[int, SharedDocument] = {}
    for each in sorted(found, key=lambda each: each.rank):
        once.setdefault(each.pk, each)
    return list(once.values())[:MOST_RELATED]
