"""Programs that run beside each other on this machine: started, waited for, stopped."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 90.0  # seconds, for one part to answer


class CannotStart(Exception):
    """The message is a sentence for the person who starts the stack."""


@dataclass
class Process:
    """One program of the stack, in a session of its own, so that Ctrl-C reaches the stack alone."""

    name: str
    command: list[str]
    log: Path
    environment: dict[str, str] | None = None
    folder: Path = ROOT
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                self.command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        if self.running is None:
            raise CannotStart(f"{self.name} was not started.")
        return self.running.pid

    def has_ended(self) -> bool:
        return self.running is not None and self.running.poll() is not None

    def ask_to_stop(self, number: int = signal.SIGTERM) -> bool:
        """False when it does not run."""
        if self.running is None or self.running.poll() is not None:
            return False
        self.running.send_signal(number)
        return True

    def stop(self, number: int = signal.SIGTERM, patience: float = 30.0) -> int:
        """Returns the exit code."""
        if self.running is None:
            return 0
        if self.ask_to_stop(number):
            try:
                self.running.wait(patience)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.running.wait()

    def kill(self) -> None:
        """It and its children, as a machine dies that loses its power."""
        os.killpg(self.pid, signal.SIGKILL)
        if self.running is not None:
            self.running.wait()

    def finish(self) -> None:
        """Wait for its end. Raises CannotStart when that is a bad one."""
        if self.running is not None and self.running.wait():
            raise CannotStart(f"{self.name} failed. {self._last_words()}")

    def _last_words(self) -> str:
        return f"The end of {self.log}:\n{self.log.read_text(errors='replace').strip()[-2000:]}"

    def wait_until(self, answers: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if answers():
                return
            if self.has_ended():
                break
            threading.Event().wait(0.02)
        raise CannotStart(f"{self.name} did not start. {self._last_words()}")


def stop_all(processes: Iterable[Process]) -> None:
    """Ask all of them before any is waited for."""
    known = list(processes)
    for process in known:
        process.ask_to_stop()
    for process in known:
        process.stop()


@contextlib.contextmanager
def running(*processes: Process) -> Iterator[None]:
    """They run beside each other for as long as the block lasts, however it ends."""
    try:
        for process in processes:
            process.start()
        yield
    finally:
        stop_all(processes)


def is_open(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


def is_live(port: int, host: str = "127.0.0.1") -> bool:
    try:
        with urllib.request.urlopen(f"http://{host}:{port}/health/live/", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def free_port() -> int:
    """One below those that the machine gives to connections, which would take it before it is used."""
    while True:
        port = random.randrange(20_000, 32_000)  # noqa: S311 -- no secret
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
