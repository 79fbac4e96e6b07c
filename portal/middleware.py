"""What every answer carries: the content policy, and `no-store` on whatever belongs to a person; and what pages start
from."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable

from csp.constants import SELF, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from wagtail.models import Site

from portal import freshness

ADMIN_PREFIX = "/admin/"


class ContentPolicyMiddleware(CSPMiddleware):
    """The strict content policy; under /admin/ inline `style` elements and the site's own frames are allowed too.

    Wagtail's text editor (Draftail) writes its styles into the page, and its preview shows a page in a frame; nothing
    else of the administration needs more than the site does, and scripts stay as strict there as here.
    """

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if request.path_info.startswith(ADMIN_PREFIX) and not report_only:
            admin = {"style-src-elem": [SELF, UNSAFE_INLINE], "frame-ancestors": [SELF]}
            parts = dataclasses.replace(parts, replace={**(parts.replace or {}), **admin})
        elif getattr(request, "is_preview", False):
            # Wagtail sends a made-up request for the page through the middleware, and shows the answer in a frame.
            parts = dataclasses.replace(parts, replace={**(parts.replace or {}), "frame-ancestors": [SELF]})
        return parts


def private_responses(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Mark every answer to a request with a session as private and not to be stored, by anybody.

    Also every redirect to sign in and every refusal, which depend on who asks although no session came with them.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        personal = settings.SESSION_COOKIE_NAME in request.COOKIES or response.cookies
        if personal or response.status_code in (302, 401, 403):
            response["Cache-Control"] = "private, no-store"
        return response

    return middleware


def on_known_site(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give Wagtail's view of pages the site and its front page without asking the database for them each time."""

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
