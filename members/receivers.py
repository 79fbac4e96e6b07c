"""What Wagtail's administration changes about people without asking our services."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db.models.signals import m2m_changed, post_save, pre_delete, pre_save
from wagtail.log_actions import get_active_log_context

from members import access, audit, mail
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


def _account_changes(instance: User, raw: bool = False, update_fields: Any = None, **kwargs: Any) -> None:
    """An administrator reads everything, and a closed account nothing. Before the save, which forgets what was."""
    watched = [name for name in ("is_superuser", "is_active") if update_fields is None or name in update_fields]
    if raw or instance.pk is None or not watched:
        return
    before = User.objects.filter(pk=instance.pk).values(*watched).first() or {}
    changed = {name: getattr(instance, name) for name, value in before.items() if getattr(instance, name) != value}
    if changed:
        _record_account(instance, **changed)


def _address_before(instance: User, raw: bool = False, update_fields: Any = None, **kwargs: Any) -> None:
    """Remembers what a save by the administration changes; whatever allauth does to an address, it tells itself."""
    by_others = get_active_log_context().user is not None
    if raw or instance.pk is None or not by_others or (update_fields is not None and "email" not in update_fields):
        return
    before = User.objects.filter(pk=instance.pk).exclude(email=instance.email).values_list("email", flat=True).first()
    instance.__dict__["_address_before"] = before


def _address_changed(instance: User, **kwargs: Any) -> None:
    """The former address signs in no longer and is told; the new one is confirmed at the next sign-in."""
    before = instance.__dict__.pop("_address_before", None)
    if before is None:
        return
    EmailAddress.objects.filter(user=instance).exclude(email=instance.email).delete()
    row = audit.record(
        Action.EMAIL_CHANGED, actor=get_active_log_context().user, object_kind="user", object_id=instance.pk
    )
    told = {"new_email": instance.email}
    mail.post(
        to=before, occasion=f"address changed {row.pk}", template="address_changed_for_you", context=told,
        whose=instance,
    )  # fmt: skip


def _administrator_added(instance: User, created: bool, raw: bool = False, **kwargs: Any) -> None:
    if created and not raw and instance.is_superuser:
        _record_account(instance, is_superuser=True)


def _record_account(person: User, **changed: Any) -> None:
    actor = get_active_log_context().user
    audit.record(Action.ACCOUNT_CHANGED, actor=actor, object_kind="user", object_id=person.pk, **changed)


def _group_deleted(instance: Group, **kwargs: Any) -> None:
    """Its members may read and do less from now on; no other signal tells."""
    audit.record(
        Action.GROUP_DELETED,
        actor=get_active_log_context().user,
        object_kind="group",
        object_id=instance.pk,
        group=instance.name,
        people=access.people_in(instance).count(),
    )


def connect() -> None:
    """Called once, when the apps are ready."""
    post_save.connect(_person_added, sender=User, dispatch_uid="members.person_added")
    post_save.connect(_administrator_added, sender=User, dispatch_uid="members.administrator_added")
    pre_save.connect(_address_before, sender=User, dispatch_uid="members.address_before")
    post_save.connect(_address_changed, sender=User, dispatch_uid="members.address_changed")
    pre_save.connect(_account_changes, sender=User, dispatch_uid="members.account_changes")
    pre_delete.connect(_group_deleted, sender=Group, dispatch_uid="members.group_deleted")
    m2m_changed.connect(_groups_changed, sender=User.groups.through, dispatch_uid="members.groups_changed")
