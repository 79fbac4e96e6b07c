"""Between arriving and being readable: look into the stored file, then publish it or hold it."""

from __future__ import annotations

import shutil
import tempfile
from functools import partial

from django.db import transaction

from fileshare import signals
from fileshare.enums import Inspection, Kind
from fileshare.inspection.pdf import PdfFacts, examine
from fileshare.markings import MUST_BE_A_PLAIN_PDF
from fileshare.models import DocumentVersion, SharedDocument
from members import audit
from members.enums import Action

ONLY_A_PDF = "Only a PDF can be marked above TLP:GREEN."


def facts(version: DocumentVersion) -> PdfFacts:
    """The PDF's facts, from a copy on this machine's disk, since the store may be elsewhere."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as copy, version.file.open("rb") as stored:
        shutil.copyfileobj(stored, copy)
        copy.flush()
        return examine(copy.name)


def obstacle_to_marking(kind: str, facts: PdfFacts) -> str:
    """Why a file cannot be marked above GREEN, as a sentence; empty when it can (POLICY, Markings)."""
    return facts.obstacle if kind == Kind.PDF else ONLY_A_PDF


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

    Raises FileNotFoundError when the store has lost the file, so that the task is seen to fail.
    """
    version = DocumentVersion.objects.select_related("document").filter(pk=version_id).first()
    if version is None or version.inspection != Inspection.WAITING:
        return None
    found = facts(version) if version.kind == Kind.PDF else PdfFacts()
    with transaction.atomic():
        document = SharedDocument.objects.select_for_update().filter(pk=version.document_id).first()
        waiting = DocumentVersion.objects.select_for_update().filter(pk=version_id, inspection=Inspection.WAITING)
        if document is None or not waiting.exists():
            return None
        outcome, note = _verdict(document, version, found)
        waiting.update(pages=found.pages, inspection=outcome, inspection_note=note)
        if outcome == Inspection.PASSED:
            _publish(document, version)
        audit.record(
            Action.INSPECTED, actor=None, object_kind="document", object_id=document.uuid, reason=note,
            version=version.number, outcome=outcome,
        )  # fmt: skip
    version.refresh_from_db()
    return version


def _publish(document: SharedDocument, version: DocumentVersion) -> None:
    """Make the version what readers get, unless a newer one already is."""
    if document.current_version is not None and document.current_version.number > version.number:
        return
    document.current_version = version
    document.save(update_fields=["current_version"])
    announce = partial(signals.version_published.send, SharedDocument, document_id=document.pk, version_id=version.pk)
    transaction.on_commit(announce)
