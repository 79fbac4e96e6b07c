"""Questions to the database that come with nearly every request, worded once.

Django takes longer to word a long question than the database to answer it, and PostgreSQL longer to plan it: so the
words are kept by the process, and the plan by each connection. What they find is asked each time.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from django.db import connection
from psycopg import sql

if TYPE_CHECKING:
    from django.db.models import Field, QuerySet

# The questions that each of PostgreSQL's connections has been told, by their names. A connection lives for an hour.
_told: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
_numbers = itertools.count(1)


class Worded:
    """A question for values, to be kept by whoever asks it.

    `places` are what differs each time: for each name the field that is compared with it, and the stand-in that the
    question was built with, which must stand for nothing else in it.
    """

    def __init__(self, rows: QuerySet[Any, Any], **places: tuple[Field[Any, Any], object]) -> None:
        self._name = f"worded_{next(_numbers)}"
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
        adapted = {name: self._adapted(name, value) for name, value in values.items()}
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                places = ", ".join(["%s"] * len(self._fields))
                cursor.execute(f"EXECUTE {self._told_as()} ({places})", [adapted[name] for name in self._fields])
            else:
                cursor.execute(self._sql, [adapted[name] if name else each for name, each in self._parameters])
            row = cursor.fetchone()
        return None if row is None else self._converted(row)

    def _told_as(self) -> str:
        """The name by which this connection knows the question."""
        told = _told.setdefault(connection.connection, set())
        if self._name not in told:
            with connection.wrap_database_errors:
                connection.connection.execute(self._telling())
            told.add(self._name)
        return self._name

    def _telling(self) -> str:
        number = {name: f"${place}" for place, name in enumerate(self._fields, 1)}
        pieces = [
            number[name] if name else sql.Literal(each).as_string(connection.connection)
            for name, each in self._parameters
        ]
        return f"PREPARE {self._name} AS {self._sql % tuple(pieces)}"

    def _converted(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for place, (converters, expression) in self._converters.items():
            for convert in converters:
                values[place] = convert(values[place], expression, connection)
        return tuple(values)
