"""What belongs to one member alone: the list of own downloads, and the file with everything kept about the person."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from fileshare import delivery
from fileshare.models import SharedDocument
from members.enums import Action
from members.keys import as_key
from members.models import AccessRecord, DataExport
from members.services import export_data

if TYPE_CHECKING:
    from members.views.types import SignedInRequest

logger = logging.getLogger(__name__)
PER_PAGE = 50


@require_safe
def downloads(request: SignedInRequest) -> HttpResponse:
    """Own rows of the access record, newest first; `before` is the number of the last one shown."""
    rows = AccessRecord.objects.filter(actor=request.user, action=Action.DOWNLOADED).order_by("-pk")
    if "before" in request.GET:
        before = as_key(request.GET["before"])
        if before is None:
            raise Http404("No such page.")
        rows = rows.filter(pk__lt=before)
    some = list(rows[: PER_PAGE + 1])
    shown = some[:PER_PAGE]
    wanted = {row.object_id for row in shown}
    # What the person may not read any more does not exist: the policy decides, and no title is asked for.
    papers = {
        str(paper.uuid): paper
        for paper in SharedDocument.objects.visible_to(request.user).filter(uuid__in=_uuids(wanted))
    }
    listed = [
        {"at": row.at, "version": row.details.get("version"), "in_part": "range" in row.details,
         "paper": papers.get(row.object_id)}
        for row in shown
    ]  # fmt: skip
    return render(
        request,
        "members/downloads.html",
        {
            "downloads": listed,
            "older": shown[-1].pk if len(some) > PER_PAGE else None,
            "is_first": "before" not in request.GET,
        },
    )


def _uuids(texts: set[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


@reauthentication_required
@require_safe
def own_data(request: SignedInRequest) -> HttpResponseBase:
    """The bytes of the person's own file: recorded, then delivered."""
    export = DataExport.objects.ready().filter(user=request.user).first()
    if export is None:
        raise Http404("No such file.")
    name = f"my-data-{timezone.localtime(export.made_at):%Y-%m-%d}.zip"
    try:
        if request.method == "GET":
            export_data.fetched(export=export)
        return delivery.send_own(request, key=str(export.file.name), size=export.size, name=name)
    except delivery.FileMissing as error:
        logger.error("The file of data export %s is not in the store: %s", export.pk, error)  # noqa: TRY400 -- no traceback is wanted
        response = render(request, "503.html", {"sentence": "Your file cannot be reached just now."}, status=503)
        response["Retry-After"] = "120"
        return response
