"""From one version to the next, and back, while people read and write: the schema first, then one process at a time.

The next version is this one with a column more, which the older code does not know of (docs/operator.md, “Upgrade”).
"""

from __future__ import annotations

import secrets
import shutil
import subprocess
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.processes import ROOT, is_open
from deploy.services import MANAGE
from tests.services.conftest import until
from tests.services.visitor import Visitor

pytestmark = [pytest.mark.services, pytest.mark.xdist_group("services")]
TOPIC = '    description = models.TextField(blank=True, help_text="One sentence, shown above the topic\'s posts.")\n'
# NOT NULL, as most columns are; the database itself has a value for the older code's rows.
MOTTO = '    motto = models.CharField(max_length=40, blank=True, default="", db_default="")\n'
PROCESSES = ("web-a", "web-b", "worker-a", "worker-b")
POST = "/news/nactso-ctpn-information/"


def manage(machines, code: Path, *arguments: str) -> None:
    done = subprocess.run(
        [*MANAGE, *arguments], cwd=code, env=machines.stack.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def next_version(machines, tmp_path):
    """A folder with the code of the next version."""
    for folder in ("members", "fileshare", "portal", "deploy"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "manage.py", tmp_path)  # Python looks for the code beside the file itself, not beside a link
    for same in ("templates", "static"):
        (tmp_path / same).symlink_to(ROOT / same)
    topics = tmp_path / "portal" / "models" / "topics.py"
    assert TOPIC in topics.read_text()
    topics.write_text(topics.read_text().replace(TOPIC, TOPIC + MOTTO))
    manage(machines, tmp_path, "makemigrations", "portal", "--name", "motto", "--verbosity", "0")
    return tmp_path


@contextmanager
def people_at(front: Callable[[], Visitor], member: Visitor, administrator: Visitor):
    """A reader past the page cache, a member who downloads, and somebody who adds topics, until the block ends. Gives a
    count of what each was answered."""
    answers, is_over = Counter[tuple[str, int]](), threading.Event()

    def go_on(who: str, ask: Callable[[int], int]) -> None:
        turn = 0
        while not is_over.is_set():
            turn += 1
            answers[who, ask(turn)] += 1

    def add_topic(turn: int) -> int:
        word = f"{secrets.token_hex(4)}-{turn}"
        fields = {"name": f"Topic {word}", "slug": word, "description": "", "order": "900"}
        return administrator.send("/admin/snippets/portal/topic/add/", fields).status

    visitor = front()
    people = {
        "reader": lambda turn: visitor.get(f"{POST}?turn={turn}").status,
        "member": lambda turn: member.get("/files/guidance/").status,
        "editor": add_topic,
    }
    threads = [threading.Thread(target=go_on, args=each) for each in people.items()]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


def move(machines, code: Path) -> None:
    """Each web process and worker in turn: told to stop, started from this folder, and waited for until it has work."""
    log = machines.stack.folder / "nginx" / "access.log"
    for name in PROCESSES:
        process = machines.stack.processes[name]
        assert process.stop() == 0
        process.folder = code
        process.start()
        if port := machines.stack.web_ports.get(name):
            until(lambda port=port: is_open(port), f"{name} listens again", 60)
            seen = log.stat().st_size  # nothing of the time before is still to be written
            asked = f'"web":"127.0.0.1:{port}"'
            until(lambda seen=seen, asked=asked: asked in log.read_text()[seen:], f"nginx asks {name} again", 60)


def test_upgrade_and_way_back_are_not_noticed(machines, next_version, member):
    stack = machines.stack
    at_front = {"port": stack.port, "certificate": stack.certificate}
    administrator = Visitor(**at_front)
    assert administrator.sign_in("admin").status == 302
    ((before,),) = machines.rows("SELECT max(name) FROM django_migrations WHERE app = 'portal'")
    with people_at(machines.front, member.elsewhere(**at_front), administrator) as answers:
        manage(machines, next_version, "migrate", "--verbosity", "0")
        try:
            move(machines, next_version)
            machines.rows("UPDATE portal_topic SET motto = 'Safe'")
        finally:
            move(machines, ROOT)
            manage(machines, next_version, "migrate", "portal", str(before), "--verbosity", "0")
    assert set(answers) == {("reader", 200), ("member", 200), ("editor", 302)}
    assert min(answers.values()) > 5
