"""What a mail server gets when the sender dies in the middle of a mail: nothing, or the whole once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings as site
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from deploy.processes import free_port
from members import mail
from members.enums import MailState
from members.models import OutgoingMail
from members.smtp import AnswerLost
from members.tasks import send_mail

pytestmark = pytest.mark.django_db


class Sink:
    def __init__(self) -> None:
        self.got: list[tuple[str, bytes]] = []
        self.patient: set[str] = set()

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802 -- aiosmtpd's name
        if address.startswith("refused"):
            return "550 No such user"
        if address.startswith(("later", "closing")) and address not in self.patient:
            self.patient.add(address)
            return f"{421 if address.startswith('closing') else 451} Later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 -- as above
        kind = envelope.rcpt_tos[0].partition("@")[0]
        if kind in ("full", "spam"):
            return "452 Full" if kind == "full" else "554 No"
        self.got += [(address, envelope.content) for address in envelope.rcpt_tos]
        if kind == "lost":
            server.transport.abort()
        return "250 Taken"


@pytest.fixture
def sink(settings) -> Iterator[Sink]:
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = (
        "members.smtp.EmailBackend", "127.0.0.1", controller.port,
    )  # fmt: skip
    yield sink
    controller.stop()


def letters(*names: str) -> list[mail.Letter]:
    return [
        mail.Letter(
            occasion=f"news to {name}",
            address=f"{name}@example.org",
            subject="News",
            text="Words\n.\n..dots\n",
            headers={"List-Id": "<news.example.org>"},
        )
        for name in names
    ]


class Died(BaseException):
    """As if the process were killed."""


@pytest.mark.parametrize("point", ["before the row", "after the dot"])
def test_each_gets_the_mail_once_wherever_the_sender_dies(sink, monkeypatch, point):
    taken, deaths = mail._Batch._take, iter(range(10))
    noted, names = mail._Batch._note, [f"p{number}" for number in range(12)]

    def take(self, row):
        if point == "before the row" and next(deaths, None) is not None:
            raise Died
        return taken(self, row)

    def note(self, row, state, trouble=""):
        if point == "after the dot" and next(deaths, None) is not None:
            raise Died
        return noted(self, row, state, trouble)

    monkeypatch.setattr(mail._Batch, "_take", take)
    monkeypatch.setattr(mail._Batch, "_note", note)
    for _ in range(11):
        try:
            mail.send_many(letters(*names))
        except Died:
            continue
    assert Counter(address for address, _ in sink.got) == {f"{name}@example.org": 1 for name in names}


def test_dots_and_refusals_and_another_run_are_no_trouble(sink, monkeypatch):
    everybody = letters("one", "refused", "two", "three")
    real = mail._Batch._take

    def take(self, row):
        if row.address.startswith("two"):  # as if another run were quicker
            OutgoingMail.objects.filter(pk=row.pk).update(state=MailState.SENDING)
        return real(self, row)

    monkeypatch.setattr(mail._Batch, "_take", take)
    assert mail.send_many(everybody) == 3
    assert [address for address, _ in sink.got] == ["one@example.org", "three@example.org"]
    assert b"\r\nWords\r\n.\r\n..dots\r\n" in sink.got[0][1]
    assert b"List-Id: <news.example.org>" in sink.got[0][1]
    states = dict(OutgoingMail.objects.values_list("address", "state"))
    assert states == {
        "one@example.org": "sent", "two@example.org": "sending", "three@example.org": "sent",
        "refused@example.org": "refused",
    }  # fmt: skip
    assert mail.send_many(everybody) == 0


def states() -> dict[str, str]:
    return {address.partition("@")[0]: state for address, state in OutgoingMail.objects.values_list("address", "state")}


def test_trouble_of_one_is_its_own_and_it_is_tried_again_by_itself(sink):
    everybody = letters("later", "full", "spam", "refused", "good")
    assert mail.send_many(everybody) == 3, "those of which the server has said its last word"
    assert states() == {"later": "waiting", "full": "waiting", "spam": "refused", "refused": "refused", "good": "sent"}
    assert mail.send_many(everybody) == 0
    tasks = DBTaskResult.objects.filter(task_path=send_mail.module_path, run_after__gt=timezone.now())
    keys = sorted(each.args_kwargs["args"][0] for each in tasks)
    assert keys == sorted(OutgoingMail.objects.filter(state=MailState.WAITING).values_list("pk", flat=True))
    mail.send(mail_id=OutgoingMail.objects.get(address="later@example.org").pk)
    assert [address for address, _ in sink.got] == ["good@example.org", "later@example.org"]
    bodies = [content.partition(b"--=")[2] for _, content in sink.got]
    assert all(b"\r\nWords\r\n.\r\n..dots\r\n" in each for each in bodies)
    assert b"List-Id: <news.example.org>" in sink.got[1][1]
    assert not OutgoingMail.objects.exclude(text="").exclude(address="full@example.org").exists()


def test_server_that_says_goodbye_stops_the_batch_once(sink):
    with pytest.raises(mail.NotSent):
        mail.send_many(letters("closing", "good"))
    assert states() == {"closing": "waiting", "good": "waiting"}
    assert mail.send_many(letters("closing", "good")) == 1
    assert states() == {"closing": "waiting", "good": "sent"}


def test_mail_whose_answer_was_lost_is_not_sent_again(sink):
    with pytest.raises(AnswerLost):
        mail.send_many(letters("lost", "good"))
    posted = mail.post(to="lost@example.org", occasion="one letter", words=("News", "Words"))
    with pytest.raises(AnswerLost):
        mail.send(mail_id=posted.pk)
    assert mail.send_many(letters("lost", "good")) == 1
    mail.send(mail_id=posted.pk)
    assert Counter(address for address, _ in sink.got) == {"lost@example.org": 2, "good@example.org": 1}
    assert Counter(OutgoingMail.objects.values_list("state", flat=True)) == {"sending": 2, "sent": 1}
    assert site.EMAIL_TIMEOUT == 60
