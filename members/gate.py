"""The one gate behind all doors: whoever must have a second factor reaches nothing else before having one.

It stands after them and judges the session, not the way in: password, code by mail, passkey, single sign-on, a new
password, an invitation and whatever door comes next all lead here.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse

from members import second_factor

# What one needs for setting up a second factor, and the way out.
BEFORE_THE_GATE = {
    "second_factor_required",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "account_reauthenticate",
    "account_logout",
    "manifest",
}
SIGN_IN_AGAIN = "Your account asks for a second step now. Please sign in again."


def second_factor_gate(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        # Who comes without a session is asked nothing, so that public pages stay the same for everybody.
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
            return get_response(request)
        if second_factor.has(request.user):
            is_shown = second_factor.was_shown(request.session, request.user)
            return get_response(request) if is_shown else _out(request)
        if second_factor.must_have(request.user) and not _is_before_the_gate(request):
            return redirect("second_factor_required")
        return get_response(request)

    return middleware


def _out(request: HttpRequest) -> HttpResponse:
    """A session from before the account had a second factor, or from a door that forgot to ask: it ends."""
    logout(request)
    messages.info(request, SIGN_IN_AGAIN)
    back = f"?next={quote(request.get_full_path())}" if request.method == "GET" else ""
    return redirect(f"{reverse('account_login')}{back}")


def _is_before_the_gate(request: HttpRequest) -> bool:
    try:
        return resolve(request.path_info).url_name in BEFORE_THE_GATE
    except Resolver404:
        return False
