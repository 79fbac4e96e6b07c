"""A process that dies anywhere in what matters: what was acknowledged is there with its SHA-256, what was not is wholly
there or not at all, nothing opens to anybody, what is left over is found, and the act can be done again.

DRILL=all kills at every point, one after the other (`make drill`); without it, at a sample of those that change
something.
"""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
import traceback
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from deploy.processes import ROOT, free_port
from portal.notifications import announcing
from tests.drills import acts, dying, mails
from tests.drills.site import Site, sweep
from tests.factories import make_post
from tests.fileshare.admin import objects

ALL = os.environ.get("DRILL") == "all"
# Each with the points of the sample; those with a child of their own take longest.
ACTS: dict[type[acts.Act], int] = {
    acts.Upload: 4, acts.Replace: 4, acts.Delete: 3, acts.Destroy: 3, acts.Look: 2, acts.Stamp: 2, mails.Digest: 4,
    mails.Letter: 3, acts.Backup: 2,
}  # fmt: skip


@pytest.fixture
def mail_server(tmp_path: Path, settings: pytest.FixtureRequest) -> Iterator[Path]:
    """One in a process of its own, with the list of what it took."""
    port, file = free_port(), tmp_path / "taken"
    command = [sys.executable, "-m", "bench.sink", str(port), str(file)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as sink:
        sink.stdout.readline()
        settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = (
            "members.smtp.EmailBackend",
            "127.0.0.1",
            port,
        )
        yield file
        sink.terminate()


@pytest.fixture
def site(transactional_db: None, tmp_path: Path, mail_server: Path) -> Site:
    for left_by_others in objects():
        left_by_others.unlink()
    backups = tmp_path / "backups"
    backups.mkdir()
    made = Site.made(backups, mail_server)
    announcing.announce_post(make_post("One", published_at=timezone.now()))
    return made


def chosen(points: dying.End, sample: int) -> list[int]:
    """All of them, or some of those that change something, spread evenly and with the last ones."""
    if ALL:
        return list(range(1, len(points.points) + 1))
    telling = points.writing
    return sorted({telling[round(place * (len(telling) - 1) / (sample - 1))] for place in range(sample)})


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_process_killed_anywhere_loses_nothing_acknowledged_and_opens_nothing(site, monkeypatch, caplog, count):
    caplog.set_level("CRITICAL", "django.request")  # each refusal is wanted
    kills, writing, left, troubles = 0, 0, 0, []
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    with time_machine.travel(tomorrow.replace(hour=12), tick=True):  # when the hour of the digests has come
        for kind, sample in ACTS.items():
            before = objects()
            whole = kind(site, 0)
            undisturbed = dying.run(whole.do)
            whole.judge(undisturbed)
            for number in chosen(undisturbed, sample):
                act = kind(site, number)
                end = dying.run(act.do, die_at=number)
                try:
                    act.judge(end)
                    left += sweep(before, monkeypatch)
                    act.judge_again(dying.run(act.do))
                except Exception:  # noqa: BLE001 -- whatever went wrong, the other points are tried as well
                    place = f"{kind.__name__} at {number}, {undisturbed.points[number - 1]}"
                    troubles.append(f"{place}: {traceback.format_exc(limit=-2)}")
                kills += end.was_killed
                writing += end.was_killed and number in undisturbed.writing
            call_command("verify_audit", stdout=StringIO())
    said = f"at {writing} something was about to change; {left} orphans found"
    count("Points at which a process was killed", 500, kills, len(troubles), said)
    assert troubles == [], "\n".join(troubles)
    assert kills >= (500 if ALL else 20)
