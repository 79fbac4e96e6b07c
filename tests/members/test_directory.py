"""The directory: for current members, of current members who ticked it, field by field, searched by what shows."""

from __future__ import annotations

import datetime

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from members import record_words
from members.enums import Decision
from members.models import AccessRecord, Membership, Organisation, Profile
from members.views.directory import PLACES
from tests.factories import make_administrator, make_member, make_user

pytestmark = pytest.mark.django_db
DIRECTORY, ENTRY = "/members/directory/", "/members/directory/entry/"
SHOWN = {
    "is_listed": True, "shows_organisation": True, "shows_role": True, "shows_email": True, "shows_phone": True,
    "shows_about": True, "role": "Reader", "phone": "+44 1632 960142", "about": "Ask about queues.",
}  # fmt: skip


def listed(first_name="Ada", last_name="Byron", organisation="City University", **fields):
    user = make_member(first_name=first_name, last_name=last_name)
    own, _ = Organisation.objects.get_or_create(name=organisation)
    Membership.objects.filter(user=user).update(organisation=own)
    Profile.objects.create(user=user, **SHOWN | fields)
    return user


@pytest.fixture
def reader(signed_in):
    return signed_in(make_member())


def names(response):
    page = BeautifulSoup(response.content, "html.parser")
    return [each.get_text() for each in page.select(".directory h2")]


def test_entry_shows_what_is_ticked_and_nothing_else(reader):
    user = listed()
    whole = reader.get(DIRECTORY).content.decode()
    everything = {"organisation": "City University", "role": "Reader", "email": user.email, "phone": "960142",
                  "about": "Ask about queues."}  # fmt: skip
    assert all(words in whole for words in everything.values())
    for field, words in everything.items():
        Profile.objects.update(**SHOWN | {f"shows_{field}": False})
        body = reader.get(DIRECTORY).content.decode()
        assert words not in body, field
        assert all(other in body for name, other in everything.items() if name != field)


def test_hidden_words_find_nobody(reader):
    listed(shows_organisation=False, shows_role=False, shows_about=False, shows_email=False, shows_phone=False)
    for hidden in ("City", "Reader", "queues", "960142", "example.org"):
        assert names(reader.get(DIRECTORY, {"q": hidden})) == [], hidden
    assert names(reader.get(DIRECTORY, {"q": "byr ADA"})) == ["Ada Byron"]


def test_shown_words_find_their_people(reader):
    listed()
    listed("Élodie", "Marchand", "Kings", role="Student", about="Exits")
    for found in ("city university", "reader", "QUEUES", "ada city"):
        assert names(reader.get(DIRECTORY, {"q": found})) == ["Ada Byron"], found
    assert names(reader.get(DIRECTORY, {"q": "élodie"})) == ["Élodie Marchand"]
    nobody = reader.get(DIRECTORY, {"q": "nobody at all"})
    assert "Nobody found" in nobody.content.decode()


@pytest.mark.parametrize(
    "change",
    [
        lambda user: Profile.objects.update(is_listed=False),
        lambda user: Membership.objects.filter(user=user).update(
            expires_on=timezone.localdate() - datetime.timedelta(days=1)
        ),
        lambda user: Membership.objects.filter(user=user).update(decision=Decision.SUSPENDED),
        lambda user: type(user).objects.filter(pk=user.pk).update(is_active=False),
        lambda user: type(user).objects.filter(pk=user.pk).update(leaves_at=timezone.now()),
        lambda user: user.delete(),
    ],
    ids=["unticked", "lapsed", "suspended", "closed", "leaving", "gone"],
)
def test_entry_is_gone_at_the_next_request(reader, change):
    user = listed()
    assert names(reader.get(DIRECTORY)) == ["Ada Byron"]
    change(user)
    response = reader.get(DIRECTORY)
    assert names(response) == []
    assert "Byron" not in response.content.decode()
    assert names(reader.get(DIRECTORY, {"q": "Byron"})) == []


@pytest.mark.parametrize("standing", ["applicant", "lapsed", "suspended", "none"])
def test_directory_does_not_exist_for_those_who_are_no_members(signed_in, standing):
    listed()
    user = make_user() if standing == "none" else make_member(standing=standing)
    for address in (DIRECTORY, ENTRY, f"{DIRECTORY}?q=Byron"):
        response = signed_in(user).get(address)
        assert response.status_code == 404
        assert "Byron" not in response.content.decode()
    assert signed_in(user).post(ENTRY, {"is_listed": "on"}).status_code == 404
    assert not Profile.objects.filter(user=user).exists()


def test_visitor_is_sent_to_sign_in(client):
    assert client.get(DIRECTORY)["Location"] == f"/account/login/?next={DIRECTORY}"


def test_administrator_without_a_membership_has_no_directory(signed_in):
    chief = make_administrator()
    Membership.objects.filter(user=chief).delete()
    assert signed_in(chief).get(DIRECTORY).status_code == 404


def test_pages_follow_the_alphabet_and_lose_nobody(reader):
    people = [listed(f"A{number:02d}", "Same" if number % 2 else "same") for number in range(70)]
    first = reader.get(DIRECTORY)
    found, page = names(first), first
    while link := BeautifulSoup(page.content, "html.parser").select_one("a[rel=next]"):
        page = reader.get(f"{DIRECTORY}{link['href']}")
        found += names(page)
    assert found == sorted(found, key=str.lower)
    assert len(found) == len(set(found)) == len(people) == 70
    back = BeautifulSoup(page.content, "html.parser").select_one("a[rel=prev]")["href"]
    assert names(reader.get(f"{DIRECTORY}{back}")) == found[30:60]
    # The one on whom the page turns is gone: the place in the alphabet is what counts.
    Profile.objects.filter(user=people[29]).update(is_listed=False)
    second = BeautifulSoup(first.content, "html.parser").select_one("a[rel=next]")["href"]
    assert names(reader.get(f"{DIRECTORY}{second}")) == found[30:60]


@pytest.mark.parametrize("place", ["after=x", "before=", "after=99999999999999999999", "after=-1", "after=1~x"])
def test_page_of_no_number_does_not_exist(reader, place):
    assert reader.get(f"{DIRECTORY}?{place}").status_code == 404


def test_place_of_somebody_is_not_asked_for_by_number(reader):
    hidden = listed("Hazel", "Middle")
    Profile.objects.filter(user=hidden).update(is_listed=False)
    number = Profile.objects.get(user=hidden).pk
    assert reader.get(f"{DIRECTORY}?after={number}").status_code == 404
    assert reader.get(f"{DIRECTORY}?before={PLACES.sign(str(number + 1))[:-1]}").status_code == 404


def test_number_of_nobody_leads_to_the_beginning(reader):
    listed()
    assert names(reader.get(f"{DIRECTORY}?after={PLACES.sign('123456')}")) == ["Ada Byron"]


@pytest.mark.parametrize("number", [1, 30])
def test_questions_do_not_grow_with_the_entries(reader, django_assert_num_queries, number):
    for _ in range(number):
        listed()
    for _ in range(2):  # the first makes the site's settings, the second keeps them
        reader.get(DIRECTORY)
    with django_assert_num_queries(4):  # session, person, entries, own entry
        assert len(names(reader.get(DIRECTORY))) == number


def test_what_members_write_stays_text(reader):
    evil = "<script>alert(1)</script><img src=x>"
    listed(evil, "</h2>", evil, role=evil, about=f"{evil} javascript:alert(1)")
    body = reader.get(DIRECTORY).content.decode()
    page = BeautifulSoup(body, "html.parser")
    assert evil not in body
    assert page.select(".directory img, .directory script") == []
    assert {each["href"].partition(":")[0] for each in page.select(".directory a")} == {"mailto", "tel"}


def test_own_entry_is_off_until_ticked_and_says_what_others_see(signed_in):
    user = make_member(first_name="Ada", last_name="Byron")
    client = signed_in(user)
    assert "Nothing: you are not in the directory." in client.get(ENTRY).content.decode()
    answer = client.post(ENTRY, {"is_listed": "on", "shows_about": "on", "about": "Ask\r\nme\u202e"}, follow=True)
    page = BeautifulSoup(answer.content, "html.parser")
    assert page.select_one(".directory-entry").get_text(" ", strip=True) == "Ada Byron Ask me"
    assert names(client.get(DIRECTORY)) == ["Ada Byron"]
    (row,) = AccessRecord.objects.all()
    assert (row.action, row.reason, row.details) == (
        "directory_changed", "", {"changed": ["about", "is_listed", "shows_about"]},
    )  # fmt: skip
    record_words.describe([row], user)
    assert row.words.outcome == "changed: the line about the person, whether listed, whether the line is shown"
    client.post(ENTRY, {"about": "Ask me"})
    assert names(client.get(DIRECTORY)) == []


def test_entry_without_a_name_is_refused_with_a_sentence(signed_in):
    client = signed_in(make_member(first_name="", last_name=""))
    response = client.post(ENTRY, {"is_listed": "on", "about": "Typed before"})
    assert response.status_code == 400
    assert "Please give your name under “Details” first" in response.content.decode()
    assert 'value="Typed before"' in response.content.decode()
    assert not Profile.objects.filter(is_listed=True).exists()


def test_line_that_is_too_long_comes_back(signed_in):
    response = signed_in(make_member()).post(ENTRY, {"is_listed": "on", "about": "x" * 201})
    assert (response.status_code, Profile.objects.count()) == (400, 0)
    assert "at most 200 characters" in response.content.decode()
