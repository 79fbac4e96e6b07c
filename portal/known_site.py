"""The site and its front page, which every page starts from, without asking the database for them each time."""

from __future__ import annotations

import copy
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from wagtail.models import Site

from portal import freshness


def on_known_site(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For Wagtail's view of pages; each request has copies of its own."""

    def known(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        address = f"{request.get_host()} {request.get_port()}"
        site = copy.copy(freshness.kept(f"site at {address}", lambda: _site(request)))
        if site is not None:
            site.root_page = copy.copy(site.root_page)
        # Where Wagtail's `Site.find_for_request` itself remembers it.
        request._wagtail_site = site  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return known


def _site(request: HttpRequest) -> Site | None:
    site: Site | None = Site.find_for_request(request)
    if site is not None:
        site.root_page = site.root_page.specific
    return site
