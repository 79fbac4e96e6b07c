"""The way of bytes to a reader, the same for every view: visible or 404, requirements, record, delivery."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from fileshare import access, delivery, readings, requirements
from fileshare.enums import Refusal
from fileshare.models import DocumentVersion, SharedDocument
from fileshare.services import own_papers
from members import audit
from members.enums import Action

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from fileshare.views.types import SignedInRequest

logger = logging.getLogger(__name__)


def refuse(request: SignedInRequest, asked_for: object, reason: Refusal, **details: Any) -> Http404:
    """A row of the record, and the exception to raise."""
    audit.record(
        Action.REFUSED, actor=request.user, object_kind="document", object_id=asked_for, reason=reason.value, **details
    )
    return Http404("No such paper.")


def visible_or_404(request: SignedInRequest, uuid: UUID, *, for_bytes: bool = False) -> SharedDocument:
    """The paper if this person may read it; else a row in the record, and it does not exist. Whoever only sends its
    bytes needs none of the facts that a page shows, which are half of the question."""
    visible = SharedDocument.objects.visible_to(request.user).filter(uuid=uuid)
    if for_bytes:
        document = visible.select_related("current_version").first()
    else:
        document = visible.with_facts().saved_or_not_by(request.user).first()
    if document is None:
        reason, _name = access.refusal(request.user, uuid=uuid)
        raise refuse(request, uuid, reason)
    return document


def readable_versions(document: SharedDocument) -> QuerySet[DocumentVersion]:
    """Those that the paper's readers get."""
    return DocumentVersion.objects.filter(access.version_condition(), document=document)


def version_or_404(request: SignedInRequest, document: SharedDocument, number: int | None) -> DocumentVersion:
    """The version with this number, or the current one; else a row in the record, and it does not exist."""
    versions = readable_versions(document)
    version = document.current_version if number is None else versions.filter(number=number).first()
    if version is None:
        raise refuse(request, document.uuid, Refusal.NO_FILE, **({} if number is None else {"version": number}))
    version.document = document
    return version


def required_first(request: SignedInRequest, versions: Sequence[DocumentVersion], back: str) -> HttpResponseBase | None:
    """Where the person has to go before bytes of these files leave, as the markings ask, and then come `back`; with a
    row of the record. None where there is nothing more to do."""
    for first in requirements.unmet(request.user, versions, request.session):
        refuse(request, first.version.document.uuid, first.reason, version=first.version.number)
        return redirect(f"{first.address}?{urlencode({'next': back})}")
    return None


def _part(request: SignedInRequest) -> dict[str, Any]:
    return {"range": request.headers["Range"][:100]} if "Range" in request.headers else {}


def record(request: SignedInRequest, version: DocumentVersion, action: Action, **details: Any) -> None:
    """A row for bytes that are about to leave. If it cannot be written, the caller does not go on."""
    audit.record(
        action, actor=request.user, object_kind="document", object_id=version.document.uuid, version=version.number,
        **details, **_part(request),
    )  # fmt: skip


def missing(request: SignedInRequest, version: DocumentVersion, error: Exception) -> None:
    """Log and record that the store did not give a version's bytes."""
    logger.error("Paper %s version %s is not in the store: %s", version.document.uuid, version.number, error)
    audit.record(
        Action.FAILED, actor=request.user, object_kind="document", object_id=version.document.uuid,
        reason="missing from the store", version=version.number,
    )  # fmt: skip


def out_of_reach(request: SignedInRequest, sentence: str) -> HttpResponse:
    """The store is away, or has lost a file."""
    response = render(request, "503.html", {"sentence": sentence}, status=503)
    response["Retry-After"] = "120"
    return response


def destroyed(request: SignedInRequest, version: DocumentVersion) -> HttpResponse:
    """The paper is there, and its file is gone for good (RFC 9110, 15.5.11)."""
    refuse(request, version.document.uuid, Refusal.DESTROYED, version=version.number)
    return render(request, "410.html", {"paper": version.document, "version": version}, status=410)


def _before_the_first_byte(request: SignedInRequest, version: DocumentVersion, *, for_reading: bool) -> None:
    """The row of the record, for a file that the store has. Parts of a reading that has its row need neither."""
    if for_reading and readings.is_continued(request, version):
        return
    delivery.check_stored(version)
    if for_reading:
        record(request, version, Action.READ)
        readings.note(request, version)
    else:
        record(request, version, Action.DOWNLOADED if request.method == "GET" else Action.OPENED)
    if request.method == "GET":
        own_papers.note_reading(document=version.document, by=request.user)


def deliver(request: SignedInRequest, version: DocumentVersion, *, for_reading: bool = False) -> HttpResponseBase:
    """Requirements, record, bytes: in this order. If the record cannot be written, nothing leaves."""
    if version.destroyed_at is not None:
        return destroyed(request, version)
    if (elsewhere := required_first(request, [version], version.document.get_absolute_url())) is not None:
        return elsewhere
    try:
        _before_the_first_byte(request, version, for_reading=for_reading)
        return delivery.send(request, delivery.parcel_of(version, for_reading=for_reading))
    except delivery.FileMissing as error:
        missing(request, version, error)
        return out_of_reach(request, "This paper's file cannot be reached just now.")


def not_in_advance(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Refuse what a browser fetches because somebody might press the link: every row of the record stands for
    something that a person did (https://fetch.spec.whatwg.org/#sec-purpose-header)."""

    @wraps(view)
    def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        purpose = f"{request.headers.get('Sec-Purpose', '')} {request.headers.get('Purpose', '')}"
        if "prefetch" in purpose or "prerender" in purpose:
            return HttpResponse(status=503, headers={"Cache-Control": "private, no-store"})
        return view(request, *args, **kwargs)

    return guarded
