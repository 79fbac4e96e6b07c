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
from tests.services import networks
from tests.services.networks import Bridge
from tests.services.visitor import Answer, Visitor

PAPER = b"\0\0\0\x18ftypmp42" + os.urandom(12 * 1024**2)  # a film as far as anybody looks: no page of it is drawn


@dataclass
class Paper:
    """One that was brought on machine A, and where it is."""

    uuid: str
    key: str
    token: str
    film: bytes

    @property
    def download(self) -> str:
        return f"/files/document/{self.uuid}/download/"


@dataclass
class Machines:
    """A and B, each a web process at an address of its own, and a worker, over the database, cache and store of the
    running stack; `front` is nginx over both. `inside` has a command run on one of them."""

    stack: Stack
    web: dict[str, str]
    processes: dict[str, Process]
    nginx: str = "nginx"
    port: int = 0
    inside: Callable[[str, list[str]], list[str]] = lambda _, command: command

    def at(self, machine: str, who: Visitor | None = None, address: str = "192.0.2.1") -> Visitor:
        """Somebody at the web process of A or B itself: a stranger, unless it is said who."""
        host, _, port = self.web[machine].rpartition(":")
        return (who or Visitor(0, address=address)).elsewhere(int(port), host=host)

    def front(self, who: Visitor | None = None) -> Visitor:
        return (who or Visitor(0)).elsewhere(self.port or self.stack.port, self.stack.certificate)

    @property
    def log(self) -> Path:
        return self.stack.folder / self.nginx / "access.log"

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """What the database answers, asked beside the site."""
        with psycopg.connect(self.stack.database(), autocommit=True) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def is_live(self, machine: str) -> bool:
        host, _, port = self.web[machine].rpartition(":")
        return is_live(int(port), host)


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
def bridge() -> Iterator[Bridge]:
    with networks.bridge() as made:
        yield made


@pytest.fixture(scope="session")
def started(bridge: Bridge) -> Iterator[Machines]:
    """Where the machine allows it, its database, cache, store and scanner listen on the bridge and nowhere else."""
    if missing := lacking():
        pytest.exit("\n".join(missing), returncode=1)
    stack = Stack(Path(os.environ["SERVICES"]).resolve(), free_port(), bridge.address)
    try:
        stack.start()
        web = {machine: f"127.0.0.1:{stack.web_ports[f'web-{machine}']}" for machine in "ab"}
        machines = Machines(stack, web, stack.processes)
        # Previews of the demonstration's papers, which nobody looks at here and everybody would wait for.
        machines.rows("DELETE FROM django_tasks_database_dbtaskresult WHERE status = 'READY'")
        yield machines
    except CannotStart as why:
        pytest.fail(str(why))
    finally:
        stack.stop()


@pytest.fixture(scope="session")
def machines(started: Machines) -> Machines:
    return started


@pytest.fixture(scope="session")
def member(machines: Machines) -> Visitor:
    """A member who signed in on machine A."""
    return signed_in(machines, "member")


@pytest.fixture(scope="session")
def editor(machines: Machines) -> Visitor:
    return signed_in(machines, "editor")


def signed_in(machines: Machines, who: str) -> Visitor:
    visitor = machines.at("a")
    assert visitor.sign_in(who).status == 302
    return visitor


def bring(machines: Machines, editor: Visitor, film: bytes = PAPER) -> Paper:
    """Upload the film through the administration on A, and wait until a worker has looked at it."""
    title = f"A film of the meeting {secrets.token_hex(4)}"
    query = "SELECT c.id FROM wagtailcore_collection c WHERE c.name = 'Guidance'"
    fields = {
        "title": title, "collection": str(machines.rows(query)[0][0]), "marking": "TLP:GREEN",
        "publish_at": timezone.localtime(timezone.now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S"),
    }  # fmt: skip
    answer: Answer = machines.at("a", editor).send("/admin/documents/add/", fields, {"file": ("film.mp4", film)})
    assert answer.status == 302, answer.text
    current = (
        "SELECT d.uuid, v.file, v.token FROM fileshare_shareddocument d "
        "JOIN fileshare_documentversion v ON v.id = d.current_version_id WHERE d.title = %s"
    )
    until(lambda: machines.rows(current, title), "a worker has inspected the paper", 60)
    uuid, key, token = machines.rows(current, title)[0]
    return Paper(str(uuid), str(key), str(token).replace("-", ""), film)


@pytest.fixture(scope="session")
def paper(machines: Machines, editor: Visitor) -> Paper:
    return bring(machines, editor)
