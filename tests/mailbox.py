"""The worker's part of mail: what waits is sent, into Django's outbox."""

from __future__ import annotations

from django.core import mail as django_mail
from django.core.mail import EmailMessage

from members import mail
from members.enums import MailState
from members.models import OutgoingMail


def delivered() -> list[EmailMessage]:
    """All mail so far, with what waited until now."""
    for mail_id in OutgoingMail.objects.filter(state=MailState.WAITING).order_by("pk").values_list("pk", flat=True):
        mail.send(mail_id=mail_id)
    return django_mail.outbox


def forget() -> None:
    """What was sent and what waits."""
    delivered()
    django_mail.outbox.clear()
