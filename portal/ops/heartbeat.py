"""The worker's pulse: the timer asks for a beat each minute, and the worker's answer is the proof that both run."""

from __future__ import annotations

import datetime

from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

ALIVE_FOR = datetime.timedelta(minutes=3)


@task()
def beat() -> None:
    """Nothing to do: that it was done, and when, is the message."""


def is_beating() -> bool:
    """Whether the worker has answered lately."""
    since = timezone.now() - ALIVE_FOR
    return DBTaskResult.objects.successful().filter(task_path=beat.module_path, finished_at__gte=since).exists()
