"""Many papers in an hour by one person: the administrators are told, once an hour, with counts and devices alone.

The mail has neither a name nor a title, since mail is read on the way; the record, to which it leads, has both
for whoever may see them. Nothing is stopped: a member who prepares for an exercise reads a lot.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from members import mail
from members.enums import Action
from members.models import AccessRecord, User

WITHIN = datetime.timedelta(hours=1)
SIGNED_IN_WITHIN = datetime.timedelta(seconds=settings.SESSION_COOKIE_AGE)  # sessions are not older
MOST = 20  # devices


def tell() -> None:
    """Look at the last hour. Safe to run each minute: a person is told of once in each hour of the clock."""
    now = timezone.now()
    for use in _unusual(now):
        _tell(use, now)


def _unusual(now: datetime.datetime) -> list[dict[str, Any]]:
    """Whoever had so many different papers. (Only papers are read and downloaded; see `fileshare.use.counted`.)"""
    rows = AccessRecord.objects.filter(action__in=(Action.READ, Action.DOWNLOADED), at__gt=now - WITHIN)
    by_person = rows.order_by().exclude(actor=None).values("actor_id").annotate(
        papers=Count("object_id", distinct=True),
        reads=Count("pk", filter=Q(action=Action.READ)),
        downloads=Count("pk", filter=Q(action=Action.DOWNLOADED)),
    )  # fmt: skip
    return list(by_person.filter(papers__gte=settings.UNUSUAL_PAPERS).order_by("actor_id"))


@transaction.atomic
def _tell(use: dict[str, Any], now: datetime.datetime) -> None:
    number, hour = use["actor_id"], now.strftime("%Y-%m-%d %H")
    story = f"{settings.BASE_URL}{reverse('access_record:index')}?story=user:{number}"
    told = {**use, "since": timezone.localtime(now - WITHIN), "until": timezone.localtime(now), "story": story}
    for administrator in User.objects.filter(is_superuser=True, is_active=True).order_by("pk"):
        occasion = f"unusual use {number} {hour} {administrator.pk}"
        if not mail.has_posted(occasion):
            context = {**told, "devices": _devices(number, now)}
            mail.post(to=administrator, occasion=occasion, template="unusual_use", context=context)


def _devices(number: int, now: datetime.datetime) -> list[str]:
    """From which this person's sessions can be, in words."""
    rows = AccessRecord.objects.filter(actor=number, action=Action.SIGNED_IN, at__gt=now - SIGNED_IN_WITHIN)
    return sorted({str(details.get("device", "")) for details in rows.values_list("details", flat=True)} - {""})[:MOST]
