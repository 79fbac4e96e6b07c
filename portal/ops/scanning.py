"""Each minute: whether the virus scanner answers, and with which signatures. What waited for it then goes on, and what
is out is scanned again when the signatures have changed. What was heard last is kept in the shared cache."""

from __future__ import annotations

import datetime
import logging
from typing import NamedTuple

from django.core.cache import cache
from django.db.models import Q
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from fileshare import tasks
from fileshare.enums import Inspection
from fileshare.inspection import scanner
from fileshare.models import DocumentVersion
from fileshare.services import rescan, scan

logger = logging.getLogger(__name__)
KEY = "portal.ops.scanning"
AT_ONCE = 200
BEHIND = -30  # mails, files that have just come in and the search go before
# A file whose task was lost is taken up again after so long; the queue itself looks after tasks whose worker died.
TAKEN_FOR = datetime.timedelta(minutes=30)
OLD_AFTER = datetime.timedelta(days=3)  # signatures: they are made anew each day


class Heard(NamedTuple):
    """`signatures` is the scanner's own word for its version; empty while it is away, for the reason in `why_not`.
    `behind` counts the files that readers can have and that were not scanned with these."""

    at: datetime.datetime
    signatures: str
    why_not: str
    behind: int


def keep_up() -> None:
    """Ask, note, and have done what can be done. Without a scanner, whatever waited for one goes on as well."""
    if not scan.is_wanted():
        _take_up()
        return
    heard = Heard(timezone.now(), "", scan.HANGS, 0) if scan.is_paused() else ask()
    try:
        cache.set(KEY, (heard.at.isoformat(), *heard[1:]), timeout=None)
    finally:
        if heard.signatures:
            _take_up()
            if rescan.due(heard.signatures).exists():
                _enqueue_once()
        else:
            logger.warning("The virus scanner gives no answer: %s.", heard.why_not)


def ask() -> Heard:
    now = timezone.now()
    try:
        scanner.ping()
        signatures = scanner.version()
    except scanner.NoVerdict as error:
        return Heard(now, "", str(error), 0)
    return Heard(now, signatures, "", rescan.behind(signatures).count())


def last() -> Heard | None:
    """What was heard last; None where nobody asked, or there is no scanner."""
    found = cache.get(KEY) if scan.is_wanted() else None
    return Heard(datetime.datetime.fromisoformat(found[0]), *found[1:]) if found else None


def made_at(signatures: str) -> datetime.datetime | None:
    """When the signatures were made, to some hours: "ClamAV 1.4.6/27834/Mon Nov 30 08:26:33 2026" names no zone."""
    try:
        return datetime.datetime.strptime(f"{signatures.split('/')[2]} +0000", "%a %b %d %H:%M:%S %Y %z")
    except (IndexError, ValueError):
        return None


def _take_up() -> None:
    """Files that wait for the scanner, the oldest first; those with which it came to no end, last."""
    now = timezone.now()
    waiting = DocumentVersion.objects.filter(
        Q(scan_after=None) | Q(scan_after__lte=now), inspection=Inspection.UNSCANNED, destroyed_at=None
    )
    for key in list(waiting.order_by("scan_tries", "pk").values_list("pk", flat=True)[:AT_ONCE]):
        if waiting.filter(pk=key).update(scan_after=now + TAKEN_FOR):
            tasks.inspect_version.using(priority=BEHIND).enqueue(key)


def _enqueue_once() -> None:
    """Where no worker runs, or one is at it, shares must not pile up."""
    open_ones = (TaskResultStatus.READY, TaskResultStatus.RUNNING)
    if not DBTaskResult.objects.filter(task_path=tasks.scan_again.module_path, status__in=open_ones).exists():
        tasks.scan_again.enqueue()
