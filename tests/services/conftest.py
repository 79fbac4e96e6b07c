"""The production stack, started once for all tests that ask for it (`make services-test`)."""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.utils import timezone

from deploy.processes import CannotStart, Process, free_port, is_live
from deploy.services import Stack, lacking
from tests.services.visitor import Answer, Visitor

PAPER = b"\0\0\0\x18ftypmp42" + os.urandom(12 * 1024**2)  # a film as far as anybody looks: no page of it is drawn


@dataclass
class Paper:
    """One that was brought on machine A, and where it is."""

    uuid: str
    key: str
    token: str

    @property
    def download(self) -> str:
        return f"/files/document/{self.uuid}/download/"


@dataclass
class Machines:
    """The running stack: A and B are its two web processes, each with its own port; `front` is nginx over both."""

    stack: Stack
    paper: Paper | None = None

    @property
    def a(self) -> int:
        return self.stack.web_ports["web-a"]

    @property
    def b(self) -> int:
        return self.stack.web_ports["web-b"]

    def front(self) -> Visitor:
        return Visitor(self.stack.port, self.stack.certificate)

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """What the database answers, asked beside the site."""
        with psycopg.connect(self.stack.database(), autocommit=True) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def restart(self, process: Process) -> None:
        process.start()
        process.wait_until(lambda: is_live(self.stack.web_ports[process.name]))


def until(holds: Callable[[], object], what: str, seconds: float = 20) -> None:
    """Wait for a condition; fail with its name when it does not come."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            pytest.fail(f"within {seconds} seconds: {what}")
        threading.Event().wait(0.05)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`make test` goes without the stack, and says so in a line (tests/conftest.py)."""
    if not os.environ.get("SERVICES"):
        left_out = [item for item in items if item.get_closest_marker("services")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def machines() -> Iterator[Machines]:
    if missing := lacking():
        pytest.exit("\n".join(missing), returncode=1)
    stack = Stack(Path(os.environ["SERVICES"]).resolve(), free_port())
    try:
        stack.start()
        machines = Machines(stack)
        # Previews of the demonstration's papers, which nobody looks at here and everybody would wait for.
        machines.rows("DELETE FROM django_tasks_database_dbtaskresult WHERE status = 'READY'")
        yield machines
    except CannotStart as why:
        pytest.fail(str(why))
    finally:
        stack.stop()


@pytest.fixture(scope="session")
def member(machines: Machines) -> Visitor:
    """A member who signed in on machine A."""
    visitor = Visitor(machines.a)
    assert visitor.sign_in("member").status == 302
    return visitor


@pytest.fixture(scope="session")
def editor(machines: Machines) -> Visitor:
    visitor = Visitor(machines.a)
    assert visitor.sign_in("editor").status == 302
    return visitor


def bring(machines: Machines, editor: Visitor) -> Paper:
    """Upload the film through the administration on A, and wait until a worker has looked at it."""
    title = f"A film of the meeting {secrets.token_hex(4)}"
    query = "SELECT c.id FROM wagtailcore_collection c WHERE c.name = 'Guidance'"
    fields = {
        "title": title, "collection": str(machines.rows(query)[0][0]), "marking": "TLP:GREEN",
        "publish_at": timezone.localtime(timezone.now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S"),
    }  # fmt: skip
    answer: Answer = editor.elsewhere(machines.a).send("/admin/documents/add/", fields, {"file": ("film.mp4", PAPER)})
    assert answer.status == 302, answer.text
    current = (
        "SELECT d.uuid, v.file, v.token FROM fileshare_shareddocument d "
        "JOIN fileshare_documentversion v ON v.id = d.current_version_id WHERE d.title = %s"
    )
    until(lambda: machines.rows(current, title), "a worker has inspected the paper")
    uuid, key, token = machines.rows(current, title)[0]
    return Paper(str(uuid), str(key), str(token).replace("-", ""))


@pytest.fixture(scope="session")
def paper(machines: Machines, editor: Visitor) -> Paper:
    return bring(machines, editor)
