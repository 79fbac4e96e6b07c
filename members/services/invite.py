"""Inviting people, and their coming in. One transaction and one row of the record each; twenty at once are one."""

from __future__ import annotations

import datetime
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from members import addresses, audit, mail
from members.enums import Action, Decision, InvitationState
from members.letters import site_address, until
from members.models import Invitation, JoiningSettings, Membership, MembershipLevel, Organisation, User
from members.models.invitation import digest_of
from members.services import membership as memberships
from members.services.apply import make_account

if TYPE_CHECKING:
    from collections.abc import Iterable

FORGET_AFTER = datetime.timedelta(days=180)
UNKNOWN = "This invitation cannot be found. Perhaps the address was cut off: please open it from the mail once more."
USED = "This invitation has been used already. If it was you, please sign in."
OVER = "The time of this invitation is over. Please ask the association for a new one."
REVOKED = "This invitation was taken back, or sent anew. Please open the newest mail, or ask the association."
CLOSED = "Invitations are closed at present. Please try again later, or write to the association."
OTHERS = "This invitation is for another e-mail address than that of your account."
HAS_ACCOUNT = "There is an account with this address already. Please sign in with it, and you come back here."


@dataclass(frozen=True)
class Invitee:
    """Somebody to invite."""

    email: str
    first_name: str = ""
    last_name: str = ""
    level: MembershipLevel | None = None
    organisation: Organisation | None = None
    expires_on: datetime.date | None = None


# --- The secretary's part ---------------------------------------------------------------------------------------
def hindrance(email: str, by: User) -> str:
    """Why this address cannot be invited, as a sentence; empty where it can."""
    owner = addresses.owner(email)
    if owner is not None and memberships.is_oneself(owner.pk, by):
        return "This is your own address. Please ask somebody else to invite you."
    membership = owner.current_membership if owner is not None else None
    if owner is not None and owner.is_current_member and addresses.can_sign_in(owner):
        return f"{email} belongs to a current member, {owner}."
    if membership is not None and not may_come_back(membership):
        return f"{email} belongs to {owner}, whose membership is suspended or given up. Decide about it under Members."
    if Invitation.objects.open().filter(email=email).exists():
        return f"{email} has an invitation already. Send that one again, or take it back first."
    return ""


def may_come_back(membership: Membership) -> bool:
    """Whether an invitation helps: to who waits, and to a member whose time is over."""
    return membership.decision in (Decision.PENDING, Decision.APPROVED)


@transaction.atomic
def invite(*, invitees: Iterable[Invitee], by: User, message: str = "") -> list[Invitation]:
    """All of them or none. Raises ValidationError with a sentence for each who cannot be invited."""
    if not JoiningSettings.load().invitations_are_open:
        raise ValidationError("Invitations are closed: see Settings → Joining.")
    invitees = list(invitees)
    problems = [problem for each in invitees if (problem := hindrance(each.email, by))]
    if problems:
        raise ValidationError(problems)
    return [_invite(each, by, message) for each in invitees]


def _invite(invitee: Invitee, by: User, message: str) -> Invitation:
    invitation = Invitation(
        **invitee.__dict__, message=message, invited_by=by, good_until=timezone.now(), token_digest=""
    )
    try:
        _send(invitation)
    except IntegrityError as error:  # invited by somebody else since
        raise ValidationError(f"{invitee.email} has an invitation already.") from error
    _record(Action.INVITED, invitation, by)
    return invitation


def _send(invitation: Invitation) -> None:
    """With a new token, so that a former one is dead."""
    token = secrets.token_urlsafe(32)
    days = JoiningSettings.load().invitation_days
    invitation.token_digest = digest_of(token)
    invitation.good_until = timezone.now() + datetime.timedelta(days=days)
    invitation.times_sent += 1
    invitation.full_clean(validate_constraints=False)
    with transaction.atomic():
        invitation.save()
    mail.post(
        to=invitation.email,
        occasion=f"invitation {invitation.pk} {invitation.times_sent}",
        template="invitation",
        context={
            "person": invitation,
            "invitation": invitation,
            "inviter": invitation.invited_by,
            "until": until(invitation.expires_on),
            "is_member": is_for_a_member(invitation),
            "invitation_address": site_address("members:invitation", token),
        },
    )


def _locked(invitation: Invitation) -> Invitation:
    found = Invitation.objects.select_for_update(no_key=True).get(pk=invitation.pk)
    if found.state != InvitationState.OPEN:
        raise ValidationError(f"This invitation is no longer open: {found.standing_label.lower()}.")
    return found


@transaction.atomic
def send_again(*, invitation: Invitation, by: User) -> Invitation:
    """A new link with new time; the former one is dead. From now on it is this secretary who invites."""
    invitation = _locked(invitation)
    owner = addresses.owner(invitation.email)
    if owner is not None and owner.is_current_member and addresses.can_sign_in(owner):
        raise ValidationError(f"{invitation.email} belongs to a current member, {owner}. Please take it back.")
    invitation.invited_by = by
    _send(invitation)
    _record(Action.INVITATION_SENT_AGAIN, invitation, by)
    return invitation


@transaction.atomic
def revoke(*, invitation: Invitation, by: User) -> Invitation:
    """Take it back: the link is dead at once."""
    invitation = _locked(invitation)
    invitation.state = InvitationState.REVOKED
    invitation.save(update_fields=["state"])
    _record(Action.INVITATION_REVOKED, invitation, by)
    return invitation


# --- The invited person's part ----------------------------------------------------------------------------------
def find(token: str) -> Invitation:
    """The invitation that a link is for, if it can be accepted. Raises ValidationError with what is wrong with it."""
    invitation = Invitation.objects.select_related("invited_by", "level", "organisation", "user").filter(
        token_digest=digest_of(token)
    )  # fmt: skip
    found = invitation.first()
    if found is None:
        raise ValidationError(UNKNOWN, code="unknown")
    _check(found)
    return found


def _check(invitation: Invitation) -> None:
    if invitation.state == InvitationState.ACCEPTED:
        raise ValidationError(USED, code="used")
    if invitation.state == InvitationState.REVOKED or invitation.invited_by is None:
        raise ValidationError(REVOKED, code="revoked")
    if invitation.is_over or (invitation.expires_on and invitation.expires_on < timezone.localdate()):
        raise ValidationError(OVER, code="over")
    if not JoiningSettings.load().invitations_are_open:
        raise ValidationError(CLOSED, code="closed")


def is_for_a_member(invitation: Invitation) -> bool:
    """Whether the person is a member already, brought in from a register, and the invitation is the way in."""
    owner = addresses.owner(invitation.email)
    return owner is not None and owner.is_current_member


def is_for(invitation: Invitation, user: User) -> bool:
    owner = addresses.owner(invitation.email)
    return owner is not None and owner.pk == user.pk


def join(
    *, invitation: Invitation, password: str, consent_text: str, first_name: str = "", last_name: str = ""
) -> Membership:
    """Make an account with the invitation's address, and a member of its owner, at once.

    Where there is an account that nobody could sign in to yet, it gets the password and keeps its names.
    """
    hashed = make_password(password)  # slow on purpose: not while others wait for the lock
    with transaction.atomic():
        invitation = _held(invitation)
        user = addresses.owner(invitation.email)
        if user is None:
            user = make_account(email=invitation.email, first_name=first_name, last_name=last_name, password=hashed)
        elif addresses.can_sign_in(user):
            raise ValidationError(HAS_ACCOUNT)
        else:
            _open_account(user, hashed, invitation.email)
        return _accept(invitation, user, consent_text, had_no_way_in=True)


def _open_account(user: User, password: str, address: str) -> None:
    """The link has shown that the address is theirs."""
    user.password = password
    user.save(update_fields=["password"])
    EmailAddress.objects.update_or_create(
        user=user, email=address, defaults={"verified": True, "primary": address == user.email}
    )


@transaction.atomic
def accept(*, invitation: Invitation, user: User, consent_text: str) -> Membership:
    """For a person who has an account with the invitation's address, and is signed in to it."""
    invitation = _held(invitation)
    if not is_for(invitation, user):
        raise ValidationError(OTHERS)
    return _accept(invitation, user, consent_text, had_no_way_in=False)


def _held(invitation: Invitation) -> Invitation:
    held = (
        Invitation.objects.select_for_update(no_key=True, of=("self",))
        .select_related("invited_by")
        .get(pk=invitation.pk)
    )
    if held.token_digest != invitation.token_digest:
        raise ValidationError(REVOKED)
    _check(held)
    return held


def _accept(invitation: Invitation, user: User, consent_text: str, *, had_no_way_in: bool) -> Membership:
    membership = _become_member(invitation, user, had_no_way_in=had_no_way_in)
    invitation.state, invitation.user = InvitationState.ACCEPTED, user
    invitation.accepted_at, invitation.consent_text = timezone.now(), consent_text
    invitation.save(update_fields=["state", "user", "accepted_at", "consent_text"])
    _record(Action.INVITATION_ACCEPTED, invitation, user)
    return membership


def _become_member(invitation: Invitation, user: User, *, had_no_way_in: bool) -> Membership:
    inviter: User = invitation.invited_by  # type: ignore[assignment]  # see _check
    if user.is_leaving:
        raise ValidationError("You have asked to leave, and to be forgotten. Come back first: see Privacy.")
    membership, _new = Membership.objects.select_for_update(no_key=True).get_or_create(user=user)
    if Membership.objects.current().filter(pk=membership.pk).exists():
        if had_no_way_in:
            return membership
        raise ValidationError("You are a member already, so there is nothing to accept.")
    if not may_come_back(membership):
        raise ValidationError("Your membership is suspended or given up. Please write to the membership secretary.")
    if membership.decision == Decision.APPROVED:
        return memberships.extend(membership=membership, by=inviter, expires_on=invitation.expires_on)
    membership.organisation = invitation.organisation or membership.organisation
    membership.save(update_fields=["organisation"])
    return memberships.approve(
        membership=membership, by=inviter, expires_on=invitation.expires_on, level=invitation.level
    )


def forget_old() -> None:
    """Addresses of people who did not come; called by `run_due`."""
    before = timezone.now() - FORGET_AFTER
    Invitation.objects.exclude(state=InvitationState.ACCEPTED).filter(good_until__lt=before).delete()


def _record(action: Action, invitation: Invitation, by: User) -> None:
    audit.record(action, actor=by, object_kind="invitation", object_id=invitation.pk, user=invitation.user_id)
