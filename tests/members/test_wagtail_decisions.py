"""What secretaries decide in the administration about one membership, and its story."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format
from wagtail.log_actions import LogContext

from members import audit, mail
from members.enums import Action
from members.models import AccessRecord, Membership, MembershipLevel, User
from members.services import lapse
from members.services import membership as services
from portal.services import roles
from tests.factories import make_administrator, make_member, make_user
from tests.members.secretary import decide, person, until

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(secretary, signed_in):
    return signed_in(secretary)


def page_of(client, membership, decision):
    return client.get(f"/admin/memberships/decide/{membership.pk}/{decision}/")


def last_row():
    row = AccessRecord.objects.first()
    return (row.action, row.actor_id, row.object_kind, row.object_id, row.reason, row.details)


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
    assert page.context["form"].errors["reason"] == [
        "Please keep it to 200 characters. Yours has 201; none is cut off."
    ]
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
