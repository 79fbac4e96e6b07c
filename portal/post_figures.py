"""How posts fared: reads, comments, downloads of the papers that they attach; for reports, some hundred at a time."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from django.db.models import Count, Q, Sum, prefetch_related_objects
from django.utils import timezone

from fileshare.models import SharedDocument
from members.enums import Action
from members.models import AccessRecord
from portal.models import Comment, DailyReads, NewsPage

if TYPE_CHECKING:
    from members.models import User

AT_ONCE = 500  # posts
DAYS = 30


@dataclass(frozen=True)
class Figures:
    """One post's figures. Another one is a field here, a line in `_figures` and a column of the report."""

    reads: int
    recent_reads: int
    comments: int
    downloads: int


@dataclass(frozen=True)
class Row:
    """A post with its figures, as a table and an export show it."""

    post: NewsPage
    figures: Figures

    @property
    def pk(self) -> int:
        key: int = self.post.pk
        return key

    @property
    def title(self) -> str:
        return str(self.post.title)

    @property
    def authors(self) -> str:
        return ", ".join(author.name for author in self.post.authors_list)

    @property
    def published_on(self) -> datetime.date:
        return timezone.localdate(self.post.published_at)

    @property
    def state(self) -> str:
        return "Published" if self.post.live else "No longer published"


def rows(posts: Iterable[NewsPage], reader: User) -> Iterator[Row]:
    """In the same order; six queries for each `AT_ONCE` posts."""
    left = iter(posts)
    while some := list(islice(left, AT_ONCE)):
        yield from _rows(some, reader)


def _rows(posts: Sequence[NewsPage], reader: User) -> list[Row]:
    prefetch_related_objects(posts, "authors")
    keys = [post.pk for post in posts]
    reads, comments = _reads(keys), _comments(keys)
    papers = {post.pk: _papers(post) for post in posts}
    downloads = _downloads(set().union(*papers.values()), reader)
    return [
        Row(
            post,
            Figures(
                *reads.get(post.pk, (0, 0)),
                comments=comments.get(post.pk, 0),
                downloads=sum(downloads.get(paper, 0) for paper in papers[post.pk]),
            ),
        )
        for post in posts
    ]


def _reads(posts: list[int]) -> dict[int, tuple[int, int]]:
    """By post: all reads, and those of the last thirty days, today among them."""
    first = timezone.localdate() - datetime.timedelta(days=DAYS - 1)
    counted = DailyReads.objects.filter(post__in=posts).values("post").order_by()
    recent = Sum("reads", filter=Q(day__gte=first), default=0)
    return {post: (total, last) for post, total, last in
            counted.annotate(total=Sum("reads"), last=recent).values_list("post", "total", "last")}  # fmt: skip


def _comments(posts: list[int]) -> dict[int, int]:
    """By post: the comments that appear."""
    counted = Comment.objects.on_site().filter(post__in=posts).order_by().values("post").annotate(count=Count("pk"))
    return dict(counted.values_list("post", "count"))


def _papers(post: NewsPage) -> set[int]:
    """The keys of all papers that the post attaches, read from the body as it is stored: the blocks themselves would
    fetch each paper of each post."""
    lists = [block["value"]["documents"] for block in post.body.raw_data if block["type"] == "documents"]
    return {item["value"] for items in lists for item in items if item["value"] is not None}


def _downloads(papers: set[int], reader: User) -> dict[int, int]:
    """By paper: how often its whole file was delivered. Only of papers that the reader of the report may see; a part
    of a file, which a program asks for when a download broke off, is none."""
    visible = SharedDocument.objects.visible_to(reader).filter(pk__in=papers).values_list("uuid", "pk")
    keys = {str(uuid): key for uuid, key in visible}
    delivered = AccessRecord.objects.filter(
        action=Action.DOWNLOADED, object_kind="document", object_id__in=keys
    ).exclude(details__has_key="range")
    counted = delivered.order_by().values("object_id").annotate(count=Count("pk")).values_list("object_id", "count")
    return {keys[uuid]: count for uuid, count in counted}
