"""Invitations that are accepted, and those that are dead."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from members.models import (
    AccessRecord,
    Invitation,
    JoiningSettings,
    Membership,
    User,
)
from members.models.invitation import digest_of
from members.services import invite as services
from tests.factories import (
    PASSWORD,
    make_application,
    make_invitation,
    make_member,
    make_user,
)
from tests.members.at_once import at_once
from tests.members.inviting import LIST, TODAY_NEXT_YEAR
from tests.members.joining import errors_in, is_in, link_in, mails_to, soup_in, text_of
from tests.portal.reading import soup_of, words_of

pytestmark = pytest.mark.django_db


GIVEN = {
    "first_name": "Ada", "last_name": "Byron", "password1": "a long enough phrase", "password2": "a long enough phrase",
    "consent": "on",
}  # fmt: skip


def nothing_happened(invitation):
    invitation.refresh_from_db()
    return (invitation.state, invitation.user, Membership.objects.filter(user__email=invitation.email).count()) == (
        "open", None, 0,
    )  # fmt: skip


def test_invited_person_joins_at_once(client, invited, secretary):
    invitation, link = invited
    page = client.get(link)
    assert (page.status_code, page["Cache-Control"]) == (200, "private, no-store")
    assert "Pat Person invites you, Ada Byron, to become a member" in text_of(page)
    assert "Welcome <b>aboard</b>." in text_of(page)
    assert soup_in(page).select_one("[name=first_name]")["value"] == "Ada"
    answer = client.post(link, GIVEN)
    assert (answer.status_code, answer["Location"]) == (302, "/members/")
    user = User.objects.get(email="ada@example.org")
    membership = user.membership
    assert (user.is_current_member, str(user), user.check_password("a long enough phrase")) == (True, "Ada Byron", True)
    assert (str(membership.level), str(membership.organisation), membership.expires_on) == (
        "Fellow", "Engines", TODAY_NEXT_YEAR,
    )  # fmt: skip
    invitation.refresh_from_db()
    assert (invitation.state, invitation.user, invitation.consent_text) == (
        "accepted", user, JoiningSettings.load().consent_text,
    )  # fmt: skip
    assert is_in(client)
    rows = AccessRecord.objects.filter(object_kind__in=("invitation", "membership")).order_by("pk")
    assert [(row.action, row.actor_id) for row in rows] == [
        ("invited", secretary.pk), ("membership_approved", secretary.pk), ("invitation_accepted", user.pk),
    ]  # fmt: skip
    other = Client()
    other.post("/account/login/", {"login": "ada@example.org", "password": "a long enough phrase"})
    assert is_in(other)


def test_looking_uses_nothing_up(client, invited):
    invitation, link = invited
    for _ in range(3):
        assert client.get(link).status_code == client.head(link).status_code == 200
    assert client.options(link).status_code == client.put(link).status_code == 405
    assert nothing_happened(invitation)
    assert client.post(link, GIVEN).status_code == 302


def test_link_is_used_once(client, invited):
    _invitation, link = invited
    client.post(link, GIVEN)
    for other in (Client(), client):
        for answer in (other.get(link), other.post(link, GIVEN | {"first_name": "Eve"})):
            assert (answer.status_code, services.USED in text_of(answer)) == (410, True)
    assert User.objects.filter(first_name="Eve").count() == 0


def test_link_is_over_after_its_time(client, invited):
    invitation, link = invited
    Invitation.objects.update(good_until=timezone.now())
    for answer in (client.get(link), client.post(link, GIVEN)):
        assert (answer.status_code, services.OVER in text_of(answer)) == (410, True)
    assert nothing_happened(invitation)


def test_invitation_to_a_membership_whose_last_day_has_passed_is_over(client, invited):
    invitation, link = invited
    Invitation.objects.update(expires_on=timezone.localdate() - datetime.timedelta(days=1))
    assert services.OVER in text_of(client.post(link, GIVEN))
    assert nothing_happened(invitation)


def test_former_link_is_dead_once_a_new_one_was_sent(client, admin, invited):
    invitation, link = invited
    assert admin.post(f"{LIST}act/{invitation.pk}/again/").status_code == 302
    newer = link_in(mails_to("ada@example.org")[-1])
    assert newer != link
    for answer in (client.get(link), client.post(link, GIVEN)):
        assert (answer.status_code, services.UNKNOWN in text_of(answer)) == (404, True)
    assert client.post(newer, GIVEN).status_code == 302
    assert Invitation.objects.get().times_sent == 2


def test_revoked_link_is_dead(client, admin, invited):
    invitation, link = invited
    assert admin.post(f"{LIST}act/{invitation.pk}/revoke/").status_code == 302
    for answer in (client.get(link), client.post(link, GIVEN)):
        assert (answer.status_code, services.REVOKED in text_of(answer)) == (410, True)
    assert User.objects.filter(email="ada@example.org").count() == 0


@pytest.mark.parametrize("token", ["x", "a" * 500, "%00", "%ff", "..", "é"])
def test_link_that_is_none_says_so(client, invited, token):
    answer = client.get(f"/members/invitation/{token}/")
    assert answer.status_code == 404
    digest = client.get(f"/members/invitation/{invited[0].token_digest}/")
    assert services.UNKNOWN in text_of(digest)


def test_token_is_kept_as_a_digest_alone(invited):
    invitation, link = invited
    token = link.split("/")[-2]
    assert len(token) >= 43
    assert (invitation.token_digest, token in str(Invitation.objects.values().get())) == (digest_of(token), False)


def test_invitations_are_closed_by_a_switch(client, admin, invited):
    invitation, link = invited
    JoiningSettings.objects.update(invitations_are_open=False)
    for answer in (client.get(link), client.post(link, GIVEN)):
        assert (answer.status_code, services.CLOSED in text_of(answer)) == (410, True)
    assert nothing_happened(invitation)
    assert "Invitations are closed" in admin.post(f"{LIST}invite/", {"email": "b@example.org"}).content.decode()
    JoiningSettings.objects.update(invitations_are_open=True)
    assert client.post(link, GIVEN).status_code == 302


def test_person_with_an_account_signs_in_first_and_comes_back(client, invited):
    invitation, link = invited
    user = make_user("ada@example.org")
    page = client.get(link)
    assert "You have an account with this address." in text_of(page)
    way = soup_in(page).select_one("main a.button")["href"]
    assert way == f"/account/login/?next={link}"
    assert client.post(link, GIVEN).status_code == 200
    assert nothing_happened(invitation)
    signed = client.post("/account/login/", {"login": user.email, "password": PASSWORD, "next": link})
    assert signed["Location"] == link
    form = soup_of(client, link)
    assert form.select_one("[name=password1]") is None
    assert errors_in(client.post(link, {})) != []
    assert client.post(link, {"consent": "on"})["Location"] == "/members/"
    assert User.objects.get(pk=user.pk).is_current_member


def test_person_signed_in_with_another_address_is_told_so(signed_in, invited):
    invitation, link = invited
    client = signed_in(make_user("other@example.org"))
    for answer in (client.get(link), client.post(link, GIVEN)):
        assert (answer.status_code, services.OTHERS in text_of(answer)) == (403, True)
        assert "You are signed in as other@example.org." in text_of(answer)
        assert "ada@example.org" not in answer.content.decode()
    assert nothing_happened(invitation)


def test_person_whose_application_waits_becomes_a_member_and_the_application_is_settled(signed_in, invited):
    application = make_application(email="ada@example.org")
    assert signed_in(application.user).post(invited[1], {"consent": "on"}).status_code == 302
    application.refresh_from_db()
    assert (application.state, application.user.is_current_member) == ("approved", True)


def test_lapsed_member_comes_back_with_the_old_number(signed_in, secretary):
    user = make_member("ada@example.org", standing="lapsed")
    number = user.membership.number
    make_invitation("ada@example.org", by=secretary, expires_on=TODAY_NEXT_YEAR)
    client = signed_in(user)
    assert client.post(link_in(mails_to("ada@example.org")[-1]), {"consent": "on"}).status_code == 302
    membership = Membership.objects.current().get(user=user)
    assert (membership.number, membership.expires_on) == (number, TODAY_NEXT_YEAR)


@pytest.mark.parametrize(("standing", "sentence"), [
    ("current", "You are a member already, so there is nothing to accept."),
    ("suspended", "Your membership is suspended or given up. Please write to the membership secretary."),
])  # fmt: skip
def test_invitation_does_not_help_everybody(signed_in, invited, standing, sentence):
    user = make_member("ada@example.org", standing=standing)
    before = Membership.objects.filter(user=user).values().get()
    answer = signed_in(user).post(invited[1], {"consent": "on"})
    assert (answer.status_code, errors_in(answer)) == (400, [sentence])
    assert Membership.objects.filter(user=user).values().get() == before
    assert Invitation.objects.get().state == "open"


def test_member_from_a_register_gets_a_way_in_and_stays_as_the_register_says(client, admin):
    member = User.objects.create(email="ada@example.org", first_name="Ada", last_name="Byron")
    today = timezone.localdate()
    membership = Membership.objects.create(user=member, number=7, starts_on=today, decision="approved")
    other = make_member("has@example.org").membership
    chosen = f"/admin/bulk/members/membership/invite/?id={membership.pk}&id={other.pk}&next=/admin/memberships/"
    assert "passed over" in admin.get(chosen).content.decode()
    answer = admin.post(chosen, {"message": "We have a website."}, follow=True)
    assert "has@example.org belongs to a current member" in words_of(soup_in(answer))
    [mail] = mails_to("ada@example.org")
    assert "You are a member of Gatehouse, and Pat Person invites you to use its website." in mail.text
    link = link_in(mail)
    form = soup_of(client, link)
    assert "You are a member of Gatehouse already" in words_of(form.main)
    assert form.select_one("[name=first_name]") is None
    assert client.post(link, GIVEN | {"first_name": "Eve"})["Location"] == "/members/"
    assert is_in(client)
    member.refresh_from_db()
    assert (str(member), member.check_password(GIVEN["password1"])) == ("Ada Byron", True)
    membership.refresh_from_db()
    assert (membership.number, membership.expires_on, mails_to("has@example.org")) == (7, None, [])
    assert services.USED in text_of(Client().post(link, GIVEN))


def test_applicant_without_a_password_gets_one_by_the_invitation(client, invited):
    application = make_application(email="ada@example.org")
    assert client.post(invited[1], GIVEN).status_code == 302
    application.refresh_from_db()
    user = User.objects.get(email="ada@example.org")
    assert (application.state, user.is_current_member, user.check_password(GIVEN["password1"])) == (
        "approved", True, True,
    )  # fmt: skip


@pytest.mark.parametrize(("changes", "sentences"), [
    ({"first_name": ""}, ["First name: Please fill this in."]),
    ({"last_name": "x" * 2000}, ["Last name: Please keep it to 150 characters. Yours has 2000; none is cut off."]),
    ({"password2": "another long phrase"}, ["The password once more: The two passwords are not the same."]),
    ({"password1": "short", "password2": "short"}, None),
    ({"password1": "ada@example.org", "password2": "ada@example.org"}, None),
    ({"password1": ""}, ["Choose a password: Please choose a password."]),
    ({"password2": ""}, ["The password once more: Please type the password a second time."]),
    ({"consent": ""}, None),
])  # fmt: skip
def test_wrong_answer_is_told_and_uses_nothing_up(client, invited, changes, sentences):
    invitation, link = invited
    answer = client.post(link, GIVEN | changes)
    assert answer.status_code == 400
    assert errors_in(answer) == sentences or (sentences is None and errors_in(answer))
    assert nothing_happened(invitation)
    assert client.post(link, GIVEN).status_code == 302


def test_name_on_two_lines_is_one(client, invited):
    client.post(invited[1], GIVEN | {"first_name": "Ada\r\nX: y"})
    assert User.objects.get(email="ada@example.org").first_name == "Ada X: y"


def test_invitation_of_somebody_who_is_gone_is_dead(client, invited, secretary):
    secretary.delete()
    assert services.REVOKED in text_of(client.post(invited[1], GIVEN))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("has_account", [True, False])
def test_twenty_at_once_are_one(has_account):
    make_invitation("ada@example.org")
    invitation = services.find(link_in(mails_to("ada@example.org")[-1]).split("/")[-2])
    user = make_user("ada@example.org") if has_account else None

    def come_in(_number):
        if user:
            services.accept(invitation=invitation, user=user, consent_text="x")
        else:
            services.join(invitation=invitation, first_name="A", last_name="B", password=PASSWORD, consent_text="x")

    said = sorted(at_once(come_in))
    assert said == [services.USED] * 19 + ["in"]
    assert Membership.objects.filter(user__email="ada@example.org", number__isnull=False).count() == 1
    assert AccessRecord.objects.filter(action__in=("membership_approved", "invitation_accepted")).count() == 2


def said(answer):
    return words_of(soup_in(answer).select_one("main"))
