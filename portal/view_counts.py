"""Counting reads: once a day for each reader and post, in one transaction every few seconds.

Each process gathers its readers in memory and writes them together, so that a burst of readers costs the database no
more than one. What a process holds when it is killed, a few seconds' reads, is lost.
"""

from __future__ import annotations

import atexit
import datetime
import logging
import re
import threading
from collections import Counter
from functools import reduce
from itertools import groupby
from operator import or_

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from portal.models import DailyReader, DailyReads, NewsPage

logger = logging.getLogger(__name__)
WRITE_EVERY = 5.0  # seconds
MOST_FROM_AN_ADDRESS = 20  # readers of one post in a day: an office, but nobody who invents browsers
AT_ONCE = 200  # addresses in one question
ADDRESS = 12  # characters of a digest that name the post and the address
MOST_WAITING = 10_000  # readers; whoever comes on top of them before the next writing is not counted
# What programs call themselves; a browser's name has none of these words.
PROGRAM = re.compile(
    r"bot|crawl|spider|slurp|archive|preview|monitor|scan|headless|lighthouse|facebook|http|curl|wget|python", re.I
)

Readers = dict[tuple[datetime.date, int], set[str]]


def reader_of(request: HttpRequest, post_id: int) -> str | None:
    """The digest of whoever reads this post now; None for programs and for what another site's page sent."""
    browser = request.headers.get("User-Agent", "")
    if not browser or PROGRAM.search(browser) or request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return None
    try:
        address = get_adapter().get_client_ip(request)
    except PermissionDenied:  # no trusted address: every reader would be the same one
        return None
    place = f"{post_id}\n{ratelimit.truncate_ip(address)}"  # of version 6 the network, since whoever has one has all
    reader = _digest(f"{place}\n{address}\n{browser}")
    return _digest(place)[:ADDRESS] + reader[: 32 - ADDRESS]


def _digest(text: str) -> str:
    salt = f"portal.view_counts.{timezone.localdate()}"
    return salted_hmac(salt, text, algorithm="sha256").hexdigest()


class WaitingReaders:
    """The readers of this process who are not written yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: Readers = {}
        self._from_address = Counter[tuple[datetime.date, int, str]]()
        self._count = 0
        self._timer: threading.Timer | None = None

    def add(self, post_id: int, digest: str) -> None:
        """Remember a reader, and see that all are written within `WRITE_EVERY` seconds."""
        with self._lock:
            place = (timezone.localdate(), post_id)
            readers, address = self._waiting.get(place, set()), (*place, digest[:ADDRESS])
            is_full = self._count >= MOST_WAITING or self._from_address[address] >= MOST_FROM_AN_ADDRESS
            if is_full or digest in readers:
                return
            self._waiting.setdefault(place, readers).add(digest)
            self._from_address[address] += 1
            self._count += 1
            if self._timer is None:
                self._timer = threading.Timer(WRITE_EVERY, self._write_from_thread)
                self._timer.daemon = True
                self._timer.start()

    def write(self) -> None:
        """Write down who waits. A database that is away loses these reads, and the log says so."""
        with self._lock:
            taken, self._waiting, self._count = self._waiting, {}, 0
            self._from_address.clear()
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        if not taken:
            return
        try:
            _count(taken)
        except DatabaseError:
            logger.exception("The reads of the last %s seconds could not be counted.", WRITE_EVERY)

    def _write_from_thread(self) -> None:
        try:
            self.write()
        finally:
            connection.close()  # the thread's own, which nobody else would close


def _count(taken: Readers) -> None:
    """One transaction for all posts; unknown and unpublished ones are passed over."""
    known = set(NewsPage.objects.listed().filter(pk__in={post for _, post in taken}).values_list("pk", flat=True))
    with transaction.atomic():
        for (day, post_id), digests in sorted(taken.items()):
            if post_id not in known:
                continue
            # The row is held to the end, so that two processes do not count the same reader.
            DailyReads.objects.get_or_create(post_id=post_id, day=day)
            row = DailyReads.objects.select_for_update(no_key=True).get(post_id=post_id, day=day)
            new = _new_ones(digests)
            if new:
                DailyReader.objects.bulk_create(DailyReader(digest=digest, day=day) for digest in sorted(new))
                DailyReads.objects.filter(pk=row.pk).update(reads=F("reads") + len(new))


def _new_ones(digests: set[str]) -> set[str]:
    """Of these readers of one post those not counted yet, as many as their addresses may still add."""
    by_address = {key: set(group) for key, group in groupby(sorted(digests), key=lambda each: each[:ADDRESS])}
    counted = _counted_from(sorted(by_address))
    had = Counter(each[:ADDRESS] for each in counted)
    return {
        each
        for key, group in by_address.items()
        for each in sorted(group - counted)[: max(0, MOST_FROM_AN_ADDRESS - had[key])]
    }


def _counted_from(addresses: list[str]) -> set[str]:
    """The readers from these addresses, few of each, so many addresses at a time."""
    counted = set[str]()
    for start in range(0, len(addresses), AT_ONCE):
        # Between two values, which the index serves; hexadecimal digits come before “g”.
        ranges = (Q(digest__gte=each, digest__lt=f"{each}g") for each in addresses[start : start + AT_ONCE])
        counted.update(DailyReader.objects.filter(reduce(or_, ranges)).values_list("digest", flat=True))
    return counted


waiting_readers = WaitingReaders()
atexit.register(waiting_readers.write)
