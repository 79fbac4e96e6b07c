"""The words in SQLite: two full-text tables (FTS5) beside the rows, ranked with BM25.

https://www.sqlite.org/fts5.html
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db import OperationalError, connection
from django.db.backends.utils import CursorWrapper

from members.many_keys import as_value, one_of
from portal.models.search import SearchRow
from portal.search.interface import (
    ANSWER,
    LONGEST_STATEMENT,
    MOST_RANKED,
    NAME,
    NAMED,
    NO_RANKS,
    NOT_IN_HEAD,
    PART_BITS,
    ROWS_OF_EACH,
    Answer,
    Row,
    Stretch,
    TakesTooLong,
    Things,
)
from portal.search.query import Query, Term

if TYPE_CHECKING:
    from django.db.models import QuerySet

TABLE, HEADS, WORDS = SearchRow._meta.db_table, "portal_searchhead", "portal_searchtext"
WEIGHTS = (10.0, 4.0, 1.0, 0.2)  # of title, what is beside it, text, and the rest
# Columns in which words stand in their order, of all the words and of heads.
PLACED, IN_HEADS = "{title about text}", "{title about}"
AT_ONCE = 200
EVERYTHING = Stretch()
STEPS = 20_000  # of SQLite's machine, between two looks at the clock
COLUMNS = [str(field.column) for field in SearchRow._meta.local_concrete_fields if field.name not in ("head", "words")]


def write(rows: Iterable[Row], *, instead_of: Things) -> None:
    with connection.cursor() as cursor:
        for column, keys in (("paper_id", instead_of.papers), ("page_id", instead_of.pages)):
            left = iter(keys)
            while some := list(islice(left, AT_ONCE)):
                marks = ", ".join(["%s"] * len(some))
                cursor.execute(
                    f"DELETE FROM {TABLE} WHERE {column} IN ({marks})",  # noqa: S608 -- our own names
                    some,
                )
        # In the order of their keys, in which the full-text tables are written fastest.
        for row in sorted(rows, key=lambda row: int(row.facts["id"])):
            _insert(cursor, TABLE, dict(zip(COLUMNS, (row.facts[name] for name in COLUMNS), strict=True)))
            title, about = " ".join(row.title), " ".join(row.about)
            place = {"rowid": row.facts["id"], "title": title, "about": about}
            _insert(cursor, HEADS, place | {"names": " ".join(row.names)})
            _insert(cursor, WORDS, place | {"text": " ".join(row.text), "rest": " ".join(row.rest)})


def _insert(cursor: CursorWrapper, table: str, values: dict[str, Any]) -> None:
    names, marks = ", ".join(values), ", ".join(["%s"] * len(values))
    cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values()))  # noqa: S608 -- our own names


def tidy() -> None:
    """Nothing: the full-text tables merge what was written as they are written to."""


@contextmanager
def bounded() -> Iterator[None]:
    connection.ensure_connection()
    end = time.monotonic() + LONGEST_STATEMENT
    connection.connection.set_progress_handler(lambda: time.monotonic() > end, STEPS)
    try:
        yield
    except OperationalError as error:
        if str(error) == "interrupted":
            raise TakesTooLong from error
        raise
    finally:
        connection.connection.set_progress_handler(None, STEPS)


def answers(query: Query, stretch: Stretch, most: int, *, ranked: bool = True) -> list[Answer]:
    found = _newest(WORDS, _asked(query, stretch), stretch, most)
    if not ranked or len(found) <= MOST_RANKED:
        return found
    by_head = ranks(query, [found[-1].place, found[0].place], heads=True)
    return [answer._replace(head=by_head.get(answer.place, NOT_IN_HEAD)) for answer in found]


def heads(query: Query, stretch: Stretch, most: int) -> list[Answer]:
    """A minus is about all words."""
    asked = " AND ".join([_in_head(query), *_quoted(stretch.words)])
    columns, values = f", NULL AS rank, -bm25({HEADS}, %s, %s, %s, %s) AS head", list(WEIGHTS)
    return _newest(HEADS, asked, stretch, most, columns=columns, values=values, without=query.without)


def named(beginnings: Sequence[str], stretch: Stretch, most: int, *, any_of: bool = False) -> list[Answer]:
    return _newest(HEADS, _beginning(beginnings, stretch, any_of=any_of), stretch, most)


def named_among(
    beginnings: Sequence[str], stretch: Stretch, most: int, things: QuerySet[Any], column: str, *, any_of: bool = False
) -> list[Answer]:
    return _among(HEADS, _beginning(beginnings, stretch, any_of=any_of), stretch, most, things, column, of_each=1)


def _beginning(beginnings: Sequence[str], stretch: Stretch, *, any_of: bool) -> str:
    between = " OR " if any_of else " AND "
    asked = between.join(f'"{each}"*' if each.startswith(NAME) else f'"{each}"' for each in beginnings)
    return " AND ".join([f"({asked})", *_quoted(stretch.words)])


# Joined so that the words come first, in their own order, and no more of them are read than are wanted.
_FOUND = (
    f"FROM {{words}} f CROSS JOIN {TABLE} r ON r.id = f.rowid"
    " WHERE f.{words} MATCH %s AND f.rowid >= %s AND f.rowid < %s AND {where}"
)


def _newest(
    words: str, asked: str, stretch: Stretch, most: int, *, columns: str = NO_RANKS, values: Sequence[Any] = (),
    without: Sequence[Term] = (),
) -> list[Answer]:  # fmt: skip
    where, more = stretch.conditions()
    if without:
        where += f" AND f.rowid NOT IN (SELECT rowid FROM {WORDS} WHERE {WORDS} MATCH %s)"  # noqa: S608 -- our own names
        more.append(" OR ".join(map(_of, without)))
    sql = f"SELECT {ANSWER}{columns} {_FOUND.format(words=words, where=where)} ORDER BY f.rowid DESC LIMIT %s"
    return _fetched(sql, [*values, asked, stretch.low, stretch.high, *more, most])


def answers_among(query: Query, stretch: Stretch, most: int, things: QuerySet[Any], column: str) -> list[Answer]:
    return _among(WORDS, _asked(query, stretch), stretch, most, things, column, of_each=ROWS_OF_EACH)


def _among(
    words: str, asked: str, stretch: Stretch, most: int, things: QuerySet[Any], column: str, *, of_each: int
) -> list[Answer]:
    among, keys = things.values("pk").query.sql_with_params()
    where, values = stretch.conditions()
    # The parts of a thing follow each other, and differ in the last bits of the key.
    sql = (
        f"SELECT {NAMED}{NO_RANKS} FROM"  # noqa: S608 -- our own names
        f" (SELECT {ANSWER}, row_number() OVER (PARTITION BY r.id >> {PART_BITS} ORDER BY r.id) AS part"
        f" {_FOUND.format(words=words, where=where)} AND r.{column} IN ({among}))"
        " WHERE part <= %s ORDER BY id DESC LIMIT %s"
    )
    return _fetched(sql, [asked, stretch.low, stretch.high, *values, *keys, of_each, of_each * most])


def _fetched(sql: str, parameters: list[Any]) -> list[Answer]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(map(Answer._make, cursor.fetchall()))


def beside(terms: Sequence[Term], places: Sequence[int], stretch: Stretch) -> list[Answer]:
    """Those that were found have none of the terms."""
    where, values = stretch.conditions()
    where = f"{one_of(f'(f.rowid >> {PART_BITS})')} AND {where}"
    things = {each >> PART_BITS for each in places}
    low, high = min(things) << PART_BITS, (max(things) + 1) << PART_BITS
    sql = f"SELECT {ANSWER}{NO_RANKS} {_FOUND.format(words=WORDS, where=where)}"
    return _fetched(sql, [" OR ".join(map(_of, terms)), low, high, as_value(things), *values])


def ranks(query: Query, places: Sequence[int], *, heads: bool = False) -> dict[int, float]:
    """Of all that lies between them, which costs less than asking for each."""
    if not places:
        return {}
    words = HEADS if heads else WORDS
    asked = _in_head(query) if heads else _asked(query)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT rowid, -bm25({words}, %s, %s, %s, %s) FROM {words}"  # noqa: S608 -- as above
            f" WHERE {words} MATCH %s AND rowid >= %s AND rowid <= %s",
            [*WEIGHTS, asked, min(places), max(places)],
        )
        return dict(cursor.fetchall())


def _asked(query: Query, stretch: Stretch = EVERYTHING) -> str:
    wanted = " AND ".join([*map(_of, query.terms), *_quoted(stretch.words)])
    return " NOT ".join([f"({wanted})", *(_of(term) for term in query.without)])


def _in_head(query: Query) -> str:
    """What is asked of a title and what stands beside it: a minus is about all words."""
    return " AND ".join(_of(term, IN_HEADS) for term in query.terms)


def _quoted(words: Iterable[str]) -> list[str]:
    return [f'"{word}"' for word in words]


def _of(term: Term, placed: str = PLACED) -> str:
    phrase = f'"{" ".join(term.stems)}"'
    if len(term.stems) > 1:
        phrase = f"({placed} : {phrase})"
    return f'({phrase} OR "{term.joined}")' if term.joined else phrase
