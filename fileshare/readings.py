"""When bytes belong to a reading that is in the record already.

A reader page fetches a paper range by range, hundreds of them for a long one. The record gets one row for a reading,
before its first byte: it is written when the page is opened, or by the first range of whoever comes without the page.
What the same session asks of the same version within a quarter of an hour of the last answer continues that reading.
Whether the person may read is asked each time all the same.
"""

from __future__ import annotations

import hashlib
import logging
import time
from typing import TYPE_CHECKING

from django.core.cache import cache

if TYPE_CHECKING:
    from fileshare.models import DocumentVersion
    from fileshare.views.types import SignedInRequest

logger = logging.getLogger(__name__)
PAUSE = 15 * 60  # seconds without a request after which a reading is over
NOTED_EVERY = 60  # seconds; each range need not write to the cache


def _key(request: SignedInRequest, version: DocumentVersion) -> str:
    whose = f"{request.session.session_key} {request.user.pk} {version.token.hex}"
    return f"reading:{hashlib.sha256(whose.encode()).hexdigest()}"


def note(request: SignedInRequest, version: DocumentVersion) -> None:
    """The reading is in the record; what follows continues it."""
    try:
        cache.set(_key(request, version), time.time(), PAUSE)
    except Exception:  # noqa: BLE001 -- whatever the cache raises: its absence costs further rows, never a reading
        logger.warning("The cache is away: further parts of a reading become rows of the record.")


def is_first_asking(request: SignedInRequest, version: DocumentVersion) -> bool:
    """Whether the record does not say yet that this reading waits for what the marking asks."""
    try:
        return bool(cache.add(f"{_key(request, version)}:asked", 1, PAUSE))
    except Exception:  # noqa: BLE001 -- as above
        return True


def is_continued(request: SignedInRequest, version: DocumentVersion) -> bool:
    """Whether this request belongs to a reading that has its row."""
    try:
        last: float | None = cache.get(_key(request, version))
    except Exception:  # noqa: BLE001 -- as above
        return False
    since = PAUSE if last is None else time.time() - last
    if NOTED_EVERY < since < PAUSE:
        note(request, version)
    return since < PAUSE
