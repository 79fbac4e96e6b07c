"""How many rows PostgreSQL expects to have some words: by the statistics of its planner, which a process reads at most
every ten minutes. To ask the planner itself takes as long as a search for a rare word.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING

from django.db import connection

from portal.models.search import SearchRow

if TYPE_CHECKING:
    from portal.search.query import Query, Term

GROWS_OLD_AFTER = 600.0  # seconds; the database looks at the table anew no more often
TABLE = SearchRow._meta.db_table
# Behind the shares of the words stand the lowest and the highest of them (PostgreSQL's manual, `pg_stats`).
_STATISTICS = (
    "SELECT c.reltuples, s.most_common_elems::text::text[], s.most_common_elem_freqs FROM pg_class c"
    " LEFT JOIN pg_stats s ON s.schemaname = c.relnamespace::regnamespace::text AND s.tablename = c.relname"
    " AND s.attname = 'words' WHERE c.oid = %s::regclass"
)


@dataclass(frozen=True)
class Statistics:
    """Of `rows` in all, the share that has each of the commonest words, and what any other word has at most."""

    rows: float = 0
    shares: Mapping[str, float] = field(default_factory=dict)
    others: float = 0

    def expected(self, query: Query) -> float:
        """How many rows have all the words: too few, where words stand together that are rare otherwise."""
        return self.rows * prod(map(self._share, query.terms))

    def _share(self, term: Term) -> float:
        together = prod(self.shares.get(stem, self.others) for stem in term.stems)
        joined = self.shares.get(term.joined, self.others) if term.joined else 0
        return together + joined - together * joined


_known: dict[str, tuple[float, Statistics]] = {}  # by the database's name


def statistics() -> Statistics:
    """Without any, where the database has not looked at the table yet."""
    name = str(connection.settings_dict["NAME"])
    until, known = _known.get(name, (0.0, Statistics()))
    if time.monotonic() >= until:
        known = _read()
        _known[name] = time.monotonic() + GROWS_OLD_AFTER, known
    return known


def forget() -> None:
    """The database has looked at the table anew."""
    _known.clear()


def _read() -> Statistics:
    with connection.cursor() as cursor:
        cursor.execute(_STATISTICS, [TABLE])
        rows, words, shares = cursor.fetchone()
    if not words or rows <= 0:
        return Statistics()
    return Statistics(rows, dict(zip(words, shares, strict=False)), shares[len(words)] / 2)
