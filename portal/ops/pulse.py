"""A worker's signs of life, and its end where it was taken for dead.

While a worker is at a long task it does nothing else, so that a thread of its own says that it lives. A worker that was
held up for so long that the timer gave its task to another one ends at once when it goes on: no task runs twice at
the same time. One that cannot reach the database, and so cannot hear that, ends before its task is given away.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

from django.db import Error, connection, transaction
from django.db.models.functions import Now

from portal.models import WorkerPulse
from portal.ops import queue

logger = logging.getLogger(__name__)
BEAT_EVERY = 10.0  # seconds
# So many seconds without a beat, and the worker ends: half a minute before the timer can give its task away.
UNHEARD_FOR = queue.SILENT_FOR.total_seconds()


def end_at_once() -> None:
    """Without tidying up, which would finish the task. Whoever started the worker starts it again."""
    os._exit(1)


class Pulse:
    """Around a worker's life."""

    def __init__(
        self, worker: str, *, every: float = BEAT_EVERY, unheard_for: float = UNHEARD_FOR,
        when_taken_for_dead: Callable[[], None] = end_at_once,
    ) -> None:  # fmt: skip
        self._worker, self._every, self._unheard_for = worker, every, unheard_for
        self._when_taken_for_dead = when_taken_for_dead
        self._heard = time.monotonic()  # when the last beat that arrived was begun
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._live, name="pulse", daemon=True),
            threading.Thread(target=self._watch, name="pulse-watch", daemon=True),
        ]

    def __enter__(self) -> Pulse:
        self._heard = time.monotonic()
        with transaction.atomic():
            # Under the same name as before: whoever had it is gone, and left its task.
            WorkerPulse.objects.filter(pk=self._worker).delete()
            queue.requeue_tasks_of(self._worker)
            WorkerPulse.objects.create(worker=self._worker)
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(self._unheard_for)
        with suppress(Error):  # else the timer does it
            WorkerPulse.objects.filter(pk=self._worker).delete()

    def _live(self) -> None:
        while not self._stop.wait(self._every):
            began = time.monotonic()
            try:
                try:
                    still_known = beat(self._worker)
                finally:
                    connection.close()  # this thread's own
            except Exception:  # whatever it is, the next beat may arrive; else the watch ends the worker
                logger.exception("The worker could not say that it lives.")
                continue
            if not still_known:
                logger.critical("This worker was taken for dead, and its task given to another: it ends.")
                self._when_taken_for_dead()
                return
            self._heard = began

    def _watch(self) -> None:
        """A thread of its own, since a beat may wait for an answer for as long as the network likes."""
        while not self._stop.wait(max(self._heard + self._unheard_for - time.monotonic(), 0)):
            if time.monotonic() - self._heard >= self._unheard_for:
                logger.critical("This worker could not say for %s s that it lives: it ends.", self._unheard_for)
                self._when_taken_for_dead()
                return


def beat(worker: str) -> bool:
    """Say that the worker lives. False where it was taken for dead."""
    return bool(WorkerPulse.objects.filter(pk=worker).update(beat_at=Now(), suspected_at=None))
