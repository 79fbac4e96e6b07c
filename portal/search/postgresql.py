"""The words in PostgreSQL: two columns of the row, each a `tsvector` with an index of its own.

The vectors are written by us and never parsed by the database, whose parser takes “members.pdf” for one word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any

import psycopg
from django.db import OperationalError, connection, transaction
from psycopg.adapt import Dumper
from psycopg.pq import Format

from members.many_keys import as_value, one_of
from portal.models.search import SearchRow
from portal.search import statistics
from portal.search.interface import (
    ANSWER,
    LONGEST_STATEMENT,
    MOST_PARTS,
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

TABLE = SearchRow._meta.db_table
GAP = 5  # places between title, what is beside it, and text: no phrase reaches over it
WEIGHTS = "{0.1, 0.1, 0.4, 1.0}"  # of text, of nothing, of what is beside the title, of the title
SPARE = 50  # rows that are ranked for those which the person may not read
WALK = 4  # times as many rows as are wanted
EVERYTHING = Stretch()
CANCELLED = "57014"  # PostgreSQL's manual, appendix A
BY_LENGTH = 1  # ts_rank divides by the logarithm of the length
# A vector is sent as the database's `tsvectorrecv` reads it, in a fraction of the time that it takes to read text: how
# many words; then each with a zero, how many places it has, and these, with the weight in the two highest bits.
MOST_OF_A_WORD = 256  # places; more are refused
_A, _B, _TEXT = (
    [(weight << 14 | place).to_bytes(2) for place in range(2**14)] for weight in (3, 2, 0)
)  # made once: making each anew takes as long as all the rest
_COUNTS = [b"\0" + (length // 2).to_bytes(2) for length in range(2 * MOST_OF_A_WORD + 1)]  # by the length of the places
ROW = f"{ANSWER}, r.head, r.words"
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
    # Django's own cursor would write the values into the statement, which the database then reads anew for each row.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.adapters.register_dumper(_Vector, _VectorDumper)
        cursor.executemany(
            f"INSERT INTO {TABLE} ({names}) VALUES ({marks})"  # noqa: S608 -- our own names
            f" ON CONFLICT (id) DO UPDATE SET {anew}",  # where two workers are at the same thing
            map(_values, rows),  # no list: the database takes one while the next is made
        )


def _values(row: Row) -> list[Any]:
    facts = {**row.facts, "head": _head(row), "words": _words(row)}
    return [facts[name] for name in COLUMNS]


class _Vector(bytes):
    """A `tsvector` as it is sent."""


class _VectorDumper(Dumper):
    format, oid = Format.BINARY, 3614  # pg_type.dat

    def dump(self, obj: bytes) -> bytes:
        return obj


def _head(row: Row) -> _Vector:
    places: dict[str, bytes] = {}
    _add(places, row.title, _A, 1)
    _add(places, row.about, _B, len(row.title) + GAP)
    return _vector(places, row.names)


def _words(row: Row) -> _Vector:
    places: dict[str, bytes] = {}
    begin = 1
    for words, numbers in ((row.title, _A), (row.about, _B), (row.text, _TEXT)):
        _add(places, words, numbers, begin)
        begin += len(words) + GAP
    return _vector(places, row.rest)


def _add(places: dict[str, bytes], words: list[str], numbers: list[bytes], begin: int) -> None:
    known = places.get
    for word, place in zip(words, numbers[begin : begin + len(words)], strict=False):
        before = known(word)
        places[word] = place if before is None else before + place


def _vector(places: dict[str, bytes], others: Iterable[str]) -> _Vector:
    for word in others:
        places.setdefault(word, b"")
    lengths = list(map(len, places.values()))
    if max(lengths, default=0) > 2 * MOST_OF_A_WORD:
        places = {word: found[: 2 * MOST_OF_A_WORD] for word, found in places.items()}
        lengths = list(map(len, places.values()))
    counts = map(_COUNTS.__getitem__, lengths)
    parts = chain.from_iterable(zip(map(str.encode, places), counts, places.values(), strict=True))
    return _Vector(b"".join([len(places).to_bytes(4), *parts]))


def tidy() -> None:
    """What was written waits in a list before the index, which every search goes through; and the planner knows what
    was there before."""
    with connection.cursor() as cursor:
        for column in ("head", "words"):
            cursor.execute("SELECT gin_clean_pending_list(%s::regclass)", [f"{TABLE}_{column}"])
        cursor.execute(f"ANALYZE {TABLE}")
    statistics.forget()


@contextmanager
def bounded() -> Iterator[None]:
    is_inner = connection.in_atomic_block  # else what is set ends with the transaction
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            # Compiling a plan takes longer than a search.
            cursor.execute(f"SET LOCAL statement_timeout = {LONGEST_STATEMENT * 1000:.0f}; SET LOCAL jit = off")
            yield
            if is_inner:
                cursor.execute("SET LOCAL statement_timeout TO DEFAULT; SET LOCAL jit TO DEFAULT")
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == CANCELLED:
            raise TakesTooLong from error
        raise


def answers(query: Query, stretch: Stretch, most: int, *, ranked: bool = True) -> list[Answer]:
    expected = statistics.statistics()
    matching = expected.expected(query)
    if not stretch.is_narrow and _is_dense(matching, expected.rows, most):
        found = _walk(query, stretch, most, ranked=ranked)
        if len(found) == most:
            return found
    # A sum, so that nobody goes through the keys to find words; titles are short enough for that.
    rows = _newest("r.words @@ %s::tsquery", [_asked(query, stretch)], stretch, most, key="r.id + 0")
    if not ranked:
        statement = _unranked(*rows)
    else:
        are_few = expected.rows and matching <= MOST_RANKED
        statement = (_ranked_few if are_few else _ranked)(query, *rows)
    return _fetched(*statement, without="seqscan")


def heads(query: Query, stretch: Stretch, most: int) -> list[Answer]:
    """A minus is about all words."""
    asked, values = "r.head @@ %s::tsquery", [" & ".join([*map(_of, query.terms), *stretch.words])]
    if query.without:
        asked, values = f"{asked} AND NOT r.words @@ %s::tsquery", [*values, " | ".join(map(_of, query.without))]
    rows, more = _newest(asked, values, stretch, most)
    sql = f"SELECT {NAMED}, NULL AS rank, {_rank('head')} AS head FROM ({rows}) r"  # noqa: S608 -- our own names
    return _fetched(sql, [_in_head(query), *more])


def named(beginnings: Sequence[str], stretch: Stretch, most: int, *, any_of: bool = False) -> list[Answer]:
    asked = _beginning(beginnings, stretch, any_of=any_of)
    return _fetched(*_unranked(*_newest("r.head @@ %s::tsquery", [asked], stretch, most)))


def named_among(
    beginnings: Sequence[str], stretch: Stretch, most: int, things: QuerySet[Any], column: str, *, any_of: bool = False
) -> list[Answer]:
    return _among("head", _beginning(beginnings, stretch, any_of=any_of), stretch, most, things, of_each=1)


def _beginning(beginnings: Sequence[str], stretch: Stretch, *, any_of: bool) -> str:
    between = " | " if any_of else " & "
    asked = between.join(f"{each}:*" if each.startswith(NAME) else each for each in beginnings)
    return " & ".join([f"({asked})", *stretch.words])


def _newest(where: str, asked: list[Any], stretch: Stretch, most: int, key: str = "r.id") -> tuple[str, list[Any]]:
    conditions, values = stretch.conditions(key)
    sql = f"SELECT {ROW}, {key} AS at FROM {TABLE} r WHERE {where} AND {conditions} ORDER BY {key} DESC LIMIT %s"  # noqa: S608 -- our own names
    return sql, [*asked, *values, most]


def _unranked(rows: str, values: list[Any]) -> tuple[str, list[Any]]:
    return f"SELECT {NAMED}{NO_RANKS} FROM ({rows}) r ORDER BY at DESC", values  # noqa: S608 -- our own names


def _ranked_few(query: Query, rows: str, values: list[Any]) -> tuple[str, list[Any]]:
    """With the rank by all words where there are as few as expected; else `find` asks for the ranks that it wants."""
    sql = (
        f"SELECT {NAMED}, CASE WHEN count(*) OVER () <= {MOST_RANKED} THEN {_rank('words')} END AS rank, NULL AS head"  # noqa: S608 -- our own names
        f" FROM ({rows}) r ORDER BY at DESC"
    )
    return sql, [_asked(query), *values]


def _ranked(query: Query, rows: str, values: list[Any]) -> tuple[str, list[Any]]:
    """With both ranks, where `find` will want them of a person who may read nearly all of these: what is found need not
    be fetched once more."""
    ranked = f"in_head IS NULL OR NOT in_head AND others <= {MOST_RANKED + SPARE}"
    sql = (
        f"SELECT {NAMED}, CASE WHEN {ranked} THEN {_rank('words')} END AS rank,"  # noqa: S608 -- our own names
        f" CASE WHEN in_head THEN {_rank('head')} WHEN NOT in_head THEN {NOT_IN_HEAD}::float4 END AS head"
        " FROM (SELECT *, count(*) FILTER (WHERE NOT in_head)"
        " OVER (ORDER BY at DESC ROWS UNBOUNDED PRECEDING) AS others"
        f" FROM (SELECT *, CASE WHEN count(*) OVER () > {MOST_RANKED} THEN head @@ %s::tsquery END AS in_head"
        f" FROM ({rows}) r) r) r ORDER BY at DESC"
    )
    asked = _in_head(query)
    return sql, [_asked(query), asked, asked, *values]


def _rank(column: str) -> str:
    return f"ts_rank('{WEIGHTS}', {column}, %s::tsquery, {BY_LENGTH})"


def answers_among(query: Query, stretch: Stretch, most: int, things: QuerySet[Any], column: str) -> list[Answer]:
    return _among("words", _asked(query, stretch), stretch, most, things, of_each=ROWS_OF_EACH)


def _among(words: str, asked: str, stretch: Stretch, most: int, things: QuerySet[Any], *, of_each: int) -> list[Answer]:
    among, keys = things.values("pk").query.sql_with_params()
    where, values = stretch.conditions("r.id + 0")
    # The parts of a thing follow each other, and differ in the last bits of the key.
    sql = (
        f"WITH found AS MATERIALIZED (SELECT {ANSWER} FROM {TABLE} r WHERE r.{words} @@ %s::tsquery AND {where}),"  # noqa: S608 -- our own names
        f" readable (thing) AS MATERIALIZED ({among}), numbered AS ("
        f"SELECT *, row_number() OVER (PARTITION BY id >> {PART_BITS} ORDER BY id) AS part"
        " FROM found WHERE thing IN (SELECT thing FROM readable))"
        f" SELECT {NAMED}{NO_RANKS} FROM numbered WHERE part <= %s ORDER BY id DESC LIMIT %s"
    )
    return _fetched(sql, [asked, *values, *keys, of_each, of_each * most], without="seqscan nestloop")


def _fetched(sql: str, parameters: list[Any], *, without: str = "") -> list[Answer]:
    """`without`: ways of the planner, which knows neither what unpacking a vector costs nor how many things somebody
    may read."""
    ways = without.split()
    before = "".join(f"SET LOCAL enable_{way} = off; " for way in ways)
    after = "".join(f"; SET LOCAL enable_{way} TO DEFAULT" for way in ways)
    with connection.cursor() as cursor:
        cursor.execute(f"{before}{sql}{after}", parameters)
        while cursor.description is None and cursor.nextset():
            pass  # what came before the question
        return list(map(Answer._make, cursor.fetchall()))


def _is_dense(matching: float, rows: float, most: int) -> bool:
    """Whether so many rows have the words that going through the newest ones is quicker than fetching all that do: a
    vector costs two and a half times as much as a row that is found by the index."""
    return matching > most * 2.5 and matching * matching > most * 2.5 * rows


def _walk(query: Query, stretch: Stretch, most: int, *, ranked: bool) -> list[Answer]:
    """Through the newest rows, some way: the word may be common in things of another kind alone. What has the words in
    its head has them among all its words, which then need not be unpacked; a minus is about all of them."""
    where, values = stretch.conditions()
    asked = _asked(query, stretch)
    head, more = ("", []) if query.without else ("r.head @@ %s::tsquery OR ", [asked])
    rows = (
        f"SELECT * FROM (SELECT {ROW}, r.id AS at FROM {TABLE} r WHERE {where} ORDER BY id DESC LIMIT %s) r"  # noqa: S608 -- as above
        f" WHERE {head}r.words @@ %s::tsquery ORDER BY at DESC LIMIT %s"
    )
    found = rows, [*values, WALK * most, *more, asked, most]
    return _fetched(*(_ranked(query, *found) if ranked else _unranked(*found)))


def beside(terms: Sequence[Term], places: Sequence[int], stretch: Stretch) -> list[Answer]:
    """By their keys, which follow each other. Those that were found have none of the terms, and are not unpacked: most
    things have one row."""
    where, values = stretch.conditions()
    sql = (
        f"SELECT {ANSWER}{NO_RANKS} FROM unnest(%s::bigint[]) first"  # noqa: S608 -- our own names
        f" JOIN {TABLE} r ON r.id >= first AND r.id < first + {MOST_PARTS}"
        f" WHERE CASE WHEN NOT {one_of('r.id')} THEN r.words @@ %s::tsquery END AND {where}"
    )
    firsts = {each >> PART_BITS << PART_BITS for each in places}
    parameters = [as_value(firsts), as_value(places), " | ".join(map(_of, terms)), *values]
    return _fetched(sql, parameters, without="seqscan bitmapscan")


def ranks(query: Query, places: Sequence[int], *, heads: bool = False) -> dict[int, float]:
    if not places:
        return {}
    asked = _in_head(query) if heads else _asked(query)
    column, and_has, more = ("head", "AND head @@ %s::tsquery", [asked]) if heads else ("words", "", [])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {_rank(column)} FROM {TABLE}"  # noqa: S608 -- as above
            f" WHERE {one_of('id')} {and_has}",
            [asked, as_value(places), *more],
        )
        return dict(cursor.fetchall())


def _asked(query: Query, stretch: Stretch = EVERYTHING) -> str:
    wanted = [_of(term) for term in query.terms]
    return " & ".join([*wanted, *stretch.words, *(f"!{_of(term)}" for term in query.without)])


def _in_head(query: Query) -> str:
    """What is asked of a title and what stands beside it: a minus is about all words."""
    return " & ".join(map(_of, query.terms))


def _of(term: Term) -> str:
    phrase = f"({' <-> '.join(term.stems)})"
    return f"({phrase} | {term.joined})" if term.joined else phrase
