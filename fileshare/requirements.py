"""What a marking asks of a reader before bytes leave (POLICY, table of markings), and where each is done.

Whether the paper may be read at all is `fileshare.access`, and comes first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from fileshare.enums import Refusal
from fileshare.markings import CONFIRMED_WITHIN, MUST_BE_A_PLAIN_PDF, NEEDS_CONFIRMATION, NEEDS_SECOND_FACTOR
from fileshare.models import DocumentVersion, HandlingTerms, TermsAcceptance
from members import confirming, second_factor

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase

    from members.models import User


@dataclass(frozen=True)
class Requirement:
    """One thing that is still to be done: for which file, why it was not handed out, and the page that has it done."""

    version: DocumentVersion
    reason: Refusal
    address: str


def unmet(user: User, versions: Sequence[DocumentVersion], session: SessionBase) -> Iterator[Requirement]:
    """For each of these files in turn: terms, second factor, confirmation. One query, and none where no marking asks
    for anything."""
    marked = [version for version in versions if version.document.marking in MUST_BE_A_PLAIN_PDF]
    if not marked:
        return
    accepted = _accepted(user, marked)
    for version in marked:
        uuid, marking = version.document.uuid, version.document.marking
        if version.pk not in accepted:
            terms = reverse("fileshare:terms", args=[uuid, version.number])
            yield Requirement(version, Refusal.TERMS, terms)
        if marking in NEEDS_SECOND_FACTOR and not second_factor.was_shown(session, user):
            yield Requirement(version, Refusal.SECOND_FACTOR, reverse("fileshare:second_factor", args=[uuid]))
        if marking in NEEDS_CONFIRMATION and not confirming.was_within(CONFIRMED_WITHIN, session, user):
            yield Requirement(version, Refusal.CONFIRMATION, reverse("account_reauthenticate"))


def _accepted(user: User, versions: Sequence[DocumentVersion]) -> set[int]:
    """Those whose terms, in their present words, the person has accepted. Where there are none yet, nobody has."""
    newest = HandlingTerms.objects.order_by("-number").values("pk")
    mine = TermsAcceptance.objects.filter(user=user.pk, version__in=versions, terms=newest[:1])
    return set(mine.order_by().values_list("version", flat=True))
