"""Questions to the database that come with nearly every request, worded once.

Django takes longer to word a long question than the database to answer it, and PostgreSQL longer to plan it: so the
words are kept by the process, and the plan by each connection. What they find is asked each time.

A plan is called by its words, so that behind a pooler which gives a connection to one after the other (where plans do
not belong: docs/operator.md) nobody is answered somebody else's question.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from django.db import DatabaseError, connection
from psycopg import sql

if TYPE_CHECKING:
    from django.db.models import Field, QuerySet

# What each of PostgreSQL's connections has been told, by name, and whether that still holds. A connection lives for an
# hour.
_told: WeakKeyDictionary[Any, dict[str, bool]] = WeakKeyDictionary()
# PostgreSQL's manual, appendix A: a column has another type since; the connection does not know the name; or it has it
# from somebody else.
STALE = {"0A000", "26000", "42P05"}
NOBODY = -1  # stands in for a person's key


class Worded:
    """A question for values, to be kept by whoever asks it.

    `places` are what differs each time: for each name the field that is compared with it, and the stand-in that the
    question was built with, which must stand for nothing else in it.
    """

    def __init__(self, rows: QuerySet[Any, Any], **places: tuple[Field[Any, Any], object]) -> None:
        self._words: str | None = None  # as a connection is told
        compiler = rows.query.get_compiler(rows.db)
        self._sql, found = compiler.as_sql()
        self._converters = compiler.get_converters([column for column, _sql, _name in compiler.select])
        self._fields = {name: field for name, (field, _value) in places.items()}
        stand_ins = {name: self._adapted(name, value) for name, (_field, value) in places.items()}
        named = [[name for name, value in stand_ins.items() if value == each] for each in found]
        self._parameters = [(names[0], None) if names else ("", each) for names, each in zip(named, found, strict=True)]
        if missing := places.keys() - {name for name, _value in self._parameters}:
            raise ValueError(f"The question has no place for {', '.join(sorted(missing))}.")

    def _adapted(self, name: str, value: object) -> Any:
        return self._fields[name].get_db_prep_value(value, connection)

    def first(self, **values: object) -> tuple[Any, ...] | None:
        """The first row, or None, with these values in the places."""
        with connection.cursor() as cursor:
            self._ask(cursor, values)
            row = cursor.fetchone()
        return None if row is None else self._converted(row)

    def all(self, **values: object) -> list[tuple[Any, ...]]:
        """All rows, with these values in the places."""
        with connection.cursor() as cursor:
            self._ask(cursor, values)
            return [self._converted(row) for row in cursor.fetchall()]

    def _ask(self, cursor: Any, values: dict[str, object]) -> None:
        adapted = {name: self._adapted(name, value) for name, value in values.items()}
        if connection.vendor != "postgresql" or not self._found_by_name(cursor, adapted):
            cursor.execute(self._sql, [adapted[name] if name else each for name, each in self._parameters])

    def _found_by_name(self, cursor: Any, adapted: dict[str, Any]) -> bool:
        """Whether the question was asked by its name. Where that does not do on this connection, it is asked in words
        from then on; within a transaction, which the failure has ended, from the next one on."""
        words = self._as_told()
        name, told = f"worded_{sha256(words.encode()).hexdigest()[:32]}", _told.setdefault(connection.connection, {})
        try:
            if name not in told:
                with connection.wrap_database_errors:
                    connection.connection.execute(f"PREPARE {name} AS {words}")
                told[name] = True
            if told[name]:
                places = ", ".join(["%s"] * len(self._fields))
                cursor.execute(f"EXECUTE {name} ({places})", [adapted[each] for each in self._fields])
        except DatabaseError as error:
            if getattr(error.__cause__, "sqlstate", None) not in STALE:
                raise
            told[name] = False
            if connection.in_atomic_block:
                raise
        return told[name]

    def _as_told(self) -> str:
        if self._words is None:
            number = {name: f"${place}" for place, name in enumerate(self._fields, 1)}
            pieces = [
                number[name] if name else sql.Literal(each).as_string(connection.connection)
                for name, each in self._parameters
            ]
            self._words = self._sql % tuple(pieces)
        return self._words

    def _converted(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        if not self._converters:
            return row
        values = list(row)
        for place, (converters, expression) in self._converters.items():
            for convert in converters:
                values[place] = convert(values[place], expression, connection)
        return tuple(values)
