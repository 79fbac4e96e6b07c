"""Mail: one template for each, from which come its subject, its text and its HTML; kept, then sent once by the worker.

A template in `templates/emails/` extends `emails/base.txt`. Its first line is the subject. The HTML says the same:
it is made from the text, paragraph by paragraph, with an address on a line of its own as a button.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.template.defaultfilters import linebreaksbr, urlize
from django.template.loader import render_to_string
from django.utils import timezone

from members import smtp
from members.enums import MailState
from members.models import OutgoingMail, User

if TYPE_CHECKING:
    from django.db.models import QuerySet

Settle = Callable[..., None]
PERMANENT = 500  # SMTP's replies from here on are final (RFC 5321, section 4.2.1)
CLOSING = 421  # the server says goodbye: about the connection, whatever was asked (RFC 5321, section 3.8)
PATIENCE = datetime.timedelta(minutes=5)  # as long as servers that do not know us yet commonly ask for
HEADERS = {"Auto-Submitted": "auto-generated"}  # RFC 3834: nobody's holiday answers to it


class NotSent(Exception):
    """The mail server could not be asked, or asked for patience. The task fails, and is tried again."""


class AskedForPatience(NotSent):
    """The mail server would take this mail later."""

    def __init__(self, code: int) -> None:
        super().__init__(f"The mail server asked for patience ({code}).")
        self.code = code


@dataclass(frozen=True)
class Letter:
    """A mail of many that are sent together; `user` is None where nobody with an account gets it."""

    occasion: str
    address: str
    subject: str
    text: str
    user_id: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def words_of(template: str, context: dict[str, Any]) -> tuple[str, str]:
    """The subject and the text of `templates/emails/<template>.txt`."""
    written = render_to_string(f"emails/{template}.txt", {"base_url": settings.BASE_URL, **context})
    subject, _, text = written.strip().partition("\n")
    return " ".join(subject.split()), f"{text.strip()}\n"


def letter(*, to: list[str], subject: str, text: str, reply_to: str = "") -> EmailMultiAlternatives:
    """A message in the association's dress, as text and as HTML."""
    message = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=to,
        reply_to=[reply_to] if reply_to else None,
        headers=dict(HEADERS),
    )
    message.attach_alternative(as_html(subject, text), "text/html")
    return message


def as_html(subject: str, text: str) -> str:
    """The same words for a mail program that shows HTML. Whatever people wrote in them stays text."""
    paragraphs = [each.strip() for each in text.replace("\r\n", "\n").split("\n\n") if each.strip()]
    parts = [
        {"address": each} if each.startswith(("https://", "http://")) and not each.split()[1:] else _paragraph(each)
        for each in paragraphs
    ]
    return render_to_string("emails/base.html", {"subject": subject, "parts": parts, "base_url": settings.BASE_URL})


@lru_cache(maxsize=512)
def _paragraph(text: str) -> Mapping[str, str]:
    """Remembered, since a mail to many says the same to most of them, and looking for addresses takes its time."""
    return {"html": linebreaksbr(urlize(text, autoescape=True), autoescape=False)}


@transaction.atomic
def post(
    *,
    to: User | str,
    occasion: str,
    template: str = "",
    context: dict[str, Any] | None = None,
    words: tuple[str, str] | None = None,
    reply_to: str = "",
    headers: Mapping[str, str] | None = None,
) -> OutgoingMail | None:
    """Keep a mail with the transaction that brings it about, and let the worker send it after the commit.

    The words come from a template, or are given as subject and text where a person has edited them. None where this
    occasion (at most 200 characters, such as “approved 12”) has had its mail already.
    """
    subject, text = words or words_of(template, {"person": to, **(context or {})})
    user, address = (to, to.email) if isinstance(to, User) else (None, to)
    mail, is_new = OutgoingMail.objects.get_or_create(
        occasion=occasion,
        defaults={
            "user": user,
            "address": address,
            "subject": subject,
            "text": text,
            "reply_to": reply_to,
            "headers": dict(headers or {}),
        },
    )
    if not is_new:
        return None
    from members.tasks import send_mail  # noqa: PLC0415 -- the task calls this module

    send_mail.enqueue(mail.pk)  # a row of the same transaction: there after the commit, and only then
    return mail


def has_posted(occasion: str) -> bool:
    """For whoever would work out the words for nothing."""
    return OutgoingMail.objects.filter(occasion=occasion).exists()


def send(*, mail_id: int) -> None:
    """Send a waiting mail. Safe to run twice, or at the same time.

    The row is taken first and the server asked then: should the process die between the two, or the answer be lost
    (smtp.AnswerLost), the mail stays marked as being sent and is not sent again, since nobody can know whether the
    server had it. Raises NotSent when the server is away, with the mail waiting again.
    """
    taken = OutgoingMail.objects.filter(pk=mail_id, state=MailState.WAITING).update(state=MailState.SENDING)
    if not taken:
        return
    mail = OutgoingMail.objects.get(pk=mail_id)
    message = letter(to=[mail.address], subject=mail.subject, text=mail.text, reply_to=mail.reply_to)
    message.extra_headers |= {**mail.headers, "Message-ID": _message_id(mail)}
    _hand_over(mail, message)


def send_many(letters: Collection[Letter]) -> int:
    """Send mails now, through one connection; returns how many. Safe to run twice: each occasion has its row before
    the first mail goes, and a row that another run has taken is left alone. Their words are kept nowhere, since what
    may stand in them is decided at the moment of sending; only a mail for which the server asks for patience keeps its
    own, for a task of its own. Raises NotSent and smtp.AnswerLost for trouble with the connection; what is left waits.
    """
    OutgoingMail.objects.bulk_create((_row(each) for each in letters), ignore_conflicts=True)
    waiting = OutgoingMail.objects.filter(occasion__in=[each.occasion for each in letters])
    waiting = waiting.filter(state=MailState.WAITING, text="")  # one that has words has its own task
    rows = {mail.occasion: mail for mail in waiting}
    if not rows:
        return 0
    batch = _Batch(get_connection())
    try:
        return sum(batch.send(rows[each.occasion], each) for each in letters if each.occasion in rows)
    finally:
        batch.end()


class _Batch:
    """Mails through one connection. That a mail was sent is written down together with the taking of the next one:
    half as many commits, and what dies in between has a row that says “being sent”, as it was."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._sent: OutgoingMail | None = None

    def send(self, mail: OutgoingMail, written: Letter) -> bool:
        """False where another run has taken it, or it goes later. Raises NotSent, smtp.AnswerLost."""
        message = letter(to=[mail.address], subject=written.subject, text=written.text)
        message.extra_headers |= {**written.headers, "Message-ID": _message_id(mail)}
        message.connection = self._connection
        try:
            self._connection.open()
            if isinstance(self._connection, smtp.EmailBackend):
                self._connection.ask_before_end(lambda: self._take(mail))
            elif not self._take(mail):
                return False
            _hand_over(mail, message, settle=self._note)
        except smtp.NotEnded:
            self._connection.forget_connection()
            return False
        except AskedForPatience as patience:
            _send_later(mail, written)
            if patience.code == CLOSING:
                raise
            return False
        except smtp.AnswerLost:
            raise
        except OSError as trouble:
            raise NotSent("The mail server cannot be reached.") from trouble
        return True

    @transaction.atomic
    def _take(self, mail: OutgoingMail) -> bool:
        self._settle_last()
        taken = OutgoingMail.objects.filter(pk=mail.pk, state=MailState.WAITING).update(state=MailState.SENDING)
        if taken:
            mail.state = MailState.SENDING
        return bool(taken)

    def _note(self, mail: OutgoingMail, state: MailState, trouble: object = "") -> None:
        if state == MailState.SENT:
            self._sent = mail
        else:
            _settle(mail, state, trouble)

    def _settle_last(self) -> None:
        if self._sent is not None:
            _settle(self._sent, MailState.SENT)
            self._sent = None

    def end(self) -> None:
        self._settle_last()
        self._connection.close()


def _row(letter: Letter) -> OutgoingMail:
    subject = " ".join(letter.subject.split())[:250]
    return OutgoingMail(occasion=letter.occasion, user_id=letter.user_id, address=letter.address, subject=subject)


def _hand_over(mail: OutgoingMail, message: EmailMultiAlternatives, *, settle: Settle | None = None) -> None:
    """Give a mail to the mail server, and note what became of it. Raises NotSent, smtp.AnswerLost."""
    settle = settle or _settle
    try:
        message.send()
    except smtp.AnswerLost as trouble:  # the row goes on saying “being sent”
        _ours(mail).update(trouble=_sentence(trouble))
        raise
    except (SMTPRecipientsRefused, SMTPDataError) as refusal:
        code, said = _answer(refusal)
        if code < PERMANENT:
            _wait(mail, said)
            raise AskedForPatience(code) from refusal
        settle(mail, MailState.REFUSED, said)
    except OSError as trouble:  # SMTPException is one
        _wait(mail, trouble)
        raise NotSent("The mail server did not take the mail.") from trouble
    else:
        settle(mail, MailState.SENT)


def _answer(refusal: SMTPRecipientsRefused | SMTPDataError) -> tuple[int, object]:
    """What the server said about this one mail."""
    if isinstance(refusal, SMTPDataError):
        return refusal.smtp_code, refusal.smtp_error
    return next(iter(refusal.recipients.values()))


def _ours(mail: OutgoingMail) -> QuerySet[OutgoingMail]:
    """Its row, unless another run has it by now: a mail of many is asked about before it is taken."""
    return OutgoingMail.objects.filter(pk=mail.pk, state=mail.state)


def _wait(mail: OutgoingMail, trouble: object) -> None:
    if _ours(mail).update(state=MailState.WAITING, trouble=_sentence(trouble)):
        mail.state = MailState.WAITING


@transaction.atomic
def _send_later(mail: OutgoingMail, written: Letter) -> None:
    """Have a mail of many try again by itself, with the words that it has now."""
    from members.tasks import send_mail  # noqa: PLC0415 -- as above

    if _ours(mail).update(text=written.text, headers=dict(written.headers)):
        send_mail.using(run_after=timezone.now() + PATIENCE).enqueue(mail.pk)


def _settle(mail: OutgoingMail, state: MailState, trouble: object = "") -> None:
    _ours(mail).update(state=state, text="", headers={}, trouble=_sentence(trouble), sent_at=timezone.now())


def _sentence(trouble: object) -> str:
    said = trouble.decode(errors="replace") if isinstance(trouble, bytes) else str(trouble)
    return said[:200]


def _message_id(mail: OutgoingMail) -> str:
    """The same for the same mail, so that a server that is asked twice can know it."""
    of_the_site = f"{settings.SECRET_KEY} {mail.pk} {mail.occasion}"
    digest = hashlib.sha256(of_the_site.encode()).hexdigest()[:40]
    return f"<{digest}@{urlsplit(settings.BASE_URL).hostname}>"
