"""Wagtail's own doors, shut: everybody signs in, out and resets a password through the site's account pages."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from wagtail.log_actions import LogContext

from members.keys import as_key
from portal import access

logger = logging.getLogger(__name__)
View = Callable[..., HttpResponseBase]


def staff_only(view: View) -> View:
    """Refuse a signed-in person who has no business in the administration, instead of sending round in circles."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not request.user.has_perm("wagtailadmin.access_admin"):
            raise PermissionDenied
        if _names_pages(request) and not access.works_on_pages(request.user):
            raise PermissionDenied
        if "/bulk/" in request.path and not all(map(_is_number, request.GET.getlist("id"))):
            raise Http404("No such thing.")
        try:
            response = view(request, *args, **kwargs)
        except (ValueError, OverflowError, DataError) as error:
            if request.method not in ("GET", "HEAD"):
                raise
            # A number in an address that is none, or that no column holds: several of Wagtail's views do not look.
            logger.warning("%s was asked with something that is no value: %s", request.path, error)
            raise Http404("No such thing.") from error
        return _rendered(response, request)

    return guarded


def _names_pages(request: HttpRequest) -> bool:
    """Whether the address names drafts and private pages: Wagtail opens these to all who enter the administration."""
    match = request.resolver_match
    if match is None:
        return False
    is_bulk = match.url_name == "wagtail_bulk_action" and match.kwargs["app_label"] == "wagtailcore"
    return is_bulk or (match.url_name or "").startswith("wagtailadmin_choose_page")


def _is_number(text: str) -> bool:
    """What Wagtail's bulk actions, which do not look, may be asked for."""
    return text == "all" or as_key(text) is not None


def _rendered(response: HttpResponseBase, request: HttpRequest) -> HttpResponseBase:
    """Wagtail forgets who is at work before it renders, which is when a form asks whether it may name a paper."""
    if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
        with LogContext(user=request.user):
            return response.render()
    return response


@login_not_required
def sign_in(request: HttpRequest) -> HttpResponse:
    """In place of Wagtail's sign-in forms; keeps the way back, if it leads to this site."""
    if request.user.is_authenticated and not request.user.has_perm("wagtailadmin.access_admin"):
        raise PermissionDenied
    back = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return redirect(f"{reverse('account_login')}?{urlencode({'next': back})}" if safe and back else "account_login")


@login_not_required
def reset_password(request: HttpRequest, **kwargs: str) -> HttpResponse:
    """In place of Wagtail's password reset, which knows no limits."""
    return redirect("account_reset_password")


@login_not_required
def sign_up(request: HttpRequest) -> HttpResponse:
    """In place of allauth's: people become members by applying or by an invitation."""
    return redirect("members:apply")


@login_not_required
def sign_out(request: HttpRequest) -> HttpResponse:
    """In place of Wagtail's: allauth asks once more and ends the session."""
    return redirect("account_logout")


@login_not_required
def gone(request: HttpRequest, **kwargs: int) -> HttpResponse:
    """Doors that this site does not have, such as shared passwords."""
    raise Http404("There is no such door here.")
