"""`manage.py db_worker`: the queue's own worker, which says every few seconds that it lives."""

from __future__ import annotations

from typing import Any

from django_tasks_db.management.commands import db_worker

from portal.ops.pulse import Pulse


class Command(db_worker.Command):  # type: ignore[misc]  # django-tasks-db has no types that mypy reads here
    def handle(self, *, worker_id: str, reload: bool, **options: Any) -> None:
        if reload:  # while somebody is programming: the process that waits for changes does no work
            super().handle(worker_id=worker_id, reload=reload, **options)
            return
        with Pulse(worker_id):
            super().handle(worker_id=worker_id, reload=reload, **options)
