"""What database and cache know of how the site is: queue, worker, timer, mail, files. Asked when somebody looks."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable, Iterable, Iterator

from django.db.models import Case, Count, F, Min, When
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from fileshare.enums import Inspection
from fileshare.models import DocumentVersion
from members.enums import MailState
from members.models import OutgoingMail
from portal.ops import backups, heartbeat, scanning, timer

logger = logging.getLogger(__name__)
UNFINISHED = (TaskResultStatus.READY, TaskResultStatus.RUNNING, TaskResultStatus.FAILED)
DAY = datetime.timedelta(days=1)


def tasks() -> dict[str, int]:
    """How many tasks wait, run and have failed."""
    found = DBTaskResult.objects.order_by().filter(status__in=UNFINISHED).values_list("status").annotate(Count("pk"))
    return _with_noughts(UNFINISHED, found)


def oldest_waiting_task() -> float:
    """For how many seconds the task that has waited longest could have been done; 0 when none waits."""
    could = Case(When(run_after=get_date_max(), then=F("enqueued_at")), default=F("run_after"))
    return _age(DBTaskResult.objects.order_by().ready().aggregate(since=Min(could))["since"]) or 0.0


def mails() -> dict[str, int]:
    """How many mails wait or were broken off, and how many of the last day were sent and refused."""
    waiting = OutgoingMail.objects.order_by().filter(
        state__in=(MailState.WAITING, MailState.PUT_OFF, MailState.SENDING)
    )
    late = OutgoingMail.objects.order_by().filter(
        state__in=(MailState.SENT, MailState.REFUSED), created_at__gte=timezone.now() - DAY
    )
    found = {
        state: count for each in (waiting, late) for state, count in each.values_list("state").annotate(Count("pk"))
    }
    return _with_noughts(MailState, found.items())


def files() -> dict[str, int]:
    """How many stored files wait for their inspection or for the scanner, and how many are held in quarantine."""
    wanted = (Inspection.WAITING, Inspection.UNSCANNED, Inspection.QUARANTINED)
    found = DocumentVersion.objects.order_by().filter(inspection__in=wanted, destroyed_at=None)
    return _with_noughts(wanted, found.values_list("inspection").annotate(Count("pk")))


def _with_noughts(states: Iterable[str], found: Iterable[tuple[str, int]]) -> dict[str, int]:
    return dict.fromkeys(map(str, states), 0) | dict(found)


def _age(since: datetime.datetime | None) -> float | None:
    return None if since is None else max(0.0, (timezone.now() - since).total_seconds())


def _by(name: str, words: str, label: str, found: dict[str, int]) -> Iterator[Metric]:
    family = GaugeMetricFamily(name, words, labels=[label])
    for value, count in found.items():
        family.add_metric([str(value).lower()], count)
    yield family


def _one(name: str, words: str, value: float | None) -> Iterator[Metric]:
    """Without a value there is no line: alerts ask with `absent()`."""
    if value is not None:
        yield GaugeMetricFamily(name, words, value=value)


def _of_tasks() -> Iterator[Metric]:
    yield from _by("gatehouse_tasks", "Tasks that wait (ready), run, and have failed.", "status", tasks())
    yield from _one(
        "gatehouse_tasks_oldest_waiting_seconds", "Since when the oldest waiting task waits.", oldest_waiting_task()
    )


def _of_processes() -> Iterator[Metric]:
    yield from _one("gatehouse_worker_alive", "Whether a worker has answered lately.", float(heartbeat.is_beating()))
    last = timer.last()
    yield from _one("gatehouse_timer_age_seconds", "Since the timer's last run.", _age(last.at if last else None))
    yield from _one("gatehouse_timer_failed_jobs", "Jobs that failed in it.", last.failed if last else None)


def _of_mail() -> Iterator[Metric]:
    words = "Mails that wait or were broken off in sending; and of the last day, those sent and refused."
    yield from _by("gatehouse_mails", words, "state", mails())


def _of_files() -> Iterator[Metric]:
    words = "Stored files that wait for their inspection or for the virus scanner, or are in quarantine."
    yield from _by("gatehouse_files", words, "state", files())


def _of_scanner() -> Iterator[Metric]:
    """Nothing where there is no scanner. The timer asks it, since web processes need not be able to reach it."""
    if (heard := scanning.last()) is None:
        return
    yield from _one("gatehouse_scanner_up", "Whether the virus scanner answered.", float(bool(heard.signatures)))
    if heard.signatures:
        age = _age(scanning.made_at(heard.signatures))
        yield from _one("gatehouse_scanner_signatures_age_seconds", "Since its signatures were made.", age)
        yield from _one("gatehouse_scanner_behind", "Files not scanned with its newest signatures.", heard.behind)


def _of_backups() -> Iterator[Metric]:
    last = backups.last()
    yield from _one(
        "gatehouse_backup_age_seconds", "Since the last backup was made.", _age(last.made_at if last else None)
    )


PARTS: tuple[Callable[[], Iterable[Metric]], ...] = (
    _of_tasks, _of_processes, _of_mail, _of_files, _of_scanner, _of_backups,
)  # fmt: skip


class Facts(Collector):
    """For one answer to Prometheus."""

    def collect(self) -> Iterator[Metric]:
        """What can be known; while database or cache are away the counts of the processes are told all the same."""
        known = 1
        for part in PARTS:
            try:
                yield from list(part())
            except Exception:  # whatever a part that is away raises
                logger.exception("Metrics: %s is not known", part.__name__)
                known = 0
        yield GaugeMetricFamily("gatehouse_facts_known", "Whether database and cache could tell all.", value=known)
