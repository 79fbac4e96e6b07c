"""When a session last showed that it is still the same person: at signing in, or by confirming it since."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from allauth.account.internal.flows.login import get_authentication_records

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.contrib.sessions.backends.base import SessionBase

    from members.models import User


def was_within(seconds: int, session: SessionBase, user: User | AnonymousUser) -> bool:
    """Whether it was no longer ago. allauth's own question of this kind knows one length of time for all pages."""
    if not user.is_authenticated:
        return False
    asked: Any = SimpleNamespace(session=session)  # all that allauth looks at of a request
    last = max((record["at"] for record in get_authentication_records(asked, user)), default=0)
    return 0 <= time.time() - last < seconds
