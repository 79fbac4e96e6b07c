"""What a marking asks before bytes leave, done page by page: each leads to the next, and the last one back."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_safe

from fileshare import access
from fileshare.services import terms as services
from fileshare.views.handing_out import version_or_404, visible_or_404
from members import second_factor as factors
from members.keys import as_key

if TYPE_CHECKING:
    from fileshare.models import DocumentVersion, SharedDocument
    from fileshare.views.types import SignedInRequest

LONGEST_NEXT = 8_000  # as long as an address may be


def _back(request: SignedInRequest, document: SharedDocument) -> str:
    """Where the person came from, if that is a page of this site; else the paper."""
    came_from = (request.POST if request.method == "POST" else request.GET).get("next", "")
    is_ours = url_has_allowed_host_and_scheme(came_from, allowed_hosts=None) and came_from.startswith("/")
    return came_from if is_ours and len(came_from) <= LONGEST_NEXT else document.get_absolute_url()


def _onward(request: SignedInRequest, document: SharedDocument, version: DocumentVersion | None) -> HttpResponse:
    """To what the marking asks next, or back."""
    back = _back(request, document)
    for address in access.requirements(request.user, document, request.session, version):
        return redirect(f"{address}?{urlencode({'next': back})}")
    return redirect(back)


@require_http_methods(["GET", "HEAD", "POST"])
def terms(request: SignedInRequest, uuid: UUID, number: int) -> HttpResponse:
    """The handling terms for one file, to accept or not."""
    document = visible_or_404(request, uuid)
    version = version_or_404(request, document, number)
    if request.method == "POST" and "decline" in request.POST:
        services.decline(version=version, by=request.user)
        messages.info(request, "You have not accepted the terms, so the paper's file stays here.")
        return redirect(document)
    if request.method == "POST":
        try:
            services.accept(version=version, number=as_key(request.POST.get("terms", "")) or 0, by=request.user)
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            return _onward(request, document, version)
    return render(
        request,
        "fileshare/terms.html",
        {"paper": document, "version": version, "terms": services.current(), "back": _back(request, document)},
    )


@require_safe
def second_factor(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Why this paper wants more than a password, and how to set that up."""
    document = visible_or_404(request, uuid)
    if factors.was_shown(request.session, request.user):
        return _onward(request, document, None)
    return render(request, "fileshare/second_factor.html", {"paper": document, "back": _back(request, document)})
