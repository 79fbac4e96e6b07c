"""The way of bytes to a reader, the same for every view: visible or 404, requirements, record, delivery."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial, wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from fileshare import access, asked_paper, delivery, readings, requirements
from fileshare.derivatives.stamp import NotStamped
from fileshare.enums import Refusal
from fileshare.models import Derivation, DocumentVersion, SharedDocument
from fileshare.readers_copy import ReadersCopy, plain
from fileshare.services import own_papers, stamped_copies
from members import audit, limits
from members.enums import Action
from members.models import User

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from fileshare.views.types import SignedInRequest

# Tells a reader page where the person goes before the rest of the paper comes (static/js/reader/source.js).
CONFIRM_AT = "Confirm-At"
logger = logging.getLogger(__name__)


class ChangedMeanwhile(Exception):
    """A paper got another marking while its copy was stamped: all begins anew."""


def refuse(request: SignedInRequest, asked_for: object, reason: Refusal, **details: Any) -> Http404:
    """A row of the record, and the exception to raise."""
    audit.record(
        Action.REFUSED, actor=request.user, object_kind="document", object_id=asked_for, reason=reason.value, **details
    )
    return Http404("No such paper.")


def visible_or_404(request: SignedInRequest, uuid: UUID, *, for_bytes: bool = False) -> SharedDocument:
    """The paper if this person may read it; else a row in the record, and it does not exist. Whoever only sends its
    bytes needs none of the facts that a page shows, which are half of the question."""
    if for_bytes:
        document = asked_paper.for_bytes(request.user, uuid)
    else:
        visible = SharedDocument.objects.visible_to(request.user).filter(uuid=uuid)
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
    current = document.current_version
    version = current if number is None else readable_versions(document).filter(number=number).first()
    if version is None:
        raise refuse(request, document.uuid, Refusal.NO_FILE, **({} if number is None else {"version": number}))
    version.document = document
    return version


def required_first(request: SignedInRequest, versions: Sequence[DocumentVersion], back: str) -> HttpResponseBase | None:
    """Where the person has to go before bytes of these files leave, as the markings ask, and then come `back`; with a
    row of the record. None where there is nothing more to do."""
    for first in requirements.unmet(request.user, versions, request.session):
        _record_asking(request, first)
        return redirect(_way_to(first, back))
    return None


def _way_to(first: requirements.Requirement, back: str) -> str:
    return f"{first.address}?{urlencode({'next': back})}"


def _record_asking(request: SignedInRequest, first: requirements.Requirement) -> None:
    audit.record(
        Action.ASKED_FIRST, actor=request.user, object_kind="document", object_id=first.version.document.uuid,
        reason=first.reason.value, version=first.version.number,
    )  # fmt: skip


def _confirmed_first(request: SignedInRequest, version: DocumentVersion) -> HttpResponseBase | None:
    """The same for a page that is being read and fetches its next part. Where only a confirmation is missing, it cannot
    be led there, and is told where to send the person; with one row of the record for all the parts that it wants."""
    document = version.document
    for first in requirements.unmet(request.user, [version], request.session):
        if first.reason != Refusal.CONFIRMATION:
            return required_first(request, [version], document.get_absolute_url())
        if readings.is_first_asking(request, version):
            _record_asking(request, first)
        back = document.read_url if version.pk == document.current_version_id else version.read_url
        return HttpResponse(status=403, headers={CONFIRM_AT: _way_to(first, back)})
    return None


def _part(request: SignedInRequest) -> dict[str, Any]:
    return {"range": request.headers["Range"][:100]} if "Range" in request.headers else {}


def record(request: SignedInRequest, copy: ReadersCopy, action: Action, *, waits: bool = True, **details: Any) -> None:
    """A row for bytes that are about to leave. If it cannot be written, the caller does not go on. `waits`: as for
    `audit.record`."""
    if copy.number:
        details["copy"] = copy.number
    audit.record(
        action, actor=request.user, object_kind="document", object_id=copy.version.document.uuid,
        version=copy.version.number, waits=waits, **details, **_part(request),
    )  # fmt: skip


def copy_for(request: SignedInRequest, version: DocumentVersion, until: float = math.inf) -> ReadersCopy:
    """This person's copy, which is made where there is none; `services.stamped_copies` says what it raises."""
    may_make = partial(limits.allows, request, "stamp", user=request.user)
    return stamped_copies.for_reader(version=version, reader=request.user, may_make=may_make, until=until)


def ask_again(request: SignedInRequest, copies: Sequence[ReadersCopy]) -> None:
    """Stamping takes its time: whether each paper is still the person's to read, and marked as it was, is asked once
    more, directly before the record. Raises ChangedMeanwhile, and Http404 where a paper is no more there."""
    if not any(copy.number for copy in copies):
        return
    # As the person stands now, and not when the request came.
    person = User.objects.filter(pk=request.user.pk, is_active=True).first()
    visible = SharedDocument.objects.visible_to(person or AnonymousUser())
    still = dict(
        DocumentVersion.objects.filter(
            access.version_condition(), pk__in=[copy.version.pk for copy in copies], document__in=visible.order_by(),
            destroyed_at=None,
        ).values_list("pk", "document__marking").order_by()
    )  # fmt: skip
    for copy in copies:
        if copy.version.pk not in still:
            uuid = copy.version.document.uuid
            reason, _name = access.refusal(person or request.user, uuid=uuid)
            raise refuse(request, uuid, reason, version=copy.version.number)
        if still[copy.version.pk] != copy.version.document.marking:
            raise ChangedMeanwhile


def not_stamped(request: SignedInRequest, version: DocumentVersion, error: Exception) -> HttpResponse:
    """No copy of its own could be made for this person, so that none leaves."""
    if isinstance(error, stamped_copies.TooMany):
        sentence = f"You have had many copies stamped in this hour. Please try again {limits.when(request)}."
        return render(request, "429.html", {"sentence": sentence}, status=429)
    if isinstance(error, stamped_copies.Busy):
        response = out_of_reach(request, "Your copy is not ready yet. Please try again in half a minute.")
        response["Retry-After"] = "30"
        return response
    logger.error("Paper %s version %s cannot be stamped: %s", version.document.uuid, version.number, error)
    audit.record(
        Action.FAILED, actor=request.user, object_kind="document", object_id=version.document.uuid,
        reason="could not be stamped", version=version.number,
    )  # fmt: skip
    return out_of_reach(
        request,
        f"Your copy of “{version.document}” could not be stamped with your name, and without that it does not leave. "
        "Please try again in a few minutes. If that does not help, please tell whoever looks after the paper.",
    )


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


CANNOT_LEAVE = (ChangedMeanwhile, NotStamped, delivery.FileMissing)


def why_not(request: SignedInRequest, version: DocumentVersion, error: Exception) -> HttpResponseBase:
    """The answer where one of these was raised."""
    if isinstance(error, ChangedMeanwhile):
        return redirect(request.get_full_path())
    if isinstance(error, NotStamped):
        return not_stamped(request, version, error)
    missing(request, version, error)
    return out_of_reach(request, "This paper's file cannot be reached just now.")


def destroyed(request: SignedInRequest, version: DocumentVersion) -> HttpResponse:
    """The paper is there, and its file is gone for good (RFC 9110, 15.5.11)."""
    refuse(request, version.document.uuid, Refusal.DESTROYED, version=version.number)
    return render(request, "410.html", {"paper": version.document, "version": version}, status=410)


def _copy_being_read(request: SignedInRequest, version: DocumentVersion, number: str) -> ReadersCopy:
    """The stamped copy that a page fetches in parts: those of another one would not fit."""
    is_stamped = version.document.is_stamped
    copy = stamped_copies.with_number(number=number, version=version, reader=request.user) if is_stamped else None
    if copy is None:
        raise refuse(request, version.document.uuid, Refusal.NO_FILE, version=version.number)
    return copy


def _copy_to_read(request: SignedInRequest, version: DocumentVersion) -> ReadersCopy:
    """For a reader page. What continues a reading has its row already, and a file that the store had a moment ago."""
    number = request.GET.get("copy", "")[:20]
    has_row = readings.is_continued(request, version) and (number or not version.document.is_stamped)
    if number:
        copy = _copy_being_read(request, version, number)
    else:
        copy = plain(version) if has_row else copy_for(request, version)
    if _wants_opening(request):
        copy = _with_opening(copy)  # before the record: who gets no bytes has read nothing
    if not has_row:
        ask_again(request, [copy])
        record(request, copy, Action.READ)
        readings.note(request, version)
        _note_reading(request, version)
    return copy


def _copy_to_keep(request: SignedInRequest, version: DocumentVersion) -> ReadersCopy:
    """For a download: each is a row of its own."""
    copy = copy_for(request, version)
    ask_again(request, [copy])
    if request.method != "GET":
        record(request, copy, Action.OPENED)
        return copy
    # Whatever the note writes is on the disk when it returns, and so is the row before it: one wait for two rows.
    record(request, copy, Action.DOWNLOADED, waits=False)
    if not own_papers.note_reading(document=version.document, by=request.user):
        audit.flush()
    return copy


def _note_reading(request: SignedInRequest, version: DocumentVersion) -> None:
    if request.method == "GET":
        own_papers.note_reading(document=version.document, by=request.user)


def _wants_opening(request: SignedInRequest) -> bool:
    return request.GET.get("part") == "opening"


def _with_opening(copy: ReadersCopy) -> ReadersCopy:
    """A stamped copy has its own: that of its file was made without the stamp. Raises Http404 where there is none."""
    if not copy.number and (derivation := Derivation.objects.filter(version=copy.version).first()) is not None:
        copy = replace(copy, opening=str(derivation.opening.name), opening_size=derivation.opening_size)
    if not copy.opening:
        raise Http404("There is no opening.")
    return copy


def deliver(request: SignedInRequest, version: DocumentVersion, *, for_reading: bool = False) -> HttpResponseBase:
    """Requirements, record, bytes: in this order. If the record cannot be written, nothing leaves."""
    if version.destroyed_at is not None:
        return destroyed(request, version)
    if for_reading and request.GET.get("copy"):
        elsewhere = _confirmed_first(request, version)
    else:
        elsewhere = required_first(request, [version], version.document.get_absolute_url())
    if elsewhere is not None:
        return elsewhere
    try:
        copy = _copy_to_read(request, version) if for_reading else _copy_to_keep(request, version)
        if for_reading and _wants_opening(request):
            return delivery.send(request, delivery.parcel_of_opening(copy))
        return delivery.send(request, delivery.parcel_of(copy, for_reading=for_reading))
    except CANNOT_LEAVE as error:
        return why_not(request, version, error)


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
