"""Out of the quarantine into which the virus scanner put a file: released for a reason, or scanned once more.

Both lead through the inspection again: whatever else is wrong with the file holds it still, and nobody reads it before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction

from fileshare import tasks
from fileshare.enums import Inspection
from fileshare.models import DocumentVersion
from fileshare.services import publish
from members import audit
from members.enums import Action

if TYPE_CHECKING:
    from members.models import User

DECIDED = "This file is not held by the virus scanner any more. Perhaps somebody else has decided about it."
CHANGED = "The virus scanner has found something else in this file since this page was shown. Please decide about that."


@transaction.atomic
def release(*, version: DocumentVersion, by: User, found: str, reason: str) -> None:
    """Let pass what was found in the file, now and whenever it is found again. Something else would hold it anew.

    `found` is what the person was shown: nobody answers for what was found since.
    """
    locked = _held(version)
    if found != locked.scan_found:
        raise ValidationError(CHANGED)
    if not reason.strip():
        raise ValidationError({"reason": "Please give the reason: the access record keeps it."})
    _inspect_again(locked, scan_released=locked.scan_found)
    audit.record(
        Action.RELEASED, actor=by, object_kind="document", object_id=locked.document.uuid, reason=reason.strip(),
        version=locked.number, found=locked.scan_found,
    )  # fmt: skip


@transaction.atomic
def scan_again(*, version: DocumentVersion, by: User | None) -> None:
    """Ask the scanner once more, which may know better by now."""
    locked = _held(version)
    _inspect_again(locked)
    audit.record(
        Action.RESCANNED, actor=by, object_kind="document", object_id=locked.document.uuid,
        version=locked.number, found=locked.scan_found,
    )  # fmt: skip


def _held(version: DocumentVersion) -> DocumentVersion:
    locked = (
        DocumentVersion.objects.select_for_update(no_key=True, of=("self",))
        .select_related("document")
        .filter(pk=version.pk)
        .first()
    )
    if locked is None or not locked.is_held_by_scanner:
        raise ValidationError(DECIDED)
    return locked


def _inspect_again(version: DocumentVersion, **facts: str) -> None:
    DocumentVersion.objects.filter(pk=version.pk).update(
        inspection=Inspection.WAITING, inspection_note="", scan_tries=0, scan_after=None, **facts
    )
    tasks.inspect_version.enqueue(version.pk)
    publish.announce(version.document)
