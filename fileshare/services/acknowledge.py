"""A member confirms a version; an editor reminds those who have not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from fileshare import acknowledging
from fileshare.enums import PaperState
from fileshare.models import Acknowledgement, SharedDocument
from members import audit, mail
from members.enums import Action

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from members.models import User

AT_ONCE = 500  # mails in one transaction


@transaction.atomic
def acknowledge(*, document: SharedDocument, number: int, by: User) -> Acknowledgement:
    """Keep that a member has read this version. Twice changes nothing.

    Raises ValidationError, with a sentence, when the paper does not ask this person, or has another version by now.
    """
    locked = (
        SharedDocument.objects.select_for_update(no_key=True, of=("self",))
        .select_related("current_version")
        .get(pk=document.pk)
    )
    if not acknowledging.asked_of(by).filter(pk=locked.pk).exists():
        raise ValidationError("This paper does not ask you for a confirmation.")
    version = locked.current_version
    if version is None or version.number != number:
        raise ValidationError(
            "There is a newer version of this paper than the one that you confirmed. Please read it and confirm that."
        )
    given, is_new = Acknowledgement.objects.get_or_create(document=locked, version=version, user=by)
    if is_new:
        audit.record(
            Action.ACKNOWLEDGED, actor=by, object_kind="document", object_id=locked.uuid, version=version.number
        )
    return given


def ask_to_remind(*, document: SharedDocument, by: User) -> int:
    """Have the worker remind everybody who has not confirmed the paper. Returns how many that are now.

    Raises ValidationError while the paper asks nobody, or nobody could read it.
    """
    if document.acknowledge_by is None:
        raise ValidationError("This paper does not ask for a confirmation.")
    if document.state != PaperState.PUBLISHED:
        raise ValidationError("Members cannot see this paper now, so that they cannot be asked to read it.")
    from fileshare.tasks import remind_members  # noqa: PLC0415 -- the task calls this module

    waiting = _waiting(document).count()
    if waiting:
        remind_members.enqueue(document.pk, by.pk)
    return waiting


def remind(*, document_id: int, by_id: int) -> None:
    """A mail to everybody who is asked and has not confirmed; to nobody twice on one day. Run again, it goes on."""
    document, by = SharedDocument.objects.get(pk=document_id), get_user_model().objects.get(pk=by_id)
    if document.acknowledge_by is None or document.state != PaperState.PUBLISHED:
        return
    day, told, last = timezone.localdate(), 0, 0
    while people := list(_waiting(document).order_by("pk").filter(pk__gt=last)[:AT_ONCE]):
        last = people[-1].pk
        with transaction.atomic():
            told += sum(_remind(document, each, f"confirm {document.pk} {each.pk} {day}") for each in people)
    if told:
        audit.record(Action.REMINDED, actor=by, object_kind="document", object_id=document.uuid, reminded=told)


def _waiting(document: SharedDocument) -> QuerySet[User]:
    return acknowledging.people_asked(document).exclude(acknowledging.HAS_CONFIRMED)


def _remind(document: SharedDocument, person: User, occasion: str) -> bool:
    context = {"paper": document, "address": f"{settings.BASE_URL}{document.get_absolute_url()}"}
    return mail.post(to=person, occasion=occasion, template="confirm_paper", context=context) is not None
