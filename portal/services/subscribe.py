"""A visitor's subscription to the news: nothing goes to an address before its owner has confirmed it."""

from __future__ import annotations

import datetime
import uuid

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from members import mail
from members.models import OutgoingMail
from portal.models import Pace, Subscriber
from portal.notifications import links, owed


@transaction.atomic
def ask(*, address: str, pace: Pace) -> None:
    """Send a link that confirms. The same row and the same mail, whatever is known of the address: what a confirmed
    subscription already has changes with the link alone."""
    subscriber, _ = Subscriber.objects.get_or_create(address=address.lower(), defaults={"pace": pace})
    Subscriber.objects.filter(pk=subscriber.pk).update(asked_at=timezone.now())
    mail.post(
        to=subscriber.address,
        occasion=f"{_occasions(subscriber)}{uuid.uuid4().hex}",
        template="subscription_asked",
        context={"address": links.confirm_address(subscriber, pace), "pace": pace.label.lower()},
    )


@transaction.atomic
def confirm(*, subscriber: Subscriber, pace: Pace) -> None:
    """Twice changes nothing. Refusals of the address until now count no more."""
    known = Subscriber.objects.select_for_update(no_key=True).filter(pk=subscriber.pk).first()
    if known is not None and known.confirmed_at is not None and known.pace != pace:
        owed.keep(known, owed.untold(known, known.paces_chosen_at, lambda _: known.pace))
    Subscriber.objects.filter(pk=subscriber.pk).update(pace=pace, confirmed_at=timezone.now())


@transaction.atomic
def leave(*, subscriber: Subscriber) -> None:
    """Nothing is kept: neither the address nor the mails to it, be they sent or waiting. Twice changes nothing."""
    its = Q(occasion__startswith=_occasions(subscriber)) | Q(occasion__endswith=f" to subscriber {subscriber.pk}")
    OutgoingMail.objects.filter(its, user=None, address=subscriber.address).delete()
    Subscriber.objects.filter(pk=subscriber.pk).delete()


def _occasions(subscriber: Subscriber) -> str:
    """How those of its mails begin that ask for a word."""
    return f"subscription {subscriber.pk} "


def forget_unconfirmed() -> None:
    """Addresses whose owner never confirmed, and every mail with a link to confirm, once the link is dead; run by
    `manage.py run_due`."""
    before = timezone.now() - links.CONFIRM_FOR - datetime.timedelta(hours=1)
    Subscriber.objects.filter(confirmed_at=None, asked_at__lt=before).delete()
    OutgoingMail.objects.filter(occasion__startswith="subscription ", created_at__lt=before).delete()
