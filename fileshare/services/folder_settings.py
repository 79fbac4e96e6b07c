"""A folder's settings change: who may bring what, how long files are kept, where it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fileshare.models import Folder
from fileshare.services import addresses
from members import audit
from members.enums import Action

if TYPE_CHECKING:
    from django.contrib.auth.models import Group

    from members.models import User

# What opens something or closes it: the record keeps the new value. (Whether former versions are readable is a change
# of audience, with a row of its own: see `receivers`.)
SWITCHES = ("takes_contributions", "takes_zips", "tells_members")
WORDS = ("slug", "description", "order")  # the record keeps that they changed


def change(*, folder_id: int, by: User | None, save: Callable[[], Folder]) -> Folder:
    """Let `save` change the folder's row and groups, keep its former address where it gets another, and write what
    changed into the record. One transaction."""
    with addresses.remembered():
        before = _settings(folder_id)
        saved = save()
        after = _settings(folder_id)
        changed = {name: value for name, value in after.items() if value != before[name]}
        if changed:
            audit.record(
                Action.FOLDER_CHANGED, actor=by, object_kind="folder", object_id=folder_id,
                **_details(before, changed),
            )  # fmt: skip
    return saved


def forget_group(*, group: Group, by: User | None) -> None:
    """Before a group goes: where papers come only from it, no group any more would mean from everybody. Such a folder
    takes none until somebody says from whom."""
    for folder in Folder.objects.filter(contributors=group):
        left = sorted(folder.contributors.exclude(pk=group.pk).values_list("name", flat=True))
        details: dict[str, Any] = {"contributors": left}
        if not left and folder.takes_contributions:
            Folder.objects.filter(pk=folder.pk).update(takes_contributions=False)
            details["takes_contributions"] = False
        audit.record(Action.FOLDER_CHANGED, actor=by, object_kind="folder", object_id=folder.pk, **details)


def record_renaming(*, folder_id: int, by: User | None) -> None:
    """Note that a folder is called otherwise; Wagtail keeps the name, which the record never holds."""
    audit.record(Action.FOLDER_CHANGED, actor=by, object_kind="folder", object_id=folder_id, changed=["name"])


def _settings(folder_id: int) -> dict[str, Any]:
    folder = Folder.objects.get(pk=folder_id)
    names = (*SWITCHES, *WORDS, "destroy_after_days")
    groups = sorted(folder.contributors.values_list("name", flat=True))
    return {name: getattr(folder, name) for name in names} | {"contributors": groups}


def _details(before: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
    details = {name: changed[name] for name in (*SWITCHES, "contributors") if name in changed}
    if "destroy_after_days" in changed:
        details["destroy_after_days"] = {"from": before["destroy_after_days"], "to": changed["destroy_after_days"]}
    words = [
        str(field.verbose_name)
        for field in Folder._meta.concrete_fields
        if field.name in WORDS and field.name in changed
    ]
    return details | ({"changed": words} if words else {})
