"""What a person finds: of that which this person may read, and best first.

The rules of reading are asked of the database for whatever has the words, before anything is ranked, counted or paged.
For a word that is everywhere the newest things alone are ranked, and those with the word in the title; there is more to
be found by another word or a filter. Whoever it is, a search is a handful of statements: what of the newest rows may be
read is asked first, and where that is too little, all the others at once.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.utils import timezone

from fileshare import asked_papers
from fileshare.access import reads_as_members_do
from fileshare.models import SharedDocument
from members.many_keys import KEYS, NO_KEYS, among
from members.worded import Worded
from portal import access
from portal.models import NewsPage, SearchKind, StandardPage
from portal.search.interface import MOST_RANKED, NOT_IN_HEAD, ROWS_OF_EACH, Answer, Stretch, first_place, place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from members.models import User
    from portal.search.query import Query
    from portal.search.wanted import Wanted

AT_ONCE = 1_200  # rows; of what most people may read there are enough in them
LONGEST_STEP = 5_000
MOST_STEPS = 8  # through what a minus takes away
MOST_HEADS = 500  # rows with the words in the title or beside it, where there are more rows than are looked at
MOST_COUNTED = 1_000
SPARE = 100  # things that were found among those that can be read, and are not as they were when they were indexed
COLUMNS = {SearchKind.PAPER: "paper_id", SearchKind.POST: "page_id", SearchKind.PAGE: "page_id"}


PAPER = str(SearchKind.PAPER)  # as rows have it: looking at the kind itself takes longer

NO_FACTS = (None, "", None)  # source, marking and folder of what is no paper


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
        answers, is_cut = _newest(query, stretch, visible, ranked=not wanted.sort)
        ranks = {} if wanted.sort else _ranks(query, answers)
    # Best first, of rows alike the newest: each thing answers by the first of its rows.
    best: dict[tuple[str, int], Answer] = {}
    for answer in sorted(answers, key=lambda answer: (ranks.get(answer.place, 0.0), answer.place), reverse=True):
        best.setdefault((answer.kind, answer.thing), answer)
    hits = [
        Hit._make((ranks.get(answer.place, 0.0), answer, *visible.facts[thing]))
        for thing, answer in islice(best.items(), MOST_COUNTED)
    ]
    return Found(hits, is_cut or len(best) > MOST_COUNTED, visible)


def _ranks(query: Query, answers: list[Answer]) -> dict[int, float]:
    if len(answers) <= MOST_RANKED:
        return _by_all_words(query, answers)
    # Of many by their title, and the newest of the others by all their words.
    known = {answer.place: answer.head for answer in answers if answer.head is not None}
    known |= place().ranks(query, [answer.place for answer in answers if answer.head is None], heads=True)
    ranks = {key: rank for key, rank in known.items() if rank != NOT_IN_HEAD}
    others = [answer for answer in answers if answer.place not in ranks][:MOST_RANKED]
    return ranks | _by_all_words(query, others)


def _by_all_words(query: Query, answers: list[Answer]) -> dict[int, float]:
    ranks = {answer.place: answer.rank for answer in answers if answer.rank is not None}
    return ranks | place().ranks(query, [answer.place for answer in answers if answer.rank is None])


def _newest(query: Query, stretch: Stretch, visible: Visible, *, ranked: bool) -> tuple[list[Answer], bool]:
    """The newest answers that the person may read, of at least as many things as are counted; and whether there are
    more, and then also those that answer by their title or what stands beside it."""
    kept: list[Answer] = []
    looked_at: list[Answer] = []
    rest, step, is_cut = stretch, AT_ONCE, True
    for _ in range(2):
        answers = place().answers(query, rest, step, ranked=ranked)
        looked_at += answers
        kept += _kept(query, answers, stretch, visible)
        things = _things(kept)
        if len(answers) < step:
            return kept, False
        rest = replace(stretch, high=answers[-1].place)
        if things > MOST_COUNTED:
            break
        # As many more as the share of what could be read makes likely to be enough.
        step = (MOST_COUNTED - things + SPARE) * step * 5 // (4 * things + 1)
        if step > LONGEST_STEP:
            break
    if things <= MOST_COUNTED:
        kept += _all_others(query, rest, visible)
        is_cut = _things(kept) > MOST_COUNTED
    if is_cut and ranked:
        # Some are among all the rest too, which knew no ranks.
        known = {answer.place: answer for answer in [*kept, *_by_head(query, rest, visible, looked_at)]}
        kept = list(known.values())
    return kept, is_cut


def _all_others(query: Query, rest: Stretch, visible: Visible) -> list[Answer]:
    """The person may read little of what there is: all the rest at once, by the rules of reading; and further back
    while a minus takes so much of it away that there may be more."""
    others: list[Answer] = []
    most = MOST_COUNTED + SPARE
    for kind in visible.kinds:
        of_kind, kept = replace(rest, kinds=(kind,)), list[Answer]()
        for _ in range(MOST_STEPS):
            found = place().answers_among(query, of_kind, most, visible.things(kind), COLUMNS[kind])
            kept += _kept(query, found, rest, visible)
            if len(found) < ROWS_OF_EACH * most or _things(kept) > MOST_COUNTED:
                break
            of_kind = replace(of_kind, high=found[-1].place)
        others += kept
    return others


def _by_head(query: Query, rest: Stretch, visible: Visible, looked_at: list[Answer]) -> list[Answer]:
    """Those that answer by their title, of the rows behind what was looked at, where there were few among these."""
    known = sum(answer.head != NOT_IN_HEAD for answer in looked_at if answer.head is not None)
    if known >= MOST_HEADS:
        return []
    return _kept(query, place().heads(query, rest, MOST_HEADS - known), rest, visible)


def _kept(query: Query, answers: list[Answer], stretch: Stretch, visible: Visible) -> list[Answer]:
    """Those of things that the person may read, and that have nothing anywhere that shall not be there: of a long paper
    and of a post for members there are several rows. What of a post a visitor does not read says nothing here."""
    kept = visible.of(answers)
    if not (query.without and kept):
        return kept
    of_all = Stretch(with_members_parts=stretch.with_members_parts)
    others = place().beside(query.without, [answer.place for answer in kept], of_all)
    excluded = {(answer.kind, answer.thing) for answer in others}
    return [answer for answer in kept if (answer.kind, answer.thing) not in excluded]


def _things(answers: Iterable[Answer]) -> int:
    return len({(answer.kind, answer.thing) for answer in answers})


@cache
def _worded(kind: SearchKind) -> Worded:
    """Which of these posts or pages every visitor may read. Django takes longer to word it than the database to
    answer."""
    now = timezone.now()
    things = NewsPage.objects.listed(now) if kind == SearchKind.POST else listed_pages()
    places = {"now": (NewsPage._meta.get_field("published_at"), now)} if kind == SearchKind.POST else {}
    return Worded(among(things.order_by(), NO_KEYS).values_list("pk"), keys=(KEYS, NO_KEYS), **places)


class Visible:
    """What this person may read, asked of the database for the things that answer."""

    def __init__(self, user: User | AnonymousUser, wanted: Wanted) -> None:
        self.facts: dict[tuple[str, int], Sequence[Any]] = {}  # source, marking and folder
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
            name = str(kind)
            keys = [thing for of_kind, thing in new if of_kind == name]
            if keys:
                self._ask(kind, keys)
        facts, versions = self.facts, self._versions
        return [
            answer
            for answer in answers
            if (answer.kind, answer.thing) in facts
            and (answer.kind != PAPER or answer.of_version == versions[answer.thing])
        ]

    def _ask(self, kind: SearchKind, keys: list[int]) -> None:
        if kind != SearchKind.PAPER:
            asked = _worded(kind)
            now = {"now": timezone.now()} if kind == SearchKind.POST else {}
            self.facts |= dict.fromkeys(((str(kind), key) for (key,) in asked.all(keys=keys, **now)), NO_FACTS)
            return
        if self._wanted.of_papers():
            found: Iterable[tuple[Any, ...]] = among(self.things(kind), keys).values_list(*asked_papers.FACTS)
        else:
            found = asked_papers.facts(self.user, keys)
        self.facts |= {(PAPER, key): facts for key, _version, *facts in found}
        self._versions |= {key: version for key, version, *_facts in found}
