"""Mail: one template for each, from which come its subject, its text and its HTML; kept, then sent once by the worker.

A template in `templates/emails/` extends `emails/base.txt`. Its first line is the subject. The HTML says the same:
it is made from the text, paragraph by paragraph, with an address of the site on a line of its own as a button.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.defaultfilters import linebreaksbr, urlize
from django.template.loader import render_to_string

from members import mail_rows, smtp
from members.enums import MailState
from members.mail_rows import PERMANENT, AskedForPatience, NotSent
from members.models import OutgoingMail, User

HEADERS = {"Auto-Submitted": "auto-generated"}  # RFC 3834: nobody's holiday answers to it


def words_of(template: str, context: dict[str, Any]) -> tuple[str, str]:
    """The subject and the text of `templates/emails/<template>.txt`."""
    written = render_to_string(f"emails/{template}.txt", {"base_url": settings.BASE_URL, **context})
    subject, _, text = written.strip().partition("\n")
    return " ".join(subject.split()), f"{text.strip()}\n"


def letter(*, to: list[str], subject: str, text: str, html: str = "", reply_to: str = "") -> EmailMultiAlternatives:
    """A message in the association's dress, as text and as HTML."""
    message = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=to,
        reply_to=[reply_to] if reply_to else None,
        headers=dict(HEADERS),
    )
    message.attach_alternative(html or as_html(subject, text), "text/html")
    return message


def as_html(subject: str, text: str) -> str:
    """The same words for a mail program that shows HTML. Whatever people wrote in them stays text: what looks like a
    button of ours leads to us."""
    paragraphs = [each.strip() for each in text.replace("\r\n", "\n").split("\n\n") if each.strip()]
    parts = [{"address": each} if _is_ours(each) else _paragraph(each) for each in paragraphs]
    return render_to_string("emails/base.html", {"subject": subject, "parts": parts, "base_url": settings.BASE_URL})


def _is_ours(paragraph: str) -> bool:
    """Whether it is an address of this site, by itself."""
    return paragraph.startswith(f"{settings.BASE_URL}/") and not paragraph.split()[1:]


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
    whose: User | None = None,
) -> OutgoingMail | None:
    """Keep a mail with the transaction that brings it about, and let the worker send it after the commit.

    The words come from a template, or are given as subject and text where a person has edited them. None where this
    occasion (at most 200 characters, such as “approved 12”) has had its mail already. `whose` says which account a mail
    is about that goes to an address: it goes with the account.
    """
    subject, text = words or words_of(template, {"person": to, **(context or {})})
    user, address = (to, to.email) if isinstance(to, User) else (whose, to)
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
    message.extra_headers |= {**mail.headers, "Message-ID": mail_rows.message_id(mail)}
    _hand_over(mail, message)


def _hand_over(mail: OutgoingMail, message: EmailMultiAlternatives) -> None:
    """Give a mail to the mail server, and note what became of it. Raises NotSent, smtp.AnswerLost."""
    try:
        message.send()
    except smtp.AnswerLost as trouble:  # the row goes on saying “being sent”
        mail_rows.ours(mail).update(trouble=mail_rows.sentence(trouble))
        raise
    except (SMTPRecipientsRefused, SMTPDataError) as refusal:
        code, said = mail_rows.answer_of(refusal)
        if code < PERMANENT:
            mail_rows.wait(mail, said)
            raise AskedForPatience(code) from refusal
        mail_rows.settle(mail_rows.ours(mail), MailState.REFUSED, said)
    except OSError as trouble:  # SMTPException is one
        mail_rows.wait(mail, trouble)
        raise NotSent("The mail server did not take the mail.") from trouble
    else:
        mail_rows.settle(mail_rows.ours(mail), MailState.SENT)
