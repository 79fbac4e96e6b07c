"""One paper: its page and its bytes. Every opening, download and refusal is in the record before anything leaves."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from fileshare import access, delivery, folders
from fileshare.enums import Inspection, Refusal
from fileshare.models import DocumentVersion, SharedDocument
from members import audit
from members.enums import Action

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from fileshare.views.types import SignedInRequest

logger = logging.getLogger(__name__)


def _refuse(request: SignedInRequest, asked_for: object, reason: Refusal, **details: int) -> Http404:
    audit.record(
        Action.REFUSED, actor=request.user, object_kind="document", object_id=asked_for, reason=reason.value, **details
    )
    return Http404("No such paper.")


def _visible_or_404(request: SignedInRequest, uuid: UUID) -> SharedDocument:
    """The paper if this person may read it; else a row in the record, and it does not exist."""
    document = SharedDocument.objects.visible_to(request.user).with_facts().filter(uuid=uuid).first()
    if document is None:
        reason, _name = access.refusal(request.user, uuid=uuid)
        raise _refuse(request, uuid, reason)
    return document


def _readable_versions(document: SharedDocument) -> QuerySet[DocumentVersion]:
    """The current version, and the former ones where the folder lets them be read."""
    versions = DocumentVersion.objects.filter(document=document, inspection=Inspection.PASSED)
    folder = getattr(document.collection, "folder", None)
    if folder is not None and not folder.former_versions_readable:
        versions = versions.filter(pk=document.current_version_id)
    return versions


@require_safe
def show(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """A paper's page."""
    document = _visible_or_404(request, uuid)
    audit.record(Action.OPENED, actor=request.user, object_kind="document", object_id=uuid)
    tree = folders.tree_for(request.user)
    node = tree.of_collection(document.collection_id)
    tree.mark_current(node)
    versions = list(_readable_versions(document).select_related("created_by"))
    for version in versions:
        version.document = document
    return render(
        request,
        "fileshare/document.html",
        {
            "paper": document,
            "versions": versions if len(versions) > 1 else [],
            "tree": tree.top,
            "total": tree.total,
            "breadcrumbs": folders.breadcrumbs(node),
        },
    )


def _deliver(request: SignedInRequest, document: SharedDocument, version: DocumentVersion) -> HttpResponseBase:
    """Requirements, record, bytes: in this order. If the record cannot be written, nothing leaves."""
    for address in access.requirements(request.user, document, request.session):
        return redirect(address)
    subject: dict[str, Any] = {"actor": request.user, "object_kind": "document", "object_id": document.uuid}
    action = Action.DOWNLOADED if request.method == "GET" else Action.OPENED
    part: dict[str, Any] = {"range": request.headers["Range"][:100]} if "Range" in request.headers else {}
    try:
        delivery.check_stored(version)
        audit.record(action, **subject, version=version.number, **part)
        return delivery.send(request, version)
    except delivery.FileMissing as error:
        logger.error("Paper %s version %s is not in the store: %s", document.uuid, version.number, error)  # noqa: TRY400 -- no traceback is wanted
        audit.record(Action.FAILED, **subject, reason="missing from the store", version=version.number)
        response = render(
            request, "503.html", {"sentence": "This paper's file cannot be reached just now."}, status=503
        )
        response["Retry-After"] = "120"
        return response


@require_safe
def download(request: SignedInRequest, uuid: UUID) -> HttpResponseBase:
    """The current version's bytes."""
    document = _visible_or_404(request, uuid)
    if document.current_version is None:
        raise _refuse(request, uuid, Refusal.NO_FILE)
    return _deliver(request, document, document.current_version)


@require_safe
def download_version(request: SignedInRequest, uuid: UUID, number: int) -> HttpResponseBase:
    """A former version's bytes, where the folder lets them be read."""
    document = _visible_or_404(request, uuid)
    version = _readable_versions(document).filter(number=number).first()
    if version is None:
        raise _refuse(request, uuid, Refusal.NO_FILE, version=number)
    return _deliver(request, document, version)


@require_safe
def stock_address(request: SignedInRequest, document_id: int, document_filename: str = "") -> HttpResponseBase:
    """Wagtail's own address of a document, as old links have it: leads to the paper's page, for those who may."""
    document = SharedDocument.objects.visible_to(request.user).filter(pk=document_id).first()
    if document is None:
        reason, name = access.refusal(request.user, pk=document_id)
        raise _refuse(request, name or document_id, reason)
    return redirect(document)
