"""Parts of the news: everything, one topic, one author, one tag, one year, one month."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Max, Q
from django.http import Http404, HttpRequest
from django.utils import dateformat, timezone

from portal.models.places import DATE, newer_than, older_than
from portal.models.posts import CHANGED, NewsPage
from portal.models.topics import NEWS, Author, Topic

if TYPE_CHECKING:
    from portal.models.posts import NewsPageQuerySet
    from portal.models.tags import PostTag

POSTS_PER_PAGE = 10
ARCHIVE = f"{NEWS}archive/"
EVERYTHING = Q()


@dataclass(frozen=True)
class Section:
    """What is listed. `above` leads from the news to here, as (name, address)."""

    title: str
    address: str
    description: str = ""
    between: tuple[datetime.datetime, datetime.datetime] | None = None
    above: tuple[tuple[str, str], ...] = ()
    has_feed: bool = False
    topic: Topic | None = None
    author: Author | None = None
    tag: PostTag | None = None

    def posts(self, where: Q = EVERYTHING) -> NewsPageQuerySet:
        listed: NewsPageQuerySet = NewsPage.objects.listed()
        if self.topic:
            return listed.placed("of_topics", Q(of_topics__topic=self.topic), where)
        if self.author:
            return listed.placed("by_authors", Q(by_authors__author=self.author), where)
        if self.tag:
            return listed.placed("tagged", Q(tagged__tag=self.tag), where)
        return (listed.dated(*self.between) if self.between else listed).filter(where)

    @property
    def date(self) -> str:
        """The date by which the posts are ordered."""
        return f"place__{DATE}" if self.topic or self.author or self.tag else DATE

    @property
    def feed_address(self) -> str:
        return f"{self.address}feed/"


def everything() -> Section:
    return Section("News", NEWS, has_feed=True)


def of_topic(topic: Topic) -> Section:
    address = topic.get_absolute_url()
    return Section(topic.name, address, topic.description, has_feed=True, topic=topic)


def of_author(author: Author) -> Section:
    address = author.get_absolute_url()
    return Section(author.name, address, author.biography, has_feed=True, author=author)


def with_tag(tag: PostTag) -> Section:
    return Section(f"Posts tagged “{tag.name}”", tag.get_absolute_url(), tag=tag)


def of_year(year: int) -> Section:
    title = f"News of {year}"
    between = _first(year, 1), _first(year + 1, 1)
    return Section(title, f"{ARCHIVE}{year}/", between=between, above=(("Archive", ARCHIVE),))


def of_month(year: int, month: int) -> Section:
    start, after = _first(year, month), _first(year + month // 12, month % 12 + 1)
    above = (("Archive", ARCHIVE), (str(year), f"{ARCHIVE}{year}/"))
    title = f"News of {dateformat.format(start, 'F Y')}"
    return Section(title, f"{ARCHIVE}{year}/{month:02}/", between=(start, after), above=above)


def changes() -> list[tuple[str, datetime.datetime | None]]:
    """The addresses of the news and of each topic and author that has posts, with the newest change of any of them."""
    listed = NewsPage.objects.listed().order_by()
    found = [(NEWS, listed.newest_change())]
    for name, model in (("topics", Topic), ("authors", Author)):
        dated = listed.filter(**{f"{name}__isnull": False}).values_list(f"{name}__slug").annotate(newest=Max(CHANGED))
        found += [(model(slug=slug).get_absolute_url(), newest) for slug, newest in dated.order_by(f"{name}__slug")]
    return found


def _first(year: int, month: int) -> datetime.datetime:
    """The beginning of a month by the site's clock."""
    try:
        return timezone.make_aware(datetime.datetime(year, month, 1))  # noqa: DTZ001 -- made aware here
    except (ValueError, OverflowError) as error:
        raise Http404("No such month.") from error


@dataclass(frozen=True)
class Slice:
    """One page of a section. `older` and `newer` are the values of `?before=` and `?after=`, empty at either end."""

    posts: list[NewsPage]
    older: str = ""
    newer: str = ""
    query: str = ""  # what alone leads here for search engines, whatever was asked for; empty on the first page


def slice_of(section: Section, request: HttpRequest) -> Slice:
    """The page that `?before=` or `?after=` asks for, else the first; found by the index, however far down it lies."""
    before, after = request.GET.get("before"), request.GET.get("after")
    if after is not None:
        newer = newer_than(*_place(after), section.date)
        following = list(_shown(section, newer).reverse()[: POSTS_PER_PAGE + 1])
        if len(following) > POSTS_PER_PAGE:
            shown = following[POSTS_PER_PAGE - 1 :: -1]
            return Slice(shown, older=_name(shown[-1]), newer=_name(shown[0]), query=_before(following[-1]))
        return _first_page(section)
    if before is None:
        return _first_page(section)
    shown, has_more = _cut(_shown(section, older_than(*_place(before), section.date)))
    if not shown:
        raise Http404("Nothing older.")
    newer = newer_than(shown[0].published_at, shown[0].pk, section.date)
    above = section.posts(newer).only("published_at").reverse().first()
    if above is None:
        return _first_page(section)
    return Slice(shown, older=_name(shown[-1]) if has_more else "", newer=_name(shown[0]), query=_before(above))


def _shown(section: Section, where: Q = EVERYTHING) -> NewsPageQuerySet:
    return section.posts(where).for_cards().with_covers()


def _first_page(section: Section) -> Slice:
    shown, has_more = _cut(_shown(section))
    return Slice(shown, older=_name(shown[-1]) if has_more else "")


def _cut(posts: NewsPageQuerySet) -> tuple[list[NewsPage], bool]:
    found = list(posts[: POSTS_PER_PAGE + 1])
    return found[:POSTS_PER_PAGE], len(found) > POSTS_PER_PAGE


EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
PLACE = re.compile(r"[0-9]{1,17}-[0-9]{1,18}")  # seventeen digits of microseconds end in the year 5138


def _name(post: NewsPage) -> str:
    """A post's place in the list: its date in microseconds since 1970, and its key."""
    return f"{(post.published_at - EPOCH) // datetime.timedelta(microseconds=1)}-{post.pk}"


def _before(post: NewsPage) -> str:
    return f"?before={_name(post)}"


def _place(name: str) -> tuple[datetime.datetime, int]:
    if not PLACE.fullmatch(name):
        raise Http404("No such place in the list.")
    since, _, key = name.partition("-")
    return EPOCH + datetime.timedelta(microseconds=int(since)), int(key)
