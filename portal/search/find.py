"""What a person finds: of that which this person may read, and best first.

The rules of reading are asked of the database for whatever has the words, before anything is ranked, counted or paged.
For a word that is everywhere the newest things alone are ranked, and those with the word in the title; there is more to
be found by another word or a filter. Whoever it is, a search is a handful of statements: what of the newest rows may be
read is asked first, and where that is too little, all the others at once.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.utils import timezone

from fileshare.access import reads_as_members_do
from fileshare.models import SharedDocument
from portal import access
from portal.models import NewsPage, SearchKind, StandardPage
from portal.search.interface import Answer, Stretch, first_place, place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from members.models import User
    from portal.search.query import Query
    from portal.search.wanted import Wanted

AT_ONCE = 1_200  # rows; of what most people may read there are enough in them
LONGEST_STEP = 5_000
MOST_HEADS = 500  # rows with the words in the title or beside it, where there are more rows than are looked at
MOST_RANKED = 600  # rows by all their words, since each of them has to be unpacked; more are ranked by title, then date
MOST_COUNTED = 1_000
SPARE = 100  # things that were found among those that can be read, and are not as they were when they were indexed
COLUMNS = {SearchKind.PAPER: "paper_id", SearchKind.POST: "page_id", SearchKind.PAGE: "page_id"}


class Hit(NamedTuple):
    """A thing that answers, by the best of its rows."""

    rank: float
    answer: Answer
    source: int | None = None
    marking: str = ""
    folder: int | None = None

    @property
    def kind(self) -> SearchKind:
        return SearchKind(self.answer.kind)


@dataclass(frozen=True)
class Found:
    """One hit for each thing, in order. `is_more`: there are more than are counted and ranked."""

    hits: list[Hit]
    is_more: bool
    visible: Visible

    @property
    def count(self) -> str:
        """In words."""
        return f"More than {MOST_COUNTED:,}" if self.is_more else f"{len(self.hits):,}"


def listed_pages() -> QuerySet[StandardPage]:
    """What every visitor may read."""
    return StandardPage.objects.live().filter(~access.is_private())


def found(query: Query, user: User | AnonymousUser, wanted: Wanted) -> Found:
    """Raises `TakesTooLong`."""
    visible = Visible(user, wanted)
    if not visible.kinds:
        return Found([], is_more=False, visible=visible)
    # What of a post is for members alone is one of its rows.
    stretch = visible.bound(wanted.stretch(visible.kinds, with_members_parts=access.reads_members_parts(user)))
    with place().bounded():
        answers, is_cut = _newest(query, stretch, visible)
        if is_cut and not wanted.sort:
            answers += visible.of(place().answers(query, stretch, MOST_HEADS, heads=True))
        ranks = {} if wanted.sort else _ranks(query, answers)
    best: dict[tuple[str, int], Hit] = {}
    for answer in answers:
        thing = (answer.kind, answer.thing)
        rank = ranks.get(answer.place, 0.0)
        same = best.get(thing)
        if same is None or rank > same.rank:
            best[thing] = Hit(rank, answer, *visible.facts[thing])
    hits = list(best.values())
    hits.sort(key=lambda hit: (-hit.rank, -hit.answer.place))
    return Found(hits[:MOST_COUNTED], is_cut or len(hits) > MOST_COUNTED, visible)


def _ranks(query: Query, answers: list[Answer]) -> dict[int, float]:
    places = [answer.place for answer in answers]
    if len(places) <= MOST_RANKED:
        return place().ranks(query, places)
    ranks = place().ranks(query, places, heads=True)
    others = [each for each in places if each not in ranks]
    return ranks | place().ranks(query, others[:MOST_RANKED])


def _newest(query: Query, stretch: Stretch, visible: Visible) -> tuple[list[Answer], bool]:
    """The newest answers that the person may read, of at least as many things as are counted; and whether there are
    more."""
    kept: list[Answer] = []
    step = AT_ONCE
    for _ in range(2):
        answers = place().answers(query, stretch, step)
        kept += visible.of(answers)
        things = _things(kept)
        if len(answers) < step or things > MOST_COUNTED:
            return kept, len(answers) == step
        stretch = replace(stretch, high=answers[-1].place)
        # As many more as the share of what could be read makes likely to be enough.
        step = (MOST_COUNTED - things + SPARE) * step * 5 // (4 * things + 1)
        if step > LONGEST_STEP:
            break
    # The person may read little of what there is: all the rest at once, by the rules of reading.
    for kind in visible.kinds:
        of_kind = replace(stretch, kinds=(kind,))
        most = MOST_COUNTED + SPARE
        kept += visible.of(place().answers_among(query, of_kind, most, visible.things(kind), COLUMNS[kind]))
    return kept, _things(kept) > MOST_COUNTED


def _things(answers: Iterable[Answer]) -> int:
    return len({(answer.kind, answer.thing) for answer in answers})


class Visible:
    """What this person may read, asked of the database for the things that answer."""

    def __init__(self, user: User | AnonymousUser, wanted: Wanted) -> None:
        self.facts: dict[tuple[str, int], tuple[Any, ...]] = {}  # source, marking and folder
        self._versions: dict[int, int | None] = {}
        self._asked: set[tuple[str, int]] = set()
        self._things: dict[SearchKind, QuerySet[Any]] = {}
        self.user, self._wanted = user, wanted

    def things(self, kind: SearchKind) -> QuerySet[Any]:
        """In no order. Made once: that takes longer than asking."""
        if kind not in self._things:
            if kind == SearchKind.PAPER:
                things: QuerySet[Any] = SharedDocument.objects.visible_to(self.user).filter(self._wanted.of_papers())
            else:
                things = NewsPage.objects.listed() if kind == SearchKind.POST else listed_pages()
            self._things[kind] = things.order_by()
        return self._things[kind]

    @cached_property
    def kinds(self) -> list[SearchKind]:
        """Without those of which it is known without asking that there is nothing: visitors read no paper."""
        return [kind for kind in SearchKind if self._wanted.may_have(kind) and not self._is_nothing(kind)]

    def bound(self, stretch: Stretch) -> Stretch:
        """Without what is to come, which those alone read who may change papers."""
        if SearchKind.PAPER in self.kinds and not reads_as_members_do(self.user):
            return stretch
        now = first_place(timezone.now() + datetime.timedelta(minutes=1))
        return replace(stretch, high=min(stretch.high, now))

    def _is_nothing(self, kind: SearchKind) -> bool:
        if kind != SearchKind.PAPER or reads_as_members_do(self.user):
            return False
        try:
            self.things(kind).query.sql_with_params()
        except EmptyResultSet:
            return True
        return False

    def of(self, answers: list[Answer]) -> list[Answer]:
        """Those of things that may be read. What is known of a former version of a paper answers nobody."""
        new = {(answer.kind, answer.thing) for answer in answers} - self._asked
        self._asked |= new
        for kind in SearchKind:
            keys = [thing for of_kind, thing in new if of_kind == kind]
            if keys:
                self._ask(kind, keys)
        versions = self._versions
        return [
            answer
            for answer in answers
            if (answer.kind, answer.thing) in self.facts
            and (answer.kind != SearchKind.PAPER or answer.of_version == versions[answer.thing])
        ]

    def _ask(self, kind: SearchKind, keys: list[int]) -> None:
        things = place().only(self.things(kind), keys)
        if kind != SearchKind.PAPER:
            self.facts |= dict.fromkeys(((kind.value, key) for key in things.values_list("pk", flat=True)), ())
            return
        for key, version, *facts in things.values_list("pk", "current_version", "source", "marking", "collection"):
            self.facts[kind.value, key] = tuple(facts)
            self._versions[key] = version
