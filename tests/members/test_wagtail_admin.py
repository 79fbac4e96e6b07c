"""The secretary's and the auditor's work in the administration, through its own pages; and what is not theirs."""

from __future__ import annotations

import datetime
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Page

from members import audit
from members.enums import Action
from members.models import AccessRecord, Membership, MembershipLevel, Organisation, User
from portal.services import roles
from tests.factories import make_administrator, make_editor_of, make_folder, make_member, make_paper, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary():
    return make_member("secretary@example.org", groups=(roles.SECRETARIES,))


@pytest.fixture
def auditor():
    return make_member("auditor@example.org", groups=(roles.AUDITORS,))


@pytest.fixture
def client(secretary, signed_in):
    return signed_in(secretary)


def person(standing, **names):
    return make_member(standing=standing, **names).membership


def decide(client, membership, decision, **data):
    return client.post(f"/admin/memberships/decide/{membership.pk}/{decision}/", data)


def page_of(client, membership, decision):
    return client.get(f"/admin/memberships/decide/{membership.pk}/{decision}/")


def last_row():
    row = AccessRecord.objects.first()
    return (row.action, row.actor_id, row.object_kind, row.object_id, row.reason, row.details)


# --- The secretary ----------------------------------------------------------------------------------------------


def test_secretary_approves_an_applicant(client, secretary):
    level = MembershipLevel.objects.create(name="Fellow")
    applicant = person("applicant", first_name="Ada", last_name="Byron")
    page = page_of(client, applicant, "approve")
    assert page.status_code == 200
    assert "Ada Byron" in page.content.decode()
    last = timezone.localdate() + datetime.timedelta(days=365)
    response = decide(client, applicant, "approve", level=level.pk, expires_on=last.isoformat())
    assert (response.status_code, response["Location"]) == (302, "/admin/memberships/")
    applicant.refresh_from_db()
    assert (applicant.decision, applicant.level, applicant.expires_on) == ("approved", level, last)
    assert applicant.user.is_current_member
    assert last_row() == (
        "membership_approved", secretary.pk, "membership", str(applicant.number), "",
        {"user": applicant.user_id, "expires_on": last.isoformat()},
    )  # fmt: skip
    assert "Ada Byron is now a member." in client.get("/admin/memberships/").content.decode()


def test_secretary_suspends_with_a_reason(client):
    current = person("current")
    assert "Please say why in a sentence" in decide(client, current, "suspend", reason="").content.decode()
    page = decide(client, current, "suspend", reason="x" * 201)
    assert "At most 200 characters." in page.content.decode()
    assert page.context["form"].errors["reason"] == ["Ensure this value has at most 200 characters (it has 201)."]
    current.refresh_from_db()
    assert current.decision == "approved"
    assert decide(client, current, "suspend", reason="The fee is open.").status_code == 302
    current.refresh_from_db()
    assert (current.decision, current.reason) == ("suspended", "The fee is open.")


def test_secretary_reinstates(client):
    suspended = person("suspended")
    assert page_of(client, suspended, "reinstate").status_code == 200
    assert decide(client, suspended, "reinstate").status_code == 302
    assert Membership.objects.current().filter(pk=suspended.pk).exists()


def test_secretary_extends(client):
    lapsed = person("lapsed")
    last = timezone.localdate() + datetime.timedelta(days=30)
    assert decide(client, lapsed, "extend", expires_on=last.isoformat()).status_code == 302
    lapsed.refresh_from_db()
    assert lapsed.expires_on == last
    assert Membership.objects.current().filter(pk=lapsed.pk).exists()


def test_membership_without_an_end_is_not_ended_by_an_extension(client):
    current = person("current")
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    page = decide(client, current, "extend", expires_on=yesterday.isoformat())
    assert page.context["form"].errors["expires_on"] == ["That day has passed. Please choose today or a later day."]
    assert Membership.objects.current().filter(pk=current.pk, expires_on=None).exists()
    assert decide(client, current, "extend", expires_on=timezone.localdate().isoformat()).status_code == 302


@pytest.mark.parametrize(
    ("standing", "decision"), [("applicant", "approve"), ("lapsed", "extend"), ("suspended", "reinstate")]
)
def test_secretary_does_not_decide_about_the_own_membership(signed_in, standing, decision):
    own = make_member(standing=standing, groups=(roles.SECRETARIES,))
    page = decide(signed_in(own), own.membership, decision, expires_on="")
    assert page.status_code == 200
    assert "This is your own membership. Please ask somebody else to decide about it." in page.content.decode()
    assert not Membership.objects.current().filter(user=own).exists()
    assert not AccessRecord.objects.filter(object_kind="membership").exists()
    administrator = make_member(standing=standing, is_superuser=True)
    assert decide(signed_in(administrator), administrator.membership, decision, expires_on="").status_code == 302
    assert Membership.objects.current().filter(user=administrator).exists()
    assert last_row()[1] == administrator.pk


def test_page_of_a_decision_asks_once_for_the_membership(client):
    current = person("current")
    with CaptureQueriesContext(connection) as asked:
        assert "member without an end." in page_of(client, current, "extend").content.decode()
    about = [each["sql"] for each in asked.captured_queries if f'."id" = {current.pk}' in each["sql"]]
    assert sum('FROM "members_membership"' in each for each in about) == 1, about


def test_extension_is_suggested_for_a_year(client):
    lapsed = person("lapsed")
    expected = timezone.localdate()
    page = page_of(client, lapsed, "extend")
    suggested = page.context["form"].initial["expires_on"]
    assert suggested in (expected.replace(year=expected.year + 1) - datetime.timedelta(days=1),)
    assert suggested.isoformat() in page.content.decode() or suggested.strftime("%d/%m/%Y") in page.content.decode()


def test_extension_shows_the_present_end_and_only_goes_beyond_it(client):
    current = person("current")
    Membership.objects.filter(pk=current.pk).update(expires_on=datetime.date(2031, 5, 31))
    page = page_of(client, current, "extend").content.decode()
    assert "It runs until 31 May 2031." in page
    assert "Extend membership" in page[page.index("<main") :]
    assert "member until 31 May 2031" in page
    for day in ("2031-05-30", "2031-05-31"):
        page = decide(client, current, "extend", expires_on=day)
        assert page.status_code == 200
        assert list(page.context["form"].errors) == ["expires_on"]
        assert "That is not later than the present last day, 31 May 2031." in page.content.decode()
    current.refresh_from_db()
    assert current.expires_on == datetime.date(2031, 5, 31)
    assert decide(client, current, "extend", expires_on="2031-06-01").status_code == 302
    assert decide(client, current, "extend", expires_on="").status_code == 302
    assert "This membership has no end at present." in page_of(client, current, "extend").content.decode()


def test_person_with_an_address_that_is_taken_is_not_added(signed_in):
    make_user("taken@example.org")
    admin = signed_in(make_administrator())
    new = {"email": " Taken@Example.org", "first_name": "Ann", "last_name": "Other"}
    page = admin.post("/admin/users/new/", new).content.decode()
    assert "There is an account with this e-mail address already" in page
    assert "Settings → Users" in page
    assert User.objects.filter(email="taken@example.org").count() == 1


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_nobody_is_suspended_without_a_reason(client, signed_in, reason):
    current = person("current")
    page = decide(client, current, "suspend", reason=reason)
    assert list(page.context["form"].errors) == ["reason"]
    current.refresh_from_db()
    assert current.decision == "approved"
    decide(client, current, "suspend", reason="The fee is open.")
    for address in ("/members/", "/files/"):
        assert "The reason given: The fee is open." in signed_in(current.user).get(address).content.decode()


@pytest.mark.parametrize(
    ("standing", "decision", "data", "sentence"),
    [
        ("current", "approve", {}, "This application has already been decided."),
        ("applicant", "suspend", {"reason": "x"}, "Only an approved membership can be suspended."),
        ("current", "reinstate", {}, "This membership is not suspended."),
        ("applicant", "extend", {}, "Approve the application first."),
        ("applicant", "approve", {"expires_on": "2001-01-01"}, "A membership cannot end before it starts."),
        ("current", "extend", {"expires_on": "2001-01-01"}, "That day has passed."),
        ("current", "extend", {"expires_on": "tomorrow"}, "Enter a valid date."),
        ("current", "extend", {"expires_on": "99999-01-01"}, "Enter a valid date."),
        ("applicant", "approve", {"level": "999"}, "Select a valid choice."),
    ],
)
def test_decision_that_does_not_fit_is_refused_in_a_sentence(client, standing, decision, data, sentence):
    membership = person(standing)
    before = Membership.objects.filter(pk=membership.pk).values().get()
    response = decide(client, membership, decision, **data)
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert Membership.objects.filter(pk=membership.pk).values().get() == before


def test_decisions_that_fit_stand_on_a_membership_s_page(client):
    offered = {
        "applicant": {"approve"},
        "current": {"extend", "suspend"},
        "lapsed": {"extend", "suspend"},
        "suspended": {"extend", "reinstate"},
    }
    for standing, decisions in offered.items():
        membership = person(standing)
        body = client.get(f"/admin/memberships/inspect/{membership.pk}/").content.decode()
        links = {each for each in ("approve", "extend", "suspend", "reinstate")
                 if f"/admin/memberships/decide/{membership.pk}/{each}/" in body}  # fmt: skip
        assert links == decisions, standing


def test_membership_s_page_tells_its_story(client, secretary):
    membership = person("applicant")
    decide(client, membership, "approve", expires_on="")
    decide(client, membership, "suspend", reason="A very particular reason")
    body = client.get(f"/admin/memberships/inspect/{membership.pk}/").content.decode()
    assert "Approved a membership" in body
    assert "Suspended a membership" in body
    assert "A very particular reason" in body
    assert str(secretary) in body


def test_list_has_those_who_wait_first(client):
    person("current", last_name="Aa")
    person("applicant", last_name="Zz")
    body = client.get("/admin/memberships/").content.decode()
    assert body.index("Pat Zz") < body.index("Pat Aa")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("standing=applicant", {"applicant"}),
        ("standing=current", {"current", "secretary"}),
        ("standing=lapsed", {"lapsed"}),
        ("standing=suspended", {"suspended"}),
        ("standing=nonsense", None),
        ("q=suspended", {"suspended"}),
        ("q=SUSPENDED+last-suspended", {"suspended"}),
        ("q=suspended+last-lapsed", set()),
        ("q=%00", None),
        ("p=99", None),
        ("ordering=expires_on", {"applicant", "current", "lapsed", "suspended", "secretary"}),
        ("ordering=nonsense", {"applicant", "current", "lapsed", "suspended", "secretary"}),
    ],
)
def test_list_is_filtered_and_searched(client, query, found):
    for standing in ("applicant", "current", "lapsed", "suspended"):
        make_member(f"{standing}@example.org", standing=standing, last_name=f"last-{standing}")
    response = client.get(f"/admin/memberships/?{query}")
    if found is None:
        assert response.status_code in (200, 404)
        return
    names = {"applicant", "current", "lapsed", "suspended", "secretary"}
    listing = response.content.decode()
    assert {name for name in names if f"{name}@example.org" in listing} == found


def test_number_finds_its_member(client):
    current = person("current")
    body = client.get(f"/admin/memberships/?q={current.number}").content.decode()
    assert current.user.email in body


def test_memberships_are_neither_added_nor_deleted_by_hand(client, signed_in):
    membership = person("current")
    for who in (client, signed_in(make_administrator())):
        before = Membership.objects.count()
        assert who.get("/admin/memberships/new/").status_code in (302, 403, 404)
        who.post("/admin/memberships/new/", {"level": "", "organisation": ""})
        who.post(f"/admin/memberships/delete/{membership.pk}/")
        assert Membership.objects.count() == before


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


# --- Each what is theirs -----------------------------------------------------------------------------------------


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
