"""What every answer carries: the content policy, `no-store` on what is personal; and no way to what is to come."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from csp.constants import SELF, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from wagtail.contrib.redirects import middleware as redirects

from members import limits as members_limits
from portal import known_site, packing
from portal.models import NewsPage

TEXT = re.compile(r"text/|application/(atom\+xml|javascript|json|manifest\+json|xml)|image/svg\+xml")
ADMIN_PREFIX = "/admin/"
LEAST = 200  # bytes: what is shorter is not packed, as with gzip


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


class CompressionMiddleware(GZipMiddleware):
    """Compresses text that is the same for everybody.

    What belongs to a person is marked private (below) and stays as it is: from the length of compressed text, others
    could guess at secrets in it (BREACH, https://www.breachattack.com). So do pictures, which are small already.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_private = "private" in response.get("Cache-Control", "")
        if is_private or not TEXT.match(response.get("Content-Type", "")):
            return response
        chosen = packing.chosen(request.headers.get("Accept-Encoding", ""))
        if not chosen:
            request.META["HTTP_ACCEPT_ENCODING"] = ""  # Django looks for the word alone, be it “gzip;q=0”
        if (
            chosen != packing.BROTLI
            or not isinstance(response, HttpResponse)
            or response.has_header("Content-Encoding")
            or len(response.content) < LEAST
        ):
            return super().process_response(request, response)
        packed = packing.by_brotli(response.content)
        if len(packed) >= len(response.content):
            return super().process_response(request, response)
        patch_vary_headers(response, ("Accept-Encoding",))
        response.content = packed
        response["Content-Length"], response["Content-Encoding"] = str(len(packed)), packing.BROTLI
        if response.get("ETag", "").startswith('"'):
            response["ETag"] = f"W/{response['ETag']}"
        return response


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


def limits(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer 429 wherever a limit is reached, and say when to come back (RFC 6585, 4).

    allauth shows the form again with 200 after too many wrong passwords.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if members_limits.is_reached(request) and response.status_code == 200:
            response.status_code = 429
        if response.status_code == 429:
            response["Retry-After"] = str(members_limits.seconds_left(request))
        return response

    return middleware


class RedirectMiddleware(redirects.RedirectMiddleware):  # type: ignore[misc]  # Wagtail has no types
    """Wagtail's; an address that would lead to a post before its date leads nowhere, since the new one tells of it."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if response.status_code == HTTPStatus.NOT_FOUND:
            known_site.of(request)  # else Wagtail asks the database for it
        found: HttpResponse = super().process_response(request, response)
        if found is response:
            return response
        slug = urlsplit(found["Location"]).path.rstrip("/").rpartition("/")[2]
        is_to_come = NewsPage.objects.filter(slug=slug, published_at__gt=timezone.now()).exists()
        return response if is_to_come else found
