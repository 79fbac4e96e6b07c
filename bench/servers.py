"""Sites that are served for measuring: started, watched in /proc, stopped."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from deploy.processes import ROOT, Process, running

BIN = Path(sys.executable).parent
HOST = "bench.example.org"
# As a proxy in front would say it: the site expects TLS to end there.
HEADERS = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Site:
    """A site's code and data: the folder of its `manage.py`, its WSGI application, its processes' environment."""

    name: str
    code: Path
    application: str
    data: Path
    environment: dict[str, str]

    def run(self, *command: str, **more: Any) -> str:
        """Run a command of this site and return what it prints; where it fails, end with what it said."""
        done = subprocess.run(
            command, cwd=self.code, env=self.environment, capture_output=True, text=True, check=False, **more
        )
        if done.returncode:
            sys.exit(f"{self.name}: {' '.join(command)} ended with {done.returncode}.\n{done.stdout}{done.stderr}")
        return done.stdout

    def manage(self, *arguments: str) -> str:
        return self.run(sys.executable, "manage.py", *arguments)


@dataclass
class Server:
    """A running gunicorn. Its seconds and bytes are those of all its processes, or of one worker."""

    site: Site
    port: int
    pid: int
    started_in: float = 0.0  # seconds from the command to the first answer

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answers(self, path: str) -> bool:
        """Whether it does so already. Ends the bench when it answers with an error."""
        try:
            connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
            connection.request("GET", path, headers=HEADERS)
            status = connection.getresponse().status
            connection.close()
        except OSError:
            return False
        if status >= 500:
            sys.exit(f"{self.site.name} answers {path} with {status}; see {self.site.data / self.site.name}.log.")
        return True

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(each) for each in children.split()]

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        return sum(_cpu(pid) for pid in (self.pid, *self.workers()))

    def memory(self) -> float:
        """Megabytes that the largest worker holds."""
        return max(_resident(pid) for pid in self.workers())

    def memory_of_all(self) -> float:
        return sum(_resident(pid) for pid in self.workers())


def _cpu(pid: int) -> float:
    # After the name, which may hold spaces: utime and stime are fields 14 and 15 of proc(5).
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


@contextmanager
def served(site: Site, port: int, *, processes: int = 1, path: str = "/", **more: str) -> Iterator[Server]:
    """The site behind the house's gunicorn configuration; `more` is added to its environment."""
    environment = site.environment | {"PORT": str(port), "WEB_PROCESSES": str(processes)} | more
    command = [str(BIN / "gunicorn"), "-c", str(ROOT / "deploy" / "gunicorn.conf.py"), site.application]
    gunicorn = Process(site.name, command, site.data / f"{site.name}.log", environment, site.code)
    begun = time.perf_counter()
    with running(gunicorn):
        server = Server(site, port, gunicorn.pid)
        gunicorn.wait_until(lambda: server.answers(path))
        server.started_in = time.perf_counter() - begun
        yield server
