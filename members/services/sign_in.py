"""What happens at the doors, kept in the access record and told to the person by mail.

Of the device a row keeps words such as “Firefox on Windows”. It keeps no internet address: rows cannot be taken back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils import timezone

from members import audit, mail
from members.enums import Action

if TYPE_CHECKING:
    from members.models import AccessRecord, User


@transaction.atomic
def sign_in(*, user: User, how: str, device: str, address: str, is_new_device: bool) -> AccessRecord:
    """Somebody has signed in. `how` says with what, in words; the mail about a new device names the `address` too."""
    row = audit.record(
        Action.SIGNED_IN, actor=user, object_kind="user", object_id=user.pk, how=how, device=device, new=is_new_device
    )
    if is_new_device:
        told = {"how": how, "device": device, "address": address, "at": timezone.localtime(row.at)}
        mail.post(to=user, occasion=f"new device {row.pk}", template="new_device", context=told)
    return row


def fail(*, user: User | None, how: str, device: str) -> AccessRecord:
    """Somebody tried in vain; `user` is whose account it was, if anybody's. What was typed is kept nowhere."""
    return audit.record(
        Action.SIGN_IN_FAILED,
        actor=None,
        object_kind="user" if user else "",
        object_id=user.pk if user else "",
        how=how,
        device=device,
    )


@transaction.atomic
def forget_second_factor(*, user: User) -> int:
    """Take away passkeys, app and recovery codes of somebody who has lost them; returns how many there were.

    The next sign-in is with the password or a code by mail, and leads to setting up a new factor where one is needed.
    """
    factors = Authenticator.objects.filter(user=user)
    kinds = sorted(factors.values_list("type", flat=True))
    factors.delete()
    for session in UserSession.objects.filter(user=user):
        session.end()
    row = note(Action.FACTOR_REMOVED, user=user, by=None, factor="everything, by the operator", kinds=kinds)
    mail.post(to=user, occasion=f"second factor forgotten {row.pk}", template="second_factor_forgotten")
    return len(kinds)


def note(action: Action, *, user: User, by: User | None, **details: Any) -> AccessRecord:
    """How an account is protected has changed. allauth tells the person by mail."""
    return audit.record(action, actor=by, object_kind="user", object_id=user.pk, **details)
