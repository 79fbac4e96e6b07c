"""A task for tests with real workers: it says that it begins, waits for leave, and says that it ends."""

from __future__ import annotations

import os
import time
from pathlib import Path

from django_tasks import task


@task()
def work(folder: str, name: str) -> None:
    with (Path(folder) / "log").open("a") as log:
        log.write(f"begins {name} {os.getpid()}\n")
        log.flush()
        while not (Path(folder) / f"go {name}").exists():
            time.sleep(0.05)
        log.write(f"ends {name} {os.getpid()}\n")
