"""The cache that all processes share, which pages can do without.

Limits and what works once are counted in it: while it is away nothing can be counted, and whoever counts hears of it.
What Wagtail merely remembers in it, for each page that it serves, can be made anew.
"""

from __future__ import annotations

import logging
from typing import Any

from django.core.cache.backends import db, redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

logger = logging.getLogger(__name__)
# Where each site begins, and what its languages are called (wagtail.models.sites, wagtail.coreutils).
MERELY_REMEMBERED = {"wagtail_site_root_paths", "wagtail_locales_display_name"}


class _Dispensable(BaseCache):
    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except Exception as error:  # noqa: BLE001 -- each library has its own
            _allow(key, error)
            return default

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        try:
            super().set(key, value, timeout, version)
        except Exception as error:  # noqa: BLE001 -- as above
            _allow(key, error)


def _allow(key: Any, error: Exception) -> None:
    if key not in MERELY_REMEMBERED:
        raise error
    logger.warning("The shared cache does not answer: %s", error)


class Unreadable(ConnectionError):
    """What the cache has under a name was written by somebody else: it is as good as away."""


class _Serializer(redis.RedisSerializer):
    def loads(self, data: Any) -> Any:
        try:
            return super().loads(data)
        except Exception as error:  # pickle raises whatever it meets
            raise Unreadable("A value in the shared cache cannot be read.") from error


class RedisCache(_Dispensable, redis.RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, {**params, "OPTIONS": {"serializer": _Serializer, **params.get("OPTIONS", {})}})


class DatabaseCache(_Dispensable, db.DatabaseCache):
    pass
