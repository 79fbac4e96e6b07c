"""Which errors say that a part of the site is away: those are 503, all others 500."""

from __future__ import annotations

import errno
import sqlite3

import psycopg
import pytest
import redis
from botocore.exceptions import EndpointConnectionError
from django.db import DatabaseError, IntegrityError, OperationalError, connection
from django.test import RequestFactory

from portal.ops import away, shared_cache
from portal.views import errors


def by(cause: Exception, kind: type[Exception] = OperationalError) -> Exception:
    """As Django hands a driver's error on."""
    error = kind(*cause.args)
    error.__cause__ = cause
    return error


def of_postgresql(name: str) -> Exception:
    return getattr(psycopg.errors, name)("Said by the server.")


AWAY = [
    by(psycopg.OperationalError("connection refused")),
    *(by(of_postgresql(name)) for name in ("AdminShutdown", "TooManyConnections", "DiskFull", "LockNotAvailable",
                                           "DeadlockDetected", "ReadOnlySqlTransaction", "QueryCanceled",
                                           "DataCorrupted", "IndexCorrupted")),
    redis.exceptions.TimeoutError("slow"), redis.exceptions.ReadOnlyError("a replica"),
    EndpointConnectionError(endpoint_url="http://127.0.0.1:9"),
    OSError(errno.ENOSPC, "No space left on device"), OSError(errno.EFBIG, "File too large"), TimeoutError(),
    ConnectionRefusedError(),
]  # fmt: skip
OURS = [
    ValueError("no"), KeyError("no"), FileNotFoundError(errno.ENOENT, "no"),
    by(of_postgresql("UndefinedTable")), by(of_postgresql("InternalError_")),
    by(of_postgresql("UniqueViolation"), IntegrityError),
]  # fmt: skip


@pytest.mark.parametrize("error", AWAY, ids=repr)
def test_part_that_is_away_is_503_with_the_time_to_come_again(error):
    try:
        raise error
    except type(error):
        answer = errors.server_error(RequestFactory().get("/"))
    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "30", "private, no-store")
    assert "A part of the site is down for the moment." in answer.content.decode()


@pytest.mark.parametrize("error", OURS, ids=repr)
def test_fault_of_the_site_is_500(error):
    try:
        raise error
    except type(error):
        answer = errors.server_error(RequestFactory().get("/"))
    assert (answer.status_code, "Retry-After" in answer) == (500, False)


def test_sqlite_says_which_it_is(tmp_path):
    one, other = (sqlite3.connect(tmp_path / "db", timeout=0) for _ in range(2))
    one.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError) as locked:
        other.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError) as wrong:
        other.execute("SELECT * FROM nothing")
    (tmp_path / "nonsense").write_bytes(b"nonsense" * 1024)
    bad = sqlite3.connect(tmp_path / "nonsense")
    with pytest.raises(sqlite3.DatabaseError) as damaged:
        bad.execute("SELECT * FROM sqlite_master")
    bad.close()
    one.close()
    other.close()
    assert away.says_so(by(damaged.value, DatabaseError))
    assert away.says_so(by(locked.value))
    assert not away.says_so(by(wrong.value))


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="is about SQLite")
def test_error_of_a_database_that_was_read_wrongly_is_ours():
    with pytest.raises(OperationalError) as wrong, connection.cursor() as cursor:
        cursor.execute("SELECT * FROM nothing")
    assert not away.says_so(wrong.value)


def test_value_that_nobody_can_read_is_as_good_as_a_cache_that_is_away():
    there = shared_cache.RedisCache("redis://127.0.0.1:9/0", {})
    with pytest.raises(shared_cache.Unreadable) as unreadable:
        there._cache._serializer.loads(b"nonsense")
    assert away.says_so(unreadable.value)
