"""What somebody can do to the access record who has the database in hand, past its triggers."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.db import connection

from members.append_only import TABLES

MIGRATION = import_module("members.migrations.0003_record_is_append_only")


def without_triggers() -> list[str]:
    if connection.vendor == "postgresql":
        return [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in TABLES]
    return [f"DROP TRIGGER IF EXISTS {name}" for name in MIGRATION.sqlite_triggers()]


def with_triggers() -> list[str]:
    if connection.vendor == "postgresql":
        return [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in TABLES]
    return list(MIGRATION.sqlite_triggers().values())


def bend(sql: str, *values: Any) -> None:
    """Have one statement go through that the triggers refuse."""
    connection.check_constraints()  # so that every row has its link
    with connection.cursor() as cursor:
        for statement in without_triggers():
            cursor.execute(statement)
        cursor.execute(sql, values)
        for statement in with_triggers():
            cursor.execute(statement)
