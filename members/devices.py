"""Devices from which a person has signed in: what others try elsewhere does not lock them out.

The limits at the doors count for each account. A known device counts its own, so that whoever tries passwords or codes
elsewhere uses up nothing of it; and whoever holds the device has no more tries than anybody.
"""

from __future__ import annotations

import re
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
# The first that is found counts: most browsers name those as well that they descend from.
BROWSERS = (
    ("Edge", r"Edg(e|A|iOS)?/"), ("Opera", r"OPR/|Opera"), ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"), ("Chrome", r"Chrome/|Chromium/|CriOS/"), ("Safari", r"Version/.*Safari/"),
)  # fmt: skip
SYSTEMS = (
    ("an iPhone", r"iPhone"), ("an iPad", r"iPad"), ("Android", r"Android"), ("Windows", r"Windows"),
    ("a Mac", r"Mac OS X|Macintosh"), ("a Chromebook", r"CrOS"), ("Linux", r"Linux|X11"),
)  # fmt: skip


def in_words(user_agent: str) -> str:
    """What a browser says of itself, such as “Firefox on Windows”. It says what it likes, so it names no more."""
    browser = next((name for name, sign in BROWSERS if re.search(sign, user_agent)), "")
    system = next((name for name, sign in SYSTEMS if re.search(sign, user_agent)), "")
    if not browser and not system:
        return "an unknown browser"
    return f"{browser or 'A browser'} on {system}" if system else browser


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


def known_to(request: HttpRequest, user: User) -> str:
    """As `known`, for a person who has been found already."""
    kept = _read(request)
    return str(kept["device"]) if kept.get("user") == user.pk else ""


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Know this device from now on as this person's, and as nobody else's."""
    device = known_to(request, user) or secrets.token_urlsafe(12)
    response.set_cookie(
        _name(),
        signing.dumps({"user": user.pk, "device": device}, salt=SALT),
        max_age=GOOD_FOR,
        path="/account/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
