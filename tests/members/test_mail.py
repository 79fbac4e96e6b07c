"""A mail on its way: one for each occasion, sent once, kept while the server is away, inert whatever people wrote."""

from __future__ import annotations

from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from bs4 import BeautifulSoup
from django.core import mail as django_mail
from django.db import IntegrityError, transaction
from django.test import TestCase
from django_tasks_db.models import DBTaskResult
from wagtail.models import Site

from members import mail
from members.enums import MailState
from members.models import OutgoingMail
from members.tasks import send_mail
from portal.models import SiteSettings
from tests.factories import make_member, make_post

pytestmark = pytest.mark.django_db
WORDS = ("A subject\nBcc: evil@example.org", "Good day,\n\n<b>Tom</b> & co.\n\nhttps://example.org/a?b=1&c=2\n\nBye")

ORDER = ("-priority", "enqueued_at")  # the worker's


@pytest.fixture(autouse=True)
def _association():
    own, _created = SiteSettings.objects.get_or_create(site=Site.objects.get(is_default_site=True))
    own.organisation_name, own.contact_email = "Guild of Safe & Sound Places", "office@example.org"
    own.save()


def waiting() -> list[int]:
    queued = DBTaskResult.objects.ready().filter(task_path=send_mail.module_path)
    return [each.args_kwargs["args"][0] for each in queued]


def test_mail_is_kept_and_queued_with_its_occasion_and_sent_once():
    pat = make_member("pat@example.org", first_name="Pat")
    posted = mail.post(to=pat, occasion="welcome 1", words=WORDS)
    assert mail.post(to=pat, occasion="welcome 1", words=("Again", "Again")) is None
    assert waiting() == [posted.pk]
    for _ in range(2):
        mail.send(mail_id=posted.pk)
    (message,) = django_mail.outbox
    posted.refresh_from_db()
    assert (posted.state, posted.text, posted.trouble) == (MailState.SENT, "", "")
    assert posted.sent_at
    assert message.to == ["pat@example.org"]
    assert message.subject == "A subject Bcc: evil@example.org"
    assert message.body == WORDS[1]
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    html = BeautifulSoup(message.alternatives[0].content, "html.parser")
    assert "<b>Tom</b> & co." in html.get_text()
    assert html.find("b") is None
    assert html.find("a")["href"] == "https://example.org/a?b=1&c=2"
    assert html.find("p").get_text() == "Guild of Safe & Sound Places"


def test_mail_goes_before_what_was_queued_for_things_that_were_saved():
    with TestCase.captureOnCommitCallbacks(execute=True):
        make_post("A post")
    assert DBTaskResult.objects.ready().exists()
    mail.post(to=make_member(), occasion="a word", words=("Good day", "A word."))
    assert DBTaskResult.objects.ready().order_by(*ORDER).first().task_path == "members.tasks.send_mail"


def test_only_an_address_of_the_site_looks_like_a_button(settings):
    base = settings.BASE_URL
    alone = ["https://evil.example/sign-in", f"{base}.evil.example/", f"{base}@evil.example/", "http://evil.example"]
    html = BeautifulSoup(mail.as_html("News", "\n\n".join([f"{base}/news/?a=1&b=2", *alone])), "html.parser")
    buttons = [link["href"] for link in html.find_all("a") if "background" in link.get("style", "")]
    assert buttons == [f"{base}/news/?a=1&b=2"]
    assert [link.get_text() for link in html.find_all("a")][1:] == alone


def test_template_gives_subject_and_text_in_the_associations_name(settings):
    subject, text = mail.words_of(
        "contact_message", {"page": {"title": "Write & ask"}, "answers": [("Name:", "<i>Jo</i>")], "kept_at": "x"}
    )
    assert subject == "Message from the website: Write & ask"
    assert text.startswith("Good day,\n\nSomebody has written through the form “Write & ask”")
    assert "Name:\n<i>Jo</i>\n" in text
    assert text.endswith(
        f"Kind regards,\nGuild of Safe & Sound Places\n{settings.BASE_URL}\n\n"
        "Do you need help? Write to office@example.org.\n"
    )
    assert "\n\n\n" not in text


def test_mail_goes_with_the_decision_that_brought_it():
    pat = make_member("pat@example.org")

    with transaction.atomic():
        mail.post(to=pat, occasion="welcome 1", words=WORDS)
        transaction.set_rollback(True)
    assert (OutgoingMail.objects.count(), waiting()) == (0, [])


@pytest.mark.parametrize(
    ("trouble", "state", "again"),
    [
        (SMTPServerDisconnected("gone"), MailState.WAITING, True),
        (ConnectionRefusedError("away"), MailState.WAITING, True),
        (SMTPRecipientsRefused({"a@example.org": (451, b"later")}), MailState.WAITING, True),
        (SMTPRecipientsRefused({"a@example.org": (550, b"nobody \xff here")}), MailState.REFUSED, False),
        (SMTPDataError(452, b"full"), MailState.WAITING, True),
        (SMTPDataError(554, b"no"), MailState.REFUSED, False),
    ],
)
def test_mail_waits_while_the_server_is_away_and_not_when_it_is_refused_for_good(trouble, state, again, monkeypatch):
    posted = mail.post(to="a@example.org", occasion="x", words=WORDS)

    def send(message, fail_silently=False):
        raise trouble

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMultiAlternatives.send", send)
        if again:
            with pytest.raises(mail.NotSent):
                mail.send(mail_id=posted.pk)
        else:
            mail.send(mail_id=posted.pk)
    posted.refresh_from_db()
    assert posted.state == state
    assert posted.trouble
    mail.send(mail_id=posted.pk)
    assert len(django_mail.outbox) == again


def test_mail_whose_sending_was_broken_off_is_not_sent_again():
    posted = mail.post(to="a@example.org", occasion="x", words=WORDS)
    OutgoingMail.objects.update(state=MailState.SENDING)
    mail.send(mail_id=posted.pk)
    assert django_mail.outbox == []


def test_same_mail_has_the_same_name_for_servers():
    first, second = (mail.post(to="a@example.org", occasion=each, words=WORDS) for each in "xy")
    for each in (first.pk, first.pk, second.pk):
        OutgoingMail.objects.filter(pk=each).update(state=MailState.WAITING, sent_at=None)
        mail.send(mail_id=each)
    names = [message.extra_headers["Message-ID"] for message in django_mail.outbox]
    assert names[0] == names[1] != names[2]


def test_sent_mail_keeps_no_words():
    posted = mail.post(to="a@example.org", occasion="x", words=WORDS)
    with pytest.raises(IntegrityError), transaction.atomic():
        OutgoingMail.objects.filter(pk=posted.pk).update(state=MailState.SENT)
