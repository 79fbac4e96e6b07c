"""Who comes with a session, found in one question together with all that each page asks about a person."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from allauth.account.auth_backends import AuthenticationBackend as AllauthBackend
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Exists, F, OuterRef, Subquery
from django.utils import timezone
from wagtail.permission_policies.collections import CollectionPermissionPolicy
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.permission_policies.sites import SitePermissionPolicy

from members import second_factor
from members.models import Membership, User
from members.models.user import PLACES
from members.worded import NOBODY, Worded

if TYPE_CHECKING:
    import datetime

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import Model, QuerySet

WAGTAIL_POLICIES = (CollectionPermissionPolicy, PagePermissionPolicy, SitePermissionPolicy)


def _people() -> QuerySet[User]:
    """With where they stand today, whether they hold rights, and how they are protected."""
    theirs: QuerySet[Any] = Membership.objects.with_standing().filter(user=OuterRef("pk"))
    return User.objects.saying_whether_they_hold_rights().annotate(
        has_second_factor=second_factor.is_had(),
        in_strict_group=second_factor.is_wanted_of_a_group(),
        is_in_a_group=Exists(User.groups.through.objects.filter(user=OuterRef("pk"))),
        standing_today=Subquery(theirs.values("standing")),
        level_today=F("membership__level"),
        organisation_today=F("membership__organisation"),
    )


FACTS = (
    "without_places", "without_rights", "has_second_factor", "in_strict_group", "is_in_a_group", "standing_today",
    "level_today", "organisation_today",
)  # fmt: skip
COLUMNS = tuple(field.attname for field in User._meta.concrete_fields)


@functools.lru_cache(maxsize=2)
def _question(today: datetime.date, strict_groups: tuple[str, ...]) -> Worded:
    """Its words change with the day and with MFA_GROUPS alone."""
    people = _people().filter(pk=NOBODY).values_list(*COLUMNS, *FACTS)
    return Worded(people, person=(User._meta.pk, NOBODY))


class AuthenticationBackend(AllauthBackend):
    """allauth's. Most members hold no right, and of them nothing further is asked on each of their pages."""

    def get_user(self, user_id: int) -> User | None:
        found = _question(timezone.localdate(), tuple(settings.MFA_GROUPS)).first(person=user_id)
        if found is None:
            return None
        user = User.from_db(DEFAULT_DB_ALIAS, COLUMNS, found[: len(COLUMNS)])
        vars(user).update(zip(FACTS, found[len(COLUMNS) :], strict=True))
        if not self.user_can_authenticate(user):
            return None
        if user.works_in_no_place:
            # Wagtail asks for these three again on each page of the administration, for a secretary in vain.
            for policy, kind in zip(WAGTAIL_POLICIES, PLACES, strict=True):
                setattr(user, policy.permission_cache_name, kind.objects.none())
        return user

    def get_all_permissions(self, user_obj: AbstractBaseUser | AnonymousUser, obj: Model | None = None) -> set[str]:
        if getattr(user_obj, "holds_no_rights", False):
            return set()
        return super().get_all_permissions(user_obj, obj)
