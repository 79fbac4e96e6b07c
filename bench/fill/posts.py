"""Posts: the demonstration's, over and over, under other titles and dates."""

from __future__ import annotations

import datetime
from itertools import cycle
from typing import Any

from django.db import transaction
from django.utils import timezone
from wagtail.models import Page, PageLogEntry

from bench.fill.rows import mend_sequences, next_key, numbered, write
from bench.fill.words import title_of
from portal.models import Author, NewsIndexPage, NewsPage, Topic
from portal.models.places import PostAuthor, PostTopic

SLUG = "filled-{}"
GAP = datetime.timedelta(minutes=11)  # between two posts; the newest is as old as this
DERIVED = (
    "standfirst",
    "cover_id",
    "cover_alt",
    "body",
    "reading_minutes",
    "is_members_only",
    "public_text",
    "paper_ids",
)


def posts(count: int) -> None:
    missing = count - NewsPage.objects.count()
    if missing <= 0:
        return
    kinds = list(NewsPage.objects.live().filter(title__regex=r"^[A-Z]").exclude(slug__startswith="filled-")[:8])
    assert kinds, "The site has no posts to go by: seed the demonstration first."
    bodies = [{name: getattr(kind, name) for name in DERIVED} for kind in kinds]
    with transaction.atomic():
        news, begun = _below_the_list(missing)
        first, now = next_key(Page), timezone.now()
        dates = {key: now - GAP * (begun + place + 1) for place, key in numbered(first, missing)}
        pages = _pages(news, begun, first, missing, kinds[0].content_type_id, dates)
        write(Page, pages)
        write(
            NewsPage,
            (
                bodies[place % len(bodies)]
                | {"page_ptr_id": key, "published_at": dates[key]}
                | {"month": timezone.localdate(dates[key]).replace(day=1)}
                for place, key in numbered(first, missing)
            ),
        )
        _places(PostTopic, "topic_id", Topic, dates)
        _places(PostAuthor, "author_id", Author, dates)
    mend_sequences(Page, PostTopic, PostAuthor, PageLogEntry)


def _below_the_list(missing: int) -> tuple[NewsIndexPage, int]:
    """The list, which counts its new children already, and the number of those it had: paths go on from there."""
    news = NewsIndexPage.objects.get()
    last = Page.objects.child_of(news).order_by("path").values_list("path", flat=True).last()
    begun = Page._str2int(last[-Page.steplen :]) if last else 0
    Page.objects.filter(pk=news.pk).update(numchild=news.numchild + missing)
    return news, begun


def _pages(
    news: NewsIndexPage, begun: int, first: int, count: int, kind: int, dates: dict[int, datetime.datetime]
) -> Any:
    for place, key in numbered(first, count):
        title, slug = title_of(begun + place, "post"), SLUG.format(begun + place)
        yield {
            "id": key,
            "path": Page._get_path(news.path, news.depth + 1, begun + place + 1),
            "depth": news.depth + 1,
            "locale_id": news.locale_id,
            "title": title,
            "draft_title": title,
            "slug": slug,
            "url_path": f"{news.url_path}{slug}/",
            "content_type_id": kind,
            "first_published_at": dates[key],
            "last_published_at": dates[key],
            "live": True,
        }


def _places(places: Any, name: str, of: Any, dates: dict[int, datetime.datetime]) -> None:
    """Each post in one of the lists of topics, or of authors."""
    lists, first = cycle(of.objects.values_list("pk", flat=True)), next_key(places)
    write(
        places,
        (
            {"id": first + place, "newspage_id": key, name: next(lists), "published_at": date}
            for place, (key, date) in enumerate(dates.items())
        ),
    )
