"""What an applicant does: apply, confirm the address, answer, withdraw. One transaction and one row of the record each.

Before the address is confirmed nothing tells whether anybody has it: the same row is written and one mail is sent.
"""

from __future__ import annotations

import datetime
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from members import addresses, audit, mail
from members.enums import Action, ApplicationState, Decision, EntryKind
from members.letters import site_address
from members.models import Application, ApplicationEntry, Membership, User
from members.models.application import CODE_GOOD_FOR, MOST_ATTEMPTS

if TYPE_CHECKING:
    from collections.abc import Sequence

DIGITS = 6
MOST_CODES = 5  # for one application
FORGET_AFTER = datetime.timedelta(days=1)
WRONG_CODE = "That is not the code. It has six digits and is in the newest mail."
NO_CODE = "This code can no longer be used. Ask for a new one below; it comes by mail within a minute."
ENOUGH_CODES = "Enough codes were sent. Please wait an hour, and apply once more."
ALREADY = "There is an account with this address by now. Please sign in: your application stands there."
NOT_OPEN = "Your application is no longer open, so nothing was changed."


@dataclass(frozen=True)
class Written:
    """What the form says."""

    first_name: str
    last_name: str
    why: str
    consent_text: str
    organisation_name: str = ""
    role: str = ""
    answers: Sequence[tuple[str, str]] = ()

    def as_fields(self) -> dict[str, object]:
        return {**self.__dict__, "answers": [list(pair) for pair in self.answers]}


# --- To apply ---------------------------------------------------------------------------------------------------
@transaction.atomic
def begin(*, email: str, written: Written) -> Application:
    """Keep what was written, for nobody to see, and mail a code to the address, or word to its owner."""
    application = Application.objects.create(email=email, **written.as_fields())
    _send_code(application)
    return application


@transaction.atomic
def send_another_code(*, application_id: int) -> None:
    """The former code ends. Raises ValidationError when enough were sent."""
    application = _unconfirmed(application_id)
    if application is None or application.codes_sent >= MOST_CODES:
        raise ValidationError(ENOUGH_CODES)
    _send_code(application)


def _unconfirmed(application_id: int) -> Application | None:
    waiting = Application.objects.select_for_update(no_key=True).filter(state=ApplicationState.UNCONFIRMED)
    return waiting.filter(pk=application_id).first()


def _send_code(application: Application) -> None:
    """To an address that somebody has, the code is never sent: no code fits it."""
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    owner = addresses.owner(application.email)
    application.code_digest = application.digest_of(secrets.token_hex() if owner else code)
    application.code_good_until = timezone.now() + CODE_GOOD_FOR
    application.code_attempts = 0
    application.codes_sent += 1
    application.save()
    mail.post(
        to=application.email,
        occasion=f"application {application.pk} code {application.codes_sent}",
        template="apply_known_address" if owner else "apply_code",
        context={
            "person": owner,  # of others nobody knows who has written: their words are not for this address
            "code": code,
            "sign_in_address": site_address("account_login"),
        },
    )


def confirm(*, application_id: int, code: str) -> Application:
    """Make an account for whoever has shown that the address is theirs: the application exists from now on.

    Raises ValidationError. Each attempt is counted before it is looked at, so that twenty at a time are five.
    """
    counted = Application.objects.filter(
        pk=application_id,
        state=ApplicationState.UNCONFIRMED,
        code_attempts__lt=MOST_ATTEMPTS,
        code_good_until__gt=timezone.now(),
    ).update(code_attempts=F("code_attempts") + 1)
    if not counted:
        raise ValidationError(NO_CODE)
    with transaction.atomic():
        application = _unconfirmed(application_id)
        if application is None:
            raise ValidationError(NO_CODE)
        if not application.is_code("".join(each for each in code if each.isdecimal())):
            raise ValidationError(WRONG_CODE)
        application.user = make_account(
            email=application.email, first_name=application.first_name, last_name=application.last_name
        )
        return _receive(application)


def make_account(*, email: str, first_name: str, last_name: str, password: str | None = None) -> User:
    """An account whose address is confirmed. Without a password the person chooses one, or signs in by other ways.

    `password` is a hash. Raises ValidationError where there is an account by now.
    """
    try:
        with transaction.atomic():
            user = User(email=email, first_name=first_name, last_name=last_name)
            user.set_unusable_password()
            if password is not None:
                user.password = password
            user.save()
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    except IntegrityError as error:
        raise ValidationError(ALREADY) from error
    return user


@transaction.atomic
def submit(*, user: User, written: Written) -> Application:
    """As `begin` and `confirm`, for a person who is signed in and no member: the address is known to be theirs."""
    membership = Membership.objects.select_for_update(no_key=True).filter(user=user).first()
    if membership is not None:
        raise ValidationError("You have applied already, or are a member.")
    try:
        with transaction.atomic():
            return _receive(Application(user=user, email=user.email, **written.as_fields()))
    except IntegrityError as error:
        raise ValidationError("You have applied already.") from error


def _receive(application: Application) -> Application:
    user: User = application.user  # type: ignore[assignment]  # set by both callers
    application.state, application.code_digest = ApplicationState.NEW, ""
    application.applied_at = timezone.now()
    application.save()
    Membership.objects.create(user=user, applied_at=application.applied_at)
    _record(Action.APPLICATION_RECEIVED, application)
    mail.post(
        to=user,
        occasion=f"application {application.pk} received",
        template="application_received",
        context={"application_address": site_address("members:application")},
    )
    return application


# --- Afterwards -------------------------------------------------------------------------------------------------
def locked(application: Application) -> Application:
    """The application as it stands now, with the membership that waits for it: always the membership first, as all
    decisions do, so that two people who decide at the same time never wait for each other."""
    Membership.objects.select_for_update(no_key=True).filter(user=application.user_id).first()
    return Application.objects.select_for_update(no_key=True).get(pk=application.pk)


@transaction.atomic
def answer(*, application: Application, text: str) -> Application:
    """What the secretary asked for comes back into the application."""
    application = locked(application)
    if application.state != ApplicationState.ASKED:
        raise ValidationError("There is no open question about your application." if application.is_open else NOT_OPEN)
    ApplicationEntry.objects.create(application=application, kind=EntryKind.ANSWER, text=text, by=application.user)
    application.state = ApplicationState.REVIEW
    application.save(update_fields=["state"])
    _record(Action.APPLICATION_ANSWERED, application)
    return application


@transaction.atomic
def withdraw(*, application: Application) -> Application:
    """The applicant thinks better of it. The account stays, and may apply again."""
    application = locked(application)
    if not application.is_open:
        raise ValidationError(NOT_OPEN)
    application.state = ApplicationState.WITHDRAWN
    application.save(update_fields=["state"])
    stop_waiting(application)
    _record(Action.APPLICATION_WITHDRAWN, application)
    return application


def stop_waiting(application: Application) -> None:
    """No membership waits any longer. One that was decided about is left alone."""
    Membership.objects.filter(user=application.user_id, decision=Decision.PENDING).delete()


def forget_unconfirmed() -> None:
    """What nobody confirmed within a day; called by `run_due`."""
    before = timezone.now() - FORGET_AFTER
    Application.objects.filter(state=ApplicationState.UNCONFIRMED, applied_at__lt=before).delete()


def _record(action: Action, application: Application) -> None:
    audit.record(
        action, actor=application.user, object_kind="application", object_id=application.pk, user=application.user_id
    )
