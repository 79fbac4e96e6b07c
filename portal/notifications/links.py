"""Addresses in mails that open one thing without signing in: stopping, and choosing what to get.

The name in them is signed, and holds a sum of the e-mail address: an old mail to an address that is no longer the
person's opens nothing. Stopping works for ever, as RFC 8058 wants it; choosing for two months.
"""

from __future__ import annotations

import datetime
import hashlib
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from members.keys import as_key
from members.models import User
from portal.models import Listener, Pace, Subscriber

if TYPE_CHECKING:
    from collections.abc import Mapping

CHOOSE_FOR = datetime.timedelta(days=60)
CONFIRM_FOR = datetime.timedelta(days=3)
MEMBER, VISITOR = "m", "v"
STOP, CHOOSE, CONFIRM = "stop", "choose", "confirm"
Person = User | Subscriber


def _signer(use: str) -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=f"portal.told.{use}", sep=".")


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _name(person: Person) -> str:
    kind, address = (MEMBER, person.email) if isinstance(person, User) else (VISITOR, person.address)
    return f"{kind}{person.pk}-{_sum(address)}"


def token(person: Person, use: str) -> str:
    return _signer(use).sign(_name(person))


def whose(token: str, use: str, *, within: datetime.timedelta | None = None) -> Person | None:
    """The person whom a token names; None for one that is cut, too old, made for another use, or of somebody whose
    address is another by now."""
    try:
        name = _signer(use).unsign(token, max_age=within)
    except signing.BadSignature:  # SignatureExpired is one
        return None
    key = as_key(name[1:].partition("-")[0]) or 0
    found: Person | None
    if name.startswith(MEMBER):
        found = User.objects.filter(pk=key, is_active=True, leaves_at=None).first()
    else:
        found = Subscriber.objects.filter(pk=key).first()
    return found if found is not None and _name(found) == name else None


def confirm_address(subscriber: Subscriber, pace: int) -> str:
    """The pace goes with the link, so that nobody but the address's owner changes it."""
    return address("confirm_news", _signer(CONFIRM).sign(f"{_name(subscriber)}-{int(pace)}"))


def confirmed(token: str) -> tuple[Subscriber, Pace] | None:
    """Whom a link to confirm names, and the pace; None for one that is cut, too old or of another use."""
    try:
        name, _, pace = _signer(CONFIRM).unsign(token, max_age=CONFIRM_FOR).rpartition("-")
    except signing.BadSignature:
        return None
    found = Subscriber.objects.filter(pk=as_key(name[1:].partition("-")[0]) or 0).first()
    return (found, Pace(int(pace))) if found is not None and _name(found) == name else None


def is_ours(token: str, use: str) -> bool:
    """Whether this site made it, be its person gone since."""
    try:
        _signer(use).unsign(token)
    except signing.BadSignature:
        return False
    return True


def feed_token(listener: Listener) -> str:
    """The private feed's; another key makes all former ones useless."""
    return signing.Signer(salt="portal.told.feed", sep=".").sign(f"{listener.pk}-{listener.feed_key}")


def whose_feed(token: str) -> User | None:
    """Whose private feed it opens now; None for one that is cut, revoked or of nobody."""
    try:
        key, _, secret = signing.Signer(salt="portal.told.feed", sep=".").unsign(token).partition("-")
    except signing.BadSignature:
        return None
    found = Listener.objects.filter(pk=as_key(key) or 0, user__is_active=True).select_related("user").first()
    is_right = found is not None and found.feed_key != "" and constant_time_compare(found.feed_key, secret)
    return found.user if found is not None and is_right else None


def address(name: str, *arguments: str) -> str:
    """For a mail: from BASE_URL, whatever host a request came by."""
    return f"{settings.BASE_URL}{reverse(name, args=arguments)}"


def stop_address(person: Person) -> str:
    return address("stop_news", token(person, STOP))


def choose_address(person: Person) -> str:
    return address("choose_news", token(person, CHOOSE))


def headers(stop_address: str) -> Mapping[str, str]:
    """What a mail program needs to offer “unsubscribe” by itself (RFC 8058, 2369, 2919)."""
    host = urlsplit(settings.BASE_URL).hostname
    return {
        "List-Id": f"<news.{host}>",
        "List-Unsubscribe": f"<{stop_address}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
