"""Health: what a machine is told, word by word."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.db import DatabaseError
from django.db.models.functions import Now
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from fileshare.tasks import inspect_version
from portal.models import WorkerPulse
from portal.ops import heartbeat
from portal.views import health

ALL_WELL = {"status": "ready", "database": True, "cache": True, "storage": True, "worker": True}


@pytest.fixture
def beating(db):
    """A worker that has just answered."""
    result = heartbeat.beat.enqueue()
    DBTaskResult.objects.filter(pk=result.id).update(status="SUCCESSFUL", finished_at=timezone.now())


def away() -> bool:
    raise ConnectionError("nobody there")


def test_live_asks_nothing_of_anybody(client, django_assert_num_queries):
    """Without the `db` mark: the process answers whatever is away."""
    response = client.get("/health/live/")
    assert (response.status_code, response.json()) == (200, {"status": "live"})


def test_ready_names_each_part(client, beating):
    response = client.get("/health/ready/")
    assert (response.status_code, response.json()) == (200, ALL_WELL)
    assert "no-store" in response["Cache-Control"]
    assert "Retry-After" not in response


@pytest.mark.parametrize("part", ["database", "cache", "storage", "worker"])
@pytest.mark.parametrize("trouble", [away, lambda: False])
def test_ready_says_which_part_is_away(client, beating, monkeypatch, part, trouble):
    monkeypatch.setitem(health.PARTS, part, trouble)
    response = client.get("/health/ready/")
    assert (response.status_code, response.json()) == (503, ALL_WELL | {"status": "not ready", part: False})
    assert response["Retry-After"] == "10"


def test_ready_asks_the_parts_themselves(client, beating, monkeypatch):
    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError("away")

    def no_database() -> None:
        raise DatabaseError("away")

    with monkeypatch.context() as patch:
        patch.setattr(health.cache, "set", refuse)
        patch.setattr(health.default_storage, "exists", refuse)
        patch.setattr(health.connection, "cursor", no_database)
        parts = {name: health._works(name, part) for name, part in health.PARTS.items() if name != "worker"}
    assert parts == {"database": False, "cache": False, "storage": False}


def test_cache_that_forgets_is_away(monkeypatch, db):
    monkeypatch.setattr(health.cache, "get", lambda *args: None)
    assert health._cache() is False


def test_worker_is_away_when_it_never_answered_or_not_for_three_minutes(client, db):
    assert client.get("/health/ready/").json()["worker"] is False
    result = heartbeat.beat.enqueue()
    assert client.get("/health/ready/").json()["worker"] is False
    now = timezone.now()
    DBTaskResult.objects.filter(pk=result.id).update(status="SUCCESSFUL", finished_at=now)
    for seconds, beats in ((1, True), (179, True), (181, False)):
        with time_machine.travel(now + datetime.timedelta(seconds=seconds), tick=False):
            assert client.get("/health/ready/").json()["worker"] is beats, seconds


def test_beat_that_failed_is_no_beat(db):
    result = heartbeat.beat.enqueue()
    DBTaskResult.objects.filter(pk=result.id).update(status="FAILED", finished_at=timezone.now())
    assert heartbeat.is_beating() is False


@pytest.mark.parametrize("address", ["/health/live/", "/health/ready/"])
def test_health_is_for_reading(client, db, address):
    assert client.post(address).status_code == 405
    assert client.head(address).status_code in (200, 503)


@pytest.mark.parametrize(("worker", "answer"), [("alive", True), ("silent", False)])
@pytest.mark.django_db
def test_worker_that_is_long_at_one_task_is_there_all_the_same(worker, answer):
    WorkerPulse.objects.create(worker="alive")
    WorkerPulse.objects.create(worker="silent", beat_at=Now() - heartbeat.ALIVE_FOR)
    task = inspect_version.enqueue(1)
    DBTaskResult.objects.filter(pk=task.id).update(status="RUNNING", worker_ids=["former", worker])
    assert heartbeat.is_beating() is answer
