"""Devices from which a person has signed in: wrong passwords from elsewhere do not lock them out.

The limit on wrong passwords counts for each account. A known device counts its own, so that whoever tries passwords
elsewhere uses up nothing of it; and whoever holds the device has no more tries than anybody.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from members.models import User

SALT = "members.devices"
GOOD_FOR = 400 * 24 * 3600  # seconds; browsers keep a cookie no longer


def _name() -> str:
    return "__Secure-device" if settings.SESSION_COOKIE_SECURE else "device"


def _read(request: HttpRequest) -> dict[str, Any]:
    try:
        kept: dict[str, Any] = signing.loads(request.COOKIES.get(_name(), ""), salt=SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        return {}
    return kept


def known(request: HttpRequest, email: str) -> str:
    """The name of the device if the person with this address has signed in from it before, else empty."""
    kept = _read(request)
    if not kept or not EmailAddress.objects.filter(user_id=kept["user"], email__iexact=email).exists():
        return ""
    return str(kept["device"])


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Know this device from now on as this person's, and as nobody else's."""
    kept = _read(request)
    device = kept["device"] if kept.get("user") == user.pk else secrets.token_urlsafe(12)
    response.set_cookie(
        _name(),
        signing.dumps({"user": user.pk, "device": device}, salt=SALT),
        max_age=GOOD_FOR,
        path="/account/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
