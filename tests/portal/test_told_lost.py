"""A mail to many whose task was lost goes on, and only then."""

from __future__ import annotations

import datetime

import pytest
from django.core import mail
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from portal.models import Kind, Pace, Preference, Run
from portal.notifications import announcing, sending
from portal.ops import queue
from portal.tasks import send_news
from tests.factories import make_member, make_post


@pytest.mark.parametrize(
    ("facts", "is_taken_up"),
    [
        (None, True),  # the task is gone
        ({"status": "SUCCESSFUL"}, True),
        ({"status": "READY"}, False),
        ({"status": "RUNNING"}, False),
        ({"status": "FAILED"}, False),  # the queue tries it again
        ({"status": "FAILED", "enqueued_at": "long ago"}, True),
        ({"status": "FAILED", "exception_class_path": queue.WORKER_DIED}, False),
    ],
)
def test_run_without_a_task_is_taken_up_again(db, facts, is_taken_up):
    sending.begin_due()
    DBTaskResult.objects.all().delete()
    Run.objects.all().update(ended_at=timezone.now())  # the digests
    Preference.objects.create(user=make_member("soon@example.org"), kind=Kind.POSTS, pace=Pace.AT_ONCE)
    announcing.announce_post(make_post("One", published_at=timezone.now()))
    sending.begin_due()
    tasks = DBTaskResult.objects.filter(task_path=send_news.module_path)
    if facts is None:
        tasks.delete()
    else:
        old = {"enqueued_at": timezone.now() - datetime.timedelta(days=2)} if "enqueued_at" in facts else {}
        tasks.update(finished_at=timezone.now(), **facts | old)
    before = set(tasks.values_list("pk", flat=True))
    for _ in range(2):
        sending.begin_due()
    assert tasks.exclude(pk__in=before).count() == is_taken_up, "and once"
    if is_taken_up:
        sending.send_batch(run_id=tasks.exclude(pk__in=before).get().args_kwargs["args"][0])
        assert len(mail.outbox) == 1
