"""Everything that is kept about oneself, and leaving."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members import limits
from members.models import DataExport
from members.own_forms import LeaveForm
from members.services import erase, export_data

if TYPE_CHECKING:
    from members.views.types import SignedInRequest

BUSY = "You have asked for this very often today. Please try again {when}."


@require_safe
def show(request: SignedInRequest) -> HttpResponse:
    return _page(request)


def _page(request: SignedInRequest, *, status: int = 200, trouble: str = "") -> HttpResponse:
    export = DataExport.objects.kept().filter(user=request.user).first()
    words = {"export": export, "trouble": trouble, "days": settings.LEAVING_DAYS}
    return render(request, "members/privacy.html", words, status=status)


@require_POST
def ask(request: SignedInRequest) -> HttpResponse:
    """Have the file made; asked twice, the one in the making is it."""
    if not limits.allows(request, "own_data", user=request.user):
        return _page(request, status=429, trouble=BUSY.format(when=limits.when(request)))
    export_data.ask(user=request.user)
    messages.success(request, "Your file is being made. It takes a minute; we write to you when it is ready.")
    return redirect("members:privacy")


@reauthentication_required
@require_safe
def ready(request: SignedInRequest) -> HttpResponse:
    """The file, ready to be fetched; whoever sits at a computer that somebody left comes no further."""
    export = DataExport.objects.ready().filter(user=request.user).first()
    if export is None:
        return redirect("members:privacy")
    return render(request, "members/own_data.html", {"export": export})


@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: SignedInRequest) -> HttpResponse:
    if request.user.is_leaving:
        return redirect("members:privacy")
    form = LeaveForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            erase.leave(user=request.user, by=request.user, keeps_name=form.keeps_name)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect("members:privacy")
    words = {"form": form, "days": settings.LEAVING_DAYS}
    return render(request, "members/leave.html", words, status=400 if form.errors else 200)


@require_POST
def stay(request: SignedInRequest) -> HttpResponse:
    """The way back."""
    try:
        erase.come_back(user=request.user)
    except ValidationError:
        messages.info(request, "You are not leaving; nothing had to be done.")
    else:
        messages.success(request, "You stay. Everything is as it was before.")
    return redirect("members:overview")
