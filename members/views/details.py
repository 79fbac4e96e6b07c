"""The member's own details."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from members.models import Profile
from members.own_forms import DetailsForm
from members.services import details

if TYPE_CHECKING:
    from members.views.types import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: SignedInRequest) -> HttpResponse:
    profile = Profile.objects.filter(user=request.user).first()
    form = DetailsForm(request.POST or None, user=request.user, profile=profile)
    if form.is_valid():
        try:
            changed = details.change_details(user=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _said(changed))
            return redirect("members:details")
    status = 400 if form.errors else 200
    return render(request, "members/details.html", {"form": form, "asked": form.asked}, status=status)


def _said(changed: list[str]) -> str:
    if not changed:
        return "Nothing was changed."
    if changed == ["organisation"]:
        return "The membership secretary will look at the change of your organisation."
    if "organisation" in changed:
        return "Your details are changed. The membership secretary will look at the change of your organisation."
    return "Your details are changed."
