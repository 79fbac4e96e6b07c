"""What becomes of tasks whose worker died, and of tasks that failed.

Each task of ours may run twice, but not at the same time: a task is given to another worker only when its own was seen
dead twice. What failed is tried again after ever longer waits, and is then the administrators' to look at
(`portal.wagtail_failed_work`).
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Iterable

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from members.tasks import carry_out_import, check_import
from portal.models import WorkerPulse

logger = logging.getLogger(__name__)
# A worker beats every ten seconds. It is suspected after a minute of silence, and dead half a minute later, when the
# timer looks again: after the database was away every worker was silent, and is heard before the second look.
SILENT_FOR, SECOND_LOOK = datetime.timedelta(seconds=60), datetime.timedelta(seconds=30)
# For a worker of an older version, which has no pulse.
WITHOUT_PULSE = datetime.timedelta(minutes=15)
MOST_DEATHS = 5  # a task on which so many workers died is left alone
DEATHS = "deaths"  # beside a task's arguments, as the request's name: how many workers died on it
WAITS = tuple(datetime.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))
TRY_FOR = datetime.timedelta(days=1)
# The secretary sees on the import's own page that it failed, and begins again.
NOT_RETRIED = (check_import.module_path, carry_out_import.module_path)
WORKER_DIED = "portal.ops.queue.WorkerDied"
# What Wagtail and its index were to do about something that was deleted before they came to it.
OF_WAGTAIL = Q(task_path__startswith="wagtail.") | Q(task_path__startswith="modelsearch.")


# --- Lost ---------------------------------------------------------------------------------------------------------
def requeue_lost_tasks() -> None:
    """Give tasks of dead workers to others."""
    silent = WorkerPulse.objects.filter(beat_at__lt=Now() - SILENT_FOR)
    for worker in silent.filter(suspected_at__lt=Now() - SECOND_LOOK).values_list("pk", flat=True):
        with transaction.atomic():
            # The worker's own beat waits for this row or comes first: it goes on, or it ends.
            if silent.filter(pk=worker, suspected_at__isnull=False).delete()[0]:
                requeue_tasks_of(worker)
    silent.filter(suspected_at=None).update(suspected_at=Now())
    _requeue_without_pulse()


def requeue_tasks_of(worker: str) -> None:
    """What this worker was at: it is dead, or begins anew."""
    _requeue(task for task in DBTaskResult.objects.running() if _worker_of(task) == worker)


def _requeue_without_pulse() -> None:
    alive = set(WorkerPulse.objects.values_list("pk", flat=True))
    old = DBTaskResult.objects.running().filter(started_at__lt=timezone.now() - WITHOUT_PULSE)
    _requeue(task for task in old if _worker_of(task) not in alive)


def _worker_of(task: DBTaskResult[..., object]) -> str:
    return str(task.worker_ids[-1]) if task.worker_ids else ""


def _requeue(tasks: Iterable[DBTaskResult[..., object]]) -> None:
    for task in tasks:
        running = DBTaskResult.objects.running().filter(pk=task.pk, started_at=task.started_at)
        deaths = task.args_kwargs.get(DEATHS, 0) + 1
        counted = task.args_kwargs | {DEATHS: deaths}
        if deaths >= MOST_DEATHS:
            running.update(
                args_kwargs=counted, status=TaskResultStatus.FAILED, finished_at=timezone.now(),
                exception_class_path=WORKER_DIED,
                traceback=f"The worker died {deaths} times while it was at this.",
            )  # fmt: skip
            logger.error("The task %s was given up: its workers die of it.", task.pk)
        elif running.update(status=TaskResultStatus.READY, started_at=None, args_kwargs=counted):
            logger.warning("The task %s of a lost worker was put back into the queue.", task.pk)


# --- Failed -------------------------------------------------------------------------------------------------------
def retry_failed_tasks() -> None:
    """What failed because a part was away is tried again, after ever longer waits, for a day."""
    now, count = timezone.now(), 0
    for task in DBTaskResult.objects.failed().filter(enqueued_at__gt=now - TRY_FOR, finished_at__lt=now - WAITS[0]):
        due = next_try(task)
        if due is not None and due <= now:
            count += put_back(DBTaskResult.objects.filter(pk=task.pk, finished_at=task.finished_at))
    if count:
        logger.warning("%s failed tasks were put back into the queue.", count)


def next_try(task: DBTaskResult[..., object]) -> datetime.datetime | None:
    """When a failed task is tried again; None when it is given up."""
    tries = max(len(task.worker_ids), 1)
    if task.enqueued_at <= timezone.now() - TRY_FOR:
        return None
    if task.task_path in NOT_RETRIED or task.exception_class_path == WORKER_DIED or tries > len(WAITS):
        return None
    due: datetime.datetime = task.finished_at + WAITS[tries - 1]
    return due if due - task.enqueued_at < TRY_FOR else None


def given_up() -> Q:
    """Which failed tasks `next_try` is None for, asked of the database."""
    given_up = Q(enqueued_at__lte=timezone.now() - TRY_FOR) | Q(task_path__in=NOT_RETRIED)
    given_up |= Q(exception_class_path=WORKER_DIED) | Q(**{f"worker_ids__{len(WAITS)}__isnull": False})
    for tries, wait in enumerate(WAITS, 1):  # after more tries one waits longer: the last one's condition is the widest
        tried = Q(**{f"worker_ids__{tries - 1}__isnull": False}) if tries > 1 else Q()
        given_up |= tried & Q(finished_at__gte=F("enqueued_at") + (TRY_FOR - wait))
    return given_up


def as_new(task: DBTaskResult[..., object]) -> dict[str, object]:
    """The facts of a task that nobody has tried yet."""
    return {"worker_ids": [], "args_kwargs": {key: of for key, of in task.args_kwargs.items() if key != DEATHS}}


def put_back(failed: QuerySet[DBTaskResult[..., object]], **changes: object) -> int:
    """Have failed tasks done once more. Returns how many."""
    count: int = failed.filter(status=TaskResultStatus.FAILED).update(
        status=TaskResultStatus.READY, started_at=None, finished_at=None, **changes
    )
    return count


def forget_what_is_no_matter() -> None:
    """Wagtail's work on what is gone meanwhile."""
    DBTaskResult.objects.failed().filter(OF_WAGTAIL, exception_class_path__endswith="DoesNotExist").delete()
