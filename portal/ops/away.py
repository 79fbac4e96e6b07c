"""Whether an error says that a part of the site is away, full or too slow, and not that the site is wrong."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from django.db import Error as DatabaseTrouble

# PostgreSQL's classes of errors (its manual, appendix A): connection, resources, an operator at work, the machine's
# own; and a server that only reads, two that wait for each other, a lock that does not come, and damaged data.
CLASSES, STATES = {"08", "53", "57", "58"}, {"25006", "40001", "40P01", "55P03", "XX001", "XX002"}
SQLITE = (
    "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_FULL", "SQLITE_IOERR",
    "SQLITE_NOTADB", "SQLITE_CORRUPT",
)  # fmt: skip
# What the libraries of cache and store raise; by name, since a site without them does not load them.
LIBRARIES = {"redis.exceptions.RedisError", "botocore.exceptions.BotoCoreError", "botocore.exceptions.ClientError"}
OF_THE_MACHINE = {
    errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ESTALE, errno.EMFILE, errno.ENFILE, errno.EHOSTUNREACH,
    errno.ENETUNREACH, errno.EHOSTDOWN, errno.EFBIG,
}  # fmt: skip


def says_so(error: BaseException | None) -> bool:
    """Whether it, or what brought it about, is such an error."""
    return any(_is_away(each) for each in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _is_away(error: BaseException) -> bool:
    if isinstance(error, DatabaseTrouble):
        return _is_database_away(error.__cause__)
    if isinstance(error, OSError):
        return isinstance(error, ConnectionError | TimeoutError) or error.errno in OF_THE_MACHINE
    return any(f"{each.__module__}.{each.__qualname__}" in LIBRARIES for each in type(error).__mro__)


def _is_database_away(error: BaseException | None) -> bool:
    """`error` is the driver's own."""
    if (name := getattr(error, "sqlite_errorname", None)) is not None:
        return bool(name.startswith(SQLITE))
    state = getattr(error, "sqlstate", None)
    if state is not None:
        return state in STATES or state[:2] in CLASSES
    # Without a word of the server's: there was no connection, or it was lost.
    return type(error).__name__ in ("OperationalError", "InterfaceError", "PoolTimeout", "PoolClosed")
