"""Changing the address that one signs in with: first the present address agrees, then the new one confirms.

Between the two the site keeps nothing: what was asked for stands in the signed address that the present one is mailed.
Whoever has got hold of a session alone cannot move the account to an address of theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.core import signing

from members import limits
from members.models import User

if TYPE_CHECKING:
    from django.http import HttpRequest

SALT = "members.email_change"
GOOD_FOR = 3 * 24 * 3600  # seconds


@dataclass(frozen=True)
class Change:
    """What somebody asked for, and may still have."""

    user: User
    new_email: str


def sealed(user: User, present: str, new: str) -> str:
    """What the present address is sent; it holds no longer once the address has changed."""
    return signing.dumps({"user": user.pk, "from": present, "to": new}, salt=SALT)


def opened(seal: str) -> Change | None:
    """What the present address was asked; None where that is over, done or made up."""
    try:
        asked = signing.loads(seal, salt=SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        return None
    address = EmailAddress.objects.select_related("user").filter(
        user=asked["user"], email=asked["from"], verified=True, user__is_active=True
    )
    present = address.first()
    return Change(user=present.user, new_email=asked["to"]) if present else None


def agree(*, seal: str, change: Change, request: HttpRequest) -> bool:
    """The present address agrees: now the new one is asked to confirm. Once; False the second time."""
    if not limits.once(seal, seconds=GOOD_FOR):
        return False
    EmailAddress.objects.add_new_email(request, change.user, change.new_email)
    return True
