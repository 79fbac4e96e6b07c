"""Confirming that one has read a paper."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from fileshare import acknowledging, folders
from fileshare.services import acknowledge as services
from fileshare.views.handing_out import visible_or_404

if TYPE_CHECKING:
    from fileshare.views.types import SignedInRequest

LONGEST_NUMBER = 9  # digits; no paper has as many versions
MOST_SHOWN = 100


def _number(request: SignedInRequest) -> int:
    number = request.POST.get("version", "")
    if not (number.isascii() and number.isdecimal() and len(number) <= LONGEST_NUMBER):
        raise ValidationError("Something was missing. Please confirm once more.")
    return int(number)


@require_POST
def confirm(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """The member says of one version that they have read it, and is back on the paper's page."""
    document = visible_or_404(request, uuid)
    try:
        services.acknowledge(document=document, number=_number(request), by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, "Thank you. Your confirmation is kept.")
    return redirect(document)


@require_safe
def waiting(request: SignedInRequest) -> HttpResponse:
    """What waits for this member, what is due first at the head."""
    tree = folders.tree_for(request.user)
    papers = acknowledging.waiting_for(request.user).with_facts().prefetch_related("versions")
    return render(
        request,
        "fileshare/to_confirm.html",
        {"papers": list(papers[:MOST_SHOWN]), "tree": tree.top, "total": tree.total},
    )
