"""Finding posts and pages by their words. One rule: what every visitor may read, and nothing else, is looked through.

Wagtail's index holds a post as far as its members-only mark (`NewsPage.public_text`); what it finds is asked for again
by the rules of the lists, so that a draft, a date to come and a private page are not even counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from wagtail.models import Page

from portal import access
from portal.models import NewsPage, StandardPage
from portal.models.posts import mark_papers

if TYPE_CHECKING:
    import datetime

    from django.db.models import QuerySet

MOST_RANKED = 500  # the best so many are looked at; who wants others adds a word
AROUND = 110  # characters shown on either side of the first word that was found


@dataclass(frozen=True)
class Piece:
    """A part of a passage. `is_hit` when it is one of the words that were looked for."""

    text: str
    is_hit: bool


@dataclass(frozen=True)
class Find:
    """A post or a page as the list of results shows it. `published_at` is a post's."""

    page: NewsPage | StandardPage
    passage: list[Piece]
    published_at: datetime.datetime | None


def keys_of(words: list[str]) -> list[int]:
    """The keys of the public posts and pages with all of these words, best first, at most `MOST_RANKED`."""
    if not words:
        return []
    ranked = Page.objects.live().only("pk").search(" ".join(words), operator="and")[:MOST_RANKED]
    keys = [page.pk for page in ranked]
    posts, pages = (
        found.filter(pk__in=keys).values("pk") for found in (NewsPage.objects.listed().order_by(), _pages())
    )
    public = set(Page.objects.filter(Q(pk__in=posts) | Q(pk__in=pages)).values_list("pk", flat=True))
    return [key for key in keys if key in public]


def finds_of(keys: list[int], words: list[str]) -> list[Find]:
    """What the list shows of these, in this order."""
    posts = list(NewsPage.objects.listed().filter(pk__in=keys).defer("body"))
    mark_papers(posts)
    found: dict[int, Find] = {
        post.pk: Find(post, passage(post.standfirst, post.public_text, words), post.published_at) for post in posts
    }
    for page in _pages().filter(pk__in=keys).defer("body"):
        found[page.pk] = Find(page, passage(page.introduction, page.public_text, words), None)
    return [found[key] for key in keys if key in found]


def passage(opening: str, text: str, words: list[str]) -> list[Piece]:
    """The opening where it has the longest of the words, else the piece of the text around it; with all words apart."""
    wanted = re.compile(rf"\b({'|'.join(map(re.escape, words))})", re.IGNORECASE)
    telling = re.compile(rf"\b{re.escape(max(words, key=len))}", re.IGNORECASE)
    first = None if telling.search(opening) else telling.search(text)
    if first is None:
        return _pieces(opening or _cut(text, 0, 2 * AROUND), wanted)
    return _pieces(_cut(text, first.start() - AROUND, first.end() + AROUND), wanted)


def _cut(text: str, start: int, end: int) -> str:
    """This part of the text, from word to word, with dots where something was left away."""
    start, end = max(0, start), min(len(text), end)
    part = text[start:end]
    if start > 0:
        part = f"… {part.partition(' ')[2] or part}"
    if end < len(text):
        part = f"{part.rpartition(' ')[0] or part} …"
    return part


def _pieces(text: str, wanted: re.Pattern[str]) -> list[Piece]:
    parts = wanted.split(text)  # what is between, a word, what is between, …
    return [Piece(part, bool(place % 2)) for place, part in enumerate(parts) if part]


def _pages() -> QuerySet[StandardPage]:
    return StandardPage.objects.live().filter(~access.is_private())
