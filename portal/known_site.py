"""The site and its front page, which every page starts from, without asking the database for them each time."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from wagtail.models import Site

from portal import freshness


def of(request: HttpRequest) -> Site | None:
    """As Wagtail's `Site.find_for_request`; each request has copies of its own."""
    asked: Any = request
    if not hasattr(asked, "_wagtail_site"):  # where Wagtail itself remembers it
        try:
            address = f"{request.get_host()} {request.get_port()}"
        except DisallowedHost:
            address = ""
        freshness.begin(request)
        site = copy.copy(freshness.kept(f"site at {address}", lambda: _site(request)))
        if site is not None:
            site.root_page = copy.copy(site.root_page)
        asked._wagtail_site = site
    found: Site | None = asked._wagtail_site
    return found


def on_known_site(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For Wagtail's view of pages, which asks Wagtail."""

    def known(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        of(request)
        return view(request, *args, **kwargs)

    return known


def _site(request: HttpRequest) -> Site | None:
    site: Site | None = Site.find_for_request(request)
    if site is not None:
        site.root_page = site.root_page.specific
    return site
