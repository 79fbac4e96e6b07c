"""The timer's and the worker's part of being told: what is due begins, and its batches are worked off."""

from __future__ import annotations

from django.core import mail
from django.core.mail import EmailMessage
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from portal.models import Listener
from portal.notifications import announcing, links, sending
from portal.tasks import send_news


def work_off() -> None:
    """What the worker would do, until nothing is left. A batch that fails stays in the queue."""
    while waiting := DBTaskResult.objects.filter(status="READY", task_path=send_news.module_path).first():
        send_news.func(*waiting.args_kwargs["args"])
        waiting.delete()


def run() -> None:
    announcing.announce_papers()
    sending.begin_due()
    work_off()


def told() -> dict[str, EmailMessage]:
    """What each address got since the last time; no address twice."""
    run()
    addresses = [message.to[0] for message in mail.outbox]
    assert len(addresses) == len(set(addresses)), addresses
    found = {message.to[0]: message for message in mail.outbox}
    mail.outbox.clear()
    return found


def feed_address(user) -> str:
    """The path of the person's private feed."""
    return reverse("private_feed", args=[links.feed_token(Listener.objects.get(user=user))])
