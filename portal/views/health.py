"""For machines: is the process alive, and can it do its work?"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.ops import heartbeat

logger = logging.getLogger(__name__)


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _cache() -> bool:
    token = uuid.uuid4().hex
    cache.set(f"health-{token}", token, 30)
    return cache.get(f"health-{token}") == token


def _storage() -> bool:
    # A question that only a store which answers can answer; the object need not exist.
    default_storage.exists("health")
    return True


PARTS: dict[str, Callable[[], bool]] = {
    "database": _database,
    "cache": _cache,
    "storage": _storage,
    "worker": heartbeat.is_beating,
}


def _works(name: str, part: Callable[[], bool]) -> bool:
    try:
        return part()
    except Exception:  # whatever a part that is away raises, the answer is that it is away
        logger.exception("Health: %s is away", name)
        return False


@login_not_required
@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "live"})


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Each part by name, true or false; 503 with Retry-After when one is away."""
    parts = {name: _works(name, part) for name, part in PARTS.items()}
    is_ready = all(parts.values())
    response = JsonResponse({"status": "ready" if is_ready else "not ready", **parts}, status=200 if is_ready else 503)
    if not is_ready:
        response["Retry-After"] = "10"
    return response
