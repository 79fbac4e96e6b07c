"""What Wagtail's administration changes about people without asking our services."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import m2m_changed, post_save
from wagtail.log_actions import get_active_log_context

from members import audit
from members.enums import Action
from members.models import Membership, User


def _groups_changed(instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **kwargs: Any) -> None:
    """Groups are audiences: who joins or leaves one may read more or less from that moment."""
    if not action.startswith("post_"):
        return
    people = User.objects.filter(pk__in=pk_set or ()) if reverse else [instance]
    for person in people:
        audit.record(
            Action.GROUPS_CHANGED,
            actor=get_active_log_context().user,
            object_kind="user",
            object_id=person.pk,
            groups=sorted(person.groups.values_list("name", flat=True)),
        )


def _person_added(instance: User, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """Whom an administrator adds waits for the secretary's decision, like everybody who applies."""
    if created and not raw and get_active_log_context().user is not None:
        Membership.objects.get_or_create(user=instance)


def connect() -> None:
    """Called once, when the apps are ready."""
    post_save.connect(_person_added, sender=User, dispatch_uid="members.person_added")
    m2m_changed.connect(_groups_changed, sender=User.groups.through, dispatch_uid="members.groups_changed")
