"""Decisions about a membership. Each is one transaction with one row in the access record."""

from __future__ import annotations

import datetime
from contextlib import suppress
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format

from members import audit
from members.enums import Action, Decision
from members.models import Membership, MembershipLevel

if TYPE_CHECKING:
    from members.models import User

ATTEMPTS = 20


def _locked(membership: Membership) -> Membership:
    return Membership.objects.select_for_update().get(pk=membership.pk)


def _record(action: Action, membership: Membership, by: User, reason: str = "", **details: str | None) -> None:
    audit.record(
        action, actor=by, object_kind="membership", object_id=membership.number or "", reason=reason,
        user=membership.user_id, **details,
    )  # fmt: skip


def _day(value: datetime.date | None) -> str | None:
    return value.isoformat() if value else None


def _not_about_oneself(membership: Membership, by: User) -> None:
    """Nobody opens the papers to himself. Administrators may, who could do so in any case; the record says so."""
    if membership.user_id == by.pk and not by.is_superuser:
        raise ValidationError("This is your own membership. Please ask somebody else to decide about it.")


def approve(
    *, membership: Membership, by: User, expires_on: datetime.date | None, level: MembershipLevel | None = None
) -> Membership:
    """Make an applicant a member from today on, with the next free number.

    Raises ValidationError when the membership is not waiting, is the own one, or would end before it starts.
    """
    _not_about_oneself(membership, by)
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
    membership.expires_on = expires_on
    membership.level = level or membership.level
    if membership.number is None:
        membership.number = (Membership.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    membership.full_clean()
    membership.save()
    _record(Action.MEMBERSHIP_APPROVED, membership, by, expires_on=_day(expires_on))
    return membership


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
def reinstate(*, membership: Membership, by: User) -> Membership:
    """End a suspension; the dates stay as they are."""
    _not_about_oneself(membership, by)
    membership = _locked(membership)
    if membership.decision != Decision.SUSPENDED:
        raise ValidationError("This membership is not suspended.")
    membership.decision, membership.reason = Decision.APPROVED, ""
    membership.save()
    _record(Action.MEMBERSHIP_REINSTATED, membership, by)
    return membership


@transaction.atomic
def extend(*, membership: Membership, by: User, expires_on: datetime.date | None) -> Membership:
    """Move the last day of a membership that has been decided; None means no end.

    A day that is past, or not later than the present one, is a slip (last year's, typed again), which would close the
    papers to a member at once.
    """
    _not_about_oneself(membership, by)
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
    membership.expires_on = expires_on
    membership.full_clean()
    membership.save()
    _record(Action.MEMBERSHIP_EXTENDED, membership, by, before=_day(before), expires_on=_day(expires_on))
    return membership


@transaction.atomic
def change_details(*, membership: Membership, by: User) -> Membership:
    """Save a changed level or organisation."""
    membership.full_clean()
    membership.save(update_fields=["level", "organisation"])
    level, organisation = membership.level, membership.organisation
    _record(
        Action.MEMBERSHIP_CHANGED,
        membership,
        by,
        level=level.name if level else None,
        organisation=organisation.name if organisation else None,
    )
    return membership
