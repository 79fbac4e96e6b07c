"""Applying: what everybody may do, what nobody learns from it, and what exists once the address is confirmed."""

from __future__ import annotations

import datetime
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.enums import ApplicationState
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
from members.services import decide
from tests.factories import make_administrator, make_application, make_member, make_user
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


def written(**changes):
    usual = {"first_name": "Ada", "last_name": "Byron", "why": "To learn.", "consent_text": "I agree."}
    return services.Written(**usual | changes)


def test_mail_to_an_address_that_nobody_has_shown_to_be_theirs_has_no_word_of_the_form(client):
    words = {name: f"Marker {name}" for name in ("first_name", "last_name", "organisation_name", "role", "why")}
    assert apply(client, email="victim@example.org", **words).status_code == 302
    sent = OutgoingMail.objects.get(address="victim@example.org")
    assert "Marker" not in f"{sent.subject} {sent.text}"
    assert sent.text.startswith("Good day,\n")


@pytest.mark.parametrize("name", ["Win at https://evil.example", "WWW.evil.example", "me@evil.example", "!?"])
def test_name_that_would_be_an_address_in_a_mail_is_refused(client, name):
    assert errors_in(apply(client, first_name=name)) == ["First name: Please give a name, in letters."]


# --- The code ---------------------------------------------------------------------------------------------------
def test_code_is_good_for_fifteen_minutes(client):
    apply(client)
    code = code_for()
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=15, seconds=1)):
        assert errors_in(confirm(client, code)) == [f"Code: {services.NO_CODE}"]
    assert User.objects.count() == 0


def test_five_wrong_codes_end_the_right_one(client):
    apply(client)
    code = code_for()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert [errors_in(confirm(client, wrong)) for _ in range(5)] == [[f"Code: {services.WRONG_CODE}"]] * 5
    assert errors_in(confirm(client, code)) == [f"Code: {services.NO_CODE}"]
    again = client.post("/members/apply/code/again/")
    assert "A new code is on its way." in text_of(again)
    assert code_for() != code
    assert confirm(client, f"{code_for()[:3]} {code_for()[3:]}").status_code == 302


def test_new_code_ends_the_former_one_and_five_are_enough(client):
    apply(client)
    former = code_for()
    client.post("/members/apply/code/again/")
    if code_for() != former:
        assert errors_in(confirm(client, former)) == [f"Code: {services.WRONG_CODE}"]
    application = Application.objects.get()
    for _ in range(3):
        services.send_another_code(application_id=application.pk)
    with pytest.raises(ValidationError, match="Enough codes were sent"):
        services.send_another_code(application_id=application.pk)


def test_code_of_one_application_fits_no_other():
    first, second = Client(), Client()
    apply(first, email="one@example.org")
    apply(second, email="two@example.org")
    if code_for("one@example.org") != code_for("two@example.org"):
        assert confirm(second, code_for("one@example.org")).status_code == 400
    assert confirm(Client(), code_for("one@example.org"))["Location"] == "/members/apply/"


def test_two_browsers_apply_with_one_address():
    first, second = Client(), Client()
    apply(first)
    former = code_for()
    apply(second, first_name="Augusta")
    assert confirm(second, code_for()).status_code == 302
    assert errors_in(confirm(first, former)) == [f"Code: {services.ALREADY}"]
    assert (User.objects.get().first_name, Application.objects.received().count()) == ("Augusta", 1)


def test_codes_are_neither_kept_nor_guessed_by_the_row(client):
    apply(client)
    application = Application.objects.get()
    assert code_for() not in str(Application.objects.values().get())
    assert not application.is_code("")
    assert not application.is_code(application.code_digest)


@pytest.mark.parametrize("code", ["", "abc", "１２３", "x" * 21, "\0", "0" * 6, "²" * 6])
def test_code_that_is_none_is_told_in_a_sentence(client, code):
    apply(client)
    assert confirm(client, code).status_code == 400
    assert len(errors_in(confirm(client, code))) == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("is_right", [True, False])
def test_twenty_at_once_are_one_account_and_five_guesses(is_right):
    application = services.begin(email="ada@example.org", written=written())
    right = code_for()
    together = Barrier(20)

    def attempt(number):
        try:
            together.wait()
            code = right if is_right else f"{(int(right) + 1 + number) % 10**6:06}"
            services.confirm(application_id=application.pk, code=code)
        except ValidationError as error:
            return error.messages[0]
        finally:
            connection.close()
        return "in"

    with ThreadPoolExecutor(20) as pool:
        said = list(pool.map(attempt, range(20)))
    assert said.count("in") == User.objects.count() == Membership.objects.count() == int(is_right)
    assert said.count(services.WRONG_CODE) <= 5
    assert said.count(services.NO_CODE) >= 15
    assert Application.objects.get().code_attempts <= 5


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


# --- Afterwards -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("state", "sentence"), [
    ("new", "We have received your application"),
    ("review", "The membership secretary is looking at your application."),
    ("asked", "We have a question before we can decide."),
    ("approved", "Your application has been approved: you are a member."),
    ("declined", "Your application has been declined."),
    ("withdrawn", "You have withdrawn this application."),
])  # fmt: skip
def test_applicant_sees_where_the_application_stands(signed_in, state, sentence):
    application = make_application(state=state)
    page = text_of(signed_in(application.user).get("/members/application/"))
    assert sentence in page
    assert ("Withdraw the application" in page) == application.is_open
    assert ("Send the answer" in page) == (state == "asked")


def test_applicant_reads_the_question_and_the_letter_and_never_a_note(signed_in):
    secretary = make_administrator()
    application = make_application(state="asked", by=secretary)
    decide.note(application=application, by=secretary, text="Heliotrope7731")
    client = signed_in(application.user)
    assert "Which one?" in text_of(client.get("/members/application/"))
    answer = client.post("/members/application/answer/", {"text": "The first\r\n\r\none."})
    assert (answer.status_code, answer["Location"]) == (302, "/members/application/")
    application.refresh_from_db()
    assert application.state == ApplicationState.REVIEW
    assert [(each.kind, each.text) for each in application.entries.all()] == [
        ("question", "Which one?"), ("note", "Heliotrope7731"), ("answer", "The first\n\none."),
    ]  # fmt: skip
    decide.decline(application=application, by=secretary, words=("No", "Good day, {first name}: no, for a reason."))
    page = client.get("/members/application/").content.decode()
    assert "Good day, Pat: no, for a reason." in page
    assert "Heliotrope7731" not in page
    assert "My application" in text_of(client.get("/members/"))


def test_answer_without_words_or_without_a_question_is_refused(signed_in):
    application = make_application(state="asked")
    client = signed_in(application.user)
    assert errors_in(client.post("/members/application/answer/", {"text": " "})) == [
        "Your answer: Please write your answer first."
    ]
    long = client.post("/members/application/answer/", {"text": "x" * 2001})
    assert (long.status_code, "x" * 2001 in long.content.decode()) == (400, True)
    assert client.post("/members/application/answer/", {"text": "Yes"}).status_code == 302
    again = client.post("/members/application/answer/", {"text": "Yes"})
    assert (again.status_code, errors_in(again)) == (400, ["There is no open question about your application."])


def test_applicant_withdraws_once_and_may_apply_again(signed_in):
    application = make_application(state="review")
    client = signed_in(application.user)
    assert client.post("/members/application/withdraw/").status_code == 302
    application.refresh_from_db()
    assert (application.state, Membership.objects.count() - 1) == ("withdrawn", 0)  # the administrator's is left
    assert AccessRecord.objects.filter(action="application_withdrawn").count() == 1
    again = client.post("/members/application/withdraw/")
    assert (again.status_code, services.NOT_OPEN in text_of(again)) == (400, True)
    assert apply(client).status_code == 302
    assert "We have received your application" in text_of(client.get("/members/application/"))


def test_nobody_sees_or_touches_anothers_application(signed_in, client):
    application = make_application(state="asked")
    other = signed_in(make_member())
    assert other.get("/members/application/")["Location"] == "/members/apply/"
    for address in ("answer", "withdraw"):
        assert other.post(f"/members/application/{address}/", {"text": "x"}).status_code == 404
        assert client.post(f"/members/application/{address}/")["Location"].startswith("/account/login/")
    application.refresh_from_db()
    assert application.state == "asked"


def test_applicant_of_whom_more_was_asked_is_told_everywhere(signed_in):
    application = make_application(state="asked")
    page = soup_of(signed_in(application.user), "/files/")
    assert "We have a question before we can decide" in words_of(page.main)
    assert page.select_one('main a[href="/members/application/"]')


def test_what_nobody_confirms_is_forgotten_after_a_day(client):
    apply(client)
    apply(client, email="late@example.org")
    yesterday = timezone.now() - datetime.timedelta(days=1, minutes=1)
    Application.objects.filter(email="ada@example.org").update(applied_at=yesterday)
    kept = make_application()
    Application.objects.filter(pk=kept.pk).update(applied_at=yesterday)
    services.forget_unconfirmed()
    assert set(Application.objects.values_list("email", flat=True)) == {"late@example.org", kept.email}


def test_database_refuses_what_cannot_be():
    application = make_application()
    for wrong in ({"user": None}, {"state": "approved"}, {"decided_at": timezone.now()}, {"code_digest": "x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Application.objects.filter(pk=application.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.create(user=application.user, state="new", why="x")


def test_application_that_cannot_be_recorded_does_not_happen(monkeypatch):
    application = services.begin(email="ada@example.org", written=written())

    def full(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr("members.audit.record", full)
    with pytest.raises(OSError, match="disk full"):
        services.confirm(application_id=application.pk, code=code_for())
    assert (User.objects.count(), Application.objects.received().count()) == (0, 0)
