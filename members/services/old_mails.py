"""What stays of a mail once it is old: that it was, so that its occasion brings no second one."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.db.models import F, Q
from django.utils import timezone

from members.enums import MailState
from members.models import OutgoingMail

if TYPE_CHECKING:
    from django.db.models import QuerySet

KEEP = datetime.timedelta(days=30)  # for questions about a mail that somebody did not get
KEEP_WAITING = datetime.timedelta(days=90)  # as long as a task that failed can be done again
# Such an address hears no more until its owner says so, and the secretary sees it.
REFUSES = Q(state=MailState.REFUSED, user__email=F("address"))


def forget() -> None:
    """Letters lose their address, and whatever else says whose they were but for the account, with which they go. Mails
    to many go as a whole, when those who send them say so. Run by `manage.py run_due`."""
    now = timezone.now()
    letters = OutgoingMail.objects.filter(to_many=False)
    letters.filter(state=MailState.WAITING, created_at__lt=now - KEEP_WAITING).delete()
    old = letters.exclude(state=MailState.WAITING).exclude(REFUSES).filter(created_at__lt=now - KEEP)
    named = OutgoingMail.objects.filter(pk__in=old.exclude(address="").values("pk"))
    named.filter(user=None).update(subject="")
    named.update(address="", reply_to="", trouble="", text="", headers={})


def of_many() -> QuerySet[OutgoingMail]:
    """Mails to many that are old, and of addresses that do not refuse them."""
    old = OutgoingMail.objects.filter(to_many=True, created_at__lt=timezone.now() - KEEP)
    return old.exclude(REFUSES)
