"""What a secretary presses in the administration, and whom it is about."""

from __future__ import annotations

import datetime

from django.utils import timezone

from members.models import Membership
from tests.factories import make_member


def person(standing, **names):
    return make_member(standing=standing, **names).membership


def decide(client, membership, decision, **data):
    return client.post(f"/admin/memberships/decide/{membership.pk}/{decision}/", data)


def until(membership, days, **fields):
    last = timezone.localdate() + datetime.timedelta(days=days)
    Membership.objects.filter(pk=membership.pk).update(expires_on=last, **fields)
    membership.refresh_from_db()
    return membership
