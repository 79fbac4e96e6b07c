"""A worker's signs of life, and its end where it was taken for dead.

While a worker is at a long task it does nothing else, so that a thread of its own says that it lives. A worker that was
held up for so long that the timer gave its task to another one ends at once when it goes on: no task runs twice at
the same time.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now

from portal.models import WorkerPulse
from portal.ops import queue

logger = logging.getLogger(__name__)
BEAT_EVERY = 10.0  # seconds


def end_at_once() -> None:
    """Without tidying up, which would finish the task. Whoever started the worker starts it again."""
    os._exit(1)


class Pulse:
    """Around a worker's life."""

    def __init__(
        self, worker: str, *, every: float = BEAT_EVERY, when_taken_for_dead: Callable[[], None] = end_at_once
    ) -> None:
        self._worker, self._every, self._when_taken_for_dead = worker, every, when_taken_for_dead
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._live, name="pulse", daemon=True)

    def __enter__(self) -> Pulse:
        with transaction.atomic():
            # Under the same name as before: whoever had it is gone, and left its task.
            WorkerPulse.objects.filter(pk=self._worker).delete()
            queue.requeue_tasks_of(self._worker)
            WorkerPulse.objects.create(worker=self._worker)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()
        with suppress(DatabaseError):  # else the timer does it
            WorkerPulse.objects.filter(pk=self._worker).delete()

    def _live(self) -> None:
        while not self._stop.wait(self._every):
            try:
                still_known = beat(self._worker)
            except DatabaseError as trouble:  # the timer cannot look either while the database is away
                logger.warning("The worker could not say that it lives: %s", trouble)
                continue
            finally:
                connection.close()  # this thread's own
            if not still_known:
                logger.critical("This worker was taken for dead, and its task given to another: it ends.")
                self._when_taken_for_dead()
                return


def beat(worker: str) -> bool:
    """Say that the worker lives. False where it was taken for dead."""
    return bool(WorkerPulse.objects.filter(pk=worker).update(beat_at=Now(), suspected_at=None))
