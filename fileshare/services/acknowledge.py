"""A member confirms a version; an editor reminds those who have not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from fileshare import acknowledging
from fileshare.enums import PaperState
from fileshare.models import Acknowledgement, SharedDocument
from members import audit, mail
from members.enums import Action

if TYPE_CHECKING:
    from members.models import User

AT_ONCE = 500  # mails in one transaction


@transaction.atomic
def acknowledge(*, document: SharedDocument, number: int, by: User) -> Acknowledgement:
    """Keep that a member has read this version. Twice changes nothing.

    Raises ValidationError, with a sentence, when the paper does not ask this person, or has another version by now.
    """
    locked = (
        SharedDocument.objects.select_for_update(of=("self",)).select_related("current_version").get(pk=document.pk)
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


def remind(*, document: SharedDocument, by: User) -> int:
    """A mail to everybody who is asked and has not confirmed; to nobody twice on one day. Returns how many.

    Raises ValidationError while the paper asks nobody, or nobody could read it.
    """
    if document.acknowledge_by is None:
        raise ValidationError("This paper does not ask for a confirmation.")
    if document.state != PaperState.PUBLISHED:
        raise ValidationError("Members cannot see this paper now, so that they cannot be asked to read it.")
    waiting = acknowledging.people_asked(document).exclude(acknowledging.HAS_CONFIRMED).order_by("pk")
    day, told, last = timezone.localdate(), 0, 0
    while people := list(waiting.filter(pk__gt=last)[:AT_ONCE]):
        last = people[-1].pk
        with transaction.atomic():
            told += sum(_remind(document, each, f"confirm {document.pk} {each.pk} {day}") for each in people)
    audit.record(Action.REMINDED, actor=by, object_kind="document", object_id=document.uuid, reminded=told)
    return told


def _remind(document: SharedDocument, person: User, occasion: str) -> bool:
    context = {"paper": document, "address": f"{settings.BASE_URL}{document.get_absolute_url()}"}
    return mail.post(to=person, occasion=occasion, template="confirm_paper", context=context) is not None
