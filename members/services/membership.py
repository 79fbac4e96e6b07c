"""Decisions about a membership. Each is one transaction with one row in the access record."""

from __future__ import annotations

import datetime
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format

from members import audit, mail
from members.enums import Action, ApplicationState, Decision
from members.models import Application, ErasedPerson, Membership, MembershipLevel, Organisation

if TYPE_CHECKING:
    from members.models import User

ATTEMPTS = 20
OWN = "This is your own membership. Please ask somebody else to decide about it."


def _locked(membership: Membership) -> Membership:
    return (
        Membership.objects.select_for_update(no_key=True, of=("self",))
        .select_related("user", "level")
        .get(pk=membership.pk)
    )


def _record(action: Action, membership: Membership, by: User, words: str = "", **details: Any) -> None:
    audit.record(
        action, actor=by, object_kind="membership", object_id=membership.number or "", words=words,
        about=membership.user, user=membership.user_id, **details,
    )  # fmt: skip


def next_number() -> int:
    """One more than the highest that anybody has or had: the number of a person who left is nobody else's."""
    in_use = Membership.objects.aggregate(last=Max("number"))["last"] or 0
    left = ErasedPerson.objects.aggregate(last=Max("member_number"))["last"] or 0
    return max(in_use, left) + 1


def _day(value: datetime.date | None) -> str | None:
    return value.isoformat() if value else None


def is_oneself(user_id: int | None, by: User) -> bool:
    """Nobody opens the papers to himself. Administrators may, who could do so in any case; the record says so."""
    return user_id == by.pk and not by.is_superuser


def not_about_oneself(membership: Membership, by: User) -> None:
    """Raises ValidationError for whoever decides about the own membership."""
    if is_oneself(membership.user_id, by):
        raise ValidationError(OWN)


def begin_new_term(membership: Membership, expires_on: datetime.date | None) -> None:
    """Give the membership another end: reminders and the note of its lapse begin anew. For services; saves nothing."""
    membership.expires_on = expires_on
    membership.ended_early, membership.lapse_is_noted, membership.reminded_days = False, False, None


# --- To begin ---------------------------------------------------------------------------------------------------
def approve(
    *, membership: Membership, by: User, expires_on: datetime.date | None, level: MembershipLevel | None = None
) -> Membership:
    """Make an applicant a member from today on, with the next free number.

    Raises ValidationError when the membership is not waiting, is the own one, or would end before it starts.
    """
    not_about_oneself(membership, by)
    for _ in range(ATTEMPTS):
        # Two approvals at once take the same number; the unique index refuses the later one, which asks again.
        with suppress(IntegrityError):
            return _approve(membership=membership, by=by, expires_on=expires_on, level=level)
    raise ValidationError("The site is very busy. Please try again.")


@transaction.atomic
def _approve(
    *, membership: Membership, by: User, expires_on: datetime.date | None, level: MembershipLevel | None
) -> Membership:
    membership = _locked(membership)
    if membership.decision != Decision.PENDING:
        raise ValidationError("This application has already been decided.")
    membership.decision = Decision.APPROVED
    membership.starts_on = timezone.localdate()
    begin_new_term(membership, expires_on)
    membership.level = level or membership.level
    if membership.number is None:
        membership.number = next_number()
    membership.full_clean()
    membership.save()
    _settle_application(membership, by)
    _record(Action.MEMBERSHIP_APPROVED, membership, by, expires_on=_day(expires_on), **_as_facts(membership))
    return membership


def _settle_application(membership: Membership, by: User) -> None:
    """Whichever way the person became a member, an application that was open is decided with it."""
    Application.objects.open().filter(user=membership.user_id).update(
        state=ApplicationState.APPROVED, decided_at=timezone.now(), decided_by=by
    )


def _as_facts(membership: Membership) -> dict[str, str]:
    return {"level": membership.level.name} if membership.level else {}


# --- To close and to open again ---------------------------------------------------------------------------------
@transaction.atomic
def suspend(*, membership: Membership, by: User, reason: str) -> Membership:
    """Close the papers to a member at once. `reason` is shown to the member, who is never left without one."""
    membership = _locked(membership)
    if membership.decision != Decision.APPROVED:
        raise ValidationError("Only an approved membership can be suspended.")
    if not reason.strip():
        raise ValidationError("Please give the reason: the member reads it after signing in.")
    membership.decision, membership.reason = Decision.SUSPENDED, reason
    membership.full_clean()
    membership.save()
    _record(Action.MEMBERSHIP_SUSPENDED, membership, by, reason)
    return membership


@transaction.atomic
def resign(*, membership: Membership, by: User, reason: str = "") -> Membership:
    """The member leaves, or the secretary writes down that he has: the account stays, the papers close at once.

    `reason` is kept in the record alone. A mail confirms it, so that nobody is resigned behind the own back.
    """
    membership = _locked(membership)
    if membership.decision not in (Decision.APPROVED, Decision.SUSPENDED):
        raise ValidationError("Only a member can resign.")
    membership.decision, membership.reason = Decision.RESIGNED, ""
    membership.full_clean()
    membership.save()
    _record(Action.MEMBERSHIP_RESIGNED, membership, by, reason)
    mail.post(
        to=membership.user,
        occasion=f"membership {membership.pk} resigned {timezone.now().isoformat()}",
        template="membership_resigned",
        context={"membership": membership, "by_the_member": membership.user_id == by.pk},
    )
    return membership


@transaction.atomic
def reinstate(*, membership: Membership, by: User) -> Membership:
    """End a suspension, or take back somebody who has resigned; the dates stay as they are."""
    not_about_oneself(membership, by)
    membership = _locked(membership)
    if membership.decision not in (Decision.SUSPENDED, Decision.RESIGNED):
        raise ValidationError("This membership is neither suspended nor given up.")
    membership.decision, membership.reason = Decision.APPROVED, ""
    membership.save()
    _record(Action.MEMBERSHIP_REINSTATED, membership, by)
    return membership


# --- To last longer or shorter ----------------------------------------------------------------------------------
@transaction.atomic
def extend(*, membership: Membership, by: User, expires_on: datetime.date | None) -> Membership:
    """Move the last day of a membership that has been decided; None means no end.

    A day that is past, or not later than the present one, is a slip (last year's, typed again), which would close the
    papers to a member at once.
    """
    not_about_oneself(membership, by)
    membership = _locked(membership)
    if membership.decision == Decision.PENDING:
        raise ValidationError("Approve the application first.")
    before = membership.expires_on
    if before is not None and expires_on is not None and expires_on <= before:
        last = date_format(before, "j F Y")
        raise ValidationError(
            {"expires_on": f"That is not later than the present last day, {last}. Please choose a day after it."}
        )
    if expires_on is not None and expires_on < timezone.localdate():
        raise ValidationError({"expires_on": "That day has passed. Please choose today or a later day."})
    begin_new_term(membership, expires_on)
    membership.full_clean()
    membership.save()
    _record(Action.MEMBERSHIP_EXTENDED, membership, by, before=_day(before), expires_on=_day(expires_on))
    return membership


@transaction.atomic
def end(*, membership: Membership, by: User, expires_on: datetime.date, reason: str = "") -> Membership:
    """Let a membership end earlier than agreed. No days of grace follow, since nobody has forgotten to renew."""
    membership = _locked(membership)
    if membership.decision not in (Decision.APPROVED, Decision.SUSPENDED):
        raise ValidationError("Only a member's membership can end.")
    before = membership.expires_on
    if expires_on < timezone.localdate():
        raise ValidationError(
            {"expires_on": "That day has passed. Choose today or a later day; “Suspend” closes the papers at once."}
        )
    if before is not None and expires_on >= before:
        last = date_format(before, "j F Y")
        raise ValidationError({"expires_on": f"That is not earlier than the present last day, {last}."})
    begin_new_term(membership, expires_on)
    membership.ended_early = True
    membership.full_clean()
    membership.save()
    _record(Action.MEMBERSHIP_ENDED, membership, by, reason, before=_day(before), expires_on=_day(expires_on))
    return membership


# --- Level and organisation -------------------------------------------------------------------------------------
@transaction.atomic
def change_details(
    *, membership: Membership, by: User, level: MembershipLevel | None, organisation: Organisation | None
) -> Membership:
    """Give the membership another level or organisation. Where nothing is different, nothing is recorded.

    The organisation's name stands beside the row: somebody's own firm may be called by the own name.
    """
    not_about_oneself(membership, by)
    membership = Membership.objects.select_for_update(no_key=True, of=("self",)).get(pk=membership.pk)
    was, had = membership.level, membership.organisation
    if (was, had) == (level, organisation):
        return membership
    membership.level, membership.organisation = level, organisation
    membership.full_clean()
    membership.save(update_fields=["level", "organisation"])
    facts = {} if was == level else {"level": {"from": was and was.name, "to": level and level.name}}
    words = "" if had == organisation else f"organisation from {had or 'none'} to {organisation or 'none'}"
    _record(Action.MEMBERSHIP_CHANGED, membership, by, words, **facts)
    return membership
