"""One paper: its page and its bytes. Every opening, download and refusal is in the record before anything leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from fileshare import access, acknowledging, folders, paper_page
from fileshare.models import SharedDocument
from fileshare.services import own_papers
from fileshare.views.folders import tree_context
from fileshare.views.handing_out import (
    deliver,
    not_in_advance,
    readable_versions,
    refuse,
    version_or_404,
    visible_or_404,
)
from members import audit
from members.enums import Action

if TYPE_CHECKING:
    from fileshare.views.types import SignedInRequest


def _to_confirm(request: SignedInRequest, document: SharedDocument) -> dict[str, Any] | None:
    """What the paper asks of this member and what they have said, where it asks them anything."""
    if document.acknowledge_by is None or not acknowledging.asked_of(request.user).filter(pk=document.pk).exists():
        return None
    return {
        "given": acknowledging.confirmation_of(document, request.user),
        "is_late": document.acknowledge_by < timezone.localdate(),
    }


@require_safe
def show(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """A paper's page."""
    document = visible_or_404(request, uuid)
    audit.record(Action.OPENED, actor=request.user, object_kind="document", object_id=uuid)
    own_papers.note_reading(document=document, by=request.user)
    tree = folders.tree_for(request.user)
    versions = list(readable_versions(document).select_related("created_by"))
    for version in versions:
        version.document = document
    return render(
        request,
        "fileshare/document.html",
        {
            "paper": document,
            "to_confirm": _to_confirm(request, document),
            "versions": versions,
            **paper_page.about(document, request.user, request.session),
            **tree_context(tree, tree.of_collection(document.collection_id)),
        },
    )


@require_safe
@not_in_advance
def download(request: SignedInRequest, uuid: UUID, number: int | None = None) -> HttpResponseBase:
    """The current version's bytes, or a former one's where the folder lets them be read."""
    document = visible_or_404(request, uuid, for_bytes=True)
    return deliver(request, version_or_404(request, document, number))


@require_safe
def stock_address(request: SignedInRequest, document_id: int, document_filename: str = "") -> HttpResponseBase:
    """Wagtail's own address of a document, as old links have it: leads to the paper's page, for those who may."""
    document = SharedDocument.objects.visible_to(request.user).filter(pk=document_id).first()
    if document is None:
        reason, name = access.refusal(request.user, pk=document_id)
        raise refuse(request, name or document_id, reason)
    return redirect(document)
