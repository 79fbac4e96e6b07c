"""A level of membership and the group that it gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from wagtail.models import GroupCollectionPermission, GroupPagePermission

from members import audit
from members.enums import Action
from members.models import MembershipLevel

if TYPE_CHECKING:
    from members.models import User


def name_of_group(name: str) -> str:
    """What the group is called that is made with a level."""
    return f"{name} members"


def may_only_read(group: Group) -> bool:
    """Whether the group gives no rights. Whoever is in it reads what is open to it, and that is all."""
    return not (
        group.permissions.exists()
        or GroupPagePermission.objects.filter(group=group).exists()
        or GroupCollectionPermission.objects.filter(group=group).exists()
    )


def check_group(name: str, group: Group | None) -> None:
    """Raises ValidationError where the level called `name` cannot give this group, or be given one of its own.

    Who is in a group of that name already, and what is open to it, was decided for another purpose, so that somebody
    has to choose it knowingly.
    """
    if group is None and Group.objects.filter(name=name_of_group(name)).exists():
        sentence = f"There is a group “{name_of_group(name)}” already. Choose it, or give the level another name."
        raise ValidationError({"group": sentence})
    if group is not None and not may_only_read(group):
        sentence = f"“{group}” may do things in the administration. Choose a group that only opens papers."
        raise ValidationError({"group": sentence})


@transaction.atomic
def save(*, level: MembershipLevel, by: User | None) -> MembershipLevel:
    """Save a new or changed level, and make its group where none was chosen. What the level opens, and its days of
    grace, are a row of the record. Raises ValidationError."""
    before = (
        MembershipLevel.objects.select_for_update(no_key=True, of=("self",))
        .select_related("group")
        .filter(pk=level.pk)
        .first()
    )
    check_group(level.name, level.group)
    level.full_clean(exclude=["group"])
    if level.group is None:
        level.group = Group.objects.create(name=name_of_group(level.name))
    level.save()
    _record(level, before, by)
    return level


def _record(level: MembershipLevel, before: MembershipLevel | None, by: User | None) -> None:
    was: dict[str, Any] = _facts(before) if before else {"opens_to": None, "grace_days": 0}
    now = _facts(level)
    changed = {name: {"from": was[name], "to": now[name]} for name in now if was[name] != now[name]}
    if changed:
        facts: dict[str, Any] = {"name": level.name, **changed}
        audit.record(Action.LEVEL_CHANGED, actor=by, object_kind="level", object_id=level.pk, **facts)


def _facts(level: MembershipLevel) -> dict[str, Any]:
    return {"opens_to": level.group and level.group.name, "grace_days": level.grace_days}
