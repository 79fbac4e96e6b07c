"""The posts that a post leads on to: the one before, the one after, and the newest others of its topics."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from portal.models.places import PostTopic, newer_than, older_than

if TYPE_CHECKING:
    from portal.models.posts import NewsPage
    from portal.models.topics import Topic

MOST_RELATED = 3


@dataclass(frozen=True)
class Beside:
    earlier: NewsPage | None = None
    later: NewsPage | None = None
    related: list[NewsPage] = field(default_factory=list)


def beside(post: NewsPage, topics: list[Topic], listed: QuerySet[Any]) -> Beside:
    """In one query. `listed` is newest first."""
    here = (post.published_at, post.pk or 0)  # a preview of an unsaved post has no key yet
    # A draft's date has lost its microseconds, so that the post itself would stand beside its own preview.
    others = listed.exclude(pk=post.pk)
    shares = Exists(PostTopic.objects.filter(newspage=OuterRef("pk"), topic__in=topics))
    of_topics = others.filter(shares).values("pk")
    # Each key by itself: with a list among them PostgreSQL goes through all posts there are.
    keys = [
        others.filter(older_than(*here)).values("pk")[:1],
        others.filter(newer_than(*here)).reverse().values("pk")[:1],
        *(of_topics[number : number + 1] for number in range(MOST_RELATED if topics else 0)),
    ]
    wanted = reduce(or_, (Q(pk=Subquery(key)) for key in keys))
    few = type(post).objects.filter(wanted).annotate(shares_topic=shares).order_by()  # an order would be gone through
    found = sorted(
        few.only("title", "url_path", "slug", "published_at"),
        key=lambda each: (each.published_at, each.pk),
        reverse=True,
    )
    before = [each for each in found if (each.published_at, each.pk) < here]
    after = [each for each in found if (each.published_at, each.pk) > here]
    related = [each for each in found if each.shares_topic][:MOST_RELATED]
    return Beside(next(iter(before), None), next(reversed(after), None), related)
