"""The worker's pulse: the timer asks for a beat each minute, and the worker's answer is the proof that both run."""

from __future__ import annotations

import datetime

from django.db.models.functions import Now
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from portal.models import WorkerPulse

ALIVE_FOR = datetime.timedelta(minutes=3)


@task()
def beat() -> None:
    """Nothing to do: that it was done, and when, is the message."""


def is_beating() -> bool:
    """Whether a worker has answered lately, or lives and is at something that takes long."""
    since = timezone.now() - ALIVE_FOR
    answered = DBTaskResult.objects.successful().filter(task_path=beat.module_path, finished_at__gte=since)
    return answered.exists() or _is_busy()


def _is_busy() -> bool:
    alive = set(WorkerPulse.objects.filter(beat_at__gt=Now() - ALIVE_FOR).values_list("pk", flat=True))
    running = DBTaskResult.objects.running().values_list("worker_ids", flat=True) if alive else ()
    return any(workers and workers[-1] in alive for workers in running)
