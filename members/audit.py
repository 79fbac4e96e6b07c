"""The one writer of the access record."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from members.enums import Action
from members.models import AccessRecord, RecordedWords

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.contrib.auth.models import AnonymousUser

    from members.models import User
WITHOUT_WAITING = "SET LOCAL synchronous_commit = off"


def _kept(text: object, length: int) -> str:
    """As much as the column holds, without the NUL that PostgreSQL refuses: a strange address is no reason to fail."""
    return str(text).replace("\0", "\N{REPLACEMENT CHARACTER}")[:length]


def record(
    action: Action,
    *,
    actor: User | AnonymousUser | None,
    object_kind: str = "",
    object_id: object = "",
    reason: str = "",
    words: str = "",
    about: User | None = None,
    waits: bool = True,
    **details: Any,
) -> AccessRecord:
    """Append one row and return it. Any failure is the caller's to see: what cannot be recorded must not happen.

    `object_kind` and `object_id` name the thing by its public name (`document` and its UUID, `membership` and its
    number); `details` are JSON values and never hold a paper's title or text. What a person typed about another goes
    into `words`, with whom it is `about`, and never into `reason` or `details`: it is erased with that person, and with
    anybody whom it names. Without `waits` the row may not be on the disk yet: the caller commits something after it,
    which waits for both, or calls `flush`, before anything follows from the row.
    """
    said = RecordedWords(about=about, text=_kept(words, 500)) if words else None
    if said is not None:
        details["words"] = said.digest
    if said is None and connection.vendor == "postgresql" and not connection.in_atomic_block:
        row = _row(action, actor, object_kind, object_id, reason, details)
        _append_alone(row, waits=waits)
        return row
    with _appended(waits=waits):
        row = _row(action, actor, object_kind, object_id, reason, details)
        row.save()
        if said is not None:
            said.row = row
            said.save()
    return row


@contextmanager
def _appended(*, waits: bool) -> Iterator[None]:
    """Around the writing of one row: it is in the database when this ends. On PostgreSQL it is on the disk too, unless
    a transaction of the caller goes on, with whose commit it gets there.

    On SQLite the transaction begins with the lock for writing: first the lock, and then the row's moment. When its log
    goes to the disk is left to the machine (`portal.settings.connections`).

    On PostgreSQL the chain's lock lasts to the end of the commit, which waits for the disk. So that many who write at
    the same time wait for it together, and not one after the other, a row with a transaction of its own is committed
    without waiting, and waited for afterwards. Should the machine fail between the two, the row may be lost, but nobody
    has been told that it was written. Others may have read it by then: whoever signs for rows must `flush` first.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        with transaction.atomic(savepoint=False):
            yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(WITHOUT_WAITING)
        yield
    if waits:
        flush()


def _append_alone(row: AccessRecord, *, waits: bool) -> None:
    """As `_appended`, for a row without words: all in one message to PostgreSQL, which makes a transaction of it, and
    not in four, each with its way there and back."""

    insert = f'INSERT INTO "{AccessRecord._meta.db_table}" '

    def in_one_message(execute: Any, sql: str, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
        if not sql.startswith(insert):  # a receiver's, which waits for the disk as anything else
            return execute(sql, parameters, many, context)
        answer = execute(f"{WITHOUT_WAITING}; {sql}", parameters, many, context)
        context["cursor"].cursor.nextset()  # behind the answer to the first
        return answer

    with connection.execute_wrapper(in_one_message):
        row.save()
    if waits:
        flush()


def flush() -> None:
    """Wait until all that this process has read so far is on the disk. Not to be called in a transaction.

    To PostgreSQL's log goes a message that nothing else gets: it stands behind all that was read, and its commit waits.
    SQLite's log is a file beside the database, without locks on it; where there is none, all is in the database.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_logical_emit_message(true, 'gatehouse', '')")
    elif (log := Path(f"{connection.settings_dict['NAME']}-wal")).exists():
        with log.open("rb") as file:
            os.fsync(file.fileno())


def record_many(
    action: Action,
    *,
    actor: User | None,
    object_kind: str,
    facts: Iterable[tuple[object, dict[str, Any]]],
    reason: str = "",
) -> None:
    """Append a row for each of many things that one decision changes: (`object_id`, details) of each; `reason` is
    that of all.

    As `record`, with some hundred rows to a statement: one by one, the rows of an import of 50,000 people would keep
    everybody else waiting for half a minute. There are no words beside these rows.
    """
    AccessRecord.objects.append(_row(action, actor, object_kind, key, reason, details) for key, details in facts)


def _row(
    action: Action,
    actor: User | AnonymousUser | None,
    object_kind: str,
    object_id: object,
    reason: str,
    details: dict[str, Any],
) -> AccessRecord:
    return AccessRecord(
        action=action,
        actor_id=actor.pk if actor is not None and actor.is_authenticated else None,
        object_kind=object_kind,
        object_id=_kept(object_id, 64),
        reason=_kept(reason, 200),
        details=details,
    )
