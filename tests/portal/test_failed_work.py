"""Work that failed, in the administration."""

from __future__ import annotations

import datetime
import importlib

import pytest
from django.utils import timezone
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult

from fileshare.tasks import inspect_version
from members.models import AccessRecord
from members.tasks import carry_out_import, send_mail
from portal import desk
from portal.services import failed_work, roles
from tests.factories import make_administrator, make_user

pytestmark = pytest.mark.django_db
LIST = "/admin/reports/failed-work/"
TRACE = "Traceback (most recent call last):\n  File\nmembers.mail.NotSent: The server <asked> for patience.\n"


@pytest.fixture
def admin(signed_in):
    return signed_in(make_administrator("chief@example.org"))


def failure(task=send_mail, number: int = 7, *, tries: int = 3, **facts) -> DBTaskResult:
    now = timezone.now()
    rows = DBTaskResult.objects.filter(pk=task.enqueue(number).id)
    usual = {"finished_at": now, "started_at": now, "worker_ids": ["w"] * tries, "traceback": TRACE}
    rows.update(status="FAILED", **usual | facts)
    return rows.get()


def test_list_says_what_when_how_often_and_why(admin):
    retried = failure()
    given_up = failure(carry_out_import, 12, tries=1, enqueued_at=timezone.now() - datetime.timedelta(days=3))
    inspect_version.enqueue(1)  # waits, and did not fail
    page = admin.get(LIST).content.decode()
    for words in ("2 failures", "Send a mail", "no. 7", "The server &lt;asked&gt; for patience.",
                  "Tried again by itself after", "Import a register", "no. 12", "Given up",
                  f"{retried.pk}/", f"{given_up.pk}/"):  # fmt: skip
        assert words in page
    assert "Look into a file that was brought</a>" not in page
    only = admin.get(f"{LIST}?task_path={carry_out_import.module_path}").content.decode()
    assert "no. 12" in only
    assert "no. 7" not in only


def test_one_of_them_is_done_again_as_if_it_were_new(admin):
    task = failure(tries=8, args_kwargs={"args": [7], "kwargs": {}, "deaths": 4})
    assert "The server &lt;asked&gt; for patience." in admin.get(f"{LIST}{task.pk}/").content.decode()
    response = admin.post(f"{LIST}{task.pk}/", {"act": "again"})
    assert (response.status_code, response["Location"]) == (302, LIST)
    found = DBTaskResult.objects.get(pk=task.pk)
    assert (found.status, found.worker_ids, found.started_at, found.finished_at) == ("READY", [], None, None)
    assert found.args_kwargs == {"args": [7], "kwargs": {}}
    row = AccessRecord.objects.get(action="work_run_again")
    assert (row.actor.email, row.object_kind, row.object_id) == ("chief@example.org", "work", "send_mail")
    assert row.details == {"task": str(task.pk), "tries": 8}
    assert "Send a mail" in admin.get("/admin/access-record/?action=work_run_again").content.decode()
    assert admin.post(f"{LIST}{task.pk}/", {"act": "again"}).status_code == 404


def test_dismissed_work_is_forgotten_and_others_of_its_kind_with_it(admin):
    first, alike, other = failure(), failure(number=8), failure(carry_out_import)
    assert "And 1 other of this kind that failed" in admin.get(f"{LIST}{first.pk}/").content.decode()
    assert admin.post(f"{LIST}{first.pk}/", {"act": "dismiss", "alike": "on"}).status_code == 302
    assert list(DBTaskResult.objects.failed()) == [other]
    rows = AccessRecord.objects.filter(action="work_dismissed").values_list("details__task", flat=True)
    assert set(rows) == {str(first.pk), str(alike.pk)}


def test_front_page_names_what_was_given_up_and_only_that(admin):
    failure()
    assert not failed_work.given_up().exists()
    assert "Work that failed</h" not in admin.get("/admin/").content.decode()
    failure(carry_out_import, 12)
    page = admin.get("/admin/").content.decode()
    assert "Work that failed" in page
    assert "Import a register" in page


def test_front_page_loads_only_what_it_shows(rf, django_assert_num_queries):
    request = rf.get("/admin/")
    request.user = make_administrator("chief@example.org")
    for number in range(7):
        failure(carry_out_import, number)
    with django_assert_num_queries(2) as asked:
        shown = desk._failed_work(request.user)
    assert (len(shown["rows"]), shown["more"]) == (5, 2)
    first, second = (each["sql"] for each in asked.captured_queries)
    assert "LIMIT 5" in first
    assert "return_value" not in first
    assert "COUNT(*)" in second


@pytest.mark.parametrize("group", [roles.EDITORS, roles.SECRETARIES, roles.AUDITORS])
def test_nobody_but_administrators_knows_of_it(signed_in, group):
    task = failure(carry_out_import)
    client = signed_in(make_user(groups=(group,)))
    for address in (LIST, f"{LIST}results/", f"{LIST}{task.pk}/"):
        answer = client.get(address)
        assert (answer.status_code, answer["Location"]) == (302, "/admin/")  # as Wagtail refuses
    assert client.post(f"{LIST}{task.pk}/", {"act": "dismiss"})["Location"] == "/admin/"
    assert "failed-work" not in client.get("/admin/").content.decode()
    assert DBTaskResult.objects.filter(pk=task.pk).exists()


def test_every_task_has_its_words():
    modules = (
        "fileshare.tasks",
        "members.tasks",
        "portal.tasks",
        "portal.ops.heartbeat",
        "wagtail.tasks",
        "modelsearch.tasks",
    )
    found = {
        each.module_path for name in modules for each in vars(importlib.import_module(name)).values()
        if isinstance(each, Task)
    }  # fmt: skip
    assert found == set(failed_work.WORDS)
