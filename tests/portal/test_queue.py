"""Tasks whose worker died, and tasks that failed: done again, never twice at once, and then given up."""

from __future__ import annotations

import datetime
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import InterfaceError, connection
from django.db.models.functions import Now
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from fileshare.tasks import derive_version, inspect_version
from members.tasks import carry_out_import, send_mail
from portal.models import WorkerPulse
from portal.ops import pulse, queue
from tests.portal.slow_task import work

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
HOUR, MINUTE = datetime.timedelta(hours=1), datetime.timedelta(minutes=1)


def make(task=inspect_version, *, status: str = "RUNNING", ago: datetime.timedelta = HOUR, **facts) -> DBTaskResult:
    """A task that was begun, and unless it runs finished, so long ago."""
    then = timezone.now() - ago
    facts = {"finished_at": None if status == "RUNNING" else then, "started_at": then, "enqueued_at": then} | facts
    rows = DBTaskResult.objects.filter(pk=task.enqueue(1).id)
    rows.update(status=status, **facts)
    return rows.get()


def status_of(task: DBTaskResult) -> str:
    return DBTaskResult.objects.get(pk=task.pk).status


def silent(worker: str, *, for_so_long: datetime.timedelta, suspected: datetime.timedelta | None = None) -> None:
    WorkerPulse.objects.update_or_create(
        worker=worker,
        defaults={"beat_at": Now() - for_so_long, "suspected_at": suspected and Now() - suspected},
    )


# --- Workers that died --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("minutes", "status", "expected"), [
    (16, "RUNNING", "READY"),
    (14, "RUNNING", "RUNNING"),
    (600, "SUCCESSFUL", "SUCCESSFUL"),
    (600, "FAILED", "FAILED"),
])  # fmt: skip
def test_task_of_a_worker_without_a_pulse_is_queued_again_after_a_quarter_of_an_hour(minutes, status, expected):
    task = make(status=status, ago=datetime.timedelta(minutes=minutes), worker_ids=["of an older version"])
    queue.requeue_lost_tasks()
    assert status_of(task) == expected
    assert (DBTaskResult.objects.get(pk=task.pk).started_at is None) == (expected == "READY")


def test_long_task_of_a_worker_that_lives_is_left_to_it():
    task = make(worker_ids=["a"], ago=10 * HOUR)
    silent("a", for_so_long=0 * HOUR)
    queue.requeue_lost_tasks()
    queue.requeue_lost_tasks()
    assert status_of(task) == "RUNNING"


def test_worker_that_is_silent_is_dead_at_the_second_look_and_not_the_first():
    """After the database was away all workers were silent: they are heard before the second look."""
    first, second = make(worker_ids=["a"], ago=2 * MINUTE), make(worker_ids=["a", "b"], ago=2 * MINUTE)
    for worker in ("a", "b"):
        silent(worker, for_so_long=2 * MINUTE)
    queue.requeue_lost_tasks()
    queue.requeue_lost_tasks()
    assert (status_of(first), status_of(second)) == ("RUNNING", "RUNNING")
    WorkerPulse.objects.update(suspected_at=Now() - MINUTE)
    assert pulse.beat("b")
    queue.requeue_lost_tasks()
    assert (status_of(first), status_of(second)) == ("READY", "RUNNING")
    assert list(WorkerPulse.objects.values_list("worker", "suspected_at")) == [("b", None)]
    assert not pulse.beat("a")


def test_worker_that_begins_anew_under_its_name_takes_its_task_back():
    silent("a", for_so_long=MINUTE)
    task, other = make(worker_ids=["a"], ago=MINUTE), make(worker_ids=["a", "b"], ago=MINUTE)
    with pulse.Pulse("a"):
        assert (status_of(task), status_of(other)) == ("READY", "RUNNING")
        assert WorkerPulse.objects.count() == 1
    assert not WorkerPulse.objects.exists()


def test_task_of_which_workers_die_is_given_up():
    """Tries that failed are no deaths."""
    left, again = make(worker_ids=["a"] * 5), make(worker_ids=["a"] * 9)
    DBTaskResult.objects.filter(pk=left.pk).update(args_kwargs={"args": [1], "kwargs": {}, "deaths": 4})
    queue.requeue_lost_tasks()
    assert (status_of(left), status_of(again)) == ("FAILED", "READY")
    assert DBTaskResult.objects.get(pk=again.pk).args_kwargs == {"args": [1], "kwargs": {}, "deaths": 1}
    left = DBTaskResult.objects.get(pk=left.pk)
    assert left.traceback == "The worker died 5 times while it was at this."
    assert queue.next_try(left) is None


def test_worker_that_is_cut_off_ends_before_its_task_is_given_away(monkeypatch):
    """Be it that the database refuses, or that it never answers; but not at the first refusal."""
    assert (queue.SILENT_FOR + queue.SECOND_LOOK).total_seconds() > pulse.UNHEARD_FOR
    dead, answered, cut, over = (threading.Event() for _ in range(4))
    refusals = iter(range(2))

    def beat(worker: str) -> bool:
        if next(refusals, None) is not None:
            raise InterfaceError("connection already closed")
        answered.set()
        if cut.is_set():
            over.wait(60)
        return True

    monkeypatch.setattr(pulse, "beat", beat)
    with pulse.Pulse("c", every=0.02, unheard_for=60, when_taken_for_dead=dead.set):
        assert answered.wait(60)
        assert not dead.is_set()
    cut.set()
    with pulse.Pulse("c", every=0.02, unheard_for=0.2, when_taken_for_dead=dead.set):
        assert dead.wait(60)
        over.set()
    dead.clear()
    refusals = iter(range(10**9))
    with pulse.Pulse("c", every=0.02, unheard_for=0.2, when_taken_for_dead=dead.set):
        assert dead.wait(60)


# --- Failures -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("tries", "minutes", "expected"), [
    (0, 2, "READY"),
    (1, 0.9, "FAILED"),
    (1, 1.1, "READY"),
    (2, 4.9, "FAILED"),
    (2, 5.1, "READY"),
    (4, 59, "FAILED"),
    (4, 61, "READY"),
    (7, 719, "FAILED"),
    (7, 721, "READY"),
    (8, 721, "FAILED"),
])  # fmt: skip
def test_what_failed_is_tried_again_after_ever_longer_waits(tries, minutes, expected):
    task = make(status="FAILED", ago=datetime.timedelta(minutes=minutes), worker_ids=["w"] * tries)
    queue.retry_failed_tasks()
    assert status_of(task) == expected


@pytest.mark.parametrize(("facts", "expected"), [
    ({}, "READY"),
    ({"enqueued_at": timezone.now() - 25 * HOUR}, "FAILED"),
    ({"task_path": carry_out_import.module_path}, "FAILED"),
    ({"exception_class_path": queue.WORKER_DIED}, "FAILED"),
    ({"exception_class_path": "builtins.SystemExit"}, "READY"),
])  # fmt: skip
def test_some_failures_are_given_up_at_once(facts, expected):
    task = make(send_mail, status="FAILED", ago=10 * MINUTE, worker_ids=["w"], **facts)
    queue.retry_failed_tasks()
    assert status_of(task) == expected


def test_database_says_as_the_queue_does_what_was_given_up():
    """For each number of tries, close before and after the moment at which the next one would be too late."""
    now, second = timezone.now(), datetime.timedelta(seconds=10)
    finished = now - MINUTE
    for tries in range(9):
        wait = queue.WAITS[min(max(tries, 1), len(queue.WAITS)) - 1]
        for enqueued in (finished + wait - queue.TRY_FOR - second, finished + wait - queue.TRY_FOR + second):
            make(status="FAILED", worker_ids=["w"] * tries, enqueued_at=enqueued, finished_at=finished)
    make(status="FAILED", ago=MINUTE, exception_class_path=queue.WORKER_DIED)
    make(carry_out_import, status="FAILED", ago=MINUTE)
    make(status="FAILED", enqueued_at=now - queue.TRY_FOR - second, finished_at=now - 20 * HOUR)
    expected = {task.pk for task in DBTaskResult.objects.failed() if queue.next_try(task) is None}
    assert {task.pk for task in DBTaskResult.objects.failed().filter(queue.given_up())} == expected
    assert len(expected) == 9 + 1 + 3


def test_wagtails_work_on_what_is_gone_is_no_failure():
    gone = "portal.models.posts.NewsPage.DoesNotExist"
    make(status="FAILED", task_path="wagtail.tasks.update_reference_index_task", exception_class_path=gone)
    make(status="FAILED", task_path="modelsearch.tasks.insert_or_update_object_task", exception_class_path=gone)
    ours = make(derive_version, status="FAILED", exception_class_path=gone)
    away = make(
        status="FAILED", task_path="wagtail.tasks.delete_file_from_storage_task", exception_class_path="OSError"
    )
    queue.forget_what_is_no_matter()
    assert set(DBTaskResult.objects.values_list("pk", flat=True)) == {ours.pk, away.pk}


# --- Two workers --------------------------------------------------------------------------------------------------
def _address() -> str:
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{facts['NAME']}"
    password = f":{facts['PASSWORD']}" if facts["PASSWORD"] else ""
    return f"postgres://{facts['USER']}{password}@{facts['HOST']}:{facts['PORT'] or 5432}/{facts['NAME']}"


def _until(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_workers_share_the_work_and_one_takes_over_when_the_other_is_killed(tmp_path):
    """Real processes on the real database. Nothing runs twice at the same time."""
    log = tmp_path / "log"
    kept = ("PATH", "HOME", "LANG", "TZ")
    environment = {name: os.environ[name] for name in kept if name in os.environ} | {
        "DJANGO_SETTINGS_MODULE": "portal.settings.dev", "DATA_DIR": str(tmp_path), "DATABASE_URL": _address(),
    }  # fmt: skip
    command = [sys.executable, "manage.py", "db_worker", "--queue-name", "*", "--interval", "0.1",
               "--no-startup-delay", "--no-reload", "--worker-id"]  # fmt: skip

    def said(word: str) -> list[str]:
        return [line for line in log.read_text().splitlines() if line.startswith(word)] if log.exists() else []

    DBTaskResult.objects.all().delete()
    quick = [work.enqueue(str(tmp_path), f"quick{number}").id for number in range(8)]
    for number in range(8):
        (tmp_path / f"go quick{number}").touch()
    workers = {
        name: subprocess.Popen([*command, name], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) for name in "ab"
    }
    try:
        _until(lambda: WorkerPulse.objects.count() == 2)
        _until(lambda: len(said("ends quick")) == 8)
        assert len(said("begins quick")) == 8
        _until(lambda: DBTaskResult.objects.successful().filter(pk__in=quick).count() == 8)

        slow = DBTaskResult.objects.filter(pk=work.enqueue(str(tmp_path), "slow").id)
        _until(lambda: said("begins slow"))
        slow.update(started_at=timezone.now() - HOUR)
        queue.requeue_lost_tasks()
        assert slow.get().status == "RUNNING"

        (first,) = slow.get().worker_ids
        workers[first].send_signal(signal.SIGKILL)
        workers[first].wait()
        silent(first, for_so_long=2 * MINUTE, suspected=MINUTE)
        queue.requeue_lost_tasks()
        _until(lambda: len(said("begins slow")) == 2)
        assert said("ends slow") == []
        (tmp_path / "go slow").touch()
        _until(lambda: slow.get().status == "SUCCESSFUL")
        assert len(said("ends slow")) == 1
        (second,) = set(workers) - {first}
        assert slow.get().worker_ids == [first, second]

        workers[second].terminate()
        assert workers[second].wait(60) == 0
        assert not WorkerPulse.objects.exists()
        _worker_that_was_taken_for_dead_ends()
    finally:
        for worker in workers.values():
            worker.kill()
            worker.wait()


def _worker_that_was_taken_for_dead_ends() -> None:
    """In a thread of this process, so that it can beat faster."""
    dead = threading.Event()
    with pulse.Pulse("c", every=0.05, when_taken_for_dead=dead.set):
        began = WorkerPulse.objects.get(pk="c").beat_at
        _until(lambda: WorkerPulse.objects.get(pk="c").beat_at > began)
        assert not dead.is_set()
        silent("c", for_so_long=2 * MINUTE, suspected=MINUTE)
        WorkerPulse.objects.filter(pk="c").delete()
        assert dead.wait(60)
