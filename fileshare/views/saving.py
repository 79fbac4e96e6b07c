"""Putting a paper aside and taking it off the list again."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from fileshare.services import own_papers
from fileshare.views.handing_out import visible_or_404

if TYPE_CHECKING:
    from fileshare.models import SharedDocument
    from fileshare.views.types import SignedInRequest


def _back(request: SignedInRequest, document: SharedDocument) -> HttpResponse:
    """To where the button was, if that is a page of this site, else to the paper."""
    came_from = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(came_from, allowed_hosts=None)
    return redirect(came_from if is_ours and came_from.startswith("/") else document)


@require_POST
def save(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Put the paper on the person's list."""
    document = visible_or_404(request, uuid)
    own_papers.save_paper(document=document, by=request.user)
    return _back(request, document)


@require_POST
def forget(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Take the paper off the person's list."""
    document = visible_or_404(request, uuid)
    own_papers.forget_paper(document=document, by=request.user)
    return _back(request, document)
