"""One membership's story for the secretary: what the record says of it, and the mails that time brought."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from members import record_words
from members.models import AccessRecord, OutgoingMail

if TYPE_CHECKING:
    from members.models import Membership, User

MOST = 200  # moments: more than any membership has in a lifetime


@dataclass(frozen=True)
class Moment:
    """Something that happened: when, what, by whom, and with which reason or outcome."""

    at: datetime.datetime
    what: str
    who: str
    words: str


def of(membership: Membership, reader: User) -> list[Moment]:
    """The newest first; as many queries, however much has happened."""
    moments = [*_recorded(membership, reader), *_mailed(membership)]
    return sorted(moments, key=lambda moment: moment.at, reverse=True)[:MOST]


def _recorded(membership: Membership, reader: User) -> list[Moment]:
    # By the number, which an index knows; what was recorded before there was one has none. The account's key tells
    # whose they are, since a number could be given anew after an account is gone.
    numbers = ["", str(membership.number)] if membership.number else [""]
    decisions = Q(object_kind="membership", object_id__in=numbers, details__user=membership.user_id)
    account = Q(object_kind="user", object_id=str(membership.user_id))
    rows = list(AccessRecord.objects.filter(decisions | account).select_related("actor")[:MOST])
    record_words.describe(rows, reader)
    return [Moment(row.at, row.get_action_display(), row.words.who, _as_sentence(row.words.outcome)) for row in rows]


def _mailed(membership: Membership) -> list[Moment]:
    """Only what the membership brought about: other mail to the person is nobody else's business."""
    mails = OutgoingMail.objects.filter(user=membership.user_id, occasion__startswith=f"membership {membership.pk} ")
    return [
        Moment(each.created_at, f"Mail: {each.subject}", "The site itself", each.get_state_display())
        for each in mails.only("created_at", "subject", "state", "user_id")[:MOST]
    ]


def _as_sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
