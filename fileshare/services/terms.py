"""Handling terms: an administrator writes them, a reader accepts them once for each version of a paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from fileshare.models import DocumentVersion, HandlingTerms, TermsAcceptance
from fileshare.models.terms import FIRST_TEXT
from members import audit
from members.enums import Action
from members.plain_text import harmless, is_blank

if TYPE_CHECKING:
    from members.models import User

CHANGED_MEANWHILE = "The terms have changed since you opened this page. Please read them once more."


def current() -> HandlingTerms:
    """The text that holds today; until an administrator writes another, the one that the site comes with."""
    newest = HandlingTerms.objects.first()
    return newest or HandlingTerms.objects.get_or_create(number=1, defaults={"text": FIRST_TEXT})[0]


def publish(*, text: str, by: User) -> HandlingTerms:
    """A new version of the text: from now on everybody is asked anew. The same words again change nothing.

    Raises ValidationError, with a sentence, for an empty text, and where somebody else has just written another.
    """
    written, before = harmless(text), current()
    if is_blank(written):
        raise ValidationError(
            "Please write the terms; without any, nobody could get a paper marked TLP:AMBER or above."
        )
    if written == before.text:
        return before
    try:
        with transaction.atomic():
            made = HandlingTerms.objects.create(number=before.number + 1, text=written, made_by=by)
            audit.record(Action.TERMS_CHANGED, actor=by, object_kind="terms", object_id=made.number)
    except IntegrityError as error:
        raise ValidationError("Somebody else has just changed the terms. Please read theirs first.") from error
    return made


@transaction.atomic
def accept(*, version: DocumentVersion, number: int, by: User) -> None:
    """Keep that a person accepts the terms with this number for a version of a paper. Twice changes nothing.

    Raises ValidationError, with a sentence, where the terms are others by now.
    """
    terms = current()
    if terms.number != number:
        raise ValidationError(CHANGED_MEANWHILE)
    _given, is_new = TermsAcceptance.objects.get_or_create(user=by, version=version, terms=terms)
    if is_new:
        _record(Action.TERMS_ACCEPTED, version, terms, by)


def decline(*, version: DocumentVersion, by: User) -> None:
    """Nothing changes: the paper stays listed, and its file is not handed out. The record says so."""
    _record(Action.TERMS_DECLINED, version, current(), by)


def _record(action: Action, version: DocumentVersion, terms: HandlingTerms, by: User) -> None:
    audit.record(
        action, actor=by, object_kind="document", object_id=version.document.uuid, version=version.number,
        terms=terms.number,
    )  # fmt: skip
