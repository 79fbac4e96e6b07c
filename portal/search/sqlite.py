"""The words in SQLite: two full-text tables (FTS5) beside the rows, ranked with BM25.

https://www.sqlite.org/fts5.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from portal.models.search import SearchRow
from portal.search.interface import ANSWER, NAME, Answer, Row, Stretch, Things
from portal.search.query import Query, Term

TABLE, HEADS, WORDS = SearchRow._meta.db_table, "portal_searchhead", "portal_searchtext"
WEIGHTS = (10.0, 4.0, 1.0, 0.2)  # of title, what is beside it, text, and the rest
PLACED = "{title about text}"  # columns in which words stand in their order
AT_ONCE = 200
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


def answers(query: Query, stretch: Stretch, most: int, *, heads: bool = False) -> list[Answer]:
    return _newest(HEADS if heads else WORDS, _asked(query), stretch, most)


def named(beginnings: Sequence[str], stretch: Stretch, most: int, *, any_of: bool = False) -> list[Answer]:
    between = " OR " if any_of else " AND "
    asked = between.join(f'"{each}"*' if each.startswith(NAME) else f'"{each}"' for each in beginnings)
    return _newest(HEADS, asked, stretch, most)


def _newest(words: str, asked: str, stretch: Stretch, most: int) -> list[Answer]:
    where, values = stretch.conditions()
    with connection.cursor() as cursor:
        # Joined so that the words come first, in their own order, and no more of them are read than are wanted.
        cursor.execute(
            f"SELECT {ANSWER} FROM {words} f CROSS JOIN {TABLE} r ON r.id = f.rowid"  # noqa: S608 -- our own names
            f" WHERE f.{words} MATCH %s AND f.rowid >= %s AND f.rowid < %s AND {where}"
            " ORDER BY f.rowid DESC LIMIT %s",
            [asked, stretch.low, stretch.high, *values, most],
        )
        return [Answer(*row) for row in cursor.fetchall()]


def ranks(query: Query, places: Sequence[int], *, heads: bool = False) -> dict[int, float]:
    """Of all that lies between them, which costs less than asking for each."""
    if not places:
        return {}
    words = HEADS if heads else WORDS
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT rowid, -bm25({words}, %s, %s, %s, %s) FROM {words}"  # noqa: S608 -- as above
            f" WHERE {words} MATCH %s AND rowid >= %s AND rowid <= %s",
            [*WEIGHTS, _asked(query), min(places), max(places)],
        )
        return dict(cursor.fetchall())


def _asked(query: Query) -> str:
    wanted = " AND ".join(_of(term) for term in query.terms)
    return " NOT ".join([f"({wanted})", *(_of(term) for term in query.without)])


def _of(term: Term) -> str:
    phrase = f'"{" ".join(term.stems)}"'
    if len(term.stems) > 1:
        phrase = f"({PLACED} : {phrase})"
    return f'({phrase} OR "{term.joined}")' if term.joined else phrase
