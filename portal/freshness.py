"""Since when what the public reads is as it is: one number for each process, which grows whenever something changes.

The shared cache holds a version; whoever changes anything that a public page shows writes a new one after the commit.
Each process looks at it at most every `CHECK_EVERY` seconds. What changes by itself, because a time comes (an embargo
ends, a paper expires, comments close), each process knows in advance.
"""

from __future__ import annotations

import logging
import math
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.cache import cache
from django.db import transaction
from django.db.models import Min
from django.dispatch import Signal
from django.utils import timezone

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable

    from django.http import HttpRequest

Thing = TypeVar("Thing")
logger = logging.getLogger(__name__)
KEY = "portal.freshness"
announced = Signal()  # a change of what the public reads is in the database, and the version is new
CHECK_EVERY = 0.9  # seconds: what is published is new within one second, rendering included


def next_change() -> float:
    """When a public page changes next without anybody doing anything, in seconds since the epoch."""
    from fileshare.models import SharedDocument  # noqa: PLC0415 -- the receivers below are connected before the models
    from portal.models import NewsPage  # noqa: PLC0415 -- as above

    now = timezone.now()
    papers, posts = SharedDocument.objects.order_by(), NewsPage.objects.order_by().filter(live=True)
    dates = ((papers, "publish_at"), (papers, "expires_at"), (posts, "published_at"))  # each from an index
    found = [things.filter(**{f"{date}__gt": now}).aggregate(next=Min(date))["next"] for things, date in dates]
    moments: list[datetime.datetime] = [each for each in found if each]
    return min((each.timestamp() for each in moments), default=math.inf)


class Freshness:
    """One process's knowledge."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._generation = 0
        self._version, self._until = "", 0.0
        self._checked, self._is_known = -math.inf, False

    def generation(self) -> int | None:
        """The number, or None while the shared cache or the database is away: then nothing kept may be used.

        What is made from now on may be kept under this number, however long the making takes.
        """
        with self._lock:
            if time.monotonic() - self._checked >= CHECK_EVERY:
                self._check()
            return self._generation if self._is_known else None

    def version(self) -> str:
        """The shared version, as this process last heard of it; empty while it hears nothing."""
        return self._version if self._is_known else ""

    def seconds_left(self) -> float:
        """Until a page changes by itself, as far as this process knows."""
        return max(0.0, self._until - time.time())

    def is_due(self) -> bool:
        """Whether the next question will ask the shared cache."""
        return time.monotonic() - self._checked >= CHECK_EVERY

    def expire(self) -> None:
        """Forget what this process holds at once; the others follow when the version changes."""
        with self._lock:
            self._generation += 1
            self._checked = -math.inf

    def _check(self) -> None:
        try:
            version = shared_version()
            if version != self._version or time.time() >= self._until:
                self._generation += 1
                self._until = next_change()
                self._version = version
            self._is_known = True
        except Exception:
            if self._is_known:
                logger.exception("The shared cache does not answer; public pages are made anew for each reader.")
            self._is_known = False
        self._checked = time.monotonic()


freshness = Freshness()


_memory: dict[str, tuple[int, float, Any]] = {}
GROWS_OLD_AFTER = 60.0  # seconds: a change of which nobody has said anything is seen as late as this
MOST_REMEMBERED = 1_000
BEGUN = "known_since"  # at a request: the number under which what is loaded for it may be kept


def begin(request: Any) -> None:
    """Note the number before anything is loaded for the request (`known_site.of`)."""
    setattr(request, BEGUN, freshness.generation())


def kept(
    name: str,
    make: Callable[[], Thing],
    loaded_for: HttpRequest | None = None,
    is_whole: Callable[[Thing], bool] = lambda _: True,
) -> Thing:
    """What was made under this name since the last change; many requests read it at once, so that nobody changes it.

    Where `make` uses what was loaded before, such as the post, the request for which it was loaded is given: after a
    change since that request began, what is made may be of the old, and is not kept. Nor is what
    is not whole, since something failed for a moment.
    """
    generation = freshness.generation()
    if generation is None:
        return make()
    known = _memory.get(name)
    if known is not None and known[0] == generation and time.monotonic() < known[1]:
        thing: Thing = known[2]
        return thing
    made = make()
    is_old = loaded_for is not None and getattr(loaded_for, BEGUN, None) != generation
    if is_old or not is_whole(made):
        return made
    if len(_memory) >= MOST_REMEMBERED:
        _memory.clear()
    _memory[name] = generation, time.monotonic() + GROWS_OLD_AFTER, made
    return made


def _begin() -> str:
    """Another process may have begun at the same moment; its version counts."""
    cache.add(KEY, uuid.uuid4().hex, timeout=None)
    return str(cache.get(KEY, ""))


def shared_version() -> str:
    """The version that counts, from the shared cache itself; raises what the cache raises when it is away."""
    return str(cache.get(KEY) or "") or _begin()


def expire() -> None:
    """Something that the public reads has changed: new in this process at once, in all of them after the commit."""
    freshness.expire()
    # Once for each transaction, however many rows it changes.
    waiting: list[Any] = transaction.get_connection().run_on_commit
    if not any(entry[1] is _announce for entry in waiting):
        transaction.on_commit(_announce)


def _announce() -> None:
    freshness.expire()
    try:
        cache.set(KEY, uuid.uuid4().hex, timeout=None)
    except Exception:  # the change itself is done; pages catch up when what is kept grows old
        logger.exception("The other processes could not be told that a public page has changed.")
    announced.send_robust(sender=None)
