"""What the association does with an application. One transaction and one row of the record each."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from members import audit, letters, mail
from members.enums import Action, ApplicationState, EntryKind
from members.models import Application, ApplicationEntry, Membership, MembershipLevel, Organisation
from members.services import membership as memberships
from members.services.apply import locked, stop_waiting

if TYPE_CHECKING:
    from members.models import User

DECIDED = "This application has already been decided."
OWN = "This is your own application. Please ask somebody else to decide about it."
Words = tuple[str, str]


def _open(application: Application, by: User) -> Application:
    """Locked until the decision is made: of two secretaries at the same time the second one finds it decided."""
    if memberships.is_oneself(application.user_id, by):
        raise ValidationError(OWN)
    application = locked(application)
    if application.state == ApplicationState.WITHDRAWN:
        raise ValidationError("The applicant has withdrawn this application.")
    if not application.is_open:
        raise ValidationError(DECIDED)
    return application


def _record(action: Action, application: Application, by: User, **details: Any) -> None:
    audit.record(
        action, actor=by, object_kind="application", object_id=application.pk, user=application.user_id, **details
    )


def _say(application: Application, kind: EntryKind, text: str, by: User) -> ApplicationEntry:
    return ApplicationEntry.objects.create(application=application, kind=kind, text=text, by=by)


# --- On the way -------------------------------------------------------------------------------------------------
@transaction.atomic
def take_up(*, application: Application, by: User) -> Application:
    """Tell the applicant, and the other secretaries, that somebody is looking into it."""
    application = _open(application, by)
    if application.state != ApplicationState.NEW:
        raise ValidationError("Somebody has taken up this application already.")
    application.state = ApplicationState.REVIEW
    application.save(update_fields=["state"])
    _record(Action.APPLICATION_TAKEN_UP, application, by)
    return application


@transaction.atomic
def note(*, application: Application, by: User, text: str) -> ApplicationEntry:
    """For the other secretaries; the applicant never sees it. Also about what is decided."""
    if memberships.is_oneself(application.user_id, by):
        raise ValidationError(OWN)
    entry = _say(application, EntryKind.NOTE, text, by)
    _record(Action.APPLICATION_NOTED, application, by)
    return entry


@transaction.atomic
def ask(*, application: Application, by: User, question: str) -> Application:
    """Ask the applicant for more. The mail leads to a form, whose answer comes back into the application."""
    application = _open(application, by)
    application.state = ApplicationState.ASKED
    application.save(update_fields=["state"])
    entry = _say(application, EntryKind.QUESTION, question, by)
    _record(Action.APPLICATION_ASKED, application, by)
    mail.post(
        to=_applicant(application),
        occasion=f"application {application.pk} question {entry.pk}",
        template="application_asked",
        context={"question": question, "application_address": letters.site_address("members:application")},
    )
    return application


def _applicant(application: Application) -> User:
    user: User = application.user  # type: ignore[assignment]  # the database holds that an open one has its person
    return user


# --- The decision -----------------------------------------------------------------------------------------------
@transaction.atomic
def approve(
    *,
    application: Application,
    by: User,
    words: Words,
    level: MembershipLevel | None = None,
    organisation: Organisation | None = None,
    organisation_name: str = "",
    expires_on: datetime.date | None = None,
) -> Membership:
    """Make the applicant a member from today on, and say so. `organisation_name` makes one that is not there yet."""
    application = _open(application, by)
    membership, _new = Membership.objects.get_or_create(user=application.user)
    membership.organisation = organisation or _organisation(organisation_name)
    membership.save(update_fields=["organisation"])
    membership = memberships.approve(membership=membership, by=by, expires_on=expires_on, level=level)
    _send(application, by, letters.fill(words, application, membership))
    return membership


def _organisation(name: str) -> Organisation | None:
    """The one that is called so, however it is spelt in capitals; else a new one."""
    if not name:
        return None
    known = Organisation.objects.filter(name__iexact=name).first()
    return known or Organisation.objects.get_or_create(name=name)[0]


@transaction.atomic
def decline(*, application: Application, by: User, words: Words) -> Application:
    """Say no. The applicant reads the words as they were sent, also on the site. The account stays."""
    application = _open(application, by)
    application.state = ApplicationState.DECLINED
    application.decided_at, application.decided_by = timezone.now(), by
    application.save(update_fields=["state", "decided_at", "decided_by"])
    stop_waiting(application)
    _record(Action.APPLICATION_DECLINED, application, by)
    _send(application, by, letters.fill(words, application))
    return application


def _send(application: Application, by: User, words: Words) -> None:
    entry = _say(application, EntryKind.LETTER, words[1], by)
    mail.post(to=_applicant(application), occasion=f"application {application.pk} letter {entry.pk}", words=words)
