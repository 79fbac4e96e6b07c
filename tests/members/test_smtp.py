"""What a mail server gets when the sender dies in the middle of a mail: nothing, or the whole once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller

from deploy.processes import free_port
from members import mail
from members.enums import MailState
from members.models import OutgoingMail

pytestmark = pytest.mark.django_db


class Sink:
    def __init__(self) -> None:
        self.got: list[tuple[str, bytes]] = []

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802 -- aiosmtpd's name
        if address.startswith("refused"):
            return "550 No such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 -- as above
        self.got += [(address, envelope.content) for address in envelope.rcpt_tos]
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
