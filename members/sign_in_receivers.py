"""What allauth announces about accounts, kept in the access record: allauth itself tells the person by mail."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from members import devices, second_factor
from members.adapter import FACTORS
from members.enums import Action
from members.models import User
from members.services import sign_in


def _factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """The session has just shown the factor, in setting it up; every other session is without it and ends."""
    sign_in.note(Action.FACTOR_ADDED, user=user, by=user, factor=FACTORS[authenticator.type])
    if authenticator.type in second_factor.FACTORS:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


def _factor_removed(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    sign_in.note(Action.FACTOR_REMOVED, user=user, by=user, factor=FACTORS[authenticator.type])


def _codes_renewed(user: User, **kwargs: Any) -> None:
    sign_in.note(Action.CODES_RENEWED, user=user, by=user)


def _code_refused(request: HttpRequest, user: User, **kwargs: Any) -> None:
    device = devices.in_words(request.META.get("HTTP_USER_AGENT", ""))
    sign_in.fail(user=user, how="code of the second step", device=device)


def _password_changed(user: User, **kwargs: Any) -> None:
    sign_in.note(Action.PASSWORD_CHANGED, user=user, by=user)


def _password_reset(user: User, **kwargs: Any) -> None:
    sign_in.note(Action.PASSWORD_CHANGED, user=user, by=user, how="an address from a mail")


def _email_changed(user: User, from_email_address: EmailAddress | None, **kwargs: Any) -> None:
    """Without the addresses: rows cannot be taken back, and a person may go."""
    if from_email_address is not None:
        sign_in.note(Action.EMAIL_CHANGED, user=user, by=user)


def connect() -> None:
    """Called once, when the apps are ready."""
    mfa.authenticator_added.connect(_factor_added, dispatch_uid="members.factor_added")
    mfa.authenticator_removed.connect(_factor_removed, dispatch_uid="members.factor_removed")
    mfa.authenticator_reset.connect(_codes_renewed, dispatch_uid="members.codes_renewed")
    mfa.authentication_failed.connect(_code_refused, dispatch_uid="members.code_refused")
    account.password_changed.connect(_password_changed, dispatch_uid="members.password_changed")
    account.password_set.connect(_password_changed, dispatch_uid="members.password_set")
    account.password_reset.connect(_password_reset, dispatch_uid="members.password_reset")
    account.email_changed.connect(_email_changed, dispatch_uid="members.email_changed")
