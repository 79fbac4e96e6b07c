"""What secretary, auditor and editor see of each other's work in the administration, and what they do not."""

from __future__ import annotations

import json

import pytest
from wagtail.models import Page

from members import audit
from members.enums import Action
from members.models import AccessRecord, Organisation, User
from portal.services import roles
from tests.factories import make_editor_of, make_folder, make_member, make_paper, make_user
from tests.members.secretary import decide, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(secretary, signed_in):
    return signed_in(secretary)


def test_level_and_organisation_are_edited(client):
    membership = person("current")
    organisation = Organisation.objects.create(name="City University")
    response = client.post(
        f"/admin/memberships/edit/{membership.pk}/",
        {"level": "", "organisation": organisation.pk, "decision": "pending"},
    )
    assert response.status_code == 302
    membership.refresh_from_db()
    assert (membership.organisation, membership.decision) == (organisation, "approved")


def unreachable(user):
    """Addresses of what is neither the secretary's nor the auditor's."""
    paper = make_paper("A secret paper", content=b"x", file_name="a.txt", collection=make_folder(groups=("Committee",)))
    page = Page.objects.get(depth=2)
    return [
        "/admin/documents/",
        "/admin/documents/add/",
        "/admin/documents/multiple/add/",
        f"/admin/documents/edit/{paper.pk}/",
        f"/admin/documents/delete/{paper.pk}/",
        "/admin/images/",
        "/admin/images/add/",
        "/admin/users/",
        "/admin/users/new/",
        f"/admin/users/edit/{user.pk}/",
        f"/admin/users/delete/{user.pk}/",
        "/admin/groups/",
        "/admin/groups/new/",
        f"/admin/pages/{page.pk}/edit/",
        f"/admin/pages/{page.pk}/add_subpage/",
        f"/admin/pages/{page.pk}/delete/",
        f"/admin/pages/{page.pk}/privacy/",
        "/admin/collections/",
        "/admin/collections/add/",
        "/admin/sites/",
        "/admin/workflows/list/",
        "/admin/settings/portal/sitesettings/",
        "/admin/snippets/fileshare/folder/",
        "/admin/snippets/members/organisation/add/",
        "/admin/snippets/members/membershiplevel/add/",
        "/admin/bulk/members/user/delete/?id=1",
        "/admin/bulk/members/user/assign_role/?id=1",
    ]


@pytest.mark.parametrize("role", [roles.SECRETARIES, roles.AUDITORS])
def test_secretary_and_auditor_touch_nothing_else(signed_in, role):
    user = make_member(groups=(role,))
    client, victim = signed_in(user), make_user("victim@example.org")
    opened = []
    for address in unreachable(victim):
        response = client.get(address)
        if response.status_code == 200:
            opened.append(address)
        posted = client.post(address, {"title": "x", "email": "taken@example.org", "is_superuser": "on", "name": "x"})
        assert posted.status_code in (302, 403, 404, 405), address
        assert "A secret paper" not in response.content.decode()
    # The list of accounts may be read by a secretary (`members.view_user`), and nothing may be done there.
    assert opened == (["/admin/users/"] if role == roles.SECRETARIES else [])
    assert User.objects.filter(email="victim@example.org", is_superuser=False).exists()
    assert Page.objects.filter(depth=2).count() == 1


def test_secretary_does_not_read_the_record(client):
    assert client.get("/admin/access-record/").status_code == 302
    assert client.get("/admin/access-record/?export=csv").status_code == 302
    row = AccessRecord.objects.first() or audit.record(Action.OPENED, actor=None)
    assert client.get(f"/admin/access-record/inspect/{row.pk}/").status_code == 302


@pytest.mark.parametrize(
    "address",
    [
        "/admin/memberships/",
        "/admin/memberships/results/",
        "/admin/memberships/inspect/{number}/",
        "/admin/memberships/edit/{number}/",
        "/admin/memberships/history/{number}/",
        "/admin/memberships/usage/{number}/",
        "/admin/memberships/decide/{number}/suspend/",
        "/admin/access-record/",
        "/admin/access-record/?export=csv",
        "/admin/access-record/?export=xlsx",
        "/admin/access-record/inspect/{row}/",
    ],
)
def test_editor_sees_neither_members_nor_record(signed_in, address):
    editor = signed_in(make_editor_of(make_folder()))
    lapsed = make_member("hidden@example.org", standing="lapsed", last_name="Hidden").membership
    row = audit.record(Action.REFUSED, actor=lapsed.user, reason="hidden")
    response = editor.get(address.replace("{number}", str(lapsed.pk)).replace("{row}", str(row.pk)))
    assert response.status_code in (302, 403, 404)
    editor.post(f"/admin/memberships/decide/{lapsed.pk}/suspend/", {"reason": "x"})
    lapsed.refresh_from_db()
    assert lapsed.decision == "approved"
    for page in ("/admin/", "/admin/reports/site-history/"):
        assert "hidden@example.org" not in editor.get(page).content.decode()


def test_auditor_decides_about_nobody(signed_in, auditor):
    client, membership = signed_in(auditor), person("current")
    assert client.get("/admin/memberships/").status_code == 302
    assert decide(client, membership, "suspend", reason="x").status_code == 302
    membership.refresh_from_db()
    assert membership.decision == "approved"


def test_menu_shows_each_what_is_theirs(signed_in, secretary, auditor):
    def menu(user):
        return json.dumps(signed_in(user).get("/admin/").content.decode())

    assert "/admin/memberships/" in menu(secretary)
    assert "/admin/access-record/" not in menu(secretary)
    assert "/admin/access-record/" in menu(auditor)
    assert "/admin/memberships/" not in menu(auditor)
    editor = menu(make_editor_of(make_folder()))
    assert "/admin/memberships/" not in editor
    assert "/admin/access-record/" not in editor
