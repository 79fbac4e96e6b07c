"""What may be done with memberships and with the access record in Wagtail's administration."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import policy_registry

from members.models import AccessRecord, Application, Invitation, Membership

if TYPE_CHECKING:
    from members.models import User


class OnlyPolicy(ModelPermissionPolicy):
    """Django's model permissions, narrowed to some actions, also for administrators."""

    def __init__(self, model: type, *actions: str) -> None:
        super().__init__(model)
        self.actions = frozenset(actions)

    def user_has_permission(self, user: User, action: str) -> bool:
        return action in self.actions and bool(super().user_has_permission(user, action))

    def user_has_any_permission(self, user: User, actions: Iterable[str]) -> bool:
        return bool(super().user_has_any_permission(user, self.actions & set(actions)))


def register() -> None:
    """Memberships are decided about, never added or deleted by hand; the record is read, never written."""
    policy_registry.register(Membership, OnlyPolicy(Membership, "view", "change"), exact_class=True)
    policy_registry.register(Application, OnlyPolicy(Application, "view"), exact_class=True)
    policy_registry.register(Invitation, OnlyPolicy(Invitation, "view"), exact_class=True)
    policy_registry.register(AccessRecord, OnlyPolicy(AccessRecord, "view"), exact_class=True)
