"""Refusals that Django words for developers, worded for people; and what is said while a part of the site is away."""

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views import defaults

from portal.ops import away

RETRY_AFTER = "30"  # seconds


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is missing or old: the page says how to go on, and what was typed is one step back."""
    return render(request, "403_csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's answer to an error that nobody has caught; where a part is away, 503 (RFC 9110, 15.6.4), so that caches
    and machines come again. Asks nothing of anybody."""
    if not away.says_so(sys.exc_info()[1]):
        return defaults.server_error(request)
    headers = {"Retry-After": RETRY_AFTER, "Cache-Control": "private, no-store"}
    return HttpResponse(render_to_string("503.html"), status=503, headers=headers)
