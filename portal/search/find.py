"""What a person finds: of that which this person may read, and best first.

The rules of reading are asked of the database for whatever has the words, before anything is ranked, counted or paged.
For a word that is everywhere the newest things alone are ranked, and those with the word in the title; there is more to
be found by another word or a filter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import EmptyResultSet

from fileshare.models import SharedDocument
from portal import access
from portal.models import NewsPage, SearchKind, StandardPage
from portal.search.interface import Answer, Stretch, place

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from members.models import User
    from portal.search.query import Query
    from portal.search.wanted import Wanted

AT_ONCE, LONGEST_STEP = 1_200, 16_000  # rows; so many that of what most people may read there are enough in the first
MOST_HEADS = 500  # rows with the words in the title or beside it, where there are more rows than are looked at
MOST_COUNTED = 1_000


class Hit(NamedTuple):
    """A thing that answers, by the best of its rows."""

    rank: float
    kind: SearchKind
    answer: Answer
    source: int | None = None
    marking: str = ""
    folder: int | None = None


@dataclass(frozen=True)
class Found:
    """One hit for each thing, in order. `is_more`: there are more than are counted and ranked."""

    hits: list[Hit]
    is_more: bool

    @property
    def count(self) -> str:
        """In words."""
        return f"More than {MOST_COUNTED:,}" if self.is_more else f"{len(self.hits):,}"


def listed_pages() -> QuerySet[StandardPage]:
    """What every visitor may read."""
    return StandardPage.objects.live().filter(~access.is_private())


def found(query: Query, user: User | AnonymousUser, wanted: Wanted) -> Found:
    hits: list[Hit] = []
    is_more = False
    for kind in SearchKind:
        if wanted.may_have(kind):
            some, is_cut = _of_kind(kind, query, user, wanted)
            hits, is_more = hits + some, is_more or is_cut
    by_date = wanted.sort == "date"
    hits.sort(key=lambda hit: (0 if by_date else -hit.rank, -hit.answer.place))
    return Found(hits[:MOST_COUNTED], is_more or len(hits) > MOST_COUNTED)


def _of_kind(kind: SearchKind, query: Query, user: User | AnonymousUser, wanted: Wanted) -> tuple[list[Hit], bool]:
    visible = Visible(kind, user, wanted)
    if visible.is_nothing:
        return [], False
    # What of a post is for members alone is one of its rows.
    stretch = wanted.stretch(kind, with_members_parts=access.reads_members_parts(user))
    answers, is_cut = _newest(query, stretch, visible)
    ranks = {} if wanted.sort else place().ranks(query, [answer.place for answer in answers])
    if is_cut and not wanted.sort:
        heads = visible.of(place().answers(query, stretch, MOST_HEADS, heads=True))
        ranks |= place().ranks(query, [answer.place for answer in heads], heads=True)
        answers += heads
    best: dict[int, Hit] = {}
    for answer in answers:
        hit = Hit(ranks.get(answer.place, 0.0), kind, answer, *visible.facts[answer.thing])
        same = best.get(answer.thing)
        if same is None or hit.rank > same.rank:
            best[answer.thing] = hit
    return list(best.values()), is_cut


def _newest(query: Query, stretch: Stretch, visible: Visible) -> tuple[list[Answer], bool]:
    """The newest answers that the person may read, of at least as many things as are counted; and whether there may be
    more."""
    kept: list[Answer] = []
    seen, step = 0, AT_ONCE
    while True:
        answers = place().answers(query, stretch, step)
        kept += visible.of(answers)
        if len(answers) < step:
            return kept, False
        seen += step
        things = len({answer.thing for answer in kept})
        if things > MOST_COUNTED:
            return kept, True
        # As many more as the share of what could be read so far makes likely to be enough.
        step = min(max(AT_ONCE, (MOST_COUNTED - things) * seen * 3 // (2 * things + 1)), LONGEST_STEP)
        stretch = replace(stretch, high=answers[-1].place)


class Visible:
    """What this person may read of a kind, asked of the database for the things that answer."""

    def __init__(self, kind: SearchKind, user: User | AnonymousUser, wanted: Wanted) -> None:
        self.facts: dict[int, tuple[Any, ...]] = {}
        self._asked: set[int] = set()
        self._columns: tuple[str, ...] = ("pk",)
        if kind == SearchKind.PAPER:
            self._things: QuerySet[Any] = SharedDocument.objects.visible_to(user).filter(wanted.of_papers())
            self._columns = ("pk", "source", "marking", "collection")
        else:
            self._things = NewsPage.objects.listed() if kind == SearchKind.POST else listed_pages()

    @property
    def is_nothing(self) -> bool:
        """Whether it is known without asking: visitors read no paper."""
        try:
            self._things.query.sql_with_params()
        except EmptyResultSet:
            return True
        return False

    def of(self, answers: list[Answer]) -> list[Answer]:
        new = {answer.thing for answer in answers} - self._asked
        self._asked |= new
        if new:
            for key, *facts in self._things.order_by().filter(pk__in=new).values_list(*self._columns):
                self.facts[key] = tuple(facts)
        return [answer for answer in answers if answer.thing in self.facts]
