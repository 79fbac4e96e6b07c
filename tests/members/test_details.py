"""The member's own details: saved and recorded without the words; another organisation waits for the secretary."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.core import mail as django_mail

from members import mail
from members.models import AccessRecord, Membership, Organisation, OutgoingMail, Profile, User
from tests.factories import make_member, make_user

pytestmark = pytest.mark.django_db
FILLED = {"first_name": "Ada", "last_name": "Byron", "organisation": "City University", "role": "Reader", "phone": ""}


@pytest.fixture
def pat():
    pat = make_member("pat@example.org")
    city = Organisation.objects.create(name="City University", abbreviation="CityU")
    Membership.objects.filter(user=pat).update(organisation=city)
    return pat


@pytest.fixture
def secretary(signed_in):
    return signed_in(make_member("secretary@example.org", groups=("Membership secretaries",)))


def answer(client, **changed):
    return client.post("/members/details/", FILLED | changed, follow=True)


def words(response):
    return " ".join(BeautifulSoup(response.content, "html.parser").main.get_text().split())


def test_details_are_saved_and_recorded_by_field_and_never_by_word(pat, signed_in):
    response = answer(signed_in(pat), phone="+44 1632 960142")
    assert "Your details are changed." in words(response)
    profile = Profile.objects.select_related("user").get(user=pat)
    assert (profile.user.get_full_name(), profile.role, profile.phone) == ("Ada Byron", "Reader", "+44 1632 960142")
    (row,) = AccessRecord.objects.all()
    assert (row.action, row.actor_id, row.object_kind, row.object_id, row.reason, row.details) == (
        "details_changed", pat.pk, "user", str(pat.pk), "", {"changed": ["first_name", "last_name", "phone", "role"]},
    )  # fmt: skip


def test_saving_the_same_again_is_no_row_of_the_record(pat, signed_in):
    client = signed_in(pat)
    answer(client)
    assert "Nothing was changed." in words(answer(client, organisation="cityu"))
    assert AccessRecord.objects.count() == 1


def test_another_organisation_waits_until_the_secretary_has_confirmed_it(pat, signed_in, secretary):
    client = signed_in(pat)
    assert "The membership secretary will look at" in words(answer(client, organisation="Kings Institute"))
    membership = Membership.objects.get(user=pat)
    assert membership.organisation.name == "City University"
    assert "You asked to be entered under “Kings Institute”." in words(client.get("/members/details/"))
    assert "Kings Institute" in secretary.get("/admin/").content.decode()
    address = f"/admin/memberships/organisation/{membership.pk}/"
    assert f'href="{address}"' in secretary.get(f"/admin/memberships/inspect/{membership.pk}/").content.decode()
    assert secretary.post(address, {"name": ""}).status_code == 200
    assert secretary.post(address, {"name": "King's Institute"}).status_code == 302
    membership.refresh_from_db()
    assert membership.organisation.name == "King's Institute"
    row = AccessRecord.objects.first()
    assert (row.action, row.said.text, row.said.about) == (
        "organisation_decided", "Kings Institute: entered", pat,
    )  # fmt: skip
    assert "Kings" not in f"{row.reason} {row.details}"
    sent = OutgoingMail.objects.get(user=pat)
    mail.send(mail_id=sent.pk)
    assert "We now have you under “King's Institute”." in django_mail.outbox[0].body
    assert "asks for no other organisation" in secretary.get(address).content.decode()
    again = secretary.post(address, {"name": "Elsewhere"})
    assert "This has been decided already" in again.content.decode()


def test_secretary_leaves_the_organisation_as_it_was(pat, signed_in, secretary):
    answer(signed_in(pat), organisation="Nonsense Ltd")
    membership = Membership.objects.get(user=pat)
    secretary.post(f"/admin/memberships/organisation/{membership.pk}/", {"name": "Nonsense Ltd", "other": "1"})
    membership.refresh_from_db()
    assert membership.organisation.name == "City University"
    assert Profile.objects.get(user=pat).organisation_asked == ""
    assert not Organisation.objects.filter(name="Nonsense Ltd").exists()


def test_secretary_s_own_organisation_is_somebody_else_s_to_confirm(secretary, signed_in):
    own = Membership.objects.get(user__email="secretary@example.org")
    answer(signed_in(own.user), organisation="Kings Institute")
    address = f"/admin/memberships/organisation/{own.pk}/"
    for decision in ({"name": "Kings Institute"}, {"name": "Kings Institute", "other": "1"}):
        assert "This is your own membership." in secretary.post(address, decision).content.decode()
    own.refresh_from_db()
    assert (own.organisation, own.user.profile.organisation_asked) == (None, "Kings Institute")
    assert not AccessRecord.objects.filter(action="organisation_decided").exists()
    other = signed_in(make_member(groups=("Membership secretaries",)))
    assert other.post(address, {"name": "Kings Institute"}).status_code == 302


def test_organisation_is_confirmed_by_secretaries_alone(pat, signed_in):
    membership = Membership.objects.get(user=pat)
    for who in (make_member(), make_member(groups=("Auditors",))):
        response = signed_in(who).post(f"/admin/memberships/organisation/{membership.pk}/", {"name": "x"})
        assert response.status_code in (302, 403)
    membership.refresh_from_db()
    assert membership.organisation.name == "City University"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"first_name": ""}, "Please give your first name."),
        ({"last_name": "\u200b\u2060"}, "Please give your last name."),
        ({"first_name": "Win at https://evil.example"}, "Please give a name, in letters."),
        ({"first_name": "www.evil.example"}, "Please give a name, in letters."),
        ({"last_name": "x" * 2000}, "at most 150 characters"),
        ({"phone": "call me"}, "Please give the number in digits"),
        ({"organisation": ""}, "You are entered under “City University”"),
    ],
)
def test_what_cannot_be_saved_comes_back_with_a_sentence_and_nothing_is_lost(pat, signed_in, changed, said):
    response = answer(signed_in(pat), role="Typed before", **changed)
    assert response.status_code == 400
    assert said in words(response)
    assert 'value="Typed before"' in response.content.decode()
    assert User.objects.get(pk=pat.pk).first_name == "Pat"


def test_name_with_a_newline_and_turned_direction_becomes_one_plain_line(pat, signed_in):
    answer(signed_in(pat), first_name="Ada\r\nBcc:", last_name="\u202eByron\x00"[:-1])
    assert User.objects.get(pk=pat.pk).get_full_name() == "Ada Bcc: Byron"


def test_person_without_a_membership_is_asked_for_no_organisation(signed_in):
    client = signed_in(make_user())
    assert "Organisation" not in words(client.get("/members/details/"))
    assert "Your details are changed." in words(answer(client))


def test_page_of_details_takes_few_questions(pat, signed_in, django_assert_num_queries):
    client = signed_in(pat)
    for _ in range(2):  # the first makes the site's settings, the second keeps them
        client.get("/members/details/")
    with django_assert_num_queries(4):  # session, person, profile, membership
        client.get("/members/details/")
