"""The one writer of the access record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from members.enums import Action
from members.models import AccessRecord

if TYPE_CHECKING:
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
    **details: Any,
) -> AccessRecord:
    """Append one row and return it. Any failure is the caller's to see: what cannot be recorded must not happen.

    `object_kind` and `object_id` name the thing by its public name (`document` and its UUID, `membership` and its
    number); `details` are JSON values and never hold a paper's title or text.
    """
    return AccessRecord.objects.create(
        action=action,
        actor_id=actor.pk if actor is not None and actor.is_authenticated else None,
        object_kind=object_kind,
        object_id=_kept(object_id, 64),
        reason=_kept(reason, 200),
        details=details,
    )
