"""What time brings: `manage.py run_due`."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest
import time_machine
from botocore.stub import Stubber
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.models import UploadedFile

from fileshare.object_storage import PrivateObjectStorage
from fileshare.tasks import inspect_version
from portal.models import NewsPage
from portal.ops import due, heartbeat
from tests.factories import make_post
from tests.portal.reading import PUBLIC_LISTS

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def scheduled(db):
    """A post that appears in an hour and goes a day later."""
    post = make_post("Scheduled", slug="scheduled", live=False)
    post.go_live_at, post.expire_at = timezone.now() + HOUR, timezone.now() + 25 * HOUR
    post.save_revision().publish()
    return post


@pytest.mark.parametrize(("status", "failed", "left"), [(404, 0, []), (503, 1, ["a", "b"])])
def test_upload_that_the_object_store_has_lost_stops_no_job(monkeypatch, status, failed, left):
    """A store that is away for the moment is another matter: nothing is forgotten."""
    storage = PrivateObjectStorage(
        bucket_name="papers", access_key="x", secret_key="x", region_name="x", endpoint_url="http://127.0.0.1:9"
    )
    monkeypatch.setattr(UploadedFile._meta.get_field("file"), "storage", storage)
    for name in ("a", "b"):
        UploadedFile.objects.create(file=name)
    with Stubber(storage.connection.meta.client) as store:
        for _ in range(2 if status == 404 else 1):
            store.add_client_error("head_object", str(status), http_status_code=status)
        for _ in range(2):
            store.add_response("delete_object", {})
        assert due.run_all() == failed
    assert list(UploadedFile.objects.order_by("file").values_list("file", flat=True)) == left


def test_what_a_killed_process_was_receiving_goes_after_two_days():
    young, old = (Path(settings.FILE_UPLOAD_TEMP_DIR) / name for name in ("a.upload", "b.upload"))
    for file, hours in ((young, 47), (old, 49)):
        file.write_bytes(b"half")
        moment = (timezone.now() - hours * HOUR).timestamp()
        os.utime(file, (moment, moment))
    call_command("run_due")
    assert (young.exists(), old.exists()) == (True, False)
    young.unlink()


def run_at(moment: datetime.datetime) -> None:
    with time_machine.travel(moment, tick=False):
        call_command("run_due")


def test_scheduled_post_appears_at_its_time_everywhere_and_goes_again(client, scheduled):
    def is_there() -> set[bool]:
        lists = {"Scheduled" in client.get(address).content.decode() for address in ("/", "/news/", "/news/feed/")}
        return lists | {client.get("/news/scheduled/").status_code == 200}

    run_at(scheduled.go_live_at - datetime.timedelta(seconds=1))
    assert is_there() == {False}
    run_at(scheduled.go_live_at + datetime.timedelta(seconds=1))
    assert is_there() == {True}
    assert "scheduled" in client.get("/sitemap.xml").content.decode()
    run_at(scheduled.expire_at + datetime.timedelta(seconds=1))
    assert is_there() == {False}


def test_run_twice_publishes_once(scheduled):
    moment = scheduled.go_live_at + datetime.timedelta(seconds=1)
    run_at(moment)
    first = NewsPage.objects.get(pk=scheduled.pk)
    run_at(moment + datetime.timedelta(minutes=1))
    second = NewsPage.objects.get(pk=scheduled.pk)
    assert (second.live, second.first_published_at, second.last_published_at) == (
        True, first.first_published_at, first.last_published_at,
    )  # fmt: skip


def test_finished_tasks_are_forgotten_after_a_week_and_failures_are_kept():
    now = timezone.now()
    kept, forgotten, failed = (inspect_version.enqueue(number) for number in range(3))
    old_failure = inspect_version.enqueue(4)
    DBTaskResult.objects.filter(pk=old_failure.id).update(
        status="FAILED", finished_at=now - datetime.timedelta(days=91)
    )
    for task, status, days in ((kept, "SUCCESSFUL", 6.9), (forgotten, "SUCCESSFUL", 7.1), (failed, "FAILED", 89)):
        finished = now - datetime.timedelta(days=days)
        DBTaskResult.objects.filter(pk=task.id).update(status=status, finished_at=finished)
    due.forget_finished_tasks()
    left = {str(pk) for pk in DBTaskResult.objects.values_list("pk", flat=True)}
    assert left == {str(kept.id), str(failed.id)}


def test_old_sessions_are_forgotten():
    for key, hours in (("old", -1), ("new", 1)):
        Session.objects.create(session_key=key, session_data="x", expire_date=timezone.now() + hours * HOUR)
    call_command("run_due")
    assert list(Session.objects.values_list("session_key", flat=True)) == ["new"]


def test_one_jobs_trouble_does_not_stop_the_others_and_is_told(monkeypatch, scheduled, caplog):
    def broken() -> None:
        raise RuntimeError("nobody there")

    monkeypatch.setattr(due, "JOBS", (broken, *due.JOBS))
    with pytest.raises(CommandError, match="1 jobs failed"):
        run_at(scheduled.go_live_at + datetime.timedelta(seconds=1))
    assert NewsPage.objects.get(pk=scheduled.pk).live
    assert "The scheduled job broken failed." in caplog.text


def test_timer_asks_the_worker_for_a_beat():
    call_command("run_due")
    assert DBTaskResult.objects.ready().filter(task_path=heartbeat.beat.module_path).count() == 1


def test_timer_without_worker_asks_once_and_not_each_minute_anew():
    """Else a day without a worker leaves it fourteen hundred questions to answer first."""
    for _ in range(3):
        call_command("run_due")
    assert DBTaskResult.objects.ready().filter(task_path=heartbeat.beat.module_path).count() == 1


def test_lists_of_an_hour_before_know_nothing(client, scheduled):
    for address in PUBLIC_LISTS:
        assert "Scheduled" not in client.get(address).content.decode()
