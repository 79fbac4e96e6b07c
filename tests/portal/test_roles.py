"""The groups that the roles rest on: there after each migration, and people's changes stay."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from wagtail.models import GroupCollectionPermission, Task, Workflow

from portal.services import roles
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def permissions_of(name: str) -> set[str]:
    rows = Group.objects.get(name=name).permissions.select_related("content_type")
    return {f"{each.content_type.app_label}.{each.codename}" for each in rows}


def test_secretaries_and_auditors_may_do_their_work_and_nothing_else():
    assert permissions_of(roles.SECRETARIES) == set(roles.PERMISSIONS[roles.SECRETARIES])
    assert permissions_of(roles.AUDITORS) == set(roles.PERMISSIONS[roles.AUDITORS])


def test_editors_have_topics_authors_and_organisations_besides_wagtails_own():
    assert {*roles.EDITORS_ALSO, *roles.EDITORS_ORGANISATIONS, "wagtailadmin.access_admin"} <= permissions_of("Editors")
    assert not {name for name in permissions_of("Editors") if "membership" in name or "accessrecord" in name}


def test_nobody_but_administrators_begins_with_papers():
    """Wagtail would let Editors and Moderators change every paper in every folder."""
    of_papers = Permission.objects.filter(content_type__app_label="wagtaildocs", codename__contains="document")
    assert not GroupCollectionPermission.objects.filter(permission__in=of_papers).exists()
    pictures = GroupCollectionPermission.objects.filter(permission__content_type__app_label="wagtailimages")
    assert set(pictures.values_list("group__name", flat=True)) == {roles.EDITORS, roles.REVIEWERS}


def test_running_again_changes_nothing():
    before = {group.name: permissions_of(group.name) for group in Group.objects.all()}
    roles.ensure_roles()
    assert {group.name: permissions_of(group.name) for group in Group.objects.all()} == before


def test_what_people_changed_since_stays():
    secretaries = Group.objects.get(name=roles.SECRETARIES)
    secretaries.permissions.remove(Permission.objects.get(codename="view_user"))
    secretaries.permissions.add(Permission.objects.get(codename="view_accessrecord"))
    changed = permissions_of(roles.SECRETARIES)
    roles.ensure_roles()
    assert permissions_of(roles.SECRETARIES) == changed


def test_group_that_somebody_removed_comes_back():
    Group.objects.filter(name=roles.AUDITORS).delete()
    roles.ensure_roles()
    assert permissions_of(roles.AUDITORS) == set(roles.PERMISSIONS[roles.AUDITORS])


@pytest.mark.parametrize(("group", "address", "status"), [
    (roles.EDITORS, "/admin/snippets/portal/topic/", 200),
    (roles.EDITORS, "/admin/documents/", 302),
    (roles.REVIEWERS, "/admin/documents/", 302),
    (roles.EDITORS, "/admin/memberships/", 302),
    (roles.EDITORS, "/admin/access-record/", 302),
    (roles.EDITORS, "/admin/users/", 302),
    (roles.SECRETARIES, "/admin/memberships/", 200),
    (roles.SECRETARIES, "/admin/access-record/", 302),
    (roles.SECRETARIES, "/admin/documents/", 302),
    (roles.SECRETARIES, "/admin/snippets/portal/topic/", 302),
    (roles.AUDITORS, "/admin/access-record/", 200),
    (roles.AUDITORS, "/admin/memberships/", 302),
    (roles.AUDITORS, "/admin/documents/", 302),
])  # fmt: skip
def test_each_role_opens_its_own_part_of_the_administration(signed_in, group, address, status):
    client = signed_in(make_user(groups=(group,)))
    assert client.get("/admin/").status_code == 200
    response = client.get(address)
    assert response.status_code == status
    if status == 302:
        assert response["Location"] == "/admin/"


def test_way_to_review_has_a_plain_name_and_a_name_that_people_gave_stays():
    assert list(Workflow.objects.values_list("name", flat=True)) == ["review"]
    assert list(Task.objects.values_list("name", flat=True)) == ["review"]
    Workflow.objects.update(name="Four eyes")
    roles.ensure_roles()
    assert Workflow.objects.get().name == "Four eyes"
