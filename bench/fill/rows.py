"""Rows by the thousand into one table, past the models: `COPY` on PostgreSQL, `executemany` on SQLite.

`bulk_create` cannot write a page, which is a row in two tables, and spends most of its time on statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models, transaction

AT_ONCE = 5_000


class Counter:
    """How many rows were written."""

    rows = 0


def write(model: type[models.Model], rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows, given as {attname: value}; what a row leaves out gets the field's default."""
    fields = model._meta.local_concrete_fields
    rows = iter(rows)
    while batch := list(islice(rows, AT_ONCE)):
        values = [[_stored(field, row) for field in fields] for row in batch]
        with transaction.atomic():
            _insert(model._meta.db_table, [field.column for field in fields], values)
        Counter.rows += len(batch)


def _stored(field: models.Field[Any, Any], row: dict[str, Any]) -> Any:
    value = row[field.attname] if field.attname in row else field.get_default()
    if getattr(field, "auto_now_add", False) and value is None:
        value = row["now"]
    return field.get_db_prep_save(value, connection)


def _insert(table: str, columns: list[str], values: list[list[Any]]) -> None:
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    into = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {into} ({names}) FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {into} ({names}) VALUES ({marks})", values)  # noqa: S608 -- our own names


def next_key(model: type[models.Model]) -> int:
    return int(model._base_manager.aggregate(last=models.Max("pk"))["last"] or 0) + 1


def mend_sequences(*kinds: type[models.Model]) -> None:
    """Have the database count on from the keys that were given by hand. PostgreSQL also looks at what its tables hold
    now, as it does by itself; SQLite never does, and once told that the search's tables are empty it would go through
    all of them for each paper."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(kinds)):
            cursor.execute(statement)
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")


def numbered(first: int, count: int) -> Iterator[tuple[int, int]]:
    """(place from 0, key)."""
    return ((place, first + place) for place in range(count))
