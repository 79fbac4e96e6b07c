"""A former version becomes the newest: its bytes come in once more, under a key of their own, and are inspected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db.models import Max

from fileshare import delivery
from fileshare.enums import Change, Inspection
from fileshare.inspection import formats
from fileshare.markings import MUST_BE_A_PLAIN_PDF
from fileshare.models import DocumentVersion, SharedDocument
from fileshare.services import inspect, upload

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from members.models import User


def restorable(document: SharedDocument) -> QuerySet[DocumentVersion]:
    """The paper's former files that have passed their inspection and are still there."""
    newest = document.versions.aggregate(newest=Max("number"))["newest"]
    return document.versions.filter(inspection=Inspection.PASSED, destroyed_at=None, number__lt=newest or 0)


def restore(
    *, version: DocumentVersion, by: User, note: str, change: Change = Change.MAJOR, asks_again: bool = False
) -> DocumentVersion:
    """Add a version with the bytes of a former one, which stays as it is, as do those in between.

    The bytes are copied within the request, a piece at a time: the time grows with the file (a second's work for
    200 MB), the memory does not. Two versions never share an object, so that each can be destroyed by itself.

    Raises ValidationError, with a sentence, where that version is no former one, cannot bear the paper's marking, or
    its bytes are not to be had, are no longer what they were, or would not come in today: the folder takes no zip
    archives any more, say.
    """
    document = version.document
    if not restorable(document).filter(pk=version.pk).exists():
        raise ValidationError("Only a former version whose file was checked and found good can be restored.")
    try:
        delivery.check_stored(version)
        # The paper may have been marked higher since that version came in.
        if document.marking in MUST_BE_A_PLAIN_PDF and (obstacle := inspect.obstacle_in_store(version)):
            raise ValidationError(obstacle)
        with version.file.open("rb") as file:
            return upload.replace(
                document=document, file=file, name=version.file_name, by=by, note=note, change=change,
                asks_again=asks_again, restores=version,
            )  # fmt: skip
    except formats.Refused as refused:
        raise ValidationError(str(refused)) from refused
    except delivery.FileMissing as error:
        raise ValidationError("The file of that version cannot be reached just now. Please try again later.") from error
    except upload.Damaged as error:
        raise ValidationError(
            "The file of that version is no longer what it was when it came in, so it was not restored. "
            "Please tell the administrator."
        ) from error
