"""The database: SQLite or PostgreSQL, whichever the site has."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from deploy.processes import free_port
from tests.drills.faults import AT_ONCE, NotHere, servers

IS_SQLITE = connection.vendor == "sqlite"


def _anew() -> None:
    connection.close()
    if not IS_SQLITE:
        connection.close_pool()


@contextmanager
def _database_with(**changes: Any) -> Iterator[None]:
    """The same one, found otherwise."""
    before = dict(connection.settings_dict)
    _anew()
    connection.settings_dict.update(changes)
    try:
        yield
    finally:
        _anew()
        connection.settings_dict.update(before)


@contextmanager
def database_away() -> Iterator[None]:
    if IS_SQLITE:
        with _database_with(NAME="/nowhere/db.sqlite3"):
            yield
        return
    with _database_with(PORT=free_port(), OPTIONS=_impatient()):
        yield


@contextmanager
def database_hangs() -> Iterator[None]:
    """Somebody else holds what this one wants to write; or the server says nothing at all."""
    if IS_SQLITE:
        options = {**connection.settings_dict["OPTIONS"], "timeout": AT_ONCE}
        with _database_with(OPTIONS=options):
            holding = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
            holding.execute("BEGIN IMMEDIATE")
            try:
                yield
            finally:
                holding.close()
        return
    with servers.silent() as port, _database_with(PORT=port, OPTIONS=_impatient()):
        yield


def _impatient() -> dict[str, Any]:
    options = connection.settings_dict["OPTIONS"]
    return {**options, "connect_timeout": 2, "pool": {**options["pool"], "timeout": AT_ONCE, "reconnect_timeout": 0}}


@contextmanager
def database_only_reads() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = ON" if IS_SQLITE else "SET default_transaction_read_only = on")
    try:
        yield
    finally:
        _anew()


# --- SQLite alone -------------------------------------------------------------------------------------------------
@contextmanager
def database_damaged() -> Iterator[None]:
    place = Path(settings.DATA_DIR) / "damaged.sqlite3"
    place.write_bytes(b"nonsense" * 1024)
    with _database_with(NAME=str(place)):
        yield
    place.unlink()


@contextmanager
def disk_full() -> Iterator[None]:
    """No file may grow: neither the database's nor the store's. Needs no root."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


# --- PostgreSQL alone ---------------------------------------------------------------------------------------------
def _beside(name: str = "postgres") -> psycopg.Connection[Any]:
    """Another connection, to the server's own database or to this one."""
    known = connection.settings_dict
    return psycopg.connect(
        host=known["HOST"], port=known["PORT"] or None, user=known["USER"], password=known["PASSWORD"] or None,
        dbname=name, autocommit=True,
    )  # fmt: skip


@contextmanager
def database_has_no_connection_left() -> Iterator[None]:
    quoted = connection.ops.quote_name(connection.settings_dict["NAME"])
    with _beside() as beside:
        ((is_bound,),) = beside.execute("SELECT NOT rolsuper FROM pg_roles WHERE rolname = current_user").fetchall()
        if not is_bound:
            raise NotHere  # no limit holds for the server's administrator
        beside.execute(f"ALTER DATABASE {quoted} CONNECTION LIMIT 0")
        try:
            with _database_with(OPTIONS=_impatient()):
                yield
        finally:
            beside.execute(f"ALTER DATABASE {quoted} CONNECTION LIMIT -1")


@contextmanager
def database_breaks_off() -> Iterator[None]:
    """The server ends each connection just before it is asked."""
    with _beside() as beside:

        def ended(execute: Callable[..., Any], sql: str, params: Any, many: Any, context: Any) -> Any:
            pid = connection.connection.info.backend_pid
            beside.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
            return execute(sql, params, many, context)

        with connection.execute_wrapper(ended):
            yield
    _anew()


@contextmanager
def database_locked() -> Iterator[None]:
    """Somebody holds the record for himself, and nobody waits for him for long."""
    with _beside(connection.settings_dict["NAME"]) as beside, beside.transaction():
        beside.execute("LOCK TABLE members_accessrecord IN ACCESS EXCLUSIVE MODE")
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 100")
        yield
    _anew()


@contextmanager
def database_has_another_name() -> Iterator[None]:
    with _database_with(NAME="nowhere", OPTIONS=_impatient()):
        yield


def _saying(talk: Callable[..., None]) -> Callable[[], Any]:
    @contextmanager
    def fault() -> Iterator[None]:
        with servers.talking(talk) as port, _database_with(PORT=port, OPTIONS=_impatient()):
            yield

    return fault


database_starts = _saying(servers.postgresql_that_starts)
database_hangs_up = _saying(servers.hang_up)
database_is_something_else = _saying(servers.web_server)
