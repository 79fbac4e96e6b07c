"""The secretary's queue of applications, and the page of each: facts, notes and questions."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.models import Membership, Organisation
from members.services import apply
from tests.factories import make_application, make_member, make_user
from tests.members.deciding import LIST, last_rows, messages_of, page, step
from tests.members.joining import mails_to
from tests.portal.reading import soup_of, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(secretary, signed_in):
    return signed_in(secretary)


# --- The queue --------------------------------------------------------------------------------------------------
def test_queue_has_those_that_wait_for_the_secretary_first_and_no_unconfirmed_ones(client):
    for state in ("declined", "asked", "review", "new", "withdrawn", "approved"):
        make_application(state=state, first_name="Ada", last_name=state.title())
    apply.begin(email="x@example.org", written=apply.Written("Eve", "Unconfirmed", "x", "x"))
    table = words_of(soup_of(client, LIST).select_one("table"))
    assert "Unconfirmed" not in table
    places = [table.index(f"Ada {each}") for each in ("Review", "New", "Asked", "Withdrawn", "Approved", "Declined")]
    assert places == sorted(places)
    buttons = words_of(soup_of(client, LIST).select_one("header"))
    for expected in ("To decide: 2", "Waiting for an answer: 1", "Over: 3"):
        assert expected in buttons


@pytest.mark.parametrize(("query", "found"), [
    ("queue=to-decide", {"New", "Review"}),
    ("queue=asked", {"Asked"}),
    ("queue=over", {"Approved", "Declined", "Withdrawn"}),
    ("state=declined", {"Declined"}),
    ("state=unconfirmed", set()),
    ("queue=nonsense", set()),
    ("q=ADA+new", {"New"}),
    ("q=engines", {"New"}),
    ("q=nobody", set()),
])  # fmt: skip
def test_queue_is_filtered_and_searched(client, query, found):
    states = ("new", "review", "asked", "approved", "declined", "withdrawn")
    for state in states:
        of = "Analytical Engines" if state == "new" else ""
        make_application(state=state, first_name="Ada", last_name=state.title(), organisation_name=of)
    text = soup_of(client, f"{LIST}?{query}").select_one("#listing-results").get_text()
    assert {each.title() for each in states if f"Ada {each.title()}" in text} == found


def test_queue_and_page_ask_the_same_at_one_application_and_thirty(client):
    def queries(address):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    application = make_application(organisation_name="Ours")
    for address in (LIST, page(application)):
        client.get(address)
    before = queries(LIST), queries(page(application))
    organisation = Organisation.objects.create(name="Ours")
    for _ in range(29):
        make_application()
    Membership.objects.update(organisation=organisation)
    after = queries(LIST), queries(page(application))
    assert before[0] == after[0]
    assert after[1] <= before[1] + 3  # the organisation's members, and how many more there are


def test_secretary_reads_the_applications_on_the_front_page(client):
    asked = make_application(state="asked", first_name="Ada", last_name="Asked")
    new = make_application(first_name="Ada", last_name="New")
    by_hand = make_member(standing="applicant", first_name="Ada", last_name="Hand").membership
    links = [each["href"] for each in soup_of(client, "/admin/").select(".desk-list a")]
    assert links == [page(new), f"/admin/memberships/edit/{by_hand.pk}/", page(asked)]
    assert "More information was asked." in words_of(soup_of(client, "/admin/").select_one(".desk"))


# --- One application --------------------------------------------------------------------------------------------
def test_page_puts_the_facts_side_by_side(client):
    organisation = Organisation.objects.create(name="City University")
    colleague = make_member("col@uni.example", last_name="Colleague")
    Membership.objects.filter(user=colleague).update(organisation=organisation)
    make_member("neighbour@uni.example", standing="lapsed", last_name="Neighbour")
    user = make_user("ada@uni.example")
    make_application(user, state="withdrawn")
    application = make_application(
        user, organisation_name="CITY university", answers=[("How?", "<b>By a friend</b>")], why="First.\n\nSecond."
    )
    soup = soup_of(client, page(application))
    side, main = words_of(soup.select_one(".joining-side")), words_of(soup.select_one(".joining-main"))
    assert "“City University” is known. Pat Colleague , current member, City University" in side
    assert "Others at uni.example Pat Colleague , current member, City University Pat Neighbour , lapsed" in side
    assert "withdrawn by the applicant" in side
    assert "Applied for membership (Pat Person)" in side
    assert "<b>By a friend</b>" in main
    assert "ada@uni.example (confirmed)" in main
    assert "I agree." in main


def test_address_that_anybody_can_have_says_nothing(client):
    make_member("other@gmail.com", last_name="Stranger")
    side = words_of(soup_of(client, page(make_application(email="ada@gmail.com"))).select_one(".joining-side"))
    assert "Anybody can have an address there" in side
    assert "Stranger" not in side


def test_notes_are_written_and_read_by_secretaries(client, secretary):
    application = make_application()
    note = f"{LIST}note/{application.pk}/"
    assert client.post(note, {"text": "Ask Priya."})["Location"] == page(application)
    assert "Note by Pat Person" in words_of(soup_of(client, page(application)).select_one(".joining-talk"))
    wrong = client.post(note, {"text": " "})
    assert "Please write something first." in wrong.content.decode()
    assert client.get(note).status_code == 405
    details = {"user": application.user_id}
    assert last_rows("application_noted") == [("application_noted", secretary.pk, str(application.pk), details)]


def test_asking_mails_the_question_and_waits_for_the_answer(client, secretary):
    application = make_application(email="ada@example.org")
    answer = client.post(step(application, "ask"), {"question": "Which one?\r\nThe first?"}, follow=True)
    assert "The question is on its way to Pat Person." in messages_of(answer)
    application.refresh_from_db()
    assert application.state == "asked"
    mail = mails_to("ada@example.org")[-1]
    assert (mail.subject, "Which one?\nThe first?" in mail.text) == ("A question about your application", True)
    assert "http://127.0.0.1:8000/members/application/" in mail.text
    assert client.post(step(application, "ask"), {"question": "And then?"}).status_code == 302
    assert len(mails_to("ada@example.org")) == 3
    assert "Please write the question." in client.post(step(application, "ask"), {"question": ""}).content.decode()


def test_taking_up_tells_the_applicant_without_a_mail(client):
    application = make_application(email="ada@example.org")
    assert client.post(step(application, "take-up")).status_code == 302
    application.refresh_from_db()
    assert (application.state, len(mails_to("ada@example.org"))) == ("review", 1)
    again = client.post(step(application, "take-up"))
    assert "Somebody has taken up this application already." in again.content.decode()
