"""A version's first page as a picture, for whoever may read the version and nobody else."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from fileshare import access, delivery, previews
from fileshare.enums import Refusal
from fileshare.models import Derivation, SharedDocument
from fileshare.views.handing_out import readable_versions, refuse, visible_or_404
from members import audit
from members.enums import Action
from members.models import AccessRecord

if TYPE_CHECKING:
    from fileshare.views.types import SignedInRequest

# The page that shows the largest picture is in the record already; only a picture without its page gets a row.
OPENED_WITHIN = datetime.timedelta(minutes=10)


def _record_opening(request: SignedInRequest, document: SharedDocument, number: int) -> None:
    opened = AccessRecord.objects.filter(
        actor=request.user.pk, at__gt=timezone.now() - OPENED_WITHIN, action__in=(Action.OPENED, Action.READ),
        object_kind="document", object_id=document.uuid,
    )  # fmt: skip
    if not opened.exists():
        audit.record(
            Action.OPENED, actor=request.user, object_kind="document", object_id=document.uuid, version=number,
            preview=True,
        )  # fmt: skip


@require_safe
def show(request: SignedInRequest, uuid: UUID, number: int, size: str) -> HttpResponseBase:
    """The picture in one of its sizes, as far as the marking lets it be shown."""
    document = visible_or_404(request, uuid)
    version = readable_versions(document).filter(number=number, destroyed_at=None).first()
    derivation = Derivation.objects.filter(version=version).first() if version else None
    asked = access.requirements(request.user, document, request.session, version)
    if derivation is None or not derivation.has_preview or asked or size not in previews.sizes(document.marking):
        raise refuse(request, uuid, Refusal.NO_FILE, version=number)
    if size == previews.sizes(document.marking)[-1]:
        _record_opening(request, document, number)
    try:
        return delivery.send_picture(derivation.large if size == previews.LARGE else derivation.small)
    except delivery.FileMissing:
        response = HttpResponse(status=503)
        response["Retry-After"] = "120"
        return response
