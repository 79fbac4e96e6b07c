"""Who comes with a session, found in one question together with whether they hold any right at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.auth_backends import AuthenticationBackend as AllauthBackend

from members.models import User

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import Model


class AuthenticationBackend(AllauthBackend):
    """allauth's. Most members hold no right, and of them nothing further is asked on each of their pages."""

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.saying_whether_they_hold_rights().filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None

    def get_all_permissions(self, user_obj: AbstractBaseUser | AnonymousUser, obj: Model | None = None) -> set[str]:
        if getattr(user_obj, "holds_no_rights", False):
            return set()
        return super().get_all_permissions(user_obj, obj)
