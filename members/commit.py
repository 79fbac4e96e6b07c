"""A transaction that ends in the same moment as something outside of the database.

PostgreSQL's answer to a COMMIT waits for the disk, and a busy machine may leave whoever asked waiting longer. What must
happen once with the commit happens while that is on its way: a process that is killed has asked for both, or neither.
"""

from __future__ import annotations

from typing import Any

from django.db import OperationalError, connection


def is_shared() -> bool:
    """Whether `begin` can be asked for."""
    return connection.vendor == "postgresql"


def begin() -> bool:
    """Ask for the commit of the outermost transaction and do not wait; False where that cannot be done, and the caller
    commits before. Nothing may be asked of the database until `end`."""
    if not is_shared() or not connection.in_atomic_block or connection.savepoint_ids:
        return False
    if connection.needs_rollback:
        return False
    link: Any = connection.connection.pgconn
    link.send_query(b"COMMIT")
    while link.flush():
        pass
    return True


def end() -> None:
    """Wait for the answer. Raises OperationalError where it is not that it is committed."""
    from psycopg import generators, pq  # noqa: PLC0415 -- SQLite does without it

    own: Any = connection.connection
    results = own.wait(generators.fetch_many(own.pgconn))
    if not results or results[-1].status != pq.ExecStatus.COMMAND_OK or results[-1].command_status != b"COMMIT":
        raise OperationalError("The database did not say that it has committed.")
