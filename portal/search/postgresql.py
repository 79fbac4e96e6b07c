"""The words in PostgreSQL: two columns of the row, each a `tsvector` with an index of its own.

The vectors are written by us and never parsed by the database, whose parser takes “members.pdf” for one word.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction

from portal.models.search import SearchRow
from portal.search.interface import ANSWER, NAME, Answer, Row, Stretch, Things
from portal.search.query import Query, Term

TABLE = SearchRow._meta.db_table
GAP = 5  # places between title, what is beside it, and text: no phrase reaches over it
WEIGHTS = [0.1, 0.1, 0.4, 1.0]  # of text, of nothing, of what is beside the title, of the title
WALK = 4  # times as many rows as are wanted
BY_LENGTH = 1  # ts_rank divides by the logarithm of the length
# The numbers of places as a vector is written: making each anew takes as long as all the rest.
_FIRST, _FURTHER = ([f"{sign}{number}" for number in range(2**14)] for sign in ":,")
COLUMNS = [str(field.column) for field in SearchRow._meta.local_concrete_fields]


def write(rows: Iterable[Row], *, instead_of: Things) -> None:
    names = ", ".join(COLUMNS)
    anew = ", ".join(f"{name} = EXCLUDED.{name}" for name in COLUMNS if name != "id")
    marks = ", ".join(["%s"] * len(COLUMNS))
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {TABLE} WHERE paper_id = ANY(%s) OR page_id = ANY(%s)",  # noqa: S608 -- our own name
            [list(instead_of.papers), list(instead_of.pages)],
        )
        cursor.executemany(
            f"INSERT INTO {TABLE} ({names}) VALUES ({marks})"  # noqa: S608 -- our own names
            f" ON CONFLICT (id) DO UPDATE SET {anew}",  # where two workers are at the same thing
            [_values(row) for row in rows],
        )


def _values(row: Row) -> list[Any]:
    facts = {**row.facts, "head": _head(row), "words": _words(row)}
    return [facts[name] for name in COLUMNS]


def _head(row: Row) -> str:
    places: dict[str, str] = {}
    _add(places, row.title, "A", 1)
    _add(places, row.about, "B", len(row.title) + GAP)
    return _written(places, row.names)


def _words(row: Row) -> str:
    places: dict[str, str] = {}
    begin = 1
    for words, weight in ((row.title, "A"), (row.about, "B"), (row.text, "")):
        _add(places, words, weight, begin)
        begin += len(words) + GAP
    return _written(places, row.rest)


def _add(places: dict[str, str], words: list[str], weight: str, begin: int) -> None:
    known = places.get
    for word, first, further in zip(words, _FIRST[begin:], _FURTHER[begin:], strict=False):
        before = known(word)
        places[word] = word + first + weight if before is None else before + further + weight


def _written(places: dict[str, str], others: Iterable[str]) -> str:
    return " ".join([*places.values(), *(word for word in others if word not in places)])


def answers(query: Query, stretch: Stretch, most: int, *, heads: bool = False) -> list[Answer]:
    return _newest("head" if heads else "words", _asked(query), stretch, most)


def named(beginnings: Sequence[str], stretch: Stretch, most: int, *, any_of: bool = False) -> list[Answer]:
    between = " | " if any_of else " & "
    asked = between.join(f"{each}:*" if each.startswith(NAME) else each for each in beginnings)
    return _newest("head", asked, stretch, most)


def _newest(column: str, asked: str, stretch: Stretch, most: int) -> list[Answer]:
    where, values = stretch.conditions("r.id + 0")  # a sum, so that nobody goes through the keys to find words
    order = "r.id + 0" if column == "words" else "r.id"
    sql = (
        f"SELECT {ANSWER} FROM {TABLE} r WHERE r.{column} @@ %s::tsquery AND {where}"  # noqa: S608 -- our own names
        f" ORDER BY {order} DESC LIMIT %s"
    )
    parameters = [asked, *values, most]
    if column != "words":
        return _fetched(sql, parameters)
    scans = _scans(sql, parameters)
    if not stretch.is_narrow and _is_dense(max(scans.values(), default=0), most):
        found = _walk(asked, stretch, most)
        if len(found) == most:
            return found
    if "Seq Scan" not in scans:
        return _fetched(sql, parameters)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # the planner does not know what unpacking a vector costs
        found = _fetched(sql, parameters)
        cursor.execute("SET LOCAL enable_seqscan TO DEFAULT")
    return found


def _fetched(sql: str, parameters: list[Any]) -> list[Answer]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [Answer(*row) for row in cursor.fetchall()]


def _scans(sql: str, parameters: list[Any]) -> dict[str, int]:
    """By which ways the planner would read the table, and how many rows it expects there. Asking takes some tenths of a
    millisecond."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters)
        told = cursor.fetchone()[0]
    plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    scans: dict[str, int] = {}
    while plan:
        if plan.get("Relation Name") == TABLE:
            scans[plan["Node Type"]] = plan["Plan Rows"]
        plan = next(iter(plan.get("Plans", ())), None)
    return scans


def _is_dense(matching: int, most: int) -> bool:
    """Whether so many rows have the words that going through the newest ones is quicker than fetching all that do: a
    vector costs two and a half times as much as a row that is found by the index."""
    if matching <= most * 2.5:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [TABLE])
        every = max(cursor.fetchone()[0], 1)
    return bool(most * 2.5 < matching * matching / every)


def _walk(asked: str, stretch: Stretch, most: int) -> list[Answer]:
    """Through the newest rows, some way: the word may be common in things of another kind alone."""
    where, values = stretch.conditions()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {ANSWER} FROM (SELECT * FROM {TABLE} r WHERE {where} ORDER BY id DESC LIMIT %s) r"  # noqa: S608 -- as above
            " WHERE words @@ %s::tsquery ORDER BY id DESC LIMIT %s",
            [*values, WALK * most, asked, most],
        )
        return [Answer(*row) for row in cursor.fetchall()]


def ranks(query: Query, places: Sequence[int], *, heads: bool = False) -> dict[int, float]:
    if not places:
        return {}
    column = "head" if heads else "words"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, ts_rank(%s::float4[], {column}, %s::tsquery, %s) FROM {TABLE} WHERE id = ANY(%s)",  # noqa: S608 -- as above
            [WEIGHTS, _asked(query), BY_LENGTH, list(places)],
        )
        return dict(cursor.fetchall())


def _asked(query: Query) -> str:
    wanted = [_of(term) for term in query.terms]
    return " & ".join([*wanted, *(f"!{_of(term)}" for term in query.without)])


def _of(term: Term) -> str:
    phrase = f"({' <-> '.join(term.stems)})"
    return f"({phrase} | {term.joined})" if term.joined else phrase
