"""The contact page: what people send is kept and mailed, wrong answers come back whole, robots get nowhere."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core import mail, signing
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.contrib.forms.models import FormSubmission

from members.robots import LATEST, SALT
from portal.models import ContactField, ContactPage
from portal.ops import queue
from portal.tasks import mail_contact_message
from tests.factories import make_member
from tests.portal.contacting import ANSWERS, make_contact_page, opened, send
from tests.portal.reading import set_site, soup_of, words_of
from tests.portal.test_query_counts import queries

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def contact(db) -> ContactPage:
    set_site(organisation_name="Safe Places", contact_email="office@example.org")
    return make_contact_page()


def messages() -> list[dict[str, Any]]:
    return list(FormSubmission.objects.order_by("pk").values_list("form_data", flat=True))


def mails_waiting() -> Any:
    return DBTaskResult.objects.filter(task_path=mail_contact_message.module_path)


def run_queue() -> None:
    """What the worker would do."""
    for each in mails_waiting().ready():
        mail_contact_message.func(*each.args_kwargs["args"])
        each.delete()


def form_in(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.content, "html.parser").select_one(".contact-form")


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks) -> Callable[[], Any]:
    return lambda: django_capture_on_commit_callbacks(execute=True)


# --- Sending ----------------------------------------------------------------------------------------------------
def test_message_is_kept_and_mailed_to_all_receivers(client, contact, on_commit):
    with on_commit():
        answer = send(client, day="2027-05-31", how_many="12", groups=["Exercises", "Training"], reply_wanted="on")
    assert (answer.status_code, answer["Location"]) == (302, "/contact/?sent")
    assert mail.outbox == []  # not while the sender waits
    assert messages() == [
        {
            "your_name": "Pat Person",
            "e_mail": "pat@example.org",
            "subject": "Training",
            "message": "Good morning.\n\nWhen is the next course?",
            "day": "2027-05-31",
            "how_many": "12",
            "groups": ["Exercises", "Training"],
            "reply_wanted": True,
        }
    ]
    run_queue()
    [sent] = mail.outbox
    assert (sent.to, sent.reply_to) == (["one@example.org", "two@example.org"], ["pat@example.org"])
    assert sent.subject == "Message from the website: Contact"
    assert sent.extra_headers == {"Auto-Submitted": "auto-generated"}
    for part in (
        "Message:\nGood morning.\n\nWhen is the next course?\n",
        "Day:\n31 May 2027\n",
        "How many:\n12\n",
        "Groups:\nExercises, Training\n",
        "Reply wanted?\nYes\n",
        "An answer to this mail goes to pat@example.org. The site has not checked whose address that is.",
        f"/admin/forms/submissions/{contact.pk}/",
    ):
        assert part in sent.body


def test_thanks_are_the_editors_words(client):
    thanks = soup_of(client, send(client)["Location"]).main
    assert words_of(thanks) == "Thank you We answer on Tuesday. To the front page"


def test_form_without_an_address_is_mailed_without_a_way_back(client, contact, on_commit):
    contact.form_fields.filter(field_type="email").delete()
    with on_commit():
        assert send(client).status_code == 302
    run_queue()
    assert mail.outbox[0].reply_to == []
    assert "an answer to this mail reaches nobody" in mail.outbox[0].body


def test_page_without_receivers_keeps_the_message_alone(client, contact, on_commit):
    ContactPage.objects.update(receivers="")
    with on_commit():
        send(client)
    run_queue()
    assert (len(messages()), mail.outbox) == (1, [])


def test_message_that_was_deleted_before_the_mail_went_is_not_mailed(client, on_commit):
    with on_commit():
        send(client)
    FormSubmission.objects.all().delete()
    run_queue()
    assert mail.outbox == []


def test_mail_server_that_is_away_loses_nothing(client, on_commit, settings, monkeypatch):
    def away(*args: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patched:
        patched.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", away)
        with on_commit():
            assert send(client).status_code == 302
        with pytest.raises(ConnectionRefusedError):
            run_queue()
    long_ago = timezone.now() - datetime.timedelta(minutes=6)
    mails_waiting().update(status="FAILED", finished_at=long_ago)
    queue.retry_failed_tasks()
    run_queue()
    assert (len(messages()), len(mail.outbox)) == (1, 1)


# --- Wrong answers ----------------------------------------------------------------------------------------------
TOO_LONG = "Please keep it to 5,000 characters. Yours has 1000000; none is cut off."
WRONG = [
    ("your_name", "", "Please fill this in."),
    ("your_name", "\u200b \u00a0", "Please fill this in."),
    ("your_name", "x" * 256, "Please keep it to 255 characters. Yours has 256; none is cut off."),
    ("e_mail", "", "Please fill this in."),
    ("e_mail", "pat", "Please write an e-mail address, such as name@example.org."),
    ("e_mail", "a@example.org\r\nBcc: b@example.org", "Please write an e-mail address, such as name@example.org."),
    ("e_mail", "a@example.org, b@example.org", "Please write an e-mail address, such as name@example.org."),
    ("e_mail", "a" * 400 + "@example.org", "Please write an e-mail address, such as name@example.org."),
    ("subject", "", "Please choose one."),
    ("subject", "Something else", "Please choose from what is here."),
    ("message", " \r\n ", "Please fill this in."),
    ("message", "x" * 1_000_000, TOO_LONG),
    ("day", "31 February", "Please write a day, such as 31/05/2027."),
    ("how_many", "a few", "Please write a number in digits, such as 12 or 12.5."),
    ("how_many", "9" * 40, "Please write a number in digits, such as 12 or 12.5."),
    ("how_many", "NaN", "Please write a number in digits, such as 12 or 12.5."),
    ("groups", "Nonsense", "Please choose from what is here."),
]


@pytest.mark.parametrize(("name", "value", "sentence"), WRONG)
def test_wrong_answer_is_told_in_a_sentence_and_everything_stays(client, name, value, sentence):
    answer = send(client, **{name: value})
    assert answer.status_code == 400
    form = form_in(answer)
    assert [words_of(each) for each in form.select(".field-error")] == [sentence]
    assert form.select_one(f"[name={name}]").find_parent(class_="wrong")
    assert form.select_one(".error-summary a")["href"] == f"#id_{name}"
    shown = {
        "your_name": form.select_one("[name=your_name]")["value"] if name != "your_name" or value else "",
        "e_mail": form.select_one("[name=e_mail]").get("value", ""),
        "subject": (form.select_one("[name=subject] option[selected]") or {"value": ""})["value"],
        "message": form.select_one("[name=message]").text.removeprefix("\n").removeprefix("\r\n"),
    }
    chosen = {"subject": ""} if name == "subject" else {}
    for each, expected in (ANSWERS | ({name: value} if name in ANSWERS else {}) | chosen).items():
        assert shown[each].split() == expected.split(), each
    assert (messages(), mails_waiting().count()) == ([], 0)


def test_line_breaks_and_unseen_characters_in_one_line_do_not_reach_the_mail(client, on_commit):
    with on_commit():
        send(client, your_name="Pat\r\nE-mail:\r\nsomebody@example.org\u202e\x00", message="\x00Words\x1b[2J")
    assert messages()[0]["your_name"] == "Pat E-mail: somebody@example.org"
    assert messages()[0]["message"] == "Words[2J"


# --- Robots and floods ------------------------------------------------------------------------------------------
def test_trap_is_neither_seen_nor_reached(client):
    trap = soup_of(client, "/contact/").select_one("[name=your-website]")
    assert (trap["tabindex"], trap["autocomplete"], trap.get("value")) == ("-1", "off", None)
    assert (trap.parent["class"], trap.parent["aria-hidden"]) == (["visually-hidden"], "true")


@pytest.mark.parametrize("changes", [{}, {"e_mail": "nonsense"}, {"opened-at": ""}])
def test_robot_gets_the_thanks_and_nothing_is_kept(client, on_commit, changes):
    person = send(client)
    FormSubmission.objects.all().delete()
    with on_commit():
        robot = send(client, **{"your-website": "https://spam.example"} | changes)
    assert (robot.status_code, robot["Location"]) == (person.status_code, person["Location"])
    assert (messages(), mails_waiting().count()) == ([], 0)


def test_answer_within_two_seconds_is_asked_for_once_more(client):
    given = opened(0.5)
    first = send(client, **{"opened-at": given})
    assert (first.status_code, messages()) == (400, [])
    form = form_in(first)
    assert words_of(form.select_one(".error-summary")).startswith("Please look again Nothing is sent yet.")
    assert form.select_one("[name=message]").text.split() == ANSWERS["message"].split()
    kept = form.select_one("[name=opened-at]")["value"]  # with the time of the first opening, not a new one
    assert signing.loads(kept, salt=SALT) == signing.loads(given, salt=SALT)
    assert send(client, ago=3).status_code == 302


@pytest.mark.parametrize("stamp", ["", "nonsense", "late", "future", "text", "foreign"])
def test_form_without_a_good_time_gets_a_new_one(client, stamp):
    given = {
        "late": opened(LATEST + 60),
        "future": opened(-60),
        "text": signing.dumps("text", salt=SALT),
        "foreign": signing.dumps(time.time() - 30, salt="other"),
    }.get(stamp, stamp)
    answer = send(client, **{"opened-at": given})
    assert (answer.status_code, messages()) == (400, [])
    if stamp != "future":
        renewed = form_in(answer).select_one("[name=opened-at]")["value"]
        assert abs(time.time() - signing.loads(renewed, salt=SALT)) < 60


@pytest.mark.usefixtures("clock_stands")
def test_ten_messages_an_hour_from_one_address(client):
    assert [send(client).status_code for _ in range(10)] == [302] * 10
    answer = send(client, message="The one too many.")
    assert (answer.status_code, answer["Retry-After"]) == (429, "3600")
    assert "Your words are still here: please send them again in an hour." in words_of(form_in(answer))
    assert "office@example.org" in words_of(form_in(answer))
    assert form_in(answer).select_one("[name=message]").text.strip() == "The one too many."
    assert send(Client(REMOTE_ADDR="192.0.2.7")).status_code == 302
    assert len(messages()) == 11


def test_two_hundred_messages_an_hour_for_the_whole_site(settings, monkeypatch):
    monkeypatch.setitem(settings.ACCOUNT_RATE_LIMITS, "contact", "10/h/ip,3/h/key")
    statuses = [send(Client(REMOTE_ADDR=f"192.0.2.{number}")).status_code for number in range(4)]
    assert statuses == [302, 302, 302, 429]


# --- The page ---------------------------------------------------------------------------------------------------
def test_page_stands_in_the_footer_and_belongs_to_nobody_else(client, signed_in):
    for answer in (client.get("/contact/"), client.get("/contact/?sent"), send(client), send(client, e_mail="x")):
        assert answer["Cache-Control"] == "private, no-store"
    page = soup_of(client, "/contact/")
    assert page.select_one(".site-foot a")["href"] == "/contact/"
    assert page.select_one("[name=e_mail]").get("value") is None
    assert page.select_one("[name=e_mail]")["autocomplete"] == "email"
    assert page.select_one("[name=your_name]")["autocomplete"] == "name"
    known = soup_of(signed_in(make_member("mo@example.org")), "/contact/").select_one("[name=e_mail]")
    assert known["value"] == "mo@example.org"


def test_message_without_the_forms_token_is_refused():
    strict = Client(enforce_csrf_checks=True)
    assert send(strict).status_code == 403
    assert messages() == []
    token = soup_of(strict, "/contact/").select_one("[name=csrfmiddlewaretoken]")["value"]
    assert send(strict, csrfmiddlewaretoken=token).status_code == 302
    assert Client().put("/contact/").status_code == 405


def test_page_asks_the_same_for_three_fields_and_thirty(contact):
    assert queries("/contact/") == 5
    for number in range(22):
        ContactField.objects.create(page=contact, label=f"Further {number}", field_type="singleline")
    assert queries("/contact/") == 5
