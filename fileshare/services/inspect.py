"""Between arriving and being readable: look into the stored file, then publish it or hold it."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial

from django.db import transaction

from fileshare import delivery, signals
from fileshare.derivatives import stamp
from fileshare.enums import Inspection, Kind
from fileshare.inspection import zips
from fileshare.inspection.pdf import PdfFacts, examine
from fileshare.markings import MUST_BE_A_PLAIN_PDF
from fileshare.models import DocumentVersion, SharedDocument
from fileshare.services import scan
from fileshare.storage import copy_on_disk
from members import audit
from members.enums import Action

logger = logging.getLogger(__name__)
OPEN = (Inspection.WAITING, Inspection.UNSCANNED)
ONLY_A_PDF = "Only a PDF can be marked above TLP:GREEN."


def facts(version: DocumentVersion, *, is_to_be_stamped: bool = False) -> PdfFacts:
    """The PDF's facts."""
    with copy_on_disk(version.file, ".pdf") as path:
        return facts_at(path, is_to_be_stamped=is_to_be_stamped)


def facts_at(path: str, *, is_to_be_stamped: bool) -> PdfFacts:
    """The same of a file on this machine's disk. Whether it can be stamped is tried, where that matters."""
    found = examine(path)
    if is_to_be_stamped and not found.obstacle and not stamp.works(path):
        return replace(found, unstampable=True)
    return found


def _fault_of_archive(version: DocumentVersion) -> str:
    with copy_on_disk(version.file, ".zip") as path:
        return zips.examine(path)


def obstacle_to_marking(kind: str, facts: PdfFacts) -> str:
    """Why a file cannot be marked above GREEN, as a sentence; empty when it can (POLICY, Markings)."""
    return facts.obstacle if kind == Kind.PDF else ONLY_A_PDF


def obstacle_in_store(version: DocumentVersion) -> str:
    """The same of a file that is stored already. Raises delivery.FileMissing."""
    if version.kind != Kind.PDF:
        return ONLY_A_PDF
    delivery.check_stored(version)
    return facts(version, is_to_be_stamped=True).obstacle


def _verdict(document: SharedDocument, version: DocumentVersion, facts: PdfFacts) -> tuple[Inspection, str]:
    if facts.active:
        return Inspection.QUARANTINED, "The PDF contains a script, an action, an XFA form or an embedded file."
    if document.marking in MUST_BE_A_PLAIN_PDF and (obstacle := obstacle_to_marking(version.kind, facts)):
        return Inspection.QUARANTINED, obstacle
    if facts.damaged or (version.kind == Kind.PDF and facts.pages is None):
        return Inspection.QUARANTINED, "The PDF cannot be read here, so nobody knows what it would do."
    return Inspection.PASSED, ""


def inspect(*, version_id: int) -> DocumentVersion | None:
    """Inspect a waiting version and act on the verdict. Safe to run twice; None when there is nothing to do.

    Raises FileNotFoundError when the store has lost the file, so that the task is seen to fail; but for a file that
    waits for the scanner, which the timer takes up again and again.
    """
    version = DocumentVersion.objects.select_related("document").filter(pk=version_id).first()
    if version is None or version.inspection not in OPEN or version.destroyed_at is not None:
        return None
    try:
        found, fault, scanned = _look(version)
    except Exception:  # each store has its own
        if version.inspection != Inspection.UNSCANNED:
            raise
        logger.exception("Version %s, which waits for its scan, could not be read from the store.", version.pk)
        found, fault = PdfFacts(pages=version.pages), ""
        scanned = scan.Scan(why_not="the store does not give it", is_without=True)
    with transaction.atomic():
        document = SharedDocument.objects.select_for_update(no_key=True).filter(pk=version.document_id).first()
        waiting = DocumentVersion.objects.select_for_update(no_key=True).filter(
            pk=version_id, inspection__in=OPEN, destroyed_at=None
        )
        if document is None or (locked := waiting.first()) is None:
            return None
        outcome, note = _outcome(document, locked, found, fault, scanned)
        is_news = (outcome, note) != (locked.inspection, locked.inspection_note)
        waiting.update(pages=found.pages, inspection=outcome, inspection_note=note, **scan.facts(locked, scanned))
        if outcome == Inspection.PASSED:
            _publish(document, version)
        if is_news:  # that the scanner is still away is none
            record(document, version, outcome, note)
    version.refresh_from_db()
    return version


def _look(version: DocumentVersion) -> tuple[PdfFacts, str, scan.Scan | None]:
    """What is seen in the file, what is wrong with an archive, and what the scanner says. Raises what the store
    raises."""
    is_marked = version.document.marking in MUST_BE_A_PLAIN_PDF
    found = facts(version, is_to_be_stamped=is_marked) if version.kind == Kind.PDF else PdfFacts()
    fault = _fault_of_archive(version) if version.kind == Kind.ZIP else ""
    return found, fault, scan.look(version) if scan.is_wanted() else None


def _outcome(
    document: SharedDocument, version: DocumentVersion, found: PdfFacts, fault: str, scanned: scan.Scan | None
) -> tuple[Inspection, str]:
    if scanned is not None and scanned.is_without:
        return scanned.outcome, scanned.note
    outcome, note = (Inspection.QUARANTINED, fault[:255]) if fault else _verdict(document, version, found)
    return _with_scan(scanned, version, outcome, note)


def _with_scan(
    scanned: scan.Scan | None, version: DocumentVersion, outcome: Inspection, note: str
) -> tuple[Inspection, str]:
    """What was found in the file counts before what else is wrong with it, since that is worse to open; that nobody
    could scan it, after."""
    if scanned is None or (scanned.found and scanned.found == version.scan_released):
        return outcome, note
    if outcome == Inspection.QUARANTINED and (scanned.why_not or not scanned.found or scanned.found == scan.TOO_LARGE):
        return outcome, note
    return scanned.outcome, scanned.note


def record(document: SharedDocument, version: DocumentVersion, outcome: Inspection, note: str) -> None:
    """The row of the access record for the outcome of an inspection or of a scan."""
    audit.record(
        Action.INSPECTED, actor=None, object_kind="document", object_id=document.uuid, reason=note,
        version=version.number, outcome=outcome,
    )  # fmt: skip


def _publish(document: SharedDocument, version: DocumentVersion) -> None:
    """Make the version what readers get, unless a newer one already is; or was, and is held by now: what it replaced
    does not come back by itself."""
    if document.versions.filter(number__gt=version.number, was_out=True).exists():
        return
    DocumentVersion.objects.filter(pk=version.pk).update(was_out=True)
    document.current_version = version
    if version.asks_again:
        document.acknowledge_from = version.number
    document.save(update_fields=["current_version", "acknowledge_from"])
    announce = partial(signals.version_published.send, SharedDocument, document_id=document.pk, version_id=version.pk)
    transaction.on_commit(announce)
