"""News by mail for visitors. Every answer is the same whether the address is known or not."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from members import limits, robots
from portal.models import Pace
from portal.notifications import links
from portal.services import subscribe
from portal.told_forms import SubscribeForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

logger = logging.getLogger(__name__)


def _shown(request: HttpRequest, page: str, *, status: int = 200, **words: Any) -> HttpResponse:
    response = render(request, f"pages/{page}.html", words, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def _form(request: HttpRequest, form: SubscribeForm, *, status: int = 200) -> HttpResponse:
    opened = robots.stamp(request.POST if form.is_bound else None)
    return _shown(request, "subscribe", form=form, opened=opened, status=status)


def _mailbox(address: str) -> str:
    """Where mail to the address arrives: what stands after a plus sign is for the receiver's own sorting."""
    name, _, host = address.lower().rpartition("@")
    return f"{name.partition('+')[0]}@{host}"


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, SubscribeForm())
    form = SubscribeForm(request.POST)
    if robots.is_robots(request.POST):
        logger.info("A robot wrote to %s; nothing of it is kept.", request.path)
        return _shown(request, "subscribe_asked")
    if not form.is_valid():
        return _form(request, form, status=400)
    if not robots.is_in_time(request.POST):
        form.add_error(None, robots.LOOK_AGAIN)
        return _form(request, form, status=400)
    address = form.cleaned_data["address"]
    if not limits.allows(request, "subscribe", key=_mailbox(address)):
        form.add_error(None, robots.BUSY.format(when=limits.when(request)))
        return _form(request, form, status=429)
    subscribe.ask(address=address, pace=Pace(form.cleaned_data["pace"]))
    return _shown(request, "subscribe_asked")


@login_not_required  # the link in a mail
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Asked with a button, since mail programs look at links by themselves."""
    found = links.confirmed(token)
    if found is None:
        return _shown(request, "told_no_link", status=404)
    subscriber, pace = found
    if request.method == "POST":
        subscribe.confirm(subscriber=subscriber, pace=pace)
        return _shown(request, "subscribe_confirmed", pace=pace.label.lower(), address=subscriber.address)
    return _shown(request, "subscribe_confirm", pace=pace.label.lower(), address=subscriber.address)
