"""The groups that the site's roles rest on. Made where they are missing; what people changed since stays as it is."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import router
from wagtail.models import Task, Workflow

EDITORS, SECRETARIES, AUDITORS = "Editors", "Membership secretaries", "Auditors"
REVIEWERS = "Moderators"  # as Wagtail calls those who approve what others wrote
REVIEW = "review"  # the way there, as the button says it: “Submit to review”
PERMISSIONS = {
    SECRETARIES: (
        "wagtailadmin.access_admin",
        "members.view_membership",
        "members.change_membership",
        "members.view_user",
        *("members.view_application", "members.view_invitation", "members.change_joiningsettings"),
    ),
    AUDITORS: ("wagtailadmin.access_admin", "members.view_accessrecord"),
}
# Besides pages, pictures and documents, which Wagtail gives its Editors per section and folder.
EDITORS_ALSO = (
    *("portal.add_topic", "portal.change_topic", "portal.add_author", "portal.change_author"),
    *("portal.view_comment", "portal.change_comment"),
)
EDITORS_ORGANISATIONS = ("members.add_organisation", "members.change_organisation", "members.view_organisation")


def _permission(name: str) -> Permission:
    label, codename = name.split(".")
    return Permission.objects.get(content_type__app_label=label, codename=codename)


def ensure_roles(using: str = "default", **kwargs: Any) -> None:
    """After each migration: add the groups that do not exist yet, and call Wagtail's own workflow by a plain name."""
    if not router.allow_migrate_model(using, Group):
        return
    for label in ("wagtailadmin", "members", "portal"):
        create_permissions(apps.get_app_config(label), verbosity=0, using=using)
    for model in (Workflow, Task):
        model.objects.filter(name="Moderators approval").update(name=REVIEW)
    for name, permissions in PERMISSIONS.items():
        group, created = Group.objects.get_or_create(name=name)
        if created:
            group.permissions.set([_permission(each) for each in permissions])
    editors = Group.objects.filter(name=EDITORS).first()
    if editors is not None and not editors.permissions.filter(codename="change_topic").exists():
        editors.permissions.add(*[_permission(each) for each in (*EDITORS_ALSO, *EDITORS_ORGANISATIONS)])
