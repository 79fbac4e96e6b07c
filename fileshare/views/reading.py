"""Reading a paper in the browser: its page, and the bytes that the page fetches.

One reading is one row of the record, written before the page leaves; see `fileshare.readings`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from csp.constants import SELF
from csp.decorators import csp_update
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from fileshare import delivery, previews, readings, shown_text
from fileshare.enums import READ_AS, Kind
from fileshare.inspection import pictures
from fileshare.models import SharedDocument
from fileshare.readers_copy import ReadersCopy
from fileshare.views.handing_out import (
    CANNOT_LEAVE,
    ask_again,
    copy_for,
    deliver,
    destroyed,
    not_in_advance,
    record,
    required_first,
    version_or_404,
    visible_or_404,
    why_not,
)
from members.enums import Action

if TYPE_CHECKING:
    from fileshare.views.types import SignedInRequest


def _beginning(copy: ReadersCopy, length: int) -> bytes:
    return b"".join(delivery.read(copy, 0, min(length, copy.size)))


def _shown(document: SharedDocument, copy: ReadersCopy, shown_as: str) -> dict[str, Any]:
    """What the page itself holds of the paper; a PDF and a video are fetched by the browser. Until a PDF is there, its
    first page is shown as the picture that was made of it, where the marking allows one that can be read."""
    if shown_as == "pages":
        first = previews.picture_of(document, previews.LARGE) if copy.version.is_current else None
        derivation = getattr(copy.version, "derivation", None)
        return {
            "first_page": first if first and first.size == previews.LARGE else None,
            "has_opening": bool(copy.opening if copy.number else derivation and derivation.opening),
        }
    if shown_as == "text":
        return {"shown": shown_text.as_text(_beginning(copy, shown_text.LIMIT), copy.size)}
    if shown_as == "table":
        return {"shown": shown_text.as_table(_beginning(copy, shown_text.LIMIT), copy.size)}
    if shown_as == "picture":
        return {"picture_size": pictures.size_of(_beginning(copy, pictures.HEAD))}
    return {}


@require_safe
@not_in_advance
@csp_update({"media-src": [SELF], "worker-src": [SELF]})  # type: ignore[arg-type]  # it knows of no arguments
def read(request: SignedInRequest, uuid: UUID, number: int | None = None) -> HttpResponseBase:
    """The reader page of the current version, or of a former one; an Office file leads to the paper's page."""
    document = visible_or_404(request, uuid)
    version = version_or_404(request, document, number)
    if version.destroyed_at is not None:
        return destroyed(request, version)
    shown_as = READ_AS.get(Kind(version.kind))
    if shown_as is None:
        return redirect(document)
    if (elsewhere := required_first(request, [version], request.get_full_path())) is not None:
        return elsewhere
    try:
        copy = copy_for(request, version)
        ask_again(request, [copy])
        record(request, copy, Action.READ)
        readings.note(request, version)
        shown = _shown(document, copy, shown_as)
    except CANNOT_LEAVE as error:
        return why_not(request, version, error)
    return render(
        request,
        f"fileshare/read_{shown_as}.html",
        {"paper": document, "version": version, "copy": copy, "shown_as": shown_as, **shown},
    )


@require_safe
@not_in_advance
def content(request: SignedInRequest, uuid: UUID, number: int) -> HttpResponseBase:
    """The bytes of one version for its reader page, whole or in ranges. The number stays the same while somebody
    reads, so that a replacement never mixes two files."""
    document = visible_or_404(request, uuid, for_bytes=True)
    version = version_or_404(request, document, number)
    if version.kind not in READ_AS:
        return redirect(document)
    return deliver(request, version, for_reading=True)
