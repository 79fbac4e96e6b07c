"""Whatever changes in the administration who may read or do what is a row of the access record."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group, Permission
from wagtail.models import Collection, GroupCollectionPermission

from fileshare.models import Folder
from members.models import AccessRecord, User
from tests.factories import make_administrator, make_editor_of, make_folder, make_member

pytestmark = pytest.mark.django_db
RECORD = "/admin/access-record/results/"


@pytest.fixture
def chief():
    return make_administrator("chief@example.org")


@pytest.fixture
def client(chief, signed_in):
    return signed_in(chief)


@pytest.fixture
def board():
    return Group.objects.create(name="Board")


@pytest.fixture
def rows(chief):
    """What the administrator did, oldest first."""

    def read():
        done = AccessRecord.objects.filter(actor_id=chief.pk).order_by("pk")
        return [(row.action, row.object_kind, row.object_id, row.details) for row in done]

    return read


def filled(client, address, **changes):
    """The page's own form as a browser would send it."""
    form = BeautifulSoup(client.get(address).content, "html.parser").find("form", {"method": "POST"})
    data = {}
    for field in form.find_all(["input", "select"]):
        if field.get("name") and "__prefix__" not in field["name"]:
            if field.name == "select":
                data[field["name"]] = [each["value"] for each in field.find_all("option", selected=True)]
            elif field.get("type") not in ("checkbox", "radio", "submit") or field.has_attr("checked"):
                data.setdefault(field["name"], []).append(field.get("value", "on"))
    return client.post(address, {name: value for name, value in (data | changes).items() if value is not None})


def folder_permissions(folder, *codenames):
    """The part of the form of a group about the papers of one folder."""
    wanted = Permission.objects.filter(codename__in=codenames, content_type__app_label="wagtaildocs")
    start = "document_permissions"
    return {
        f"{start}-TOTAL_FORMS": "1",
        f"{start}-0-collection": str(folder.pk),
        f"{start}-0-permissions": [str(each.pk) for each in wanted],
    }


def test_what_a_group_may_do_with_the_papers_of_a_folder(client, board, rows):
    folder = make_folder("Closed")
    address = f"/admin/groups/edit/{board.pk}/"
    assert filled(client, address, **folder_permissions(folder, "change_document")).status_code == 302
    assert GroupCollectionPermission.objects.filter(group=board, collection=folder).count() == 1
    assert filled(client, address).status_code == 302
    assert filled(client, address, **{"document_permissions-0-DELETE": "on"}).status_code == 302
    phrase = f"change_document in folder no. {folder.pk}"
    assert rows() == [
        ("group_changed", "group", str(board.pk), {"given": [phrase], "taken": []}),
        ("group_changed", "group", str(board.pk), {"given": [], "taken": [phrase]}),
    ]
    page = client.get(f"{RECORD}?subject=board").content.decode()
    assert "The group “Board”" in page
    assert f"may now: {phrase}" in page
    assert f"may no longer: {phrase}" in page


def test_what_a_group_may_do_anywhere(client, board, rows):
    opens = Permission.objects.get(codename="view_accessrecord")
    assert filled(client, f"/admin/groups/edit/{board.pk}/", permissions=[str(opens.pk)]).status_code == 302
    assert list(board.permissions.all()) == [opens]
    given = {"given": ["members.view_accessrecord"], "taken": []}
    assert rows() == [("group_changed", "group", str(board.pk), given)]
    assert filled(client, "/admin/groups/new/", name="New", permissions=[str(opens.pk)]).status_code == 302
    assert rows()[1:] == [("group_changed", "group", str(Group.objects.get(name="New").pk), given)]


def test_a_group_that_is_deleted(client, rows, board):
    folder = make_folder("Minutes", groups=("Board", "Committee"))
    make_member(groups=("Board",))
    assert client.post(f"/admin/groups/delete/{board.pk}/").status_code == 302
    assert rows() == [
        ("audience_changed", "folder", str(folder.pk), {"restriction": "groups", "groups": ["Committee"]}),
        ("group_deleted", "group", str(board.pk), {"group": "Board", "people": 1}),
    ]
    page = client.get(f"{RECORD}?action=group_deleted").content.decode()
    assert f"A group that is gone ({board.pk})" in page
    assert "“Board”; people in it: 1" in page


def test_the_editors_of_a_new_folder(client, rows):
    group = make_editor_of(make_folder()).groups.get()
    data = {"name": "New", "parent": Collection.get_first_root_node().pk, "editors": [group.pk]}
    assert client.post("/admin/collections/add/", data).status_code == 302
    number = Collection.objects.get(name="New").pk
    given = [f"{action}_document in folder no. {number}" for action in ("add", "change", "choose")]
    assert rows() == [("group_changed", "group", str(group.pk), {"given": given, "taken": []})]


def test_an_administrator_made_and_an_account_closed(client, rows):
    member = make_member("pat@example.org")
    address = f"/admin/users/edit/{member.pk}/"
    for changes in ({"is_superuser": "on"}, {}, {"is_superuser": None}, {"is_active": None}, {"is_active": "on"}):
        assert filled(client, address, **changes).status_code == 302
    assert [row for row in rows() if row[0] == "account_changed"] == [
        ("account_changed", "user", str(member.pk), changed)
        for changed in ({"is_superuser": True}, {"is_superuser": False}, {"is_active": False}, {"is_active": True})
    ]
    page = client.get(f"{RECORD}?action=account_changed").content.decode()
    assert "Pat Person (pat@example.org)" in page
    for words in ("is now an administrator", "is no longer an administrator", "account is closed", "account is open"):
        assert words in page


def test_accounts_closed_together(client, chief, rows):
    people = [make_member(), make_member(is_active=False), chief]
    numbers = "&".join(f"id={person.pk}" for person in people)
    address = f"/admin/bulk/members/user/set_active_state/?{numbers}"
    assert client.post(address, {"mark_as_active": "False"}).status_code == 302
    assert list(User.objects.filter(is_active=True)) == [chief]
    assert rows() == [("account_changed", "user", str(people[0].pk), {"is_active": False})]


def test_former_versions_closed(client, rows):
    folder = make_folder("Minutes")
    address = f"/admin/snippets/fileshare/folder/edit/{folder.pk}/"
    filled_in = {
        "slug": "minutes",
        "description": "",
        "order": str(Folder.objects.get(pk=folder.pk).order),
        "tells_members": "on",
    }
    for changes in ({}, {}, {"former_versions_readable": "on"}):
        assert client.post(address, filled_in | changes).status_code == 302
    assert Folder.objects.get(pk=folder.pk).former_versions_readable
    assert rows() == [
        ("audience_changed", "folder", str(folder.pk), {"former_versions_readable": readable})
        for readable in (False, True)
    ]
    page = client.get(f"{RECORD}?action=audience_changed").content.decode()
    assert "former versions are no longer readable" in page
    assert "former versions are readable" in page
