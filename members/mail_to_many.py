"""Mails to many, sent together: each has its row before it goes, and goes once whatever breaks off.

An SMTP server is asked through a few connections in turns. Each is given its mail but for the dot that ends it; then
one commit says of all of them that they go, and the dots go with it (`members.commit`). So the waiting for the server
and for the disk is shared, and what dies before that has sent nothing. On SQLite each has a commit of its own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import get_connection
from django.db import transaction

from members import commit, mail_rows, smtp
from members.enums import MailState
from members.mail_forms import Form
from members.mail_rows import PERMANENT, AskedForPatience, NotSent
from members.models import OutgoingMail

if TYPE_CHECKING:
    from django.db.models import QuerySet

MOST_CONNECTIONS = 8
MAILS_OF_A_CONNECTION = 1000  # a minute: below, one connection is enough for what may be sent
TO_THE_DOT = 4  # steps of `smtp.EmailBackend.in_steps`


@dataclass(frozen=True)
class Letter:
    """One of them; `user_id` is None where nobody with an account gets it. What many share is one text with marks, into
    which each one's own words are filled (`mail_forms`)."""

    occasion: str
    address: str
    subject: str
    text: str
    fills: Mapping[str, str] = field(default_factory=dict)
    user_id: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def send_many(letters: Collection[Letter], put_off: PutOff) -> int:
    """Send mails now; returns how many. Safe to run twice: each occasion has its row before the first mail goes, and a
    row that another run has taken is left alone. Their words are kept nowhere, since what may stand in them is decided
    at the moment of sending. A mail for which the server asks for patience is `put_off`, in the transaction that says
    so in its row: whoever wrote it has to write it anew (`take_up`, `send_again`).
    Raises NotSent and smtp.AnswerLost for trouble with the connection; what is left waits.
    """
    OutgoingMail.objects.bulk_create((_row(each) for each in letters), ignore_conflicts=True)
    waiting = OutgoingMail.objects.filter(occasion__in=[each.occasion for each in letters])
    waiting = waiting.filter(state=MailState.WAITING)  # one that was put off has its own task
    rows = {mail.occasion: mail for mail in waiting}
    going = [(rows[each.occasion], each) for each in letters if each.occasion in rows]
    if not going:
        return 0
    _readdress(going, waiting)
    batch = _Batch(going, put_off)
    try:
        return sum(batch.send(part) for part in batch.parts())
    finally:
        batch.end()


def take_up(occasion: str) -> bool:
    """Whether a mail that was put off is still to be sent; then it waits, and its words are to be made. For the
    transaction that makes them, so that no choice of the person's comes in between."""
    row = OutgoingMail.objects.filter(occasion=occasion, state__in=(MailState.PUT_OFF, MailState.WAITING))
    return bool(row.update(state=MailState.WAITING))


def drop(occasion: str) -> None:
    """There is nothing to say any more in a mail that was taken up."""
    OutgoingMail.objects.filter(occasion=occasion, state=MailState.WAITING).delete()


def send_again(letter: Letter) -> None:
    """Send a mail that was taken up. Raises NotSent, with the mail put off as before, and smtp.AnswerLost."""
    put_off: list[Letter] = []
    try:
        send_many([letter], put_off.append)
    except NotSent:
        OutgoingMail.objects.filter(occasion=letter.occasion, state=MailState.WAITING).update(state=MailState.PUT_OFF)
        raise
    if put_off:
        raise NotSent("The mail server asked for patience again.")


def _row(letter: Letter) -> OutgoingMail:
    subject = " ".join(letter.subject.split())[:250]
    return OutgoingMail(
        occasion=letter.occasion, user_id=letter.user_id, address=letter.address, subject=subject, to_many=True
    )


_Mail = tuple[OutgoingMail, Letter]
PutOff = Callable[[Letter], object]


def _readdress(going: Iterable[_Mail], waiting: QuerySet[OutgoingMail]) -> None:
    """A row that waited may name an address that its person has left since; the letter's links are for the new one."""
    moved = [(mail, written.address) for mail, written in going if mail.address != written.address]
    for mail, address in moved:
        mail.address = address
    waiting.bulk_update([mail for mail, _ in moved], ["address"])


@dataclass
class _Going:
    """A mail on its way through one of the connections. `trouble` ends its way. `is_ended`: its dot is sent."""

    mail: OutgoingMail
    written: Letter
    form: Form
    connection: Any
    steps: Iterator[None] = field(default_factory=lambda: iter(()))
    trouble: Exception | None = None
    is_ended: bool = False
    is_sent: bool = False

    @property
    def headers(self) -> dict[str, str]:
        return {**self.written.headers, "Message-ID": mail_rows.message_id(self.mail)}

    def begin(self) -> None:
        words = self.form.as_bytes(self.mail.address, self.headers, self.written.fills)
        try:
            self.steps = self.connection.in_steps(self.mail.address, words)
        except OSError as trouble:
            self.trouble = trouble

    def step(self) -> None:
        if self.trouble is None and not self.is_sent:
            try:
                next(self.steps)
            except StopIteration:
                self.is_sent = True
            except OSError as trouble:  # SMTPException is one
                self.trouble = trouble


class _Batch:
    """That mails were sent is written down together with the taking of the next ones: half as many commits, and what
    dies in between has rows that say “being sent”, as they were."""

    def __init__(self, going: Iterable[_Mail], put_off: PutOff) -> None:
        self._going, self._put_off = deque(going), put_off
        self._connections = [get_connection()]
        self._is_smtp = isinstance(self._connections[0], smtp.EmailBackend)
        self._sent: list[OutgoingMail] = []
        self._forms: dict[tuple[str, str], Form] = {}

    def parts(self) -> Iterator[list[_Mail]]:
        """As many at a time as there are connections; fewer once the server wants fewer."""
        wanted = min(MOST_CONNECTIONS, settings.MAILS_A_MINUTE // MAILS_OF_A_CONNECTION, len(self._going))
        self._connect(max(1, wanted))
        while self._going:
            yield [self._going.popleft() for _ in self._connections[: len(self._going)]]

    def _connect(self, most: int) -> None:
        try:
            self._connections[0].open()
            while self._is_smtp and len(self._connections) < most:
                another = get_connection()
                try:
                    another.open()
                except OSError:  # so many the server allows
                    return
                self._connections.append(another)
        except OSError as trouble:
            raise NotSent("The mail server cannot be reached.") from trouble

    def send(self, part: Sequence[_Mail]) -> int:
        """How many have the server's last word. Raises NotSent, smtp.AnswerLost, when all are dealt with."""
        ways = [
            _Going(mail, written, self._form(written), connection)
            for (mail, written), connection in zip(part, self._connections, strict=False)
        ]
        try:
            if self._is_smtp:
                self._go(ways)
            else:
                self._go_plainly(ways)
        except Exception:  # the database's, say: what was sent before has its answer all the same
            self._note(ways)
            raise
        return self._note(ways)

    def _form(self, written: Letter) -> Form:
        same = written.subject, written.text
        if same not in self._forms:
            self._forms[same] = Form(*same)
        return self._forms[same]

    def _go(self, ways: list[_Going]) -> None:
        for way in ways:
            way.begin()
        for _ in range(TO_THE_DOT):
            self._step(ways)
        ready = [way for way in ways if way.trouble is None]
        try:
            # Where a commit is waited for before the dots, each mail has its own: what dies in between loses one.
            for group in [ready] if commit.is_shared() else [[way] for way in ready]:
                self._end_mails(group)
        finally:
            for way in ready:
                if not way.is_ended:
                    way.connection.give_up()
            self._step([way for way in ready if way.is_ended])  # the answers

    def _end_mails(self, ready: list[_Going]) -> None:
        """Take them, and send the dots."""
        with transaction.atomic():
            taken = self._take([way.mail for way in ready])
            going = [way for way in ready if way.mail.pk in taken]
            if is_on_its_way := bool(going) and commit.begin():
                self._send_dots(going)
                commit.end()
        if not is_on_its_way:
            self._send_dots(going)

    def _send_dots(self, ways: list[_Going]) -> None:
        for way in ways:
            way.is_ended = True
        self._step(ways)

    @staticmethod
    def _step(ways: list[_Going]) -> None:
        for way in ways:
            way.step()

    def _go_plainly(self, ways: list[_Going]) -> None:
        """By a folder, or a provider's interface: a mail is taken before it is given."""
        for way in ways:
            with transaction.atomic():
                taken = self._take([way.mail])
            if not taken:
                continue
            message = way.form.message(way.mail.address, way.headers, way.written.fills)
            message.connection = way.connection
            try:
                message.send()
                way.is_sent = True
            except OSError as trouble:
                way.trouble = trouble

    def _take(self, mails: list[OutgoingMail]) -> set[int]:
        """Which of them are ours to send, and not another run's."""
        self._settle_sent()
        rows = OutgoingMail.objects.filter(pk__in=[each.pk for each in mails], state=MailState.WAITING)
        free = {each.pk for each in mails}
        if len(mails) > 1:
            free = set(rows.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
        if not (free and rows.update(state=MailState.SENDING)):
            return set()
        for each in mails:
            if each.pk in free:
                each.state = MailState.SENDING
        return free

    def _settle_sent(self) -> None:
        if self._sent:
            rows = OutgoingMail.objects.filter(pk__in=[each.pk for each in self._sent], state=MailState.SENDING)
            mail_rows.settle(rows, MailState.SENT)
            self._sent = []

    def _note(self, ways: list[_Going]) -> int:
        """What became of each. The trouble of one is its own, but where it is the connection's."""
        sent = [way.mail for way in ways if way.is_sent]
        self._sent += sent
        count, worst = len(sent), list[Exception]()
        for way in ways:
            if way.trouble is None:
                continue
            problem = _note_trouble(way, way.trouble, self._put_off)
            if problem is None:
                continue
            if isinstance(problem, NotSent) and len(self._connections) > 1:
                self._do_without(way, problem)
            else:
                worst.append(problem)
        if worst:
            raise worst[0]
        return count + sum(way.mail.state == MailState.REFUSED for way in ways)

    def _do_without(self, way: _Going, problem: NotSent) -> None:
        """Perhaps the server wants fewer connections: what this one did not bring goes through another."""
        way.connection.give_up()
        self._connections.remove(way.connection)
        if not isinstance(problem, AskedForPatience):
            self._going.append((way.mail, way.written))

    def end(self) -> None:
        self._settle_sent()
        for each in self._connections:
            each.close()


def _note_trouble(way: _Going, trouble: Exception, put_off: PutOff) -> Exception | None:
    """What must end the batch."""
    mail = way.mail
    if isinstance(trouble, smtp.AnswerLost):  # the row goes on saying “being sent”
        mail_rows.ours(mail).update(trouble=mail_rows.sentence(trouble))
        return trouble
    if isinstance(trouble, SMTPRecipientsRefused | SMTPDataError):
        code, said = mail_rows.answer_of(trouble)
        if code >= PERMANENT:
            mail_rows.settle(mail_rows.ours(mail), MailState.REFUSED, said)
            mail.state = MailState.REFUSED
            return None
        with transaction.atomic():
            if mail_rows.wait(mail, said, MailState.PUT_OFF):
                put_off(way.written)
        return AskedForPatience(code) if code == smtp.CLOSING else None
    mail_rows.wait(mail, trouble)
    problem = NotSent("The mail server did not take the mail.")
    problem.__cause__ = trouble
    return problem
