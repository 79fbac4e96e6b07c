"""A worker of one version and tasks of another, as while an upgrade is going on."""

from __future__ import annotations

import io
import json
import logging

import pytest
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from members.tasks import send_mail
from portal.ops.doctor import work
from portal.ops.log import JsonFormatter
from tests.portal.test_doctor import told
from tests.portal.test_log import WORKER


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["portal.tasks.of_the_next_version", "portal.next_version.task", "portal.tasks.edge"])
def test_task_that_this_version_does_not_know_fails_where_everybody_sees_it(path):
    """And the worker goes on with the next one."""
    unknown, known = send_mail.enqueue(0), send_mail.enqueue(0)
    DBTaskResult.objects.filter(pk=unknown.id).update(task_path=path)
    out, logger = io.StringIO(), logging.getLogger("django_tasks_db")
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonFormatter())
    logger.addHandler(handler)
    worker = Worker(**WORKER)
    for each in (unknown, known):
        worker.run_task(DBTaskResult.objects.get(pk=each.id))
    logger.removeHandler(handler)
    states = {str(row.pk): row.status for row in DBTaskResult.objects.filter(pk__in=[unknown.id, known.id])}
    assert states == {unknown.id: "FAILED", known.id: "SUCCESSFUL"}
    (line,) = [json.loads(each) for each in out.getvalue().splitlines()]
    assert line["message"] == f"Task id={unknown.id} failed unexpectedly"
    failed = told(work.tasks)[0]
    assert failed.startswith(f"look tasks: 1 of {path} failed, the last with ")
    assert failed.endswith(", and are tried again.")
