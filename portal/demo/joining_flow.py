"""Seeding applications and invitations: through the services, and moved back to their days."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.conf import settings
from django.utils import timezone

from members import letters
from members.models import (
    Application,
    ApplicationQuestion,
    Invitation,
    JoiningSettings,
    Membership,
    MembershipLevel,
    Organisation,
    User,
)
from members.services import apply, decide, invite
from portal.demo import joining, people

SECRETARY = "secretary@example.org"


def seed(persons: Iterable[people.DemoPerson]) -> None:
    """Whatever is not there yet."""
    _settings()
    secretary = User.objects.get(email=SECRETARY)
    known = {person.email: person for person in persons}
    for application in joining.APPLICATIONS:
        user = User.objects.get(email=application.email)
        if not Application.objects.filter(user=user).exists() and not Membership.objects.filter(user=user).exists():
            _application(application, known[application.email], user, secretary)
    for invitation in joining.INVITATIONS:
        if not Invitation.objects.filter(email=invitation.email).exists():
            _invitation(invitation, secretary)


def _settings() -> None:
    if JoiningSettings.objects.exists():
        return
    own = JoiningSettings(introduction=joining.INTRODUCTION)
    own.questions = [
        ApplicationQuestion(sort_order=place, label=label, field_type=kind, choices=choices, required=required)
        for place, (label, kind, choices, required) in enumerate(joining.QUESTIONS)
    ]
    own.save()


def _application(each: joining.DemoApplication, person: people.DemoPerson, user: User, by: User) -> None:
    written = apply.Written(
        first_name=user.first_name,
        last_name=user.last_name,
        organisation_name=person.organisation,
        role=each.role,
        why=each.why,
        answers=each.answers,
        consent_text=JoiningSettings.load().consent_text,
    )
    application = apply.submit(user=user, written=written)
    for name, words in each.steps:
        _step(name, words, application, person, by)
    sent = timezone.now() - datetime.timedelta(days=each.days_ago)
    application.refresh_from_db()
    for place, entry in enumerate(application.entries.all(), start=1):
        entry.at = sent + datetime.timedelta(days=place, hours=place)
        entry.save(update_fields=["at"])
    application.applied_at = application.consented_at = sent
    if application.decided_at:
        application.decided_at = sent + datetime.timedelta(days=5)
    application.save(update_fields=["applied_at", "consented_at", "decided_at"])
    Membership.objects.filter(user=user).update(applied_at=sent)


def _step(name: str, words: str, application: Application, person: people.DemoPerson, by: User) -> None:
    match name:
        case "take_up":
            decide.take_up(application=application, by=by)
        case "note":
            decide.note(application=application, by=by, text=words)
        case "ask":
            decide.ask(application=application, by=by, question=words)
        case "answer":
            apply.answer(application=application, text=words)
        case "withdraw":
            apply.withdraw(application=application)
        case "decline":
            subject, _text = letters.draft("application_declined", application)
            decide.decline(application=application, by=by, words=(subject, words))
        case "approve":
            decide.approve(
                application=application,
                by=by,
                words=letters.draft("application_approved", application),
                level=MembershipLevel.objects.filter(name=person.level).first(),
                organisation_name=person.organisation,
                expires_on=timezone.localdate() + datetime.timedelta(days=330),
            )


def _invitation(each: joining.DemoInvitation, by: User) -> None:
    invitee = invite.Invitee(
        email=each.email,
        first_name=each.first_name,
        last_name=each.last_name,
        level=MembershipLevel.objects.filter(name=each.level).first(),
        organisation=Organisation.objects.filter(name=each.organisation).first(),
        expires_on=timezone.localdate() + datetime.timedelta(days=300),
    )
    [invitation] = invite.invite(invitees=[invitee], by=by, message=each.message)
    if each.becomes == "revoked":
        invite.revoke(invitation=invitation, by=by)
    elif each.becomes == "accepted":
        invite.join(
            invitation=invitation,
            first_name=each.first_name,
            last_name=each.last_name,
            password=settings.DEMO_PASSWORD,
            consent_text=JoiningSettings.load().consent_text,
        )
    moved = datetime.timedelta(days=each.days_ago)
    invitation.refresh_from_db()
    invitation.invited_at, invitation.good_until = invitation.invited_at - moved, invitation.good_until - moved
    if invitation.accepted_at:
        invitation.accepted_at += datetime.timedelta(days=2) - moved
    invitation.save(update_fields=["invited_at", "good_until", "accepted_at"])
