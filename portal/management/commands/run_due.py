"""`manage.py run_due`: whatever is due now; with `--every`, again and again."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections

from portal.ops import due


class Command(BaseCommand):
    help = "Publish scheduled posts, requeue lost tasks, ask the worker for its heartbeat, tidy up."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--every", type=int, metavar="SECONDS", help="Stay, and run again after so many seconds.")

    def handle(self, *args: Any, **options: Any) -> None:
        every: int | None = options["every"]
        if every is None:
            if failed := due.run_all():
                raise CommandError(f"{failed} jobs failed; the log says which and why.")
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            close_old_connections()
            due.run_all()
            stop.wait(every)
