"""Applying: what everybody may do, what nobody learns from it, and what exists once the address is confirmed."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.models import (
    AccessRecord,
    Application,
    ApplicationQuestion,
    JoiningSettings,
    Membership,
    OutgoingMail,
    User,
)
from members.services import apply as services
from tests.factories import make_application, make_member, make_user
from tests.members.joining import (
    WRITTEN,
    apply,
    code_for,
    code_in,
    confirm,
    errors_in,
    is_in,
    mails_to,
    opened,
    soup_in,
    text_of,
    written,
)
from tests.portal.reading import soup_of, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def joining():
    return JoiningSettings.load()


# --- From the form to the account -------------------------------------------------------------------------------
def test_application_exists_once_the_code_is_typed(client):
    sent = apply(client, email=" Ada@Example.ORG ")
    assert (sent.status_code, sent["Location"]) == (302, "/members/apply/code/")
    assert (Application.objects.received().count(), User.objects.count(), Membership.objects.count()) == (0, 0, 0)
    assert "We have written to ada@example.org ." in text_of(client.get("/members/apply/code/"))
    [mail] = mails_to("ada@example.org")
    answer = confirm(client, code_in(mail))
    assert (answer.status_code, answer["Location"]) == (302, "/members/application/")
    user = User.objects.get()
    assert (user.email, str(user), user.has_usable_password()) == ("ada@example.org", "Ada Byron", False)
    assert EmailAddress.objects.get(user=user).verified
    assert user.membership.decision == "pending"
    application = Application.objects.get()
    facts = (application.user, application.state, application.organisation_name, application.role, application.why)
    assert facts == (user, "new", "Analytical Engines", "Programmer", "To learn.\n\nAnd to teach.")
    assert (application.consent_text, application.code_digest) == (JoiningSettings.load().consent_text, "")
    assert timezone.now() - application.consented_at < datetime.timedelta(minutes=5)
    assert is_in(client)
    page = client.get("/members/application/")
    assert "We have received your application" in text_of(page)
    assert "/account/password/set/" in page.content.decode()
    row = AccessRecord.objects.get(action="application_received")
    assert (row.actor_id, row.object_id, row.details) == (user.pk, str(application.pk), {"user": user.pk})
    assert [each.subject for each in mails_to("ada@example.org")][1:] == ["We have your application"]


def test_applicant_sets_a_password_and_signs_in_with_it(client):
    apply(client)
    confirm(client, code_for())
    new = {"password1": "a long enough phrase", "password2": "a long enough phrase"}
    assert client.post("/account/password/set/", new).status_code == 302
    other = Client()
    other.post("/account/login/", {"login": "ada@example.org", "password": "a long enough phrase"})
    assert "My application" in text_of(other.get("/members/application/"))
    assert "Choose a password" not in text_of(other.get("/members/application/"))


def test_there_is_no_other_door(client):
    assert client.get("/account/signup/")["Location"] == "/members/apply/"
    client.post("/account/signup/", {"email": "eve@example.org", "password1": "a long enough phrase"})
    assert User.objects.count() == 0


def test_questions_of_the_association_are_asked_and_kept_in_their_words(client, joining):
    asked = [("How?", "dropdown", "By a member\nOtherwise", True), ("E-mail", "multiline", "", False),
             ("Days", "checkboxes", "Mon\nTue", False), ("Since", "date", "", False)]  # fmt: skip
    made = [
        ApplicationQuestion.objects.create(
            joining=joining, label=label, field_type=kind, choices=choices, required=required, sort_order=place
        )
        for place, (label, kind, choices, required) in enumerate(asked)
    ]
    assert errors_in(apply(client)) == ["How? Please choose one."]
    names = [each.field_name for each in made]
    given = {names[0]: "Otherwise", names[1]: "<b>None</b>", names[2]: ["Mon", "Tue"], names[3]: "2020-05-31"}
    assert apply(client, **given).status_code == 302
    ApplicationQuestion.objects.all().delete()
    confirm(client, code_for())
    assert Application.objects.get().answers == [
        ["How?", "Otherwise"], ["E-mail", "<b>None</b>"], ["Days", "Mon, Tue"], ["Since", "31 May 2020"],
    ]  # fmt: skip
    assert "&lt;b&gt;None&lt;/b&gt;" in client.get("/members/application/").content.decode()


def test_person_with_an_account_and_no_membership_applies_without_a_code(signed_in):
    user = make_user("ada@example.org")
    client = signed_in(user)
    page = soup_of(client, "/members/apply/")
    assert page.select_one("[name=email]") is None
    assert page.select_one("[name=first_name]")["value"] == "Pat"
    answer = apply(client, email="other@example.org")
    assert (answer.status_code, answer["Location"]) == (302, "/members/application/")
    assert (Application.objects.get().email, Membership.objects.get().user) == ("ada@example.org", user)
    assert client.get("/members/apply/")["Location"] == "/members/application/"


@pytest.mark.parametrize("standing", ["current", "lapsed", "suspended", "applicant"])
def test_member_has_nothing_to_apply_for(signed_in, standing):
    client = signed_in(make_member(standing=standing))
    for answer in (client.get("/members/apply/"), apply(client)):
        assert "There is nothing to apply for" in text_of(answer)
    assert Application.objects.count() == 0


# --- Nobody learns who has an account ---------------------------------------------------------------------------
def answers_to(address):
    """Everything that somebody sees who applies with this address, without what names it."""
    client = Client()
    seen = [apply(client, email=address), client.get("/members/apply/code/"), confirm(client, "000000x")]
    seen += [client.post("/members/apply/code/again/")]
    seen += [confirm(client, "1") for _ in range(6)]
    shown = []
    for each in seen:
        soup = words_of(soup_in(each))
        shown.append((each.status_code, each.get("Location"), soup.replace(address, "ADDRESS")))
    return shown, len(mails_to(address))


def test_known_and_unknown_addresses_look_the_same():
    make_member("member@example.org")
    further = make_member("other@example.org")
    EmailAddress.objects.create(user=further, email="further@example.org", verified=True)
    make_application(email="waiting@example.org")
    before = len(mails_to("waiting@example.org"))
    unknown = answers_to("nobody@example.org")
    assert unknown[0][0][:2] == (302, "/members/apply/code/")
    assert unknown[1] == 2
    for known in ("member@example.org", "further@example.org"):
        assert answers_to(known) == unknown, known
    shown, mails = answers_to("waiting@example.org")
    assert (shown, mails - before) == unknown
    told = mails_to("member@example.org")[0]
    assert told.subject == "You have an account at Gatehouse already"
    assert "/account/login/" in told.text
    assert Application.objects.received().count() == 1


def test_known_and_unknown_addresses_take_the_same_steps():
    make_member("member@example.org")
    # The first makes the row of the site's settings; the second asks what is remembered afterwards.
    for address in ("first@example.org", "second@example.org"):
        services.begin(email=address, written=written())
    counts = []
    for address in ("nobody@example.org", "member@example.org"):
        with CaptureQueriesContext(connection) as asked:
            services.begin(email=address, written=written())
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_address_that_somebody_added_and_never_confirmed_is_nobodys(client):
    EmailAddress.objects.create(user=make_member(), email="ada@example.org", verified=False)
    apply(client)
    assert confirm(client, code_for()).status_code == 302
    assert User.objects.filter(email="ada@example.org").exists()


def test_mail_to_an_address_that_nobody_has_shown_to_be_theirs_has_no_word_of_the_form(client):
    words = {name: f"Marker {name}" for name in ("first_name", "last_name", "organisation_name", "role", "why")}
    assert apply(client, email="victim@example.org", **words).status_code == 302
    sent = OutgoingMail.objects.get(address="victim@example.org")
    assert "Marker" not in f"{sent.subject} {sent.text}"
    assert sent.text.startswith("Good day,\n")


@pytest.mark.parametrize("name", ["Win at https://evil.example", "WWW.evil.example", "me@evil.example", "!?"])
def test_name_that_would_be_an_address_in_a_mail_is_refused(client, name):
    assert errors_in(apply(client, first_name=name)) == ["First name: Please give a name, in letters."]


# --- Wrong answers ----------------------------------------------------------------------------------------------
TWO_THOUSAND = "Please keep it to 150 characters. Yours has 2000; none is cut off."
LOOKS_LIKE = "“а” only looks like a letter of an e-mail address. Please type the address anew."
NO_ADDRESS = "Please write an e-mail address, such as name@example.org."


@pytest.mark.parametrize(("name", "value", "sentence"), [
    ("first_name", "", "First name: Please fill this in."),
    ("first_name", "\u200b \n", "First name: Please fill this in."),
    ("last_name", "x" * 2000, f"Last name: {TWO_THOUSAND}"),
    ("email", "", f"E-mail: {NO_ADDRESS}"),
    ("email", "ada", f"E-mail: {NO_ADDRESS}"),
    ("email", "аda@example.org", f"E-mail: {LOOKS_LIKE}"),
    ("email", "ada@exаmple.org", f"E-mail: {LOOKS_LIKE}"),
    ("email", "ada@example.org\r\nBcc: eve@example.org", f"E-mail: {NO_ADDRESS}"),
    ("email", "ada@example.org, eve@example.org", f"E-mail: {NO_ADDRESS}"),
    ("email", f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.org", f"E-mail: {NO_ADDRESS}"),
    ("email", "ada\0@example.org", f"E-mail: {NO_ADDRESS}"),
    ("organisation_name", "x" * 201, "Organisation: Please keep it to 200 characters. Yours has 201; none is cut off."),
    ("why", " \r\n", "Why would you like to be a member? Please fill this in."),
    ("why", "x" * 2001,
     "Why would you like to be a member? Please keep it to 2,000 characters. Yours has 2001; none is cut off."),
])  # fmt: skip
def test_wrong_answer_is_told_in_a_sentence_and_everything_stays(client, name, value, sentence):
    answer = apply(client, **{name: value})
    assert (answer.status_code, errors_in(answer)) == (400, [sentence])
    page = soup_in(answer)
    for other in {"first_name", "last_name", "email", "organisation_name", "role"} - {name}:
        assert page.select_one(f"[name={other}]")["value"] == WRITTEN[other]
    assert page.select_one("[name=consent]").has_attr("checked")
    assert Application.objects.count() == 0


def test_without_consent_nothing_is_kept(client):
    answer = apply(client, consent="")
    said = [f"{JoiningSettings.load().consent_text} Please tick this box: without it nothing can be kept."]
    assert (answer.status_code, errors_in(answer), Application.objects.count()) == (400, said, 0)


def test_name_on_two_lines_is_one(client):
    apply(client, first_name="Ada\r\nSubject: x", last_name=" Byron\u202e ")
    assert str(Application.objects.get()) == "Ada Subject: x Byron"


def test_case_variants_of_an_address_are_one_address(client):
    make_member("ada@example.org")
    apply(client, email="ADA@EXAMPLE.ORG")
    assert [each.subject for each in mails_to("ada@example.org")] == ["You have an account at Gatehouse already"]


# --- Robots, floods, switches -----------------------------------------------------------------------------------
def test_robot_sees_what_a_person_sees_and_nothing_is_kept():
    person, robot = Client(), Client()
    expected = apply(person)
    answer = apply(robot, **{"your-website": "https://spam.example"})
    assert (answer.status_code, answer["Location"]) == (expected.status_code, expected["Location"])
    assert text_of(robot.get("/members/apply/code/")) == text_of(person.get("/members/apply/code/"))
    assert errors_in(confirm(robot, "123456")) == [f"Code: {services.NO_CODE}"]
    assert Application.objects.count() == 1
    assert apply(Client(), **{"your-website": "x", "email": "nonsense"}).status_code == 302


def test_form_that_comes_back_at_once_is_asked_for_again(client):
    answer = apply(client, **{"opened-at": opened(0.5)})
    assert (answer.status_code, Application.objects.count()) == (400, 0)
    assert "Nothing is sent yet." in text_of(answer)


def test_one_address_is_written_to_five_times_an_hour():
    statuses = [apply(Client(REMOTE_ADDR=f"192.0.2.{number}")).status_code for number in range(6)]
    assert statuses == [302] * 5 + [429]
    assert len(mails_to("ada@example.org")) == 5


@pytest.mark.usefixtures("clock_stands")
def test_one_internet_address_applies_twenty_times_an_hour(client):
    with time_machine.travel(timezone.now(), tick=False):
        statuses = [apply(client, email=f"ada{number}@example.org").status_code for number in range(21)]
        assert statuses == [302] * 20 + [429]
        assert apply(client, email="late@example.org")["Retry-After"] == "3600"


def test_codes_from_one_internet_address_are_limited(client, settings, monkeypatch):
    monkeypatch.setitem(settings.ACCOUNT_RATE_LIMITS, "apply_code", "3/h/ip")
    apply(client)
    assert [confirm(client, "000").status_code for _ in range(4)] == [400, 400, 400, 429]
    assert confirm(client, code_for()).status_code == 429


def test_applications_are_closed_by_a_switch(client, joining):
    JoiningSettings.objects.update(applications_are_open=False)
    page = client.get("/members/apply/")
    assert (page.status_code, "Applications are closed at present." in text_of(page)) == (200, True)
    assert apply(client).status_code == 403
    assert Application.objects.count() == 0


def test_form_wants_its_token_and_belongs_to_nobody_else():
    strict = Client(enforce_csrf_checks=True)
    assert apply(strict).status_code == 403
    for address in ("/members/apply/", "/members/apply/code/"):
        answer = strict.get(address)
        assert answer["Cache-Control"] == "private, no-store"
