"""A contact page: the form, what was sent, and the thanks. Whatever was written comes back with each refusal."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render

from members import limits, robots
from portal.services import contact as services

if TYPE_CHECKING:
    from django import forms
    from django.http import HttpRequest, HttpResponse

    from portal.models import ContactPage

logger = logging.getLogger(__name__)
SENT = "sent"


def answer(page: ContactPage, request: HttpRequest) -> HttpResponse:
    """The page, for nobody else's eyes: it may hold a person's words."""
    if request.method == "POST":
        response = _received(page, request)
    elif SENT in request.GET:
        response = _shown(page, request, page.get_landing_page_template(request))
    else:
        response = _form(page, request, page.get_form(initial=_known(page, request)))
    response["Cache-Control"] = "private, no-store"
    return response


def _received(page: ContactPage, request: HttpRequest) -> HttpResponse:
    thanks = redirect(f"{page.get_url(request)}?{SENT}")
    if robots.is_robots(request.POST):
        logger.info("A robot wrote to %s; nothing of it is kept.", request.path)
        return thanks
    form = page.get_form(request.POST)
    if not form.is_valid():
        return _form(page, request, form, status=400)
    if not robots.is_in_time(request.POST):
        form.add_error(None, robots.LOOK_AGAIN)
        return _form(page, request, form, status=400)
    if not limits.allows(request, "contact", key="site"):
        form.add_error(None, robots.BUSY.format(when=limits.when(request)))
        return _form(page, request, form, status=429)
    services.receive(page=page, answers=form.cleaned_data)
    return thanks


def _known(page: ContactPage, request: HttpRequest) -> dict[str, str]:
    """A member need not write the address that the site has."""
    user: Any = request.user
    fields = page.get_form_fields() if user.is_authenticated else []
    return {field.clean_name: user.email for field in fields if field.field_type == "email"}


def _form(page: ContactPage, request: HttpRequest, form: forms.Form, *, status: int = 200) -> HttpResponse:
    opened = robots.stamp(request.POST if form.is_bound else None)
    words = {"form": form, "opened": opened, "is_busy": status == 429}
    return _shown(page, request, page.get_template(request), status=status, **words)


def _shown(page: ContactPage, request: HttpRequest, template: str, *, status: int = 200, **words: Any) -> HttpResponse:
    return render(request, template, page.get_context(request) | words, status=status)
