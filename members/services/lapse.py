"""What time brings to memberships: reminders of the end, and the note that it has come. Run by `manage.py run_due`.

Whether somebody is a current member follows from the dates alone (`MembershipQuerySet.current`): were these jobs never
run, no paper would stay open a second longer. They tell people, and write the lapse into the record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from members import audit, mail
from members.enums import Action
from members.models import Membership
from members.models.membership import REMINDERS

if TYPE_CHECKING:
    from members.models.membership import MembershipQuerySet

# One run's share: a few seconds. What is left waits for the next run, a minute later.
AT_ONCE = 300


def remind() -> None:
    """Thirty days, seven days and no day before the end: a mail, once each.

    A membership remembers its last reminder, and the mail's occasion names membership, reminder and end; both begin
    anew with another end. Of reminders that were missed while the timer was away only the latest goes out.
    """
    due = Membership.objects.due_for_a_reminder().order_by("expires_on", "pk")
    for key in list(due.values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            _remind(_taken(Membership.objects.due_for_a_reminder(), key))


def _remind(membership: Membership | None) -> None:
    if membership is None or membership.expires_on is None:
        return  # it was extended, or another run has had it, since we asked
    left = (membership.expires_on - timezone.localdate()).days
    membership.reminded_days = min(days for days in REMINDERS if left <= days)
    membership.save(update_fields=["reminded_days"])
    if membership.user.is_active:
        mail.post(
            to=membership.user,
            occasion=f"membership {membership.pk} reminder {membership.reminded_days} {membership.expires_on}",
            template="membership_ends_soon",
            context={"membership": membership, "days_left": left},
        )


def note_lapses() -> None:
    """Those whose time is over, with their days of grace: a row of the record and a mail, once."""
    due = Membership.objects.newly_lapsed().order_by("expires_on", "pk")
    for key in list(due.values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            _note_lapse(_taken(Membership.objects.newly_lapsed(), key))


def _note_lapse(membership: Membership | None) -> None:
    if membership is None or membership.expires_on is None:
        return
    membership.lapse_is_noted = True
    membership.save(update_fields=["lapse_is_noted"])
    audit.record(
        Action.MEMBERSHIP_LAPSED, actor=None, object_kind="membership", object_id=membership.number or "",
        user=membership.user_id, ended_on=membership.expires_on.isoformat(),
    )  # fmt: skip
    if membership.user.is_active:
        mail.post(
            to=membership.user,
            occasion=f"membership {membership.pk} lapsed {membership.expires_on}",
            template="membership_lapsed",
            context={"membership": membership},
        )


def _taken(due: MembershipQuerySet, key: int) -> Membership | None:
    """The row if it is still due, held until the end of the transaction: another run waits, and finds it done."""
    held = due.filter(pk=key).select_for_update(no_key=True, of=("self",)).select_related("user", "level")
    return held.with_standing().first()
