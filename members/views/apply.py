"""Applying for membership, and showing that the e-mail address is one's own.

Every answer is the same whether anybody has the address or not. Whatever was written comes back with each refusal.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from members import limits, robots
from members.apply_forms import ApplicationForm, CodeForm
from members.enums import Standing
from members.models import Application, JoiningSettings
from members.services import apply as services

if TYPE_CHECKING:
    from django import forms
    from django.http import HttpRequest, HttpResponse

    from members.models import User

logger = logging.getLogger(__name__)
WAITING = "application"  # in the session: which application waits for its code
TRIES = "There were too many codes from here. Please try again {when}."
SENT = "A new code is on its way. The former one is no longer good."


def shown(request: HttpRequest, page: str, *, status: int = 200, **words: Any) -> HttpResponse:
    """A page for nobody else's eyes: it may hold a person's words."""
    response = render(request, f"members/{page}.html", words, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    joining = JoiningSettings.load(request)
    user: Any = request.user if request.user.is_authenticated else None
    if user is not None and user.standing != Standing.NONE:
        if Application.objects.open().filter(user=user).exists():
            return redirect("members:application")
        return shown(request, "apply_member")
    if not joining.applications_are_open:
        return shown(request, "apply_closed", status=403 if request.method == "POST" else 200)
    if request.method == "POST":
        return _received(request, joining, user)
    return _form(request, joining, ApplicationForm(joining=joining, user=user))


def _received(request: HttpRequest, joining: JoiningSettings, user: User | None) -> HttpResponse:
    form = ApplicationForm(request.POST, joining=joining, user=user)
    is_valid = form.is_valid()
    if robots.is_robots(request.POST):
        logger.info("A robot wrote to %s; nothing of it is kept.", request.path)
        request.session[WAITING] = {"number": 0, "email": form.cleaned_data.get("email", "")}
        return redirect("members:confirm_application")
    if not is_valid:
        return _form(request, joining, form, status=400)
    if not robots.is_in_time(request.POST):
        form.add_error(None, robots.LOOK_AGAIN)
        return _form(request, joining, form, status=400)
    email = user.email if user else form.cleaned_data["email"]
    if not limits.allows(request, "apply", key=email):
        form.add_error(None, robots.BUSY.format(when=limits.when(request)))
        return _form(request, joining, form, status=429)
    if user is not None:
        return _submitted(request, joining, form, user)
    application = services.begin(email=email, written=form.written)
    request.session[WAITING] = {"number": application.pk, "email": email}
    return redirect("members:confirm_application")


def _submitted(request: HttpRequest, joining: JoiningSettings, form: ApplicationForm, user: User) -> HttpResponse:
    try:
        services.submit(user=user, written=form.written)
    except ValidationError as error:
        form.add_error(None, error)
        return _form(request, joining, form, status=400)
    return redirect("members:application")


def _form(request: HttpRequest, joining: JoiningSettings, form: forms.Form, *, status: int = 200) -> HttpResponse:
    opened = robots.stamp(request.POST if form.is_bound else None)
    return shown(request, "apply", form=form, joining=joining, opened=opened, status=status)


# --- The code ---------------------------------------------------------------------------------------------------
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    waiting = request.session.get(WAITING)
    if waiting is None or request.user.is_authenticated:
        return redirect("members:apply")
    if request.method != "POST":
        return _code_form(request, waiting, CodeForm())
    form = CodeForm(request.POST)
    if not limits.allows(request, "apply_code"):
        form.add_error(None, TRIES.format(when=limits.when(request)))
        return _code_form(request, waiting, form, status=429)
    if not form.is_valid():
        return _code_form(request, waiting, form, status=400)
    try:
        application = services.confirm(application_id=waiting["number"], code=form.cleaned_data["code"])
    except ValidationError as error:
        form.add_error("code", error)
        return _code_form(request, waiting, form, status=400)
    del request.session[WAITING]
    return sign_in(request, application.user, reverse("members:application"))


@login_not_required
@require_POST
def send_another_code(request: HttpRequest) -> HttpResponse:
    waiting = request.session.get(WAITING)
    if waiting is None:
        return redirect("members:apply")
    form = CodeForm({})
    form.errors.clear()
    if not limits.allows(request, "apply", key=waiting["email"]):
        form.add_error(None, TRIES.format(when=limits.when(request)))
        return _code_form(request, waiting, form, status=429)
    try:
        services.send_another_code(application_id=waiting["number"])
    except ValidationError as error:
        form.add_error(None, error)
        return _code_form(request, waiting, form, status=400)
    return _code_form(request, waiting, CodeForm(), said=SENT)


def _code_form(
    request: HttpRequest, waiting: dict[str, Any], form: forms.Form, *, status: int = 200, said: str = ""
) -> HttpResponse:
    return shown(request, "apply_code", form=form, email=waiting["email"], said=said, status=status)


def sign_in(request: HttpRequest, user: User | None, back: str) -> HttpResponse:
    """Through allauth, as by every other door: whoever has the code or the link has the address."""
    email, joins = (user.email, user.last_login is None) if user else (None, False)
    record_authentication(request, user, method="code", email=email)
    response: HttpResponse = perform_login(request, Login(user=user, email=email, signup=joins, redirect_url=back))
    return response
