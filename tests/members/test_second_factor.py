"""One gate behind all doors: who must have a second factor, and has none, reaches the page for setting one up."""

from __future__ import annotations

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.test import Client

from members import second_factor
from members.enums import Action
from members.models import AccessRecord, Membership, MembershipLevel, User
from portal.services import roles
from tests.factories import PASSWORD, make_administrator, make_editor_of, make_folder, make_member, make_user
from tests.mailbox import delivered, forget

pytestmark = pytest.mark.django_db
ADDRESS = "pat@example.org"
HERE = "/account/2fa/required/"


@pytest.fixture(autouse=True)
def _production(settings):
    settings.STAFF_REQUIRE_MFA = True
    settings.MFA_GROUPS = ["Committee"]


def code_of(secret: str, ahead: int = 0) -> str:
    """What the app shows now, or so many half minutes later, which is good already."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))


def password(client: Client, email: str = ADDRESS) -> object:
    return client.post("/account/login/", {"login": email, "password": PASSWORD})


def code_by_mail(client: Client) -> None:
    client.post("/account/login/code/", {"email": ADDRESS})
    code = delivered()[-1].body.split("asks for it:")[1].split()[0]
    client.post("/account/login/code/confirm/", {"code": code})


def new_password(client: Client) -> None:
    client.post("/account/password/reset/", {"email": ADDRESS})
    link = delivered()[-1].body.split("to choose it:")[1].split()[0]
    form = client.get(link, follow=True)
    client.post(form.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})
    password(client)


def through_the_administration(client: Client) -> None:
    address = client.get("/admin/login/?next=/admin/")["Location"]
    client.post(address, {"login": ADDRESS, "password": PASSWORD})


def session_from_elsewhere(client: Client) -> None:
    """Whatever door comes next, and forgets to ask."""
    client.force_login(User.objects.get(email=ADDRESS))


DOORS = [password, code_by_mail, new_password, through_the_administration, session_from_elsewhere]
EVERYWHERE = [
    "/", "/news/", "/members/", "/files/", "/admin/", "/admin/pages/", "/account/email/", "/account/2fa/", "/search/",
    "/account/sessions/", "/account/password/change/", "/no-such-page/", "/robots.txt",
]  # fmt: skip


def kinds() -> dict[str, User]:
    one_permission = make_user()
    one_permission.user_permissions.add(Permission.objects.get(codename="access_admin"))
    return {
        "administrator": make_administrator(),
        "editor": make_user(groups=(roles.EDITORS,)),
        "secretary": make_user(groups=(roles.SECRETARIES,)),
        "auditor": make_user(groups=(roles.AUDITORS,)),
        "editor of a folder": make_editor_of(make_folder("Ours")),
        "holder of one right": one_permission,
        "in a named group": make_member(groups=("Committee",)),
    }


def test_whoever_holds_a_right_or_is_in_a_named_group_must_have_one(settings, signed_in):
    people = kinds()
    for kind, user in people.items():
        assert second_factor.must_have(user), kind
        assert signed_in(user).get("/members/")["Location"] == HERE, kind
    member = make_member(groups=("Other",))
    assert not second_factor.must_have(member)
    assert signed_in(member).get("/members/").status_code == 200
    settings.STAFF_REQUIRE_MFA = False
    assert [kind for kind, user in people.items() if second_factor.must_have(user)] == ["in a named group"]


def test_group_of_a_level_binds_its_current_members(signed_in):
    level = MembershipLevel.objects.create(name="Board", group=Group.objects.create(name="Committee"))
    members = {standing: make_member(standing=standing) for standing in ("current", "lapsed")}
    Membership.objects.update(level=level)
    for standing, user in members.items():
        assert second_factor.must_have(User.objects.get(pk=user.pk)) == (standing == "current")
        assert signed_in(user).get("/members/").status_code == (302 if standing == "current" else 200)


def test_group_that_the_setting_names_keeps_its_name(settings, signed_in):
    settings.STAFF_REQUIRE_MFA = False
    named, other = Group.objects.create(name="Committee"), Group.objects.create(name="Other")
    client = signed_in(make_administrator())
    for group, name in ((named, "Committee"), (named, "Board"), (other, "Others")):
        edit = f"/admin/groups/edit/{group.pk}/"
        form = BeautifulSoup(client.get(edit).content, "html.parser").select_one("main form[action*=edit]")
        hidden = {each["name"]: each.get("value", "") for each in form.select("input[type=hidden][name]")}
        answer = client.post(edit, {**hidden, "name": name})
        refused = "The setting MFA_GROUPS names this group" in answer.content.decode()
        assert (answer.status_code, refused) == ((200, True) if name == "Board" else (302, False))
    assert set(Group.objects.filter(pk__in=[named.pk, other.pk]).values_list("name", flat=True)) == {
        "Committee",
        "Others",
    }


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_no_door_leads_past_the_gate(door):
    make_administrator(ADDRESS)
    client = Client()
    door(client)
    for address in EVERYWHERE:
        for method in (client.get, client.post):
            answer = method(address)
            assert (answer.status_code, answer["Location"]) == (302, HERE), address
    assert client.get(HERE).status_code == 200
    assert client.post("/account/logout/")["Location"] == "/"
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db(transaction=True, serialized_rollback=True)  # the session learns of it after the commit
def test_setting_up_the_app_opens_the_gate_and_ends_the_other_sessions():
    make_administrator(ADDRESS)
    client, elsewhere = Client(), Client()
    for each in (client, elsewhere):
        password(each)
    page = client.get("/account/2fa/totp/activate/")
    assert page.status_code == 200  # not asked once more, straight after signing in
    answer = client.post("/account/2fa/totp/activate/", {"code": code_of(page.context["form"].secret)})
    assert answer["Location"] == "/account/2fa/recovery-codes/"
    assert client.get("/admin/").status_code == 200
    assert elsewhere.get("/members/")["Location"] == "/account/login/?next=/members/"
    assert "_auth_user_id" not in elsewhere.session


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
@pytest.mark.parametrize("is_staff", [True, False])
def test_no_door_leads_past_the_second_step(door, is_staff):
    user = make_administrator(ADDRESS) if is_staff else make_member(ADDRESS)
    TOTP.activate(user, generate_totp_secret())
    client = Client()
    door(client)
    for address in EVERYWHERE[2:6]:
        assert client.get(address)["Location"].startswith("/account/login/"), address
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("door", [password, code_by_mail, new_password])
def test_app_and_recovery_code_are_second_steps_and_each_code_works_once(door):
    user = make_member(ADDRESS)
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    recovery = RecoveryCodes.activate(user).get_unused_codes()
    for code in (code_of(secret), recovery[0]):
        for is_first in (True, False):
            client = Client()
            door(client)
            assert client.get("/account/login/")["Location"] == "/account/2fa/authenticate/"
            answer = client.post("/account/2fa/authenticate/", {"code": code})
            assert answer.status_code == (302 if is_first else 200)
            assert ("_auth_user_id" in client.session) is is_first
    assert [row.details["how"].split(" and ")[-1] for row in AccessRecord.objects.filter(action=Action.SIGNED_IN)] == [
        "recovery code",
        "authenticator app",
    ]


def test_code_with_which_the_app_was_set_up_signs_nobody_in():
    make_member(ADDRESS)
    client = Client()
    password(client)
    code = code_of(client.get("/account/2fa/totp/activate/").context["form"].secret)
    client.post("/account/2fa/totp/activate/", {"code": code})
    other = Client()
    password(other)
    assert other.post("/account/2fa/authenticate/", {"code": code}).status_code == 200


def test_last_factor_taken_away_closes_the_gate_again():
    user = make_administrator(ADDRESS)
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    client = Client()
    password(client)
    client.post("/account/2fa/authenticate/", {"code": code_of(secret)})
    assert client.get("/admin/").status_code == 200
    client.post("/account/2fa/totp/deactivate/")
    assert not second_factor.has(user)
    assert client.get("/admin/")["Location"] == HERE


def test_page_of_the_gate_is_for_those_before_it(signed_in):
    assert signed_in(make_member()).get(HERE)["Location"] == "/account/2fa/"
    assert Client().get(HERE)["Location"] == f"/account/login/?next={HERE}"


def test_gate_costs_no_question(settings, signed_in, django_assert_num_queries):
    """One of the session, one of the person with the membership: no more, whoever it is."""
    settings.STAFF_REQUIRE_MFA = False
    for user in (make_member(), make_administrator(), make_user()):
        client = signed_in(user)
        with django_assert_num_queries(2):
            assert client.get("/.well-known/change-password").status_code == 302


def test_gate_asks_nothing_of_those_without_a_session(django_assert_num_queries):
    with django_assert_num_queries(0):
        Client().get("/.well-known/change-password")


def test_operator_helps_an_administrator_who_has_lost_the_phone(capsys):
    user = make_administrator(ADDRESS)
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    client = Client()
    password(client)
    client.post("/account/2fa/authenticate/", {"code": code_of(secret)})
    forget()
    call_command("reset_second_factor", ADDRESS.upper())
    assert "The second factors are gone" in capsys.readouterr().out
    assert not Authenticator.objects.exists()
    assert client.get("/members/")["Location"] == "/account/login/?next=/members/"
    assert [(message.to, message.subject) for message in delivered()] == [
        ([ADDRESS], "Your second step was taken away")
    ]
    row = AccessRecord.objects.first()
    assert (row.action, row.actor_id, row.object_id) == (Action.FACTOR_REMOVED, None, str(user.pk))
    assert row.details["kinds"] == ["recovery_codes", "totp"]
    password(client)
    assert client.get("/members/")["Location"] == HERE
    call_command("reset_second_factor", ADDRESS)
    assert "There was no second factor" in capsys.readouterr().out
    with pytest.raises(CommandError, match="Nobody has an account"):
        call_command("reset_second_factor", "nobody@example.org")


@pytest.mark.parametrize("change", ["switched off", "removed", "suspended", "lapsed"])
def test_access_ends_at_the_next_request(change, signed_in):
    user = make_member(ADDRESS)
    client = signed_in(user)
    assert "No papers" not in client.get("/members/").content.decode()
    assert client.get("/files/").status_code == 200
    if change == "switched off":
        User.objects.update(is_active=False)
    elif change == "removed":
        User.objects.all().delete()
    elif change == "suspended":
        user.membership.decision, user.membership.reason = "suspended", "Fees"
        user.membership.save()
    else:
        user.membership.expires_on = user.membership.starts_on
        user.membership.save()
    answer = client.get("/files/")
    if change in ("switched off", "removed"):
        assert answer["Location"] == "/account/login/?next=/files/"
    else:
        assert f"Your membership {'is suspended' if change == 'suspended' else 'has lapsed'}" in answer.content.decode()
