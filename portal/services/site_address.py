"""Wagtail keeps the site's address in a table; the operator says it once, as BASE_URL."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError
from wagtail.models import Site

PORTS = {"http": 80, "https": 443}


def follow_base_url(**kwargs: Any) -> None:
    """After each migration, and when the demonstration is seeded: the default site answers at BASE_URL.

    Links in the site map, in mail and in the administration are made from it, never from a request's Host header.
    """
    address = urlsplit(settings.BASE_URL)
    site = Site.objects.filter(is_default_site=True).first()
    wanted = (address.hostname, address.port or PORTS[address.scheme])
    if site is not None and (site.hostname, site.port) != wanted:
        Site.objects.filter(pk=site.pk).update(hostname=wanted[0], port=wanted[1])
        with suppress(DatabaseError):  # the cache's own table is made after the first migration
            Site.clear_site_root_paths_cache()
