"""Limits at the doors, beside allauth's own: for each account, and each known device its own (members.devices).

The counts are in the cache that all processes share. When the cache is away nothing can be counted, and the doors
answer with an error rather than open. A request whose limit is reached knows when to try again: `portal.middleware`
answers it with 429 and says so.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable

from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest

from members import devices
from members.models import User

APP = "allauth.account"  # whose table of limits is ours too (ACCOUNT_RATE_LIMITS)


def allows(request: HttpRequest, action: str, *, key: str | None = None, user: User | None = None) -> bool:
    """Count this once. False where it was done too often already: then the answer is 429, with `when` in its words."""
    # The public function of this name lets every GET pass.
    if ratelimit.consume(request, app=APP, action=action, key=key, user=user, limit_get=True):
        return True
    reached(request, action, key=key, user=user)
    return False


def reached(request: HttpRequest, action: str, *, key: str | None = None, user: User | None = None) -> None:
    """Note in the request that this limit is reached, and for how many seconds."""
    waits = [1.0]  # where another process held the lock of the count for too long
    for rate in ratelimit.get_rates(app=APP, action=action):
        place = ratelimit.get_cache_key(request, app=APP, action=action, rate=rate, key=key, user=user)
        times = cache.get(place, [])  # newest first
        if len(times) >= rate.amount:
            waits.append(times[rate.amount - 1] + rate.duration - time.time())
    request.limit_ends_in = math.ceil(max(waits))  # type: ignore[attr-defined]


def is_reached(request: HttpRequest) -> bool:
    return hasattr(request, "limit_ends_in")


def seconds_left(request: HttpRequest) -> int:
    """Until the limit that was reached lets one more pass; where allauth alone knows which one, the longest of its
    limits that answer without a form, which are by the minute."""
    return getattr(request, "limit_ends_in", 60)


def when(request: HttpRequest) -> str:
    """The same in words, such as “in 4 minutes”."""
    minutes = math.ceil(seconds_left(request) / 60)
    if minutes <= 1:
        return "in a minute"
    if minutes < 60:
        return f"in {minutes} minutes"
    hours = math.ceil(minutes / 60)
    return "in an hour" if hours == 1 else f"in {hours} hours"


def of_codes(user: User | None, *, whose: str = "") -> Callable[[], None]:
    """Count a try at a code or a key of this person, or of an address that nobody has (`whose`).

    Returns what forgives it; raises ValidationError when there were too many, here or at this internet address.
    """
    request = context.request
    key = f"{user.pk}:{devices.known_to(request, user)}" if user else whose.lower()
    if not (allows(request, "code_from_here") and allows(request, "code", key=key)):
        raise get_adapter().validation_error("too_many_codes")
    return lambda: ratelimit.clear(request, app=APP, action="code", key=key)


def of_address(action: str, email: str) -> None:
    """Count what is asked for in the name of an e-mail address, whether anybody has it or not."""
    request = context.request
    if not allows(request, action, key=f"{email.lower()}:{devices.known(request, email)}"):
        raise get_adapter().validation_error("rate_limited")


def once(what: str, *, seconds: int) -> bool:
    """Whether this is the first use of what works once; of twenty at the same time, one gets True."""
    digest = hashlib.sha256(what.encode()).hexdigest()
    return bool(cache.add(f"members.used:{digest}", 1, seconds))
