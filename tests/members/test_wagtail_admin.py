"""The secretary's and the auditor's work in the administration, through its own pages; and what is not theirs."""

from __future__ import annotations

import datetime
import io
import json

import openpyxl
import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format
from wagtail.log_actions import LogContext
from wagtail.models import Page

from members import audit, mail, record_words
from members.enums import Action
from members.forms import in_a_year
from members.models import AccessRecord, Membership, MembershipLevel, Organisation, User
from members.services import lapse
from members.services import membership as services
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
        {"user": applicant.user_id, "expires_on": last.isoformat(), "level": "Fellow"},
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
        ("current", "reinstate", {}, "This membership is neither suspended nor given up."),
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
        "current": {"extend", "suspend", "end", "resign"},
        "lapsed": {"extend", "suspend", "end", "resign"},
        "suspended": {"extend", "reinstate", "end", "resign"},
        "resigned": {"reinstate"},
    }
    for standing, decisions in offered.items():
        membership = person("suspended" if standing == "resigned" else standing)
        if standing == "resigned":
            decide(client, membership, "resign")
        body = client.get(f"/admin/memberships/inspect/{membership.pk}/").content.decode()
        links = {each for each in ("approve", "extend", "suspend", "reinstate", "end", "resign")
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


# --- The life of a membership -----------------------------------------------------------------------------------


def until(membership, days, **fields):
    last = timezone.localdate() + datetime.timedelta(days=days)
    Membership.objects.filter(pk=membership.pk).update(expires_on=last, **fields)
    membership.refresh_from_db()
    return membership


def test_secretary_ends_a_membership_early(client):
    membership = until(person("current"), 100)
    today = timezone.localdate()
    page = decide(client, membership, "end", expires_on=(today - datetime.timedelta(days=1)).isoformat())
    assert "That day has passed." in page.content.decode()
    assert "Please choose the last day" in decide(client, membership, "end", expires_on="").content.decode()
    assert decide(client, membership, "end", expires_on=today.isoformat(), reason="Moved.").status_code == 302
    membership.refresh_from_db()
    assert (membership.expires_on, membership.ended_early) == (today, True)


def test_secretary_writes_down_a_resignation_and_takes_it_back(client):
    membership = person("current")
    assert "gets a mail about it" in page_of(client, membership, "resign").content.decode()
    assert decide(client, membership, "resign", reason="By letter.").status_code == 302
    assert not Membership.objects.current().filter(pk=membership.pk).exists()
    assert decide(client, membership, "reinstate").status_code == 302
    assert Membership.objects.current().filter(pk=membership.pk).exists()


@pytest.mark.parametrize(("decision", "data"), [("extend", {"expires_on": ""}), ("suspend", {"reason": "x"})])
def test_second_of_two_secretaries_is_told_what_the_first_one_did(client, decision, data):
    membership = until(person("current"), 10)
    seen = page_of(client, membership, decision).context["form"].initial["seen"]
    until(membership, 400)
    page = decide(client, membership, decision, seen=seen, **data)
    assert page.status_code == 200
    assert "Somebody else has changed this membership since you opened this page." in page.content.decode()
    now = page.context["form"]["seen"].value()
    assert decide(client, membership, decision, seen=now, **data).status_code == 302


def test_second_of_two_secretaries_overwrites_no_level(client):
    membership, level = person("current"), MembershipLevel.objects.create(name="Fellow")
    address = f"/admin/memberships/edit/{membership.pk}/"
    seen = client.get(address).context["form"].initial["seen"]
    Membership.objects.filter(pk=membership.pk).update(level=level)
    page = client.post(address, {"level": "", "organisation": "", "seen": seen})
    assert "Somebody else has changed this membership" in page.content.decode()
    membership.refresh_from_db()
    assert membership.level == level
    page = client.post(address, {"level": "9999", "organisation": ""})
    assert "Select a valid choice." in page.content.decode()


def test_secretary_gives_nobody_the_own_level(signed_in):
    own, level = make_member(groups=(roles.SECRETARIES,)), MembershipLevel.objects.create(name="Fellow")
    client = signed_in(own)
    page = client.post(f"/admin/memberships/edit/{own.membership.pk}/", {"level": level.pk, "organisation": ""})
    assert "This is your own membership." in page.content.decode()
    client.post(f"/admin/bulk/members/membership/change_level/?id={own.membership.pk}", {"level": level.pk})
    assert Membership.objects.get(user=own).level is None


def test_change_of_level_is_a_row_and_no_change_is_none(client):
    membership, level = person("current"), MembershipLevel.objects.create(name="Fellow")
    for _ in range(2):
        client.post(f"/admin/memberships/edit/{membership.pk}/", {"level": level.pk, "organisation": ""})
    (row,) = AccessRecord.objects.filter(action=Action.MEMBERSHIP_CHANGED)
    assert row.details == {"user": membership.user_id, "level": {"from": None, "to": "Fellow"}}
    story = client.get(f"/admin/memberships/inspect/{membership.pk}/").content.decode()
    assert "Level from none to Fellow" in story


def test_story_has_mails_and_groups_and_is_the_persons_own(client):
    membership, other = until(person("current"), 7), until(person("current"), 7)
    lapse.remind()
    with LogContext(user=make_administrator()):
        membership.user.groups.add(Group.objects.create(name="Committee"))
    mail.post(to=membership.user, occasion="something else", words=("A secret matter", "x"))
    audit.record(
        Action.MEMBERSHIP_SUSPENDED, actor=None, object_kind="membership", object_id="", words="Another person's",
        about=other.user, user=other.user_id,
    )  # fmt: skip
    moments = client.get(f"/admin/memberships/inspect/{membership.pk}/").context["story"]
    last = date_format(membership.expires_on, "j F Y")
    assert {(each.what, each.words) for each in moments} == {
        (f"Mail: Your membership ends on {last}", "Waiting to be sent"),
        ("Changed a person's groups", "Groups: Committee"),
    }


@pytest.mark.parametrize("number", [1, 30])
def test_members_page_asks_the_same_number_of_questions_for_a_long_story(client, number, django_assert_num_queries):
    membership = person("current")
    for each in range(number):
        by = make_user()
        services.extend(
            membership=membership, by=by, expires_on=timezone.localdate() + datetime.timedelta(days=1 + each)
        )
        mail.post(to=membership.user, occasion=f"membership {membership.pk} {each}", words=("x", "y"))
    address = f"/admin/memberships/inspect/{membership.pk}/"
    client.get(address)
    with django_assert_num_queries(11):
        assert len(client.get(address).context["story"]) == 2 * number


# --- The list, long ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 60])
@pytest.mark.parametrize("query", ["", "q=Pat", "standing=current", "level={level}", "expires_within=30", "p=2"])
def test_list_is_searched_filtered_and_paged_in_ten_queries(client, number, query, django_assert_num_queries):
    level = MembershipLevel.objects.create(name="Fellow")
    for _ in range(number):
        until(person("current"), 10, level=level)
    address = f"/admin/memberships/?{query.format(level=level.pk)}"
    client.get(address)
    with django_assert_num_queries(9):
        assert client.get(address).status_code == 200


def listed(client, query):
    return {each.user.email.split("@")[0] for each in client.get(f"/admin/memberships/?{query}").context["object_list"]}


def test_list_finds_each_stage_of_a_membership(client, secretary):
    level = MembershipLevel.objects.create(name="Fellow", grace_days=10)
    hall = Organisation.objects.create(name="City Hall")

    def made(name, days, **fields):
        return until(make_member(f"{name}@example.org", standing="current").membership, days, level=level, **fields)

    made("soon", 5)
    made("later", 50, organisation=hall)
    made("grace", -5)
    made("lapsed", -11)
    made("resigned", 5, decision="resigned")
    User.objects.filter(email="later@example.org").update(password="!unusable")
    assert listed(client, "standing=current") == {"soon", "later", "secretary"}
    assert listed(client, "standing=grace") == {"grace"}
    assert listed(client, "standing=lapsed") == {"lapsed"}
    assert listed(client, "standing=resigned") == {"resigned"}
    assert listed(client, "expires_within=7") == {"soon"}
    assert listed(client, "organisation=city") == {"later"}
    assert listed(client, "password=none") == {"later"}
    assert listed(client, f"level={level.pk}&standing=current&q=soon") == {"soon"}
    for nonsense in ("expires_within=-1", "expires_within=x", "expires_within=99999", "level=x", "standing=x"):
        assert listed(client, nonsense) == set(), nonsense


def test_long_list_is_paged_without_loss(client):
    for each in range(60):
        make_member(f"m{each}@example.org", last_name="Same", first_name="Name")
    found = [each.pk for page in (1, 2) for each in client.get(f"/admin/memberships/?p={page}").context["object_list"]]
    assert len(found) == len(set(found)) == 61
    in_order = Membership.objects.order_by("user__last_name", "user__first_name", "pk")
    assert found == list(in_order.values_list("pk", flat=True))


# --- Several at once --------------------------------------------------------------------------------------------


def bulk(client, action, *memberships, **data):
    keys = "&".join(f"id={each if isinstance(each, str) else each.pk}" for each in memberships)
    address = f"/admin/bulk/members/membership/{action}/?{keys}&next=/admin/memberships/"
    return client.post(address, data, follow=True) if data else client.get(address, follow=True)


def test_several_are_extended_and_those_whom_it_does_not_fit_are_named(client):
    first, second = until(person("current"), 10), until(person("current"), 500)
    applicant = person("applicant", last_name="Applicant")
    day = timezone.localdate() + datetime.timedelta(days=100)
    assert "3 people" in bulk(client, "extend", first, second, applicant).content.decode()
    page = bulk(client, "extend", first, second, applicant, expires_on=day.isoformat()).content.decode()
    assert "Extended: 1 person." in page
    assert "Passed over: 2." in page
    assert "Pat Applicant: Approve the application first." in page
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.expires_on == day < second.expires_on
    assert AccessRecord.objects.filter(action=Action.MEMBERSHIP_EXTENDED).count() == 1


def test_several_are_extended_by_a_year_each(client):
    today = timezone.localdate()
    soon, lapsed, endless = until(person("current"), 10), until(person("current"), -10), person("current")
    page = bulk(client, "extend", soon, lapsed, endless, expires_on="").content.decode()
    assert "The membership has no end." in page
    ends = [Membership.objects.get(pk=each.pk).expires_on for each in (soon, lapsed)]
    assert ends == [in_a_year(today + datetime.timedelta(days=10)), in_a_year(None)]


def test_several_get_another_level_and_several_are_suspended(client):
    level = MembershipLevel.objects.create(name="Fellow")
    both = [person("current") for _ in range(2)]
    assert "Changed the level: 2 people." in bulk(client, "change_level", *both, level=level.pk).content.decode()
    assert "Please say why in a sentence" in bulk(client, "suspend", *both, reason=" ").content.decode()
    assert "Suspended: 2 people." in bulk(client, "suspend", *both, reason="Fees are open.").content.decode()
    for each in both:
        each.refresh_from_db()
        assert (each.level, each.decision, each.reason) == (level, "suspended", "Fees are open.")


def test_everybody_in_the_list_is_everybody_whom_the_filters_show(client):
    kept, chosen = person("current"), until(person("current"), 5)
    address = "/admin/bulk/members/membership/suspend/?id=all&expires_within=7&next=/admin/memberships/"
    client.post(address, {"reason": "x"})
    kept.refresh_from_db()
    chosen.refresh_from_db()
    assert (kept.decision, chosen.decision) == ("approved", "suspended")


@pytest.mark.parametrize("query", ["id=all&expires_within=nonsense", "id=999999", ""])
def test_nobody_is_decided_about_where_nobody_was_chosen(client, query):
    current = person("current")
    page = client.post(f"/admin/bulk/members/membership/suspend/?{query}", {"reason": "x"}, follow=True)
    assert "Nobody was chosen." in page.content.decode()
    current.refresh_from_db()
    assert current.decision == "approved"


def test_too_many_at_once_are_refused_in_a_sentence(client, monkeypatch):
    monkeypatch.setattr("members.wagtail_decide_many.MOST", 2)
    people = [person("current") for _ in range(3)]
    address = "/admin/bulk/members/membership/suspend/?id=all&next=/admin/memberships/"
    page = client.post(address, {"reason": "x"}, follow=True)
    assert "Please narrow the list: at most 2 people can be decided about at once." in page.content.decode()
    assert Membership.objects.filter(pk__in=[each.pk for each in people], decision="approved").count() == 3


@pytest.mark.parametrize("action", ["extend", "change_level", "suspend"])
def test_auditor_decides_about_nobody_in_bulk(signed_in, auditor, action):
    membership = person("current")
    bulk(signed_in(auditor), action, membership, reason="x", expires_on="", level="")
    membership.refresh_from_db()
    assert membership.decision == "approved"
    assert not AccessRecord.objects.filter(object_kind="membership").exists()


# --- Export -----------------------------------------------------------------------------------------------------

HEAD = "Number,First name,Last name,E-mail,Standing,Level,Organisation,Member since,Member until,Reason for suspension"


@pytest.fixture
def register(secretary):
    """Two people, one of whom is called by a formula."""
    hall = Organisation.objects.create(name="City Hall")
    level = MembershipLevel.objects.create(name="Fellow")
    ada = make_member("ada@example.org", first_name="=HYPERLINK(1)", last_name="By\x0bron")
    first, last = datetime.date(2020, 1, 2), datetime.date(2031, 1, 2)
    Membership.objects.filter(user=ada).update(
        number=7, organisation=hall, level=level, starts_on=first, expires_on=last
    )
    make_member("ben@example.org", standing="applicant")
    Membership.objects.filter(user=secretary).delete()


def test_list_is_exported_as_csv_with_the_filters_and_recorded(client, register, secretary):
    response = client.get("/admin/memberships/?export=csv&standing=current")
    assert response["Cache-Control"] == "private, no-store"
    assert "members.csv" in response["Content-Disposition"]
    assert b"".join(response.streaming_content).decode().splitlines() == [
        HEAD,
        "7,'=HYPERLINK(1),Byron,ada@example.org,Current member,Fellow,City Hall,2020-01-02,2031-01-02,",
    ]
    row = AccessRecord.objects.select_related("said").first()
    assert (row.action, row.actor_id, row.object_kind) == ("members_exported", secretary.pk, "members")
    assert row.said.text == "export=csv&standing=current"
    read_by = make_administrator()
    record_words.describe([row], read_by)
    assert (row.words.about, row.words.outcome) == ("The list of members", "as CSV; standing: current")


def test_list_is_exported_as_a_workbook_without_formulas(client, register):
    response = client.get("/admin/memberships/?export=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells[0] == HEAD.split(",")
    assert cells[1][:5] == [None, "Pat", "Person", "ben@example.org", "Waiting for approval"]
    assert cells[2][:4] == [7, "'=HYPERLINK(1)", "Byron", "ada@example.org"]
    assert [sheet["I3"].value, sheet["I3"].is_date] == [datetime.date(2031, 1, 2), True]
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_export_that_cannot_be_recorded_does_not_leave(client, register, monkeypatch):
    def full(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(audit, "record", full)
    with pytest.raises(OSError, match="disk full"):
        client.get("/admin/memberships/?export=csv")


@pytest.mark.parametrize("number", [1, 30])
def test_export_asks_the_same_number_of_questions_for_few_and_many(client, number, django_assert_num_queries):
    for _ in range(number):
        person("current")
    b"".join(client.get("/admin/memberships/?export=csv").streaming_content)
    with django_assert_num_queries(9):
        body = b"".join(client.get("/admin/memberships/?export=csv").streaming_content)
    assert body.count(b"\r\n") == number + 2


def test_what_is_exported_can_be_imported(client, register, tmp_path):
    file = tmp_path / "members.csv"
    file.write_bytes(b"".join(client.get("/admin/memberships/?export=csv&standing=current").streaming_content))
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("import_members", str(file), stderr=out)
    assert "Line 2, First name: It begins with “=”, as a formula does." in out.getvalue()
    User.objects.filter(email="ada@example.org").update(first_name="Ada")
    file.write_bytes(b"".join(client.get("/admin/memberships/?export=csv&standing=current").streaming_content))
    out = io.StringIO()
    call_command("import_members", str(file), stdout=out)
    assert "New members: 0. Changed: 0. Unchanged: 1." in out.getvalue()
