"""allauth's two views of single sign-on, for the day on which the other service is away."""

from __future__ import annotations

import logging

from allauth.socialaccount.providers.openid_connect import views
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

logger = logging.getLogger(__name__)


@login_not_required
def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send the person to the service. What `requests` raises is an OSError."""
    try:
        response: HttpResponse = views.login(request, provider_id)
    except OSError as trouble:
        return _away(request, trouble)
    return response


@login_not_required
def finish(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take the person's answer from there, which is checked with the service itself."""
    try:
        response: HttpResponse = views.callback(request, provider_id)
    except OSError as trouble:
        return _away(request, trouble)
    return response


def _away(request: HttpRequest, trouble: Exception) -> HttpResponse:
    logger.warning("The service of single sign-on cannot be asked: %s", trouble)
    response = render(request, "socialaccount/authentication_error.html", status=503)
    response["Retry-After"] = "60"
    return response
