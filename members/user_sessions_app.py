"""allauth's list of sessions, kept without looking at every one of them whenever somebody signs in."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.usersessions.apps import UserSessionsConfig as AllauthConfig
from django.http import HttpRequest


def _signed_in(request: HttpRequest, **kwargs: Any) -> None:
    """allauth would ask four questions for each session of the person here. Those that are over go when the list is
    shown, and with the timer (portal.ops.due)."""
    from allauth.usersessions.models import UserSession  # noqa: PLC0415 -- apps come before models

    UserSession.objects.create_from_request(request)


class UserSessionsConfig(AllauthConfig):  # type: ignore[misc]  # allauth has no types
    default = False

    def ready(self) -> None:
        from allauth.usersessions import signals  # noqa: PLC0415 -- as above

        account.user_logged_in.connect(_signed_in, dispatch_uid="members.session_listed")
        for changed in (account.password_set, account.password_changed):
            changed.connect(signals.on_password_changed)
