"""What editors cannot reach in the administration: other folders' papers, by whatever address."""

from __future__ import annotations

import datetime
import re

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    ReferenceIndex,
)
from wagtail.permissions import policy_registry

from fileshare.models import Folder, SharedDocument
from members.models import Membership, Organisation, User
from portal.models import Picture
from tests.factories import (
    make_administrator,
    make_editor_of,
    make_folder,
    make_member,
    make_paper,
    minimal_pdf,
)
from tests.fileshare.admin import (
    add,
    attached,
    bulk,
    details_of,
    edit,
    errors,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(editor, signed_in):
    return signed_in(editor)


SECRET = "Zanzibar-marker"


@pytest.fixture
def secret():
    """A paper of a folder that is not the editor's, with a mark in each of its texts."""
    elsewhere = make_folder(f"{SECRET} folder", groups=("Committee",))
    return make_paper(
        f"{SECRET} title",
        id=48_151_623,
        collection=elsewhere,
        file_name=f"{SECRET}-name.pdf",
        description=f"{SECRET} description",
        caveat=f"{SECRET} caveat",
        publish_at=timezone.now() + datetime.timedelta(days=1),
    )


def every_address_with(number):
    return [
        f"/admin/documents/edit/{number}/",
        f"/admin/documents/delete/{number}/",
        f"/admin/documents/usage/{number}/",
        f"/admin/documents/restore/{number}/1/",
        f"/admin/documents/quarantine/{number}/1/",
        f"/admin/documents/multiple/{number}/",
        f"/admin/documents/multiple/{number}/delete/",
        f"/admin/documents/chooser/chosen/{number}/",
        f"/admin/documents/chooser/chosen-multiple/?id={number}",
        f"/admin/api/main/documents/{number}/",
        f"/admin/bulk/fileshare/shareddocument/delete/?id={number}",
        f"/admin/bulk/fileshare/shareddocument/edit/?id={number}",
        f"/admin/bulk/fileshare/shareddocument/add_tags/?id={number}",
        f"/admin/bulk/fileshare/shareddocument/add_to_collection/?id={number}",
    ]


@pytest.mark.parametrize("method", ["get", "post"])
def test_numbers_of_another_folder_s_papers_are_like_unused_ones(client, folder, secret, method):
    filled = details_of(secret, title="Overwritten", collection=folder.pk, tags="x")
    for there, not_there in zip(every_address_with(secret.pk), every_address_with(99_999_999), strict=True):
        answers = []
        for address in (there, not_there):
            response = getattr(client, method)(address, filled if method == "post" else None)
            body = re.sub(r'value="[^"]{20,}"|"CSRF_TOKEN":"[^"]*"|nonce="[^"]*"', "", response.content.decode())
            answers.append((response.status_code, response.get("Location"), re.sub(r"48151623|99999999", "N", body)))
            assert SECRET not in body, address
        assert answers[0] == answers[1], there
    secret.refresh_from_db()
    assert (secret.title, secret.collection.name) == (f"{SECRET} title", f"{SECRET} folder")
    assert secret.tags.count() == 0


def test_bulk_action_on_both_touches_the_own_paper_alone(client, folder, secret):
    own = make_paper("Own paper", collection=folder, content=b"x", file_name="a.txt")
    page = bulk(client, "delete", [own, secret]).content.decode()
    assert "Own paper" in page
    assert SECRET not in page
    bulk(client, "delete", [own, secret], next="/")
    assert list(SharedDocument.objects.all()) == [secret]


LISTS = [
    "/admin/",
    "/admin/documents/",
    "/admin/documents/results/",
    "/admin/documents/?q=Zanzibar",
    "/admin/documents/?collection_id={collection}",
    "/admin/documents/chooser/",
    "/admin/documents/chooser/results/",
    "/admin/documents/chooser/?q=Zanzibar",
    "/admin/documents/chooser/results/?q=Zanzibar",
    "/admin/documents/chooser/results/?collection_id={collection}",
    "/admin/documents/multiple/add/",
    "/admin/api/main/documents/",
    "/admin/api/main/documents/?search=Zanzibar",
    "/admin/api/main/documents/?title=Zanzibar-marker+title",
    "/admin/reports/site-history/",
    "/admin/reports/site-history/results/",
    "/admin/snippets/fileshare/folder/",
    "/admin/snippets/fileshare/folder/edit/{collection}/",
    "/admin/snippets/fileshare/folder/history/{collection}/",
    "/admin/snippets/fileshare/folder/usage/{collection}/",
    "/admin/snippets/fileshare/folder/delete/{collection}/",
    "/admin/collections/",
    "/admin/collections/{collection}/",
    "/admin/tag-autocomplete/?term=zan",
    "/admin/bulk/fileshare/shareddocument/delete/?id=all&childOf={collection}",
    "/admin/bulk/fileshare/folder/delete/?id={collection}",
]


def test_lists_of_the_administration_name_no_paper_of_another_folder(client, secret, signed_in):
    administrator = signed_in(make_administrator())
    assert errors(edit(administrator, secret, description=f"{SECRET} two")) == {}
    Folder.objects.filter(collection=secret.collection).update(description=f"{SECRET} folder")
    for address in LISTS:
        there = address.replace("{collection}", str(secret.collection_id))
        response = client.get(there, follow=True)
        assert response.status_code in (200, 400, 404), there
        assert SECRET not in response.content.decode(), there
    assert SECRET in administrator.get("/admin/documents/").content.decode()


def test_usage_of_an_organisation_tells_of_no_hidden_paper_or_membership(client, editor, folder, secret, signed_in):
    organisation = Organisation.objects.create(name="The source")
    member = make_member()
    Membership.objects.filter(user=member).update(organisation=organisation)
    SharedDocument.objects.filter(pk=secret.pk).update(source=organisation)
    own = make_paper("Own paper", collection=folder, source=organisation)
    for thing in (secret, own, member.membership):
        thing.refresh_from_db()
        ReferenceIndex.create_or_update_for_object(thing)
    for codename in ("change_organisation", "delete_organisation"):
        editor.groups.first().permissions.add(Permission.objects.get(codename=codename))
    administrator = signed_in(make_administrator())
    address = f"/admin/snippets/members/organisation/usage/{organisation.pk}/"
    page = client.get(address).content.decode()
    assert "Own paper" in page
    for word in (SECRET, "(Private", "embership"):
        assert word not in page
    assert SECRET in administrator.get(address).content.decode()
    for address, known, all_of_them in (
        (f"/admin/snippets/members/organisation/edit/{organisation.pk}/", "Used 1 time", "Used 3 times"),
        (f"/admin/snippets/members/organisation/delete/{organisation.pk}/", "referenced 1 time", "referenced 3 times"),
        (f"/admin/bulk/members/organisation/delete/?id={organisation.pk}", "referenced 1 time", "referenced 3 times"),
    ):
        page = client.get(address).content.decode()
        assert re.findall(r"(?:Used|referenced) \d+ times?", page) == [known], address
        assert SECRET not in page
        assert re.findall(r"(?:Used|referenced) \d+ times?", administrator.get(address).content.decode()) == [
            all_of_them
        ], address


def test_organisation_that_hidden_papers_name_is_not_deleted(client, editor, secret):
    organisation = Organisation.objects.create(name="The source")
    SharedDocument.objects.filter(pk=secret.pk).update(source=organisation)
    secret.refresh_from_db()
    ReferenceIndex.create_or_update_for_object(secret)
    for codename in ("change_organisation", "delete_organisation"):
        editor.groups.first().permissions.add(Permission.objects.get(codename=codename))
    for address in ("snippets/members/organisation/delete/{}/", "bulk/members/organisation/delete/?id={}"):
        page = client.get(f"/admin/{address.format(organisation.pk)}").content.decode()
        assert "referenced 0 times" in page
        assert client.post(f"/admin/{address.format(organisation.pk)}").status_code in (302, 403)
    assert list(Organisation.objects.all()) == [organisation]


def test_site_history_of_documents_stays_inside_the_folders(client, folder, secret, signed_in):
    """The log that Wagtail keeps of each edit names the title."""
    administrator = signed_in(make_administrator())
    assert errors(edit(administrator, secret, description="changed")) == {}
    assert SECRET in administrator.get("/admin/reports/site-history/").content.decode()
    assert SECRET not in client.get("/admin/reports/site-history/").content.decode()


def test_index_and_chooser_show_own_papers(client, folder):
    make_paper("Own paper", collection=folder, content=b"x", file_name="a.txt")
    for address in ("/admin/documents/", "/admin/documents/chooser/results/", "/admin/api/main/documents/"):
        assert "Own paper" in client.get(address).content.decode()


def test_chooser_offers_only_what_the_editor_may_read(client, editor, folder):
    make_paper("Red for somebody else", collection=folder, marking="TLP:RED")
    make_paper("Red for the editor", collection=folder, marking="TLP:RED", recipients=(editor,))
    shown = client.get("/admin/documents/chooser/results/").content.decode()
    assert "Red for the editor" in shown
    assert "Red for somebody else" not in shown


def test_policy_says_the_same_of_one_paper_and_of_many(editor, folder, secret):
    red = make_paper(collection=folder, marking="TLP:RED")
    green = make_paper(collection=folder, content=b"x", file_name="a.txt")
    policy = policy_registry.get_by_type(SharedDocument)
    for actions in ({"choose"}, {"change"}, {"delete"}, {"choose", "change"}, {"view"}, {"choose", "view"}):
        for user in (editor, make_member(), make_administrator()):
            many = set(policy.instances_user_has_any_permission_for(user, actions))
            for paper in (red, green, secret):
                assert policy.user_has_any_permission_for_instance(user, actions, paper) == (paper in many)
                if len(actions) == 1:
                    assert policy.user_has_permission_for_instance(user, *actions, paper) == (paper in many)
    assert policy.user_has_permission_for_instance(editor, "choose", green)
    assert not policy.user_has_permission_for_instance(editor, "choose", red)


def test_editor_who_may_only_add_changes_the_own_paper_alone(folder, signed_in):
    user = make_editor_of(folder, actions=("add",))
    client = signed_in(user)
    add(client, folder, attached(minimal_pdf()), title="Mine")
    mine = SharedDocument.objects.get(title="Mine")
    other = make_paper("Not mine", collection=folder)
    assert client.get(f"/admin/documents/edit/{mine.pk}/").status_code == 200
    assert client.get(f"/admin/documents/edit/{other.pk}/").status_code == 404
    assert client.get("/admin/documents/").content.decode().count("Not mine") == 0


def test_member_without_a_role_is_refused(secret, signed_in):
    response = signed_in(make_member()).get("/admin/documents/")
    assert response.status_code == 403
    assert SECRET not in response.content.decode()


def test_losing_the_editor_s_group_ends_it_at_the_next_request(client, editor, folder):
    paper = make_paper(collection=folder)
    assert client.get(f"/admin/documents/edit/{paper.pk}/").status_code == 200
    GroupCollectionPermission.objects.filter(
        permission=Permission.objects.get(codename="change_document", content_type__app_label="wagtaildocs")
    ).delete()
    assert client.get(f"/admin/documents/edit/{paper.pk}/").status_code == 404
    editor.groups.clear()
    assert client.get("/admin/documents/").status_code == 403


@pytest.mark.parametrize(
    ("facts", "has_papers"),
    [
        ({"decision": "suspended"}, False),
        ({"expires_on": datetime.date(2020, 1, 1)}, False),
        ({"starts_on": datetime.date(2990, 1, 1)}, False),
        ({"decision": "pending", "number": None, "starts_on": None}, True),
    ],
)
def test_closed_membership_ends_an_editor_s_papers_and_not_the_pictures(client, editor, folder, facts, has_papers):
    """Of the three rights it is those to papers that go; also where something else asked for the person's rights
    before, as the menu does, and for the editor's own papers. Who only applied never was a member."""
    mine = make_paper("Mine", collection=folder, content=b"x", file_name="a.txt", by=editor)
    root = Collection.get_first_root_node()
    for codename in ("add_image", "change_image"):
        permission = Permission.objects.get(codename=codename, content_type__app_label="wagtailimages")
        GroupCollectionPermission.objects.create(group=editor.groups.get(), collection=root, permission=permission)
    Membership.objects.filter(user=editor).update(**{"starts_on": datetime.date(2010, 1, 1), **facts})
    editor = User.objects.get(pk=editor.pk)
    assert policy_registry.get_by_type(Picture).user_has_permission(editor, "change")
    assert policy_registry.get_by_type(SharedDocument).user_has_permission(editor, "change") is has_papers
    assert SharedDocument.objects.visible_to(editor).exists() is has_papers
    wanted = {
        f"/admin/documents/edit/{mine.pk}/": (404, 200),
        f"/admin/documents/chooser/chosen/{mine.pk}/": (404, 200),
        mine.get_absolute_url(): (404, 200),
        "/admin/documents/": (302, 200),
        "/admin/documents/add/": (302, 200),
        "/admin/snippets/fileshare/folder/": (302, 200),
        "/admin/images/": (200, 200),
    }
    assert {address: client.get(address).status_code for address in wanted} == {
        address: statuses[has_papers] for address, statuses in wanted.items()
    }
    menu = client.get("/admin/").content.decode()
    assert ("/admin/documents/" in menu, "/admin/images/" in menu) == (has_papers, True)
