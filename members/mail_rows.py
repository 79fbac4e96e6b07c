"""What is noted of a mail on its way, and why it did not go."""

from __future__ import annotations

import hashlib
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from members.enums import MailState
from members.models import OutgoingMail

if TYPE_CHECKING:
    from django.db.models import QuerySet

PERMANENT = 500  # SMTP's replies from here on are final (RFC 5321, section 4.2.1)


class NotSent(Exception):
    """The mail server could not be asked, or asked for patience. The task fails, and is tried again."""


class AskedForPatience(NotSent):
    """The mail server would take this mail later."""

    def __init__(self, code: int) -> None:
        super().__init__(f"The mail server asked for patience ({code}).")
        self.code = code


def answer_of(refusal: SMTPRecipientsRefused | SMTPDataError) -> tuple[int, object]:
    """What the server said about this one mail."""
    if isinstance(refusal, SMTPDataError):
        return refusal.smtp_code, refusal.smtp_error
    return next(iter(refusal.recipients.values()))


def ours(mail: OutgoingMail) -> QuerySet[OutgoingMail]:
    """Its row, unless another run has it by now: a mail of many is asked about before it is taken."""
    return OutgoingMail.objects.filter(pk=mail.pk, state=mail.state)


def wait(mail: OutgoingMail, trouble: object, state: MailState = MailState.WAITING) -> bool:
    """Whether it was ours to say so."""
    is_ours = bool(ours(mail).update(state=state, trouble=sentence(trouble)))
    if is_ours:
        mail.state = state
    return is_ours


def settle(rows: QuerySet[OutgoingMail], state: MailState, trouble: object = "") -> None:
    rows.update(state=state, text="", headers={}, trouble=sentence(trouble), sent_at=timezone.now())


def sentence(trouble: object) -> str:
    said = trouble.decode(errors="replace") if isinstance(trouble, bytes) else str(trouble)
    return said[:200]


def message_id(mail: OutgoingMail) -> str:
    """The same for the same mail, so that a server that is asked twice can know it."""
    of_the_site = f"{settings.SECRET_KEY} {mail.pk} {mail.occasion}"
    digest = hashlib.sha256(of_the_site.encode()).hexdigest()[:40]
    return f"<{digest}@{urlsplit(settings.BASE_URL).hostname}>"
