"""The second factor: who must have one, who has one, and whether a session has shown it.

A passkey is both factors at once: the device that holds it, and the finger, face or PIN that opens it. An app's codes
are the second beside a password, a code by mail or another service's word. A recovery code stands in for either.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import Group
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from members.models import Membership, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.contrib.sessions.backends.base import SessionBase

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def is_had() -> Exists:
    """For a query of people: whether they have a second factor."""
    return Exists(Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS))


def is_wanted_of_a_group() -> ExpressionWrapper[Q]:
    """For a query of people: whether a group of theirs, or that of their level while they are current members, is named
    in MFA_GROUPS (`members.access.groups_of` for all of them at once)."""
    names = settings.MFA_GROUPS
    put_into = Exists(Group.objects.filter(user=OuterRef("pk"), name__in=names))
    by_level = Exists(Membership.objects.current().filter(user=OuterRef("pk"), level__group__name__in=names))
    return ExpressionWrapper(Q(put_into) | Q(by_level), BooleanField())


def has(user: User | AnonymousUser) -> bool:
    known = getattr(user, "has_second_factor", None)  # of whoever comes with a session (members.auth_backends)
    return User.objects.filter(is_had(), pk=user.pk or 0).exists() if known is None else bool(known)


def must_have(user: User | AnonymousUser) -> bool:
    """Whoever may do more than read (with STAFF_REQUIRE_MFA), and whoever is in a group that MFA_GROUPS names."""
    if not hasattr(user, "in_strict_group"):
        people = User.objects.saying_whether_they_hold_rights().annotate(in_strict_group=is_wanted_of_a_group())
        user = people.get(pk=user.pk or 0)
    holds_rights: bool = not getattr(user, "without_rights", False)
    return (settings.STAFF_REQUIRE_MFA and holds_rights) or bool(getattr(user, "in_strict_group", False))


def was_shown(session: SessionBase, user: User | AnonymousUser) -> bool:
    """Whether this session of the person has shown a second factor: signed in with it, or set it up just now."""
    if not user.is_authenticated:
        return False
    asked: Any = SimpleNamespace(session=session)  # all that allauth looks at of a request
    return any(record.get("method") == "mfa" for record in get_authentication_records(asked, user))
