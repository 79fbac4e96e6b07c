"""The rows of every table, as they lie in the database, on their way out and in; from SQLite to PostgreSQL and back.

Whole columns are copied and no model is made of them: nothing is saved, so that no receiver runs, and a text for blocks
that no longer exist comes back as it was. A row is a list of what JSON has: moments in ISO 8601, UUIDs written out,
JSON columns as their text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import DatabaseError, connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.models import Field, Model, Q
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from wagtail.tasks import delete_file_from_storage_task

from members.models import AccessLink, AccessRecord, RecordHead, User
from portal.ops import heartbeat

AT_ONCE = 2000  # rows
WAIT_FOR_LOCKS = "10s"
MODE = "transaction_mode"  # of SQLite's connections alone
# Made anew after a restore, or of no use there: everybody signs in again, and nobody's half-finished editing goes on.
LEFT_OUT_APPS = {"wagtailsearch", "sessions", "usersessions"}
LEFT_OUT = {"wagtailadmin.EditingSession", "portal.WorkerPulse", "portal.SearchRow"}
# The deletion of a stored file names the folder or the bucket in which it lay; none of those files comes along.
_TASKS = ~Q(status=TaskResultStatus.SUCCESSFUL) & ~Q(
    task_path__in=[delete_file_from_storage_task.module_path, heartbeat.beat.module_path]
)
ONLY = {"django_tasks_database.DBTaskResult": _TASKS}


class OtherSchema(ValueError):
    """The tables are not those that are wanted. The message is a sentence."""


class RowRefused(ValueError):
    """The database does not take a row. The message is a sentence."""


@dataclass(frozen=True)
class Table:
    model: type[Model]

    @property
    def name(self) -> str:
        return self.model._meta.db_table

    @cached_property
    def fields(self) -> list[Field[Any, Any]]:
        return list(self.model._meta.local_concrete_fields)

    @property
    def columns(self) -> list[str]:
        return [str(field.column) for field in self.fields]

    def rows(self) -> Iterator[list[Any]]:
        """All of them in the order of their keys, some thousand in memory at a time."""
        wanted = self.model._base_manager.filter(ONLY.get(self.model._meta.label, Q())).order_by("pk")
        query = wanted.values_list(*(field.attname for field in self.fields)).query
        sql, parameters = query.get_compiler(connection=connection).as_sql()
        converts = [self._out_of_database(field) for field in self.fields]
        with connection.chunked_cursor() as cursor:
            cursor.execute(sql, parameters)
            while found := cursor.fetchmany(AT_ONCE):
                for row in found:
                    yield [convert(value) for convert, value in zip(converts, row, strict=True)]

    def insert(self, rows: Iterable[list[Any]]) -> int:
        """Raises RowRefused. Returns how many there were."""
        names = ", ".join(connection.ops.quote_name(name) for name in self.columns)
        places = ", ".join(["%s"] * len(self.columns))
        sql = f"INSERT INTO {connection.ops.quote_name(self.name)} ({names}) VALUES ({places})"  # noqa: S608 -- our own names
        converts = [_into_database(field) for field in self.fields]
        left, count = iter(rows), 0
        with connection.cursor() as cursor:
            while some := list(islice(left, AT_ONCE)):
                try:
                    converted = [[convert(value) for convert, value in zip(converts, row, strict=True)] for row in some]
                    cursor.executemany(sql, converted)
                except (DatabaseError, ValueError, TypeError) as error:
                    what = str(error).strip().partition("\n")[0]
                    raise RowRefused(f"A row of the table {self.name} cannot be written: {what}") from error
                count += len(some)
        return count

    @staticmethod
    def _out_of_database(field: Field[Any, Any]) -> Callable[[Any], Any]:
        expression = field.get_col(field.model._meta.db_table)
        converters = connection.ops.get_db_converters(expression)

        def convert(value: Any) -> Any:
            for converter in converters:
                value = converter(value, expression, connection)
            return value if value is None or type(value) in (str, int, float, bool) else _written(value)

        return convert


def _written(value: Any) -> str:
    """Moments, days, times and UUIDs. Raises TypeError for what no table of ours holds."""
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if hasattr(value, "hex") and not isinstance(value, bytes | bytearray | memoryview):
        return str(value)
    raise TypeError(f"A backup has no form for {type(value).__name__}.")


# Kinds of column whose JSON is not what the database's driver wants. All others go in as they stand.
_KINDS: dict[str, Field[Any, Any]] = {
    kind: getattr(models, kind)() for kind in ("DateTimeField", "DateField", "TimeField", "UUIDField", "BooleanField")
}


def _into_database(field: Field[Any, Any]) -> Callable[[Any], Any]:
    while field.is_relation:
        field = field.target_field  # type: ignore[attr-defined]  # a key to another table has the kind of that one's
    kind = _KINDS.get(field.get_internal_type())
    if kind is None:
        return lambda value: value
    return lambda value: None if value is None else kind.get_db_prep_value(kind.to_python(value), connection)


def tables() -> list[Table]:
    """Those that a backup has, in the order of their names."""
    found = [
        Table(model)
        for model in _stored_models()
        if model._meta.app_label not in LEFT_OUT_APPS and model._meta.label not in LEFT_OUT
    ]
    return sorted(found, key=lambda table: table.name)


def _stored_models() -> list[type[Model]]:
    every = apps.get_models(include_auto_created=True)
    return [model for model in every if model._meta.managed and not model._meta.proxy and not model._meta.swapped]


# --- The schema -------------------------------------------------------------------------------------------------
def schema() -> dict[str, list[str]]:
    """The last migrations of each app. Raises OtherSchema where the database lacks any."""
    executor = MigrationExecutor(connection)
    leaves = executor.loader.graph.leaf_nodes()
    if executor.migration_plan(leaves):
        raise OtherSchema("The database is not up to date: run “manage.py migrate” first.")
    found: dict[str, list[str]] = {}
    for app, name in leaves:
        found.setdefault(app, []).append(name)
    return found


def compare_schema(theirs: dict[str, list[str]], ours: dict[str, list[str]]) -> None:
    """Raises OtherSchema with what to do."""
    known = MigrationLoader(None).graph.nodes
    for app, names in sorted(theirs.items()):
        if unknown := [name for name in names if (app, name) not in known]:
            raise OtherSchema(
                f"The backup was made by a newer version of Gatehouse, which has the migration {app} {unknown[0]}: "
                "install that version, and restore it there."
            )
    for app, names in sorted(ours.items()):
        if sorted(names) != sorted(theirs.get(app, [])):
            raise OtherSchema(
                f"The backup was made by an older version of Gatehouse, without the migration {app} {names[0]}: "
                "restore it with that version, and upgrade then."
            )


# --- A moment, and being alone ----------------------------------------------------------------------------------
@contextmanager
def one_moment() -> Iterator[None]:
    """Everything read inside is of one moment, and nobody is kept waiting: others write as they like."""
    if connection.vendor == "sqlite":
        # The site's own transactions begin with the lock for writing; a reader needs none.
        connection.ensure_connection()
        usual = getattr(connection, MODE)
        setattr(connection, MODE, "DEFERRED")
        try:
            with transaction.atomic(durable=True):
                yield
        finally:
            setattr(connection, MODE, usual)
        return
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def wait_until_alone() -> None:
    """Within a transaction: nobody else writes until its end. SQLite's transactions begin like this. Raises
    OtherSchema where somebody is writing all the time."""
    if connection.vendor != "postgresql":
        return
    names = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in _stored_models())
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = %s", [WAIT_FOR_LOCKS])
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        try:
            with transaction.atomic():
                cursor.execute(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
        except DatabaseError as error:
            raise OtherSchema("Somebody else is writing to this site: stop its processes first.") from error


def what_is_here() -> str:
    """Why nothing can be restored into this database, as a sentence; "" where it is as `migrate` leaves it."""
    people, rows = User.objects.count(), AccessRecord.objects.count()
    if not people and not rows:
        return ""
    return (
        f"This site is not empty: it has {people} accounts and {rows} rows in its access record. Restore into a new "
        "database, after “manage.py migrate”."
    )


def clear() -> None:
    """What `migrate` puts there goes, since the backup has its own. In the access record is nothing (`what_is_here`),
    and nobody can take anything out of it."""
    with connection.cursor() as cursor:
        for model in _stored_models():
            if model in (AccessRecord, AccessLink, RecordHead):
                continue
            if model._meta.db_table != "wagtailsearch_indexentry_fts":  # emptied with the table beside it
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608 -- our own names


# --- Numbers that nobody has had ----------------------------------------------------------------------------------
def numbers_given() -> dict[str, int]:
    """The highest number that each table has given, also where its row is gone: it is nobody else's."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, seq FROM sqlite_sequence")
            given = dict(cursor.fetchall())
        else:
            cursor.execute(
                "SELECT d.refobjid::regclass::text, s.last_value FROM pg_sequences s"
                " JOIN pg_depend d ON d.objid = format('%I.%I', s.schemaname, s.sequencename)::regclass"
                " AND d.deptype IN ('a', 'i') WHERE s.schemaname = current_schema() AND s.last_value IS NOT NULL"
            )
            given = {name.strip('"'): last for name, last in cursor.fetchall()}
    wanted = {table.name for table in tables()}
    return {name: last for name, last in sorted(given.items()) if last and name in wanted}


def go_on_from(given: dict[str, int]) -> None:
    """The next number of each table is above all that were given there and all that stand in it."""
    every = tables()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name, last in given.items():
                cursor.execute("UPDATE sqlite_sequence SET seq = max(seq, %s) WHERE name = %s", [last, name])
                if not cursor.rowcount:
                    cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [name, last])
            return
        for sql in connection.ops.sequence_reset_sql(no_style(), [table.model for table in every]):
            cursor.execute(sql)
        for table in every:
            if table.name in given:
                cursor.execute(
                    "SELECT setval(s, greatest(%s, nextval(s) - 1)) FROM pg_get_serial_sequence(%s, %s) s",
                    [given[table.name], connection.ops.quote_name(table.name), table.model._meta.pk.column],
                )


# --- Rows and bytes ----------------------------------------------------------------------------------------------
def as_lines(rows: Iterable[list[Any]], size: int) -> Iterator[tuple[int, bytes]]:
    """Rows as lines of JSON, in pieces of some `size` bytes: how many there are, and the bytes."""
    lines: list[bytes] = []
    length = 0
    for row in rows:
        lines.append(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        length += len(lines[-1])
        if length >= size:
            yield len(lines), b"".join(lines)
            lines, length = [], 0
    if lines:
        yield len(lines), b"".join(lines)


def from_lines(data: bytes, width: int) -> list[list[Any]]:
    """Raises RowRefused for what are no rows of so many columns."""
    try:
        rows = [json.loads(line) for line in data.split(b"\n") if line]
    except ValueError as error:
        raise RowRefused("The backup was altered: its rows cannot be understood.") from error
    if any(not isinstance(row, list) or len(row) != width for row in rows):
        raise RowRefused("The backup was altered: its rows cannot be understood.")
    return rows


def stored_tasks_again() -> None:
    """What a worker of the former site was about is for the worker of this one."""
    DBTaskResult.objects.running().update(status=TaskResultStatus.READY, started_at=None)
