"""A visitor's subscription to the news: nothing goes to an address before its owner has confirmed it."""

from __future__ import annotations

import datetime
import uuid

from django.db import transaction
from django.utils import timezone

from members import mail
from portal.models import Pace, Subscriber
from portal.notifications import links


@transaction.atomic
def ask(*, address: str, pace: Pace) -> None:
    """Send a link that confirms. The same row and the same mail, whatever is known of the address: what a confirmed
    subscription already has changes with the link alone."""
    subscriber, _ = Subscriber.objects.get_or_create(address=address.lower(), defaults={"pace": pace})
    Subscriber.objects.filter(pk=subscriber.pk).update(asked_at=timezone.now())
    mail.post(
        to=subscriber.address,
        occasion=f"subscription {subscriber.pk} {uuid.uuid4().hex}",
        template="subscription_asked",
        context={"address": links.confirm_address(subscriber, pace), "pace": pace.label.lower()},
    )


def confirm(*, subscriber: Subscriber, pace: Pace) -> None:
    """Twice changes nothing. Refusals of the address until now count no more."""
    Subscriber.objects.filter(pk=subscriber.pk).update(pace=pace, confirmed_at=timezone.now())


def forget_unconfirmed() -> None:
    """Addresses whose owner never confirmed, once the link is dead; run by `manage.py run_due`."""
    before = timezone.now() - links.CONFIRM_FOR - datetime.timedelta(hours=1)
    Subscriber.objects.filter(confirmed_at=None, asked_at__lt=before).delete()
