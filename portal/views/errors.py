"""Refusals that Django words for developers, worded for people; and what is said while a part of the site is away."""

import io
import sys

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views import defaults

from portal.middleware import ContentPolicyMiddleware
from portal.ops import away

TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)

RETRY_AFTER = "30"  # seconds


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is missing or old: the page says how to go on, and what was typed is one step back."""
    return render(request, "403_csrf.html", status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that cannot be understood; where it merely holds too much, 413 (RFC 9110, 15.5.14) and what helps."""
    if isinstance(exception, TOO_MUCH):
        return HttpResponse(render_to_string("413.html"), status=413)
    return defaults.bad_request(request, exception)


def address_too_long() -> HttpResponse:
    """What the server sends (deploy/gunicorn.conf.py) where the address of a request has no end within its bounds, so
    that there is no request to answer. It is the same for everybody, and carries what the site's other answers do."""
    answer = HttpResponse(render_to_string("414.html"), status=414, headers={"Cache-Control": "no-store"})
    # Stands for the one that nobody has read; whatever the site answers otherwise than by a redirect has come by TLS.
    request = WSGIRequest({"REQUEST_METHOD": "GET", "wsgi.input": io.BytesIO(), "wsgi.url_scheme": "https"})
    for middleware in (ContentPolicyMiddleware, XFrameOptionsMiddleware, SecurityMiddleware):
        middleware(lambda _: answer).process_response(request, answer)
    return answer


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's answer to an error that nobody has caught; where a part is away, 503 (RFC 9110, 15.6.4), so that caches
    and machines come again. Asks nothing of anybody."""
    if not away.says_so(sys.exc_info()[1]):
        return defaults.server_error(request)
    headers = {"Retry-After": RETRY_AFTER, "Cache-Control": "private, no-store"}
    return HttpResponse(render_to_string("503.html"), status=503, headers=headers)
