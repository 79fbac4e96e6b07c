"""What a place for the words must be able to do. Each kind of database is one module beside this one."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from django.db import connection

from portal.models.search import SearchKind

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from django.db.models import QuerySet

    from portal.search.query import Query, Term

MODULES = {"sqlite": "portal.search.sqlite", "postgresql": "portal.search.postgresql"}
# A key has the minute of the date, one bit for the kind, the key of the thing, and which of its rows it is.
PART_BITS, THING_BITS, KIND_BITS, MINUTE_BITS = 10, 24, 1, 28
MOST_PARTS, HIGHEST = 2**PART_BITS, 2**63 - 1
# No word begins like this once it is folded: these stand before a title's whole words, and before their skeletons.
NAME, SKELETON = "þ", "ð"
# And these in every row that the public may read, and in those of each kind but papers, so that the few among the many
# are found by the index of words too, and nobody has to go through all papers for them.
PUBLIC, OF_KIND = "ðþ", "ðþ{}"
LONGEST_STATEMENT = 2.0  # seconds
ROWS_OF_EACH = 3  # of one thing, among what a person may read


class TakesTooLong(Exception):
    """The database has not answered within its time."""


def place_of(date: datetime.datetime, kind: str, key: int, part: int) -> int:
    """The key of a row. The same thing with the same date has always the same."""
    thing = key % 2**THING_BITS << PART_BITS | part
    is_paper = int(kind == SearchKind.PAPER) << (THING_BITS + PART_BITS)
    return first_place(date) | is_paper | thing


def first_place(date: datetime.datetime) -> int:
    """The lowest key of this minute."""
    minute = min(max(int(date.timestamp() // 60), 0), 2**MINUTE_BITS - 1)
    return minute << (KIND_BITS + THING_BITS + PART_BITS)


def date_of(place: int) -> datetime.datetime:
    """The minute in a key."""
    minute = place >> (KIND_BITS + THING_BITS + PART_BITS)
    return datetime.datetime.fromtimestamp(minute * 60, tz=datetime.UTC)


@dataclass(frozen=True)
class Row:
    """What can be found, as stems: the words of the title, of what stands beside it, of the text; `rest` are words that
    are somewhere else in the same thing. `names` are the title's words as they are written."""

    facts: dict[str, Any]  # the columns of `SearchRow`
    title: list[str]
    about: list[str]
    text: list[str]
    rest: Iterable[str] = ()
    names: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Things:
    """Keys of what is written anew."""

    papers: Sequence[int] = ()
    pages: Sequence[int] = ()


@dataclass(frozen=True)
class Stretch:
    """Which rows are looked through: those of these kinds from key `low` on and below `high`, that have these facts."""

    kinds: tuple[SearchKind, ...] = tuple(SearchKind)
    low: int = 0
    high: int = HIGHEST
    facts: tuple[tuple[str, str], ...] = ()  # equal to this
    topic: str = ""
    with_members_parts: bool = True

    @property
    def is_narrow(self) -> bool:
        """Whether so much is asked for that rows with the words are no measure of those that are wanted."""
        return bool(self.facts or self.topic or self.low or self.words)

    @property
    def words(self) -> tuple[str, ...]:
        """What each row has among its words, beside those that were asked for."""
        words = [OF_KIND.format(kind.value) for kind in self.kinds if len(self.kinds) == 1 and kind in UNCOMMON]
        if SearchKind.PAPER not in self.kinds and not self.with_members_parts:
            words.append(PUBLIC)
        return tuple(words)

    def conditions(self, key: str = "r.id") -> tuple[str, list[Any]]:
        """For the table of rows, called `r`."""
        parts = [f"r.kind IN ({', '.join(['%s'] * len(self.kinds))})", *(f"r.{name} = %s" for name, _ in self.facts)]
        values: list[Any] = [*(kind.value for kind in self.kinds), *(value for _, value in self.facts)]
        if self.low or self.high != HIGHEST:
            parts.append(f"{key} >= %s AND {key} < %s")
            values += [self.low, self.high]
        if not self.with_members_parts:
            parts.append("(r.kind = 'paper' OR NOT r.for_members)")  # a paper's reader reads all of it
        if self.topic:
            parts.append("r.topics LIKE %s ESCAPE '!'")
            escaped = self.topic.translate({ord(sign): f"!{sign}" for sign in "!%_"})
            values.append(f"%\n{escaped}\n%")
        return " AND ".join(parts), values


UNCOMMON = (SearchKind.POST, SearchKind.PAGE)


class Answer(NamedTuple):
    """A row that has the words. `thing` is the key of what it is of, `of_version` the paper's version whose text it
    has. Ranks are there where the place could tell them as it found the row: `rank` by all its words, `head` by its
    title and what stands beside it (`NOT_IN_HEAD` where these do not answer)."""

    place: int
    kind: str
    thing: int
    first_page: int | None
    last_page: int | None
    topics: str
    file_kind: str
    of_version: int | None
    rank: float | None = None
    head: float | None = None


NOT_IN_HEAD = -1.0
MOST_RANKED = 600  # rows by all their words, since each of them has to be unpacked; more are ranked by title, then date
# The columns of an answer, of the table called `r`.
ANSWER = (
    "r.id, r.kind, coalesce(r.paper_id, r.page_id) AS thing, r.first_page, r.last_page, r.topics, r.file_kind,"
    " r.of_version"
)
NO_RANKS = ", NULL AS rank, NULL AS head"
NAMED = "id, kind, thing, first_page, last_page, topics, file_kind, of_version"  # the same where they have their names


class Place(Protocol):
    """Rows are given and asked for as stems; dates and rights are no concern of these."""

    def write(self, rows: Iterable[Row], *, instead_of: Things) -> None:
        """Take away what there is of these things and write the rows, within the transaction of the caller."""

    def bounded(self) -> AbstractContextManager[None]:
        """Within it no statement takes longer than `LONGEST_STATEMENT`: it ends with `TakesTooLong`."""

    def answers(self, query: Query, stretch: Stretch, most: int, *, ranked: bool = True) -> list[Answer]:
        """The newest rows that answer, so many at most. Without being `ranked` where they are asked for by date."""

    def heads(self, query: Query, stretch: Stretch, most: int) -> list[Answer]:
        """The same of those that answer by their title or what stands beside it."""

    def answers_among(
        self, query: Query, stretch: Stretch, most: int, things: QuerySet[Any], column: str
    ) -> list[Answer]:
        """The newest rows that answer and are of these things (of which `things` gives the keys, as `column` of the
        rows has them), so many things at most and few rows of each, in one statement."""

    def beside(self, terms: Sequence[Term], places: Sequence[int], stretch: Stretch) -> list[Answer]:
        """Other rows of the things that these are rows of, which have any of the terms."""

    def ranks(self, query: Query, places: Sequence[int], *, heads: bool = False) -> dict[int, float]:
        """How well each of these answers does; more is better. With `heads` by their title or what stands beside it,
        and of those alone that answer by it."""

    def named(self, beginnings: Sequence[str], stretch: Stretch, most: int, *, any_of: bool = False) -> list[Answer]:
        """The newest rows in whose names stand words that begin like this, all of them or any."""

    def named_among(
        self, beginnings: Sequence[str], stretch: Stretch, most: int, things: QuerySet[Any], column: str,
        *, any_of: bool = False,
    ) -> list[Answer]:  # fmt: skip
        """The same of these things alone, as with `answers_among`, and of each one row."""

    def tidy(self) -> None:
        """After many rows were written."""


def place() -> Place:
    module: Place = import_module(MODULES[connection.vendor])  # type: ignore[assignment]  # a module is one
    return module
