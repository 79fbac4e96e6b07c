"""The one writer of the access record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from members.enums import Action
from members.models import AccessRecord, RecordedWords

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.models import AnonymousUser

    from members.models import User


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
    **details: Any,
) -> AccessRecord:
    """Append one row and return it. Any failure is the caller's to see: what cannot be recorded must not happen.

    `object_kind` and `object_id` name the thing by its public name (`document` and its UUID, `membership` and its
    number); `details` are JSON values and never hold a paper's title or text. What a person typed about another goes
    into `words`, with whom it is `about`, and never into `reason` or `details`: it is erased with that person, and with
    anybody whom it names.
    """
    said = RecordedWords(about=about, text=_kept(words, 500)) if words else None
    if said is not None:
        details["words"] = said.digest
    # First the transaction, whose beginning is SQLite's lock for writing, and then the moment.
    with transaction.atomic(savepoint=False):
        row = _row(action, actor, object_kind, object_id, reason, details)
        row.save()
        if said is not None:
            said.row = row
            said.save()
    return row


def record_many(
    action: Action, *, actor: User | None, object_kind: str, facts: Iterable[tuple[object, dict[str, Any]]]
) -> None:
    """Append a row for each of many things that one decision changes: (`object_id`, details) of each.

    As `record`, with some hundred rows to a statement: one by one, the rows of an import of 50,000 people would keep
    everybody else waiting for half a minute. There are no words beside these rows.
    """
    AccessRecord.objects.append(_row(action, actor, object_kind, key, "", details) for key, details in facts)


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
