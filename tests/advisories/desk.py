"""People who work on a part of the site in the administration, as the advisories of Wagtail have them."""

from __future__ import annotations

import itertools

from django.contrib.auth.models import Group, Permission
from django.test import Client
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

from tests.factories import make_member

NUMBER = itertools.count(1)


def _group(*permissions: str) -> Group:
    """A new group whose people may enter the administration, and hold rights such as `portal.add_topic`."""
    group = Group.objects.create(name=f"Desk {next(NUMBER)}")
    for name in ("wagtailadmin.access_admin", *permissions):
        app, codename = name.split(".")
        group.permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return group


def _client(group: Group) -> Client:
    user = make_member()
    user.groups.add(group)
    client = Client()
    client.force_login(user)
    return client


def holder(*permissions: str) -> Client:
    """Holds these rights, and none on a page or a folder."""
    return _client(_group(*permissions))


def of_pages(page: Page, *actions: str) -> Client:
    """May do this with one page and what lies below it."""
    group = _group()
    for action in actions:
        permission = Permission.objects.get(content_type__app_label="wagtailcore", codename=f"{action}_page")
        GroupPagePermission.objects.create(group=group, page=Page.objects.get(pk=page.pk), permission=permission)
    return _client(group)


def of_folder(collection: Collection, *rights: str) -> Client:
    """May do this, such as `choose_image`, with what lies in one folder."""
    group = _group()
    for codename in rights:
        permission = Permission.objects.get(
            content_type__app_label__in=("wagtaildocs", "wagtailimages"), codename=codename
        )
        GroupCollectionPermission.objects.create(group=group, collection=collection, permission=permission)
    return _client(group)
