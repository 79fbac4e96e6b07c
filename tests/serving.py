"""The site in processes of its own, as the Procfile has them: web, worker and timer."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.processes import Process, running

MANAGE = [sys.executable, "manage.py"]


@contextmanager
def served_as_in_the_procfile(environment: dict[str, str], log: Path, *web: str, timer: str) -> Iterator[Process]:
    """The web process, which is to be waited for; `web` are more words for gunicorn, `timer` is in seconds. All write
    into one log."""
    gunicorn = str(Path(sys.executable).with_name("gunicorn"))
    commands = {
        "web": [gunicorn, "-c", "deploy/gunicorn.conf.py", "portal.wsgi", *web],
        "worker": [*MANAGE, "db_worker", "--queue-name", "*", "--no-reload", "--interval", "0.2"],
        "timer": [*MANAGE, "run_due", "--every", timer],
    }
    processes = [Process(name, command, log, environment) for name, command in commands.items()]
    with running(*processes):
        yield processes[0]
