"""Copies of public pages at a delivery network, which may keep them for longer than the second that every cache may.

One rule: what was given out to be kept is noted, and whatever was noted before a change is purged after it. Wagtail's
`frontend_cache` speaks with the network; `EDGE_SECONDS` and `EDGE_PURGE_URL` say how long and with whom.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from wagtail.contrib.frontend_cache.utils import purge_urls_from_cache

from portal import freshness
from portal.models import EdgeCopy

if TYPE_CHECKING:
    from django.http import HttpRequest

AT_ONCE = 500
# A process may answer with what it has for as long as this after a change, so that each copy is purged once more.
AGAIN_AFTER = datetime.timedelta(seconds=5)


def keep_for(request: HttpRequest, version: str) -> int:
    """For how many seconds caches in front may keep this answer; what they may keep for long is noted.

    `version` is the one under which the making began; without it nothing is kept for long. Nor is an address with a
    question, of which there is no end.
    """
    address = request.build_absolute_uri()
    if settings.EDGE_SECONDS == 1 or not version or "?" in address or len(address) > EdgeCopy.LONGEST:
        return 1
    EdgeCopy.objects.bulk_create([EdgeCopy(address=address, version=version)], ignore_conflicts=True)
    return int(settings.EDGE_SECONDS)


def purge() -> int:
    """Purge what was given out before the last change, twice each; returns how many addresses. May run at any time."""
    now = timezone.now()
    old = EdgeCopy.objects.exclude(version=freshness.shared_version())
    due = list(old.filter(Q(purged_at=None) | Q(purged_at__lt=now - AGAIN_AFTER)))
    addresses = sorted({each.address for each in due})
    for first in range(0, len(addresses), AT_ONCE):
        purge_urls_from_cache(addresses[first : first + AT_ONCE])
    EdgeCopy.objects.filter(pk__in=[each.pk for each in due if each.purged_at]).delete()
    EdgeCopy.objects.filter(pk__in=[each.pk for each in due if not each.purged_at]).update(purged_at=now)
    return len(addresses)


def changed(**kwargs: Any) -> None:
    """What the public reads has changed: the worker purges."""
    from portal.tasks import purge_edge  # noqa: PLC0415 -- the tasks delegate to this module

    if settings.EDGE_SECONDS > 1:
        purge_edge.enqueue()


def connect() -> None:
    """Called once, when the apps are ready."""
    freshness.announced.connect(changed, dispatch_uid="portal.edge")
