"""Deciding about applications: in the administration, by the services, and by two secretaries at once."""

from __future__ import annotations

import datetime
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from members import letters
from members.models import AccessRecord, Application, JoiningSettings, Membership, MembershipLevel, Organisation
from members.services import apply
from members.services import decide as services
from members.services import membership as memberships
from portal.services import roles
from tests.factories import make_administrator, make_application, make_editor_of, make_folder, make_member, make_user
from tests.members.joining import mails_to, soup_in
from tests.portal.reading import set_site, soup_of, words_of

pytestmark = pytest.mark.django_db
LIST = "/admin/snippets/members/application/"
WORDS = {"subject": "Welcome", "text": "Good day, {first name}: number {number}, {until}."}


@pytest.fixture
def client(secretary, signed_in):
    return signed_in(secretary)


def page(application):
    return f"{LIST}inspect/{application.pk}/"


def step(application, name):
    return f"{LIST}decide/{application.pk}/{name}/"


def bulk(name, *applications):
    chosen = "&".join(f"id={each.pk}" for each in applications)
    return f"/admin/bulk/members/application/{name}/?{chosen}&next={LIST}"


def messages_of(answer):
    return words_of(soup_in(answer).select_one(".messages") or soup_in(answer))


def last_rows(*actions):
    rows = AccessRecord.objects.filter(action__in=actions)
    return [(row.action, row.actor_id, row.object_id, row.details) for row in rows]


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


# --- The decision -----------------------------------------------------------------------------------------------
def test_approval_makes_a_member_with_what_was_chosen_and_sends_the_words(client, secretary):
    set_site(organisation_name="Guild")
    level = MembershipLevel.objects.create(name="Fellow")
    application = make_application(email="ada@example.org", organisation_name="Analytical Engines")
    form = soup_of(client, step(application, "approve"))
    assert form.select_one("[name=subject]")["value"] == "Welcome: you are a member of Guild"
    assert "number is {number}, and your membership runs {until}" in form.select_one("[name=text]").text
    assert form.select_one("[name=organisation_name]")["value"] == "Analytical Engines"
    last = timezone.localdate() + datetime.timedelta(days=365)
    chosen = {"level": level.pk, "organisation_name": "Analytical Engines", "expires_on": last.isoformat(), **WORDS}
    answer = client.post(step(application, "approve"), chosen, follow=True)
    assert "Pat Person is now a member." in messages_of(answer)
    application.refresh_from_db()
    membership = application.user.membership
    assert (application.state, application.decided_by, application.user.is_current_member) == (
        "approved", secretary, True,
    )  # fmt: skip
    assert (membership.level, membership.expires_on, str(membership.organisation)) == (
        level,
        last,
        "Analytical Engines",
    )
    mail = mails_to("ada@example.org")[-1]
    expected = f"Good day, Pat: number {membership.number_label}, {letters.until(last)}."
    assert (mail.subject, mail.text, application.entries.get().text) == ("Welcome", expected, expected)
    [(_action, actor, _number, details)] = last_rows("membership_approved")
    assert (actor, details["user"]) == (secretary.pk, application.user_id)


def test_approval_takes_an_organisation_that_is_there_whatever_its_capitals(client):
    organisation = Organisation.objects.create(name="Analytical Engines")
    application = make_application(organisation_name="analytical ENGINES")
    form = soup_of(client, step(application, "approve"))
    assert form.select_one("[name=organisation] option[selected]").text == "Analytical Engines"
    assert (
        client.post(step(application, "approve"), {"organisation_name": "ANALYTICAL engines", **WORDS}).status_code
        == 302
    )
    application.user.membership.refresh_from_db()
    assert (application.user.membership.organisation, Organisation.objects.count()) == (organisation, 1)


def test_decline_sends_the_words_and_leaves_an_account_without_membership(client, secretary):
    application = make_application(email="ada@example.org")
    assert "Please say why." in client.get(step(application, "decline")).content.decode()
    words = {"subject": "No", "text": "Good day, {first name}: {not} now."}
    assert client.post(step(application, "decline"), words).status_code == 302
    application.refresh_from_db()
    assert (application.state, application.decided_by) == ("declined", secretary)
    assert not Membership.objects.filter(user=application.user).exists()
    mail = mails_to("ada@example.org")[-1]
    assert (mail.subject, mail.text) == ("No", "Good day, Pat: {not} now.")
    details = {"user": application.user_id}
    assert last_rows("application_declined") == [("application_declined", secretary.pk, str(application.pk), details)]


def test_approval_in_the_list_of_members_decides_the_application_as_well(client, secretary):
    application = make_application()
    answer = client.post(f"/admin/memberships/decide/{application.user.membership.pk}/approve/", {"expires_on": ""})
    assert answer.status_code == 302
    application.refresh_from_db()
    assert (application.state, application.decided_by) == ("approved", secretary)
    refused = client.post(step(application, "decline"), WORDS)
    assert services.DECIDED in refused.content.decode()
    assert Membership.objects.current().filter(user=application.user).exists()


@pytest.mark.parametrize("state", ["approved", "declined", "withdrawn"])
@pytest.mark.parametrize("name", ["approve", "decline", "ask", "take-up"])
def test_application_that_is_over_is_not_decided_again(client, state, name):
    application = make_application(state=state)
    before = Application.objects.values().get(), len(mails_to(application.email))
    answer = client.post(step(application, name), {"question": "x", **WORDS})
    sentence = "The applicant has withdrawn this application." if state == "withdrawn" else services.DECIDED
    assert (answer.status_code, sentence in answer.content.decode()) == (200, True)
    assert (Application.objects.values().get(), len(mails_to(application.email))) == before
    assert step(application, name) not in client.get(page(application)).content.decode()


@pytest.mark.parametrize("name", ["approve", "decline", "ask", "take-up"])
def test_nobody_decides_about_the_own_application(signed_in, name):
    own = make_user(groups=(roles.SECRETARIES,))
    application = make_application(own)
    client = signed_in(own)
    answer = client.post(step(application, name), {"question": "x", **WORDS})
    assert (answer.status_code, services.OWN in answer.content.decode()) == (200, True)
    application.refresh_from_db()
    assert application.state == "new"
    services.note(application=application, by=make_administrator(), text="Heliotrope7731")
    assert "Heliotrope7731" not in client.get(page(application)).content.decode()
    assert services.OWN in messages_of(client.post(f"{LIST}note/{application.pk}/", {"text": "x"}, follow=True))
    assert application.entries.count() == 1
    administrator = make_user(is_superuser=True)
    mine = make_application(administrator)
    assert signed_in(administrator).post(step(mine, name), {"question": "x", **WORDS}).status_code == 302


@pytest.mark.parametrize(("data", "sentence"), [
    ({"expires_on": "2001-01-01"}, "A membership cannot end before it starts."),
    ({"expires_on": "9999-01-01"}, "Please choose a day within the next 50 years"),
    ({"level": "999"}, "Select a valid choice."),
    ({"text": " "}, "Please write what the applicant is to read."),
    ({"organisation_name": "x" * 201}, "Please keep it to 200 characters."),
])  # fmt: skip
def test_approval_that_does_not_fit_is_refused_and_nothing_is_lost(client, data, sentence):
    application = make_application()
    answer = client.post(step(application, "approve"), {**WORDS, "organisation_name": "Kept", **data})
    assert (answer.status_code, sentence in answer.content.decode()) == (200, True)
    assert soup_in(answer).select_one("[name=subject]")["value"] == "Welcome"
    application.refresh_from_db()
    assert (application.state, Organisation.objects.count(), application.entries.count()) == ("new", 0, 0)


@pytest.mark.parametrize("address", ["decide/1/nonsense/", "decide/99999999999999999999/approve/", "inspect/999/"])
def test_address_that_is_none_does_not_exist(client, address):
    assert client.get(LIST + address).status_code == 404


def test_unconfirmed_application_is_nowhere_in_the_administration(client):
    hidden = apply.begin(email="x@example.org", written=apply.Written("Eve", "Unconfirmed", "x", "x"))
    for address in (page(hidden), step(hidden, "approve"), f"{LIST}note/{hidden.pk}/"):
        assert client.get(address).status_code in (404, 405), address
    client.post(bulk("approve", hidden), {"action_data": "", **WORDS})
    hidden.refresh_from_db()
    assert hidden.state == "unconfirmed"


# --- Several at once --------------------------------------------------------------------------------------------
def test_who_applies_after_the_page_was_shown_is_not_decided_about_by_it(client):
    """“All” are those whom the secretary has seen."""
    seen = make_application(email="seen@example.org")
    page_of_all = soup_of(client, f"/admin/bulk/members/application/approve/?id=all&next={LIST}")
    unseen = make_application(email="unseen@example.org")
    client.post(page_of_all.select_one("form.joining-form")["action"], {"expires_on": "", **WORDS})
    for application in (seen, unseen):
        application.refresh_from_db()
    assert (seen.state, unseen.state) == ("approved", "new")


def test_nothing_is_asked_about_what_is_no_application(client):
    for chosen in ("", "id=0"):
        answer = client.get(f"/admin/bulk/members/application/approve/?{chosen}", follow=True)
        assert "Nothing was chosen." in messages_of(answer)


def test_several_are_approved_each_with_an_own_mail(client):
    first = make_application(email="one@example.org", organisation_name="Ours")
    second = make_application(email="two@example.org", organisation_name="OURS", state="asked")
    over = make_application(email="over@example.org", state="declined")
    asked = soup_of(client, bulk("approve", first, second, over))
    assert "Good day, {first name}," in asked.select_one("[name=text]").text
    assert "one@example.org" in words_of(asked)
    answer = client.post(bulk("approve", first, second, over), {"expires_on": "", **WORDS}, follow=True)
    said = messages_of(answer)
    assert "2 applications approved." in said
    assert f"Passed over: 1. Pat Person: {services.DECIDED}" in said
    numbers = {each.user.membership.number for each in (first, second) if not each.user.membership.refresh_from_db()}
    assert len(numbers) == 2
    assert Organisation.objects.get().name.casefold() == "ours"
    for application in (first, second):
        mail = mails_to(application.email)[-1]
        assert mail.text == f"Good day, Pat: number {application.user.membership.number_label}, without an end."
    assert len(mails_to("over@example.org")) == 2


def test_several_are_declined(client, secretary):
    several = [make_application() for _ in range(3)]
    answer = client.post(bulk("decline", *several), {"subject": "No", "text": "{first name}, no."}, follow=True)
    assert "3 applications declined." in messages_of(answer)
    assert set(Application.objects.values_list("state", "decided_by")) == {("declined", secretary.pk)}
    assert AccessRecord.objects.filter(action="application_declined").count() == 3


def test_all_of_a_list_are_those_that_wait(client):
    waiting, asked = make_application(), make_application(state="asked")
    client.post(f"/admin/bulk/members/application/decline/?id=all&next={LIST}", {"subject": "No", "text": "No."})
    for application in (waiting, asked):
        application.refresh_from_db()
    assert (waiting.state, asked.state) == ("declined", "asked")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_secretaries_at_once_decide_once():
    secretary, application = make_administrator(), make_application()
    together = Barrier(6)

    def act(number):
        try:
            together.wait()
            if number % 3 == 0:
                services.approve(application=application, by=secretary, words=("Yes", "Yes"))
            elif number % 3 == 1:
                services.decline(application=application, by=secretary, words=("No", "No"))
            else:
                membership = Membership.objects.get(user=application.user)
                memberships.approve(membership=membership, by=secretary, expires_on=None)
        except (ValidationError, Membership.DoesNotExist):
            return 0
        finally:
            connection.close()
        return 1

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(act, range(6))) == 1
    application.refresh_from_db()
    assert application.state in ("approved", "declined")
    is_member = Membership.objects.current().filter(user=application.user).exists()
    assert is_member == (application.state == "approved")
    assert AccessRecord.objects.filter(action__in=("membership_approved", "application_declined")).count() == 1


def test_decision_that_cannot_be_recorded_does_not_happen(monkeypatch, secretary):
    application = make_application()
    before = Application.objects.values().get(), len(mails_to(application.email))

    def full(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr("members.audit.record", full)
    for act in (services.approve, services.decline):
        with pytest.raises(OSError, match="disk full"):
            act(application=application, by=secretary, words=("x", "x"))
    with pytest.raises(OSError, match="disk full"):
        services.ask(application=application, by=secretary, question="x")
    assert (Application.objects.values().get(), len(mails_to(application.email))) == before
    assert Membership.objects.waiting().count() == 1


# --- Who may ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["member", "editor", "auditor"])
def test_nobody_else_sees_or_decides(signed_in, kind):
    people = {
        "member": make_member,
        "editor": lambda: make_editor_of(make_folder()),
        "auditor": lambda: make_member(groups=(roles.AUDITORS,)),
    }
    client = signed_in(people[kind]())
    application = make_application(email="heliotrope7731@example.org")
    addresses = [
        LIST,
        f"{LIST}results/",
        page(application),
        f"{LIST}note/{application.pk}/",
        bulk("decline", application),
    ]
    addresses += [step(application, name) for name in ("approve", "ask", "decline", "take-up")]
    addresses += ["/admin/settings/members/joiningsettings/"]
    for address in addresses:
        for answer in (client.get(address), client.post(address, {"question": "x", "text": "x", "subject": "x"})):
            assert answer.status_code in (302, 403, 404, 405), address
            assert "heliotrope7731" not in answer.content.decode()
    application.refresh_from_db()
    assert (application.state, application.entries.count()) == ("new", 0)
    assert "heliotrope7731" not in client.get("/admin/").content.decode()


def test_secretary_reads_the_applications_on_the_front_page(client):
    asked = make_application(state="asked", first_name="Ada", last_name="Asked")
    new = make_application(first_name="Ada", last_name="New")
    by_hand = make_member(standing="applicant", first_name="Ada", last_name="Hand").membership
    links = [each["href"] for each in soup_of(client, "/admin/").select(".desk-list a")]
    assert links == [page(new), f"/admin/memberships/edit/{by_hand.pk}/", page(asked)]
    assert "More information was asked." in words_of(soup_of(client, "/admin/").select_one(".desk"))


def test_secretary_sets_how_people_join(client, signed_in):
    joining = JoiningSettings.load()
    address = f"/admin/settings/members/joiningsettings/{joining.pk}/"
    assert client.get("/admin/settings/members/joiningsettings/")["Location"] == address
    assert client.get(address).status_code == 200
    question = {"label": "How?", "field_type": "singleline", "required": "on", "help_text": "", "choices": ""}
    data = {
        "applications_are_open": "on", "introduction": "Welcome.", "consent_text": "I agree to this.",
        "invitation_days": "14", "questions": inline_formset([question]),
    }  # fmt: skip
    answer = client.post(address, nested_form_data(data))
    assert answer.status_code == 302, words_of(soup_in(answer).select_one("main"))
    joining.refresh_from_db()
    assert (joining.invitations_are_open, joining.invitation_days) == (False, 14)
    form = soup_of(signed_in(make_user()), "/members/apply/")
    assert form.select_one(f"[name=question-{joining.questions.get().pk}]")
    assert "I agree to this." in words_of(form)
    wrong = client.post(address, nested_form_data(data | {"invitation_days": "0"}))
    assert wrong.status_code == 200
