"""Changes of a paper's details, and taking it back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from fileshare import signals
from fileshare.models import SharedDocument
from members import audit
from members.enums import Action

if TYPE_CHECKING:
    from members.models import User


def announce(document: SharedDocument) -> None:
    """Say after the commit that a paper changed."""
    transaction.on_commit(partial(signals.document_changed.send, SharedDocument, document_id=document.pk))


@transaction.atomic
def record_change(
    *, document: SharedDocument, by: User | None, fields: list[str], marking_before: str, reason: str = ""
) -> None:
    """Note in the record which details of a saved document changed; a marking with its former value and the reason."""
    marking = {"from": marking_before, "to": document.marking} if marking_before != document.marking else None
    audit.record(
        Action.CHANGED, actor=by, object_kind="document", object_id=document.uuid, reason=reason,
        fields=sorted(fields), marking=marking,
    )  # fmt: skip
    announce(document)


def _set_withdrawn(document: SharedDocument, by: User | None, action: Action, reason: str = "") -> None:
    document.withdrawal_reason = reason
    document.save(update_fields=["withdrawn_at", "withdrawal_reason"])
    audit.record(action, actor=by, object_kind="document", object_id=document.uuid, reason=reason)
    announce(document)


@transaction.atomic
def withdraw(*, document: SharedDocument, by: User | None, reason: str) -> None:
    """Take a paper away from every reader at once; nothing of it is lost. Twice for one reason changes nothing."""
    if not document.is_withdrawn or document.withdrawal_reason != reason:
        document.withdrawn_at = document.withdrawn_at or timezone.now()
        _set_withdrawn(document, by, Action.WITHDRAWN, reason)


@transaction.atomic
def bring_back(*, document: SharedDocument, by: User | None) -> None:
    """Undo a withdrawal."""
    if document.is_withdrawn:
        document.withdrawn_at = None
        _set_withdrawn(document, by, Action.RESTORED)
