"""What is out is scanned again when the scanner has learnt something new: file after file, a share at a time.

Each file says with which signatures it was scanned last, so that this goes on where it broke off. The file that was
not looked at for longest comes first, so that all have their turn also where signatures change faster than all can be
scanned; of those that never were, the newest.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from fileshare.enums import Inspection
from fileshare.inspection import scanner
from fileshare.models import DocumentVersion, SharedDocument
from fileshare.services import inspect, publish, scan
from members import audit
from members.enums import Action

if TYPE_CHECKING:
    from django.db.models import QuerySet

logger = logging.getLogger(__name__)
FILES, SECONDS = 200, 20  # of one share: whatever else the worker has to do waits no longer


def behind(signatures: str) -> QuerySet[DocumentVersion]:
    """Files that readers can have and that were not scanned with these signatures."""
    return DocumentVersion.objects.filter(
        ~Q(scanned_with=signatures[:255]), inspection=Inspection.PASSED, destroyed_at=None
    )


def due(signatures: str) -> QuerySet[DocumentVersion]:
    """Those of them that are to be scanned now, in order."""
    now = timezone.now()
    can_be_tried = behind(signatures).filter(Q(scan_after=None) | Q(scan_after__lte=now))
    return can_be_tried.order_by(F("scanned_at").asc(nulls_first=True), "-pk")


def share() -> int:
    """Scan the next files again. Returns how many: none while the scanner is away."""
    try:
        signatures = scanner.version() if scan.is_wanted() else ""
    except scanner.NoVerdict:
        return 0
    if not signatures:
        return 0
    end, done = time.monotonic() + SECONDS, 0
    for version in due(signatures).select_related("document")[:FILES]:
        done += 1
        if not _again(version) or time.monotonic() >= end:
            break
    if done and not behind(signatures).exists():
        _note_the_end(signatures)
    return done


def _again(version: DocumentVersion) -> bool:
    """False where the scanner or the store is away, so that there is no use in going on. A file that the store cannot
    give waits as one that the scanner comes to no end with: it must not stand in the way of the others."""
    store_is_away = False
    try:
        found = scan.look(version)
    except FileNotFoundError:  # `manage.py orphans` names it; nobody can read it
        found = scan.Scan(why_not="the store has lost it")
    except Exception:  # each store has its own
        logger.exception("Version %s could not be read from the store, to scan it again.", version.pk)
        found, store_is_away = scan.Scan(why_not="the store does not give it"), True
    with transaction.atomic():
        document = SharedDocument.objects.select_for_update(no_key=True).filter(pk=version.document_id).first()
        readable = DocumentVersion.objects.select_for_update(no_key=True).filter(
            pk=version.pk, inspection=Inspection.PASSED, destroyed_at=None
        )
        if document is not None and (locked := readable.first()) is not None:
            _act(document, locked, found)
    return not (found.is_away or store_is_away)


def _act(document: SharedDocument, version: DocumentVersion, found: scan.Scan) -> None:
    """What is found now takes the file from everybody at once: its paper too, where the file is what readers get. A
    former file may have been replaced for a reason, so that none comes in its place by itself.

    Where the scanner cannot look through a file that it once found clean (somebody has lowered its limits), the paper
    stays, and counts as one that waits for its scan.
    """
    if found.found == scan.TOO_LARGE and version.scanned_at is not None and not version.scan_found:
        found = scan.Scan(why_not=found.note)
    DocumentVersion.objects.filter(pk=version.pk).update(**scan.facts(version, found))
    if not found.found or found.found == version.scan_released:
        return
    DocumentVersion.objects.filter(pk=version.pk).update(
        inspection=Inspection.QUARANTINED, inspection_note=found.note
    )  # fmt: skip
    if document.current_version_id == version.pk:
        document.current_version = None
        document.save(update_fields=["current_version"])
    inspect.record(document, version, Inspection.QUARANTINED, found.note)
    publish.announce(document)


def _note_the_end(signatures: str) -> None:
    scanned = DocumentVersion.objects.filter(scanned_with=signatures[:255], destroyed_at=None)
    audit.record(
        Action.RESCANNED, actor=None, object_kind="store", signatures=signatures,
        files=scanned.count(), held=scanned.filter(inspection=Inspection.QUARANTINED).count(),
    )  # fmt: skip
