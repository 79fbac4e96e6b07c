"""A member brings a paper; an editor takes it in or does not. Until then it is nobody's but the editors'."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Collection

from fileshare import access
from fileshare.enums import PaperState, Review, Telling
from fileshare.models import SharedDocument
from fileshare.services import publish, upload
from members import audit, mail
from members.enums import Action

if TYPE_CHECKING:
    from members.models import User


NOT_YET: dict[str, str] = {
    PaperState.QUARANTINED: "Its file is held in quarantine, so that nobody could read it.",
    PaperState.UNSCANNED: "Its file waits for the virus scanner. Please try again later.",
}


def contribute(
    *, folder: Collection, by: User, file: File[bytes], name: str, title: str, description: str = "", note: str = ""
) -> SharedDocument:
    """Bring a paper into a folder, to be looked at. Raises ValidationError, with a sentence, where the folder does not
    take it; formats.Refused where the file is of no allowed kind."""
    if not access.folders_to_contribute_to(by).filter(pk=folder.pk).exists():
        raise ValidationError("This folder takes no papers from you.")
    document = SharedDocument(
        title=title,
        description=description,
        collection=folder,
        contributed_by=by,
        contributor_note=note,
        review=Review.WAITING,
        telling=Telling.FOLDER,
    )

    def record() -> None:
        audit.record(Action.CONTRIBUTED, actor=by, object_kind="document", object_id=document.uuid, folder=folder.pk)

    return upload.create(document=document, file=file, name=name, by=by, complete=record)


def _waiting(document: SharedDocument) -> SharedDocument:
    locked = (
        SharedDocument.objects.select_for_update(no_key=True, of=("self",))
        .select_related("contributed_by")
        .get(pk=document.pk)
    )
    if locked.review != Review.WAITING:
        raise ValidationError("Somebody has decided about this paper already.")
    return locked


@transaction.atomic
def accept(*, document: SharedDocument, by: User) -> SharedDocument:
    """Let members read it, from now on or from its publication on, if that lies ahead."""
    locked = _waiting(document)
    if locked.current_version is None:
        raise ValidationError(
            NOT_YET.get(locked.state, "Its file is still being checked. Please try again in a moment.")
        )
    locked.review, locked.review_note = Review.ACCEPTED, ""
    locked.publish_at = max(locked.publish_at, timezone.now())
    _decided(locked, by, Action.CONTRIBUTION_ACCEPTED)
    return locked


@transaction.atomic
def decline(*, document: SharedDocument, by: User, note: str) -> SharedDocument:
    """Leave it out, for a reason that the contributor reads. Nothing of it is lost."""
    locked = _waiting(document)
    if not note.strip():
        raise ValidationError({"note": "Please give the reason: whoever brought the paper reads it."})
    locked.review, locked.review_note = Review.DECLINED, note.strip()
    _decided(locked, by, Action.CONTRIBUTION_DECLINED)
    return locked


def _decided(document: SharedDocument, by: User, action: Action) -> None:
    document.full_clean(exclude=["file"])
    document.save(update_fields=["review", "review_note", "publish_at"])
    audit.record(
        action, actor=by, object_kind="document", object_id=document.uuid, words=document.review_note,
        about=document.contributed_by,
    )  # fmt: skip
    publish.announce(document)
    if document.contributed_by is not None and document.contributed_by.is_active:
        context = {"paper": document, "address": f"{settings.BASE_URL}{reverse('fileshare:contribute')}"}
        mail.post(
            to=document.contributed_by,
            occasion=f"contribution {document.review} {document.pk}",
            template="contribution_decided",
            context=context,
        )
