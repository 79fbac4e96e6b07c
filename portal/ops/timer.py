"""When `run_due` last ran, and how it went: in the shared cache, since the timer may run on another machine."""

from __future__ import annotations

import datetime
import logging
from typing import NamedTuple

from django.core.cache import cache
from django.utils import timezone

logger = logging.getLogger(__name__)
KEY = "portal.ops.timer"
LATE_AFTER = datetime.timedelta(minutes=5)


class Run(NamedTuple):
    """`failed` counts the jobs that did."""

    at: datetime.datetime
    failed: int


def note(failed: int) -> None:
    """Where the cache is away the run counts as missed; the next one tries again."""
    try:
        cache.set(KEY, (timezone.now().isoformat(), failed), timeout=None)
    except Exception:  # whatever a cache that is away raises
        logger.exception("That the timer ran could not be noted.")


def last() -> Run | None:
    """None when nothing is known of any, be it that the cache was emptied since."""
    found = cache.get(KEY)
    return Run(datetime.datetime.fromisoformat(found[0]), found[1]) if found else None
