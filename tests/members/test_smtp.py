"""What a mail server gets when the sender dies in the middle of a mail: nothing, or the whole once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings as site
from django.core.mail import BadHeaderError
from django.db import OperationalError, connection

from deploy.processes import free_port
from members import commit, mail, mail_to_many
from members.enums import MailState
from members.mail_forms import Form, filled, mark
from members.mail_rows import NotSent
from members.models import OutgoingMail
from members.smtp import AnswerLost, EmailBackend

pytestmark = pytest.mark.django_db


class Sink:
    def __init__(self) -> None:
        self.got: list[tuple[str, bytes]] = []
        self.patient: set[str] = set()
        self.connections = 1
        self.sessions: list[object] = []
        self.most_sessions = 99

    async def handle_MAIL(self, server, session, envelope, address, options) -> str:  # noqa: N802 -- aiosmtpd's name
        if session not in self.sessions:
            self.sessions.append(session)
        if self.sessions.index(session) >= self.most_sessions:
            return "450 Too many connections"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802 -- as above
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


@pytest.fixture(params=[1, 6], ids=["one connection", "six connections"])
def sink(request, settings) -> Iterator[Sink]:
    sink = Sink()
    sink.connections = request.param
    settings.MAILS_A_MINUTE = 1000 * request.param
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = (
        "members.smtp.EmailBackend", "127.0.0.1", controller.port,
    )  # fmt: skip
    yield sink
    controller.stop()


def letters(*names: str) -> list[mail_to_many.Letter]:
    return [
        mail_to_many.Letter(
            occasion=f"news to {name}",
            address=f"{name}@example.org",
            subject="News",
            text="Words\n.\n..dots\n",
            headers={"List-Id": "<news.example.org>"},
        )
        for name in names
    ]


def send_many(written: list[mail_to_many.Letter], put_off: mail_to_many.PutOff = lambda letter: None) -> int:
    return mail_to_many.send_many(written, put_off)


class Died(BaseException):
    """As if the process were killed."""


@pytest.mark.parametrize("point", ["before the row", "after the dot"])
def test_each_gets_the_mail_once_wherever_the_sender_dies(sink, monkeypatch, point):
    taken, deaths = mail_to_many._Batch._take, iter(range(10))
    noted, names = mail_to_many._Batch._note, [f"p{number}" for number in range(12)]

    def take(self, rows):
        if point == "before the row" and next(deaths, None) is not None:
            raise Died
        return taken(self, rows)

    def note(self, ways):
        if point == "after the dot" and next(deaths, None) is not None:
            raise Died
        return noted(self, ways)

    monkeypatch.setattr(mail_to_many._Batch, "_take", take)
    monkeypatch.setattr(mail_to_many._Batch, "_note", note)
    for _ in range(11):
        try:
            send_many(letters(*names))
        except Died:
            continue
    assert Counter(address for address, _ in sink.got) == {f"{name}@example.org": 1 for name in names}


@pytest.mark.skipif(commit.is_shared(), reason="On PostgreSQL the dots go together, with one commit")
def test_who_dies_between_commit_and_dot_leaves_one_without(sink, monkeypatch):
    real, dots, names = mail_to_many._Batch._send_dots, iter(range(10)), [f"p{number}" for number in range(6)]

    def send_dots(self, ways):
        if next(dots) == 1:
            raise Died
        real(self, ways)

    monkeypatch.setattr(mail_to_many._Batch, "_send_dots", send_dots)
    with pytest.raises(Died):
        send_many(letters(*names))
    assert send_many(letters(*names)) == 4
    unsure = {"p0", "p1"} if sink.connections > 1 else {"p1"}  # the answer about p0 was not read any more
    assert {name for name, state in states().items() if state == "sending"} == unsure
    assert Counter(address for address, _ in sink.got) == {f"{name}@example.org": 1 for name in names if name != "p1"}


@pytest.mark.skipif(commit.is_shared(), reason="On PostgreSQL the dots go together, with one commit")
def test_what_the_server_said_is_kept_where_the_database_fails_after_it(sink, monkeypatch):
    real, taken, put_off = mail_to_many._Batch._take, iter(range(10)), []

    def take(self, rows):
        if next(taken) == 2:
            raise OperationalError
        return real(self, rows)

    monkeypatch.setattr(mail_to_many._Batch, "_take", take)
    everybody = letters("good", "full", "late")
    with pytest.raises(OperationalError):
        send_many(everybody, put_off.append)
    assert put_off == everybody[1:2]
    assert states() == {"good": "sent", "full": "put off", "late": "waiting"}


def test_dots_and_refusals_and_another_run_are_no_trouble(sink, monkeypatch):
    everybody = letters("one", "refused", "two", "three")
    real = mail_to_many._Batch._take

    def take(self, rows):
        for row in rows:
            if row.address.startswith("two"):  # as if another run were quicker
                OutgoingMail.objects.filter(pk=row.pk).update(state=MailState.SENDING)
        return real(self, rows)

    monkeypatch.setattr(mail_to_many._Batch, "_take", take)
    assert send_many(everybody) == 3
    assert sorted(address for address, _ in sink.got) == ["one@example.org", "three@example.org"]
    assert b"\r\nWords\r\n.\r\n..dots\r\n" in sink.got[0][1]
    assert b"List-Id: <news.example.org>" in sink.got[0][1]
    states = dict(OutgoingMail.objects.values_list("address", "state"))
    assert states == {
        "one@example.org": "sent", "two@example.org": "sending", "three@example.org": "sent",
        "refused@example.org": "refused",
    }  # fmt: skip
    assert send_many(everybody) == 0


def states() -> dict[str, str]:
    return {address.partition("@")[0]: state for address, state in OutgoingMail.objects.values_list("address", "state")}


def test_trouble_of_one_is_its_own_and_it_is_put_off_without_its_words(sink):
    everybody, put_off = letters("later", "full", "spam", "refused", "good"), []
    assert send_many(everybody, put_off.append) == 3, "those of which the server has said its last word"
    assert states() == {"later": "put off", "full": "put off", "spam": "refused", "refused": "refused", "good": "sent"}
    assert sorted(put_off, key=everybody.index) == everybody[:2]
    assert not OutgoingMail.objects.exclude(text="", headers={}).exists()
    assert send_many(everybody, put_off.append) == 0
    for letter in everybody[:2]:
        assert mail_to_many.take_up(letter.occasion)
    mail_to_many.send_again(everybody[0])
    with pytest.raises(NotSent):
        mail_to_many.send_again(everybody[1])
    assert [address for address, _ in sink.got] == ["good@example.org", "later@example.org"]
    assert states() == {"later": "sent", "full": "put off", "spam": "refused", "refused": "refused", "good": "sent"}
    assert [mail_to_many.take_up(letter.occasion) for letter in everybody] == [False, True, False, False, False]


def test_mail_that_was_put_off_stays_so_while_the_server_is_away(sink, settings):
    everybody = letters("later")
    send_many(everybody)
    assert mail_to_many.take_up(everybody[0].occasion)
    settings.EMAIL_PORT = free_port()
    with pytest.raises(NotSent):
        mail_to_many.send_again(everybody[0])
    assert states() == {"later": "put off"}


def test_server_that_says_goodbye_stops_the_batch_once_or_is_done_without_one_connection(sink):
    """What it spoke of goes later by itself."""
    if sink.connections == 1:
        with pytest.raises(NotSent):
            send_many(letters("closing", "good"))
        assert states() == {"closing": "put off", "good": "waiting"}
    assert send_many(letters("closing", "good")) == 1
    assert states() == {"closing": "put off", "good": "sent"}


def test_mail_whose_answer_was_lost_is_not_sent_again(sink):
    with pytest.raises(AnswerLost):
        send_many(letters("lost", "good"))
    posted = mail.post(to="lost@example.org", occasion="one letter", words=("News", "Words"))
    with pytest.raises(AnswerLost):
        mail.send(mail_id=posted.pk)
    assert send_many(letters("lost", "good")) == (sink.connections == 1)
    mail.send(mail_id=posted.pk)
    assert Counter(address for address, _ in sink.got) == {"lost@example.org": 2, "good@example.org": 1}
    assert Counter(OutgoingMail.objects.values_list("state", flat=True)) == {"sending": 2, "sent": 1}
    assert site.EMAIL_TIMEOUT == 60


@pytest.mark.parametrize("refuses", ["connections", "mails"])
def test_server_that_allows_two_connections_gets_everything_through_two(sink, monkeypatch, refuses):
    real, opened = EmailBackend.open, []

    def open_(self):
        if self not in opened:
            if len(opened) == 2:
                raise ConnectionRefusedError
            opened.append(self)
        return real(self)

    if refuses == "connections":
        monkeypatch.setattr(EmailBackend, "open", open_)
    else:
        sink.most_sessions = 2
    names = [f"p{number}" for number in range(5)]
    assert send_many(letters(*names)) == 5
    assert sorted(address.partition("@")[0] for address, _ in sink.got) == names
    assert set(OutgoingMail.objects.values_list("state", "trouble")) == {("sent", "")}
    sink.most_sessions = 0
    if refuses == "mails":
        with pytest.raises(NotSent):
            send_many(letters("one", "two"))
        assert {name: states()[name] for name in ("one", "two")} == {"one": "waiting", "two": "waiting"}


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_commit_is_on_its_way_when_the_dots_go_and_has_come_when_it_is_over(sink, monkeypatch):
    real, asked = commit.begin, []
    monkeypatch.setattr(commit, "begin", lambda: asked.append(real()) or asked[-1])
    assert send_many(letters("one", "two", "refused")) == 3
    assert set(asked) == {connection.vendor == "postgresql"}
    assert states() == {"one": "sent", "two": "sent", "refused": "refused"}
    assert not connection.in_atomic_block


# --- Forms -------------------------------------------------------------------------------------------------------
PLAIN = f"Good day, {mark('name')},\n\nwhat is new – and old.\n\nhttp://127.0.0.1:8000/mail/stop/{mark('stop')}/\n"


@pytest.mark.parametrize("more", ["", "ASCII alone", "x" * 1200], ids=["words", "ascii", "a long line"])
def test_filled_form_is_the_mail_that_would_have_been_made_by_itself(db, more):
    text = PLAIN.replace("–", "-") + more if more == "ASCII alone" else PLAIN + more
    form, fills = Form("News – new", text), {"name": "Zoë <b>O'Hara & co", "stop": "m1-abc.d:e"}
    headers = {"Message-ID": "<a@b>", "List-Unsubscribe": f"<https://example.org/{'x' * 150}>"}
    made = form.message("ada@example.org", headers, fills)
    whole = mail.letter(to=["ada@example.org"], subject="News – new", text=filled(text, fills))
    assert (made.body, made.alternatives[0].content) == (whole.body, whole.alternatives[0].content)
    parsed = [message_from_bytes(each, policy=default) for each in
              (form.as_bytes("ada@example.org", headers, fills), made.message().as_bytes(linesep="\r\n"))]  # fmt: skip
    found, expected = [
        (
            sorted((name, value.strip()) for name, value in each.items() if name not in ("Date", "Content-Type")),
            [part.get_content() for part in each.iter_parts()],
        )
        for each in parsed
    ]
    assert found == expected
    assert "Zoë &lt;b&gt;O&#x27;Hara &amp; co" in found[1][1]


def test_form_lets_nobody_write_a_header_or_a_line():
    form = Form("News", PLAIN)
    fills = {"name": "Ada\r\n.\r\nMAIL", "stop": "x"}
    assert b"Good day, Ada . MAIL,\r\n" in form.as_bytes("ada@example.org", {}, fills)
    with pytest.raises(BadHeaderError):
        form.as_bytes("ada@example.org", {"List-Id": "a\r\nBcc: b@example.org"}, {})
