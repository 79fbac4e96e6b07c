"""Inviting: one or many, again and no more; and what an invitation does for whom it is for, once."""

from __future__ import annotations

import datetime
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from members.models import (
    AccessRecord,
    Application,
    Invitation,
    JoiningSettings,
    Membership,
    MembershipLevel,
    Organisation,
    OutgoingMail,
    User,
)
from members.models.invitation import digest_of
from members.services import invite as services
from portal.services import roles
from tests.factories import (
    PASSWORD,
    make_administrator,
    make_application,
    make_editor_of,
    make_folder,
    make_invitation,
    make_member,
    make_user,
)
from tests.members.joining import errors_in, is_in, link_in, mails_to, soup_in, text_of
from tests.portal.reading import set_site, soup_of, words_of

pytestmark = pytest.mark.django_db
LIST = "/admin/snippets/members/invitation/"
GIVEN = {
    "first_name": "Ada", "last_name": "Byron", "password1": "a long enough phrase", "password2": "a long enough phrase",
    "consent": "on",
}  # fmt: skip
TODAY_NEXT_YEAR = timezone.localdate() + datetime.timedelta(days=365)


@pytest.fixture
def secretary():
    return make_member("secretary@example.org", groups=(roles.SECRETARIES,))


@pytest.fixture
def admin(secretary, signed_in):
    return signed_in(secretary)


@pytest.fixture
def invited(secretary):
    """An invitation, and the page that its mail leads to."""
    level = MembershipLevel.objects.create(name="Fellow")
    invitation = make_invitation(
        "ada@example.org", by=secretary, level=level, organisation=Organisation.objects.create(name="Engines"),
        first_name="Ada", last_name="Byron", expires_on=TODAY_NEXT_YEAR, message="Welcome <b>aboard</b>.",
    )  # fmt: skip
    return invitation, link_in(mails_to("ada@example.org")[-1])


def states():
    return set(Invitation.objects.values_list("email", "state"))


def nothing_happened(invitation):
    invitation.refresh_from_db()
    return (invitation.state, invitation.user, Membership.objects.filter(user__email=invitation.email).count()) == (
        "open", None, 0,
    )  # fmt: skip


# --- Accepting --------------------------------------------------------------------------------------------------
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
    together = Barrier(20)

    def attempt(_number):
        try:
            together.wait()
            if user:
                services.accept(invitation=invitation, user=user, consent_text="x")
            else:
                services.join(invitation=invitation, first_name="A", last_name="B", password=PASSWORD, consent_text="x")
        except ValidationError as error:
            return error.messages[0]
        finally:
            connection.close()
        return "in"

    with ThreadPoolExecutor(20) as pool:
        said = sorted(pool.map(attempt, range(20)))
    assert said == [services.USED] * 19 + ["in"]
    assert Membership.objects.filter(user__email="ada@example.org", number__isnull=False).count() == 1
    assert AccessRecord.objects.filter(action__in=("membership_approved", "invitation_accepted")).count() == 2


# --- Inviting one -----------------------------------------------------------------------------------------------
def test_secretary_invites_one(admin, secretary):
    set_site(organisation_name="Guild")
    level = MembershipLevel.objects.create(name="Fellow")
    sent = {
        "email": " Ada@Example.org", "first_name": "Ada", "last_name": "Byron", "level": level.pk,
        "expires_on": TODAY_NEXT_YEAR.isoformat(), "message": "Welcome.\r\n\r\nReally.",
    }  # fmt: skip
    answer = admin.post(f"{LIST}invite/", sent, follow=True)
    assert "An invitation is on its way to ada@example.org." in words_of(soup_in(answer))
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.invited_by, invitation.level, invitation.expires_on) == (
        "ada@example.org", secretary, level, TODAY_NEXT_YEAR,
    )  # fmt: skip
    good_for = invitation.good_until - timezone.now()
    assert datetime.timedelta(days=29, hours=23) < good_for <= datetime.timedelta(days=30)
    [mail] = mails_to("ada@example.org")
    assert mail.subject == "Pat Person invites you to Guild"
    assert mail.text.startswith(
        "Good day, Ada,\n\nPat Person invites you to become a member of Guild, at the level “Fellow”"
    )
    assert "Welcome.\n\nReally." in mail.text
    assert re.search(r"^http://127\.0\.0\.1:8000/members/invitation/[\w-]{43}/$", mail.text, re.MULTILINE)


HAS_ONE = "ada@example.org has an invitation already. Send that one again, or take it back first."
MEMBER = "member@example.org belongs to a current member, Pat Person."
OUT = "out@example.org belongs to Pat Person, whose membership is suspended or given up."


@pytest.mark.parametrize(("email", "sentence"), [
    ("ADA@example.org", HAS_ONE),
    ("Member@Example.org", MEMBER),
    ("out@example.org", OUT),
    ("secretary@example.org", "This is your own address."),
    ("аda@example.org", "“а” only looks like a letter of an e-mail address."),
    ("ada", "Please write an e-mail address"),
    ("", "Please write an e-mail address"),
])  # fmt: skip
def test_address_that_cannot_be_invited_is_told_why(admin, invited, email, sentence):
    make_member("member@example.org")
    make_member("out@example.org", standing="suspended")
    answer = admin.post(f"{LIST}invite/", {"email": email, "first_name": "Kept"})
    assert (answer.status_code, sentence in words_of(soup_in(answer))) == (200, True)
    assert soup_in(answer).select_one("[name=first_name]")["value"] == "Kept"
    assert (Invitation.objects.count(), OutgoingMail.objects.count()) == (1, 1)


@pytest.mark.parametrize(("data", "sentence"), [
    ({"expires_on": "2001-01-01"}, "That day has passed."),
    ({"message": "x" * 2001}, "Please keep it to 2000 characters."),
    ({"last_name": "x" * 2000}, "Please keep it to 150 characters."),
    ({"level": "999"}, "Select a valid choice."),
])  # fmt: skip
def test_invitation_that_does_not_fit_is_refused(admin, data, sentence):
    answer = admin.post(f"{LIST}invite/", {"email": "ada@example.org", **data})
    assert (answer.status_code, sentence in answer.content.decode(), Invitation.objects.count()) == (200, True, 0)


def test_secretary_who_is_no_member_does_not_invite_himself(signed_in):
    own = make_user("own@example.org", groups=(roles.SECRETARIES,))
    assert "This is your own address." in signed_in(own).post(
        f"{LIST}invite/", {"email": own.email}
    ).content.decode()  # fmt: skip
    other = make_invitation("own@example.org")
    Invitation.objects.filter(pk=other.pk).update(invited_by=own)  # as if sent again by the person
    answer = signed_in(own).post(link_in(mails_to("own@example.org")[-1]), {"consent": "on"})
    assert errors_in(answer) == ["This is your own membership. Please ask somebody else to decide about it."]


@pytest.mark.parametrize("act", ["again", "revoke"])
def test_what_is_no_longer_open_is_neither_sent_again_nor_revoked(admin, act):
    user = make_user("ada@example.org")
    invitation = make_invitation("ada@example.org")
    services.accept(invitation=invitation, user=user, consent_text="x")
    before = Invitation.objects.values().get()
    answer = admin.post(f"{LIST}act/{invitation.pk}/{act}/")
    assert "This invitation is no longer open: accepted." in answer.content.decode()
    assert Invitation.objects.values().get() == before
    assert admin.get(f"{LIST}act/{invitation.pk}/nonsense/").status_code == 404


def test_invitation_is_sent_again_after_it_was_over_and_by_whoever_sends_it(admin, invited, secretary):
    invitation, _link = invited
    Invitation.objects.update(good_until=timezone.now(), invited_by=make_administrator())
    assert "Expired without an answer" in words_of(soup_of(admin, LIST).select_one("table"))
    admin.post(f"{LIST}act/{invitation.pk}/again/")
    invitation.refresh_from_db()
    assert (invitation.standing_label, invitation.invited_by) == ("Waiting for an answer", secretary)
    assert AccessRecord.objects.filter(action="invitation_sent_again", actor_id=secretary.pk).count() == 1


# --- The list ---------------------------------------------------------------------------------------------------
def test_list_says_where_each_stands(admin):
    accepted, over, revoked = (make_invitation(f"{name}@example.org") for name in ("accepted", "over", "revoked"))
    make_invitation("open@example.org")
    services.accept(invitation=accepted, user=make_user("accepted@example.org"), consent_text="x")
    services.revoke(invitation=revoked, by=make_administrator())
    Invitation.objects.filter(pk=over.pk).update(good_until=timezone.now())
    names = {"accepted", "over", "revoked", "open"}

    def found(query):
        table = soup_of(admin, f"{LIST}?{query}").select_one("#listing-results").get_text()
        return {name for name in names if f"{name}@example.org" in table}

    assert found("") == names
    for standing, expected in (("accepted", "accepted"), ("expired", "over"), ("revoked", "revoked"), ("open", "open")):
        assert found(f"standing={standing}") == {expected}
    assert (found("standing=nonsense"), found("q=OPEN")) == (set(), {"open"})
    page = admin.get(f"{LIST}inspect/{accepted.pk}/").content.decode()
    assert "Accepted" in page
    assert "/act/" not in page
    assert f"{LIST}act/{over.pk}/again/" in admin.get(f"{LIST}inspect/{over.pk}/").content.decode()


def test_old_invitations_are_forgotten_and_those_who_came_are_kept():
    old, recent, accepted = (make_invitation(f"{name}@example.org") for name in ("old", "recent", "accepted"))
    services.accept(invitation=accepted, user=make_user("accepted@example.org"), consent_text="x")
    long_ago = timezone.now() - datetime.timedelta(days=181)
    Invitation.objects.filter(pk__in=(old.pk, accepted.pk)).update(good_until=long_ago)
    services.forget_old()
    assert {email for email, _state in states()} == {recent.email, accepted.email}


def test_database_refuses_what_cannot_be():
    invitation = make_invitation("ada@example.org")
    for wrong in ({"state": "accepted"}, {"accepted_at": timezone.now()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Invitation.objects.filter(pk=invitation.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(email="ada@example.org", token_digest="x", good_until=timezone.now())


# --- A file -----------------------------------------------------------------------------------------------------
def bring(admin, content, name="people.csv", **data):
    content = content.encode() if isinstance(content, str) else content
    return admin.post(f"{LIST}invite-list/", {"file": SimpleUploadedFile(name, content), **data})


def said(answer):
    return words_of(soup_in(answer).select_one("main"))


GOOD = "E-mail;First name;Last name;Level;Organisation;Member until\r\n{}\r\n"


@pytest.fixture
def known():
    return MembershipLevel.objects.create(name="Fellow"), Organisation.objects.create(name="Éclair & Co.")


def test_file_is_looked_at_and_then_invited_as_a_whole(admin, known, secretary):
    year = TODAY_NEXT_YEAR.year
    people = f"Ada@Example.org;Ada;Byron;fellow;éclair & co.;31/12/{year}\r\n\r\nbo@example.org;;Bo;;;"
    content = "\ufeff" + GOOD.format(people)
    answer = bring(admin, content, message="Welcome to all.", expires_on="")
    assert "2 people to invite" in said(answer)
    assert (Invitation.objects.count(), OutgoingMail.objects.count()) == (0, 0)
    cells = [words_of(each) for each in soup_in(answer).select(".joining-preview tbody tr:first-child td")]
    assert cells == ["2", "ada@example.org", "Ada Byron", "Fellow", "Éclair & Co.", f"31 December {year}"]
    sealed = soup_in(answer).select_one("[name=sealed]")["value"]
    sent = admin.post(f"{LIST}invite-list/", {"sealed": sealed}, follow=True)
    assert "2 invitations are on their way." in words_of(soup_in(sent))
    ada = Invitation.objects.get(email="ada@example.org")
    assert (ada.level, ada.organisation, ada.message) == (*known, "Welcome to all.")
    assert Invitation.objects.get(email="bo@example.org").last_name == "Bo"
    assert OutgoingMail.objects.count() == AccessRecord.objects.filter(action="invited").count() == 2
    again = admin.post(f"{LIST}invite-list/", {"sealed": sealed})
    assert "Nobody was invited" in said(again)
    assert HAS_ONE in said(again)
    assert OutgoingMail.objects.count() == 2


def test_problems_are_told_by_line_and_nobody_is_invited(admin, invited):
    make_member("member@example.org")
    people = [
        "ada@example.org;Ada;Byron;;;",
        "member@example.org;;Member;;;",
        "twice@example.org;;One;;;",
        "Twice@example.org;;Two;;;",
        "cаrl@example.org;;Carl;;;",
        "dora@example.org;=1+1;Dora;;;",
        "emil@example.org;;Emil;Grand master;;",
        "fay@example.org;;Fay;;Nowhere Ltd;",
        "gus@example.org;;Gus;;;31/12/2001",
        "hal@example.org;;Hal;;;soon",
        ";;Ida;;;",
        f"jo@example.org;;{'x' * 2000};;;",
        "kim@example.org;Kim;Kim;;;;;;",
    ]
    answer = bring(admin, GOOD.format("\r\n".join(people)))
    problems = [words_of(each) for each in soup_in(answer).select(".joining-problems li")]
    expected = [
        f"Line 2, E-mail: {HAS_ONE}", f"Line 3, E-mail: {MEMBER}",
        "Line 5, E-mail: twice@example.org is in line 4 already.",
        "Line 6, E-mail: “а” only looks like", "Line 7, First name: It begins with “=”, as a formula does.",
        "Line 8, Level: There is no level “Grand master”.", "Line 9, Organisation: “Nowhere Ltd” is not known.",
        "Line 10, Member until: That day has passed.", "Line 11, Member until: “soon” is no day.",
        "Line 12, E-mail: There is no e-mail address", "Line 13, Last name: It has 2,000 characters",
        "Line 14: It has 9 cells where the first line has 6.",
    ]  # fmt: skip
    assert [each for each, start in zip(problems, expected, strict=True) if not each.startswith(start)] == []
    assert "All lines are invited, or none." in said(answer)
    assert soup_in(answer).select_one("[name=sealed]") is None
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize(("content", "sentence"), [
    (b"", "The file is empty."),
    (b" \r\n \r\n", "The file is empty."),
    (b"PK\x03\x04rest of a zip", "This is an Excel workbook or a zip archive under the name of a CSV file."),
    (b"E-mail,Last name\n\xff\x81\x8d,x", "in an encoding that cannot be guessed"),
    (b"E-mail,Last name\n\0,x", "This is no text."),
    (b"E-mail,Last name", "The file has a first line, and nobody below it."),
    (",".join(f"Column {number}" for number in range(200)).encode() + b"\nx", "The file has 200 columns"),
    (b"Phone,Last name\n1,x", "No column holds the e-mail address"),
    (b'E-mail,Last name\n"a"b,x', "cannot be read as CSV"),
    (b"x" * (2 * 1024 * 1024 + 1), "The file is larger than 2 MB."),
    (b"E-mail,Last name\n" + b"".join(b"p%d@example.org,P\n" % number for number in range(501)),
     "Please invite at most 500 people at once"),
    (None, "Please choose a file."),
])  # fmt: skip
def test_file_that_is_none_is_told_in_a_sentence(admin, content, sentence):
    answer = bring(admin, content) if content is not None else admin.post(f"{LIST}invite-list/", {})
    assert (answer.status_code, sentence in said(answer)) == (200, True)
    assert Invitation.objects.count() == 0


def test_file_in_the_encoding_of_excel_says_how_it_was_read(admin):
    answer = bring(admin, "E-mail,Last name\nada@example.org,Éclair".encode("cp1252"))
    assert "1 person to invite" in said(answer)
    assert "was read as Windows-1252" in said(answer)
    assert "Éclair" in said(answer)


def test_preview_is_good_for_whoever_looked_and_for_nobody_else(admin, signed_in):
    sealed = soup_in(bring(admin, "E-mail,Last name\nada@example.org,Byron")).select_one("[name=sealed]")["value"]
    other = signed_in(make_member(groups=(roles.SECRETARIES,)))
    for client, given in ((other, sealed), (admin, sealed[:-2]), (admin, ""), (admin, "nonsense")):
        answer = client.post(f"{LIST}invite-list/", {"sealed": given})
        assert "The list was looked at too long ago." in said(answer)
    assert Invitation.objects.count() == 0


def test_one_who_became_a_member_meanwhile_stops_the_whole_list(admin):
    content = "E-mail,Last name\nada@example.org,Byron\nbo@example.org,Bo"
    sealed = soup_in(bring(admin, content)).select_one("[name=sealed]")["value"]
    make_member("bo@example.org")
    answer = admin.post(f"{LIST}invite-list/", {"sealed": sealed})
    assert "bo@example.org belongs to a current member" in said(answer)
    assert (Invitation.objects.count(), OutgoingMail.objects.count()) == (0, 0)


# --- Who may ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["member", "editor", "auditor"])
def test_nobody_else_sees_or_invites(signed_in, kind):
    people = {
        "member": make_member,
        "editor": lambda: make_editor_of(make_folder()),
        "auditor": lambda: make_member(groups=(roles.AUDITORS,)),
    }
    client, invitation = signed_in(people[kind]()), make_invitation("heliotrope7731@example.org")
    addresses = [LIST, f"{LIST}results/", f"{LIST}inspect/{invitation.pk}/", f"{LIST}invite/", f"{LIST}invite-list/"]
    addresses += [f"{LIST}act/{invitation.pk}/{act}/" for act in ("again", "revoke")]
    for address in addresses:
        for answer in (client.get(address), client.post(address, {"email": "eve@example.org"})):
            assert answer.status_code in (302, 403, 404, 405), address
            assert "heliotrope7731" not in answer.content.decode()
    assert states() == {("heliotrope7731@example.org", "open")}


def test_record_names_applications_and_invitations(signed_in):
    make_invitation("ada@example.org")
    make_application(email="bo@example.org")
    auditor = signed_in(make_member(groups=(roles.AUDITORS,)))
    record = words_of(soup_of(auditor, "/admin/access-record/").select_one("table"))
    assert "The invitation to ada@example.org" in record
    assert "The application of Pat Person (bo@example.org)" in record
    for subject, action in (("ada@example", "Invited somebody"), ("bo@example", "Applied for membership")):
        found = words_of(soup_of(auditor, f"/admin/access-record/?subject={subject}").select_one("table"))
        assert action in found
    Application.objects.all().delete()
    Invitation.objects.all().delete()
    gone = words_of(soup_of(auditor, "/admin/access-record/").select_one("table"))
    assert "An invitation that is gone" in gone
