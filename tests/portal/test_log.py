"""The log: one object a line, the request's name in all of them, and nobody's secrets."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from collections.abc import Callable, Iterator

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from members.tasks import send_mail
from portal.ops import due, request_id
from portal.ops.log import HIDDEN, LONGEST, TAIL, JsonFormatter, PlainFormatter, redact
from tests.factories import make_member

GIVEN = "4f1c2b7d9e8a4c5f9d3e2b1a0c4d5e6f"
WORKER = {
    "queue_names": ["*"], "interval": 0, "batch": True, "backend_name": "default", "startup_delay": False,
    "max_tasks": None, "worker_id": "test", "excluded_queue_names": [],
}  # fmt: skip


@pytest.mark.parametrize(("said", "logged"), [
    ("Mail to ann.o'hara+x@mail.example.org failed", "Mail to [address] failed"),
    ("Key (email)=(ann@example.org) already exists.", "Key (email)=([address]) already exists."),
    ("no such user: 'ann@example.org'", "no such user: '[address]'"),
    (f"--to=...{'a' * 64}@{'mail.' * 9}example.org,-ann@example.org", "--to=...[address],-[address]"),
    ("Not Found: /search/?q=ann&page=2", "Not Found: /search/?[question]"),
    ("is it so? a=b", "is it so? a=b"),
    ("/account/confirm-email/MQ:1vQxYz:dGhpcyBpcyBhIHNpZ25hdHVyZQ/", "/account/confirm-email/[key]/"),
    ("/account/password/reset/key/1b-d5v4ms-0123456789abcdef0123456789abcdef/", "/account/password/reset/key/[key]/"),
    ("Gone: /members/invitation/QwErTyUiOpAsDfGhJkLzXcVb/", "Gone: /members/invitation/[key]/"),
    ("postgres://site:hunter2@db:5432/site refused", "postgres://[secret]@db:5432/site refused"),
    ("redis://:hunter2@cache:6379 is away", "redis://[secret]@cache:6379 is away"),
    ("Not Found: /files/document/85fb6c60-b9cc-4b39-83c0-f4b73cab8d26/", None),
    ("no object papers/a8/a446bd5ef266cff003e0622cce2e02577cfd2f", None),
    ('File "/srv/.venv/lib/python3.11/site-packages/django_tasks_db/models.py", line 1, in a_name', None),
    ("The scheduled job forget_those_who_never_came failed.", None),
    ("fileshare.storage.PrivateFolderStorage 2026-11-30T02:50:10 http://127.0.0.1:8000/health/ready/", None),
])  # fmt: skip
def test_line_has_nobodys_address_and_no_key(said, logged):
    assert redact(said) == (said if logged is None else logged)


def test_line_from_outside_costs_little_however_long_it_is():
    """No pattern may repeat without bound, and what is matched is cut: the rest of a text stays."""
    unbounded = re.compile(r"(?<!\\)[*+](?![^\[]*\])|,\}")  # but for the signs in a class
    assert [pattern.pattern for pattern, _ in HIDDEN if unbounded.search(pattern.pattern)] == []
    kept = LONGEST - TAIL
    assert redact("a" * 60_000 + "\nann@example.org") == "a" * kept + "…\n[address]"
    assert redact("://" + ":" * (LONGEST - 3)) == "://" + ":" * (LONGEST - 3)
    # The cut goes through an address.
    said = redact("x " * (LONGEST // 2 - 2) + "ann@example.org " * 2)
    assert said == "x " * (kept // 2) + "…"


def record_of(message: str, *args: object, exc_info: object = None) -> logging.LogRecord:
    return logging.LogRecord("portal.x", logging.ERROR, "x.py", 1, message, args, exc_info)


def test_json_line_is_one_object_with_the_request_and_the_traceback():
    try:
        int("ann@example.org\nis no number")
    except ValueError:
        record = record_of("Trouble of %s\nand more", "ann@example.org", exc_info=sys.exc_info())
    request_id.begin(GIVEN)
    written = JsonFormatter().format(record)
    request_id.end()
    assert "\n" not in written
    line = json.loads(written)
    assert line.pop("time").endswith("+00:00")
    assert line.pop("traceback").splitlines()[-1].endswith(" with base 10: '[address]\\nis no number'")
    assert line == {
        "level": "ERROR",
        "logger": "portal.x",
        "message": "Trouble of [address]\nand more",
        "request": GIVEN,
    }
    assert "request" not in json.loads(JsonFormatter().format(record_of("x")))


def test_plain_line_is_redacted_too():
    assert PlainFormatter("{levelname} {message}", style="{").format(record_of("ann@example.org")) == "ERROR [address]"


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, str]]]]:
    """What the loggers of requests and of tasks have written, as objects."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonFormatter())
    loggers = [logging.getLogger(name) for name in ("django.request", "django_tasks", "portal")]
    for logger in loggers:
        logger.addHandler(handler)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    for logger in loggers:
        logger.removeHandler(handler)


@pytest.mark.parametrize(("proxies", "given", "kept"), [
    (1, GIVEN, True),
    (1, "3b9c0d0e-5f2a-4a52-9d7e-1c1f4f2f9a11", True),
    (0, GIVEN, False),
    (1, "x" * 7, False),
    (1, "x" * 65, False),
    (1, "ann@example.org", False),
    (1, f'{GIVEN}","level":"', False),
    (1, "-" + GIVEN, False),
    (1, "", False),
])  # fmt: skip
def test_request_is_named_by_a_trusted_proxy_alone(client, settings, monkeypatch, proxies, given, kept):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    names = []
    monkeypatch.setattr(request_id, "begin", names.append)
    response = client.get("/health/live/", headers={"X-Request-ID": given})
    (named,) = names
    assert (named == given) is kept
    assert request_id.SHAPE.fullmatch(named)
    assert response.get("X-Request-ID") == (named if proxies else None)


def test_each_request_gets_a_name_of_its_own_and_lays_it_down_again(client, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert client.get("/health/live/")["X-Request-ID"] != client.get("/health/live/")["X-Request-ID"]
    assert request_id.current() == ""


def test_lines_of_a_request_and_of_the_task_it_brings_have_one_name(db, client, settings, lines, monkeypatch):
    """A forgotten password: the mail server is away, and the worker says so."""

    def refuse(*args: object) -> int:
        raise ConnectionRefusedError("no answer for ann@example.org")

    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    member = make_member()
    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    client.post("/account/password/reset/", {"email": member.email}, headers={"X-Request-ID": GIVEN})
    task = DBTaskResult.objects.get(task_path=send_mail.module_path)
    other = send_mail.enqueue(0)  # by nobody's request
    assert client.get("/no-such-page/", headers={"X-Request-ID": "another-request"}).status_code == 404
    worker = Worker(**WORKER)
    worker.run_task(task)
    assert request_id.current() == ""
    # Tried again, it is still the same request's.
    DBTaskResult.objects.filter(pk=task.pk).update(status="READY", finished_at=None)
    worker.run_task(DBTaskResult.objects.get(pk=task.pk))
    worker.run_task(DBTaskResult.objects.get(pk=other.id))
    logging.getLogger("portal").warning("between two tasks")
    told = [line for line in lines() if line["level"] != "INFO"]
    assert [(line["logger"], line["level"], line.get("request")) for line in told] == [
        ("django.request", "WARNING", "another-request"),
        ("django_tasks", "ERROR", GIVEN),
        ("django_tasks", "ERROR", GIVEN),
        ("portal", "WARNING", None),
    ]
    assert "ConnectionRefusedError: no answer for [address]" in told[1]["traceback"]
    assert member.email not in json.dumps(told)


def test_task_of_a_task_has_the_name_too(db):
    request_id.begin(GIVEN)
    first = send_mail.enqueue(1)
    request_id.end()
    request_id.take_up(first)
    second = send_mail.enqueue(2)
    request_id.end()
    third = send_mail.enqueue(3)
    rows = DBTaskResult.objects.in_bulk([first.id, second.id, third.id])
    found = [
        next(row for key, row in rows.items() if str(key) == each.id).args_kwargs for each in (first, second, third)
    ]
    assert found == [
        {"args": [1], "kwargs": {}, "request_id": GIVEN},
        {"args": [2], "kwargs": {}, "request_id": GIVEN},
        {"args": [3], "kwargs": {}},
    ]


def test_timer_says_when_it_ran_even_if_a_job_failed_and_survives_a_cache_that_is_away(db, monkeypatch):
    from portal.ops import timer

    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError("away")

    monkeypatch.setattr(due, "JOBS", (lambda: 1 / 0, lambda: None))
    assert timer.last() is None
    assert due.run_all() == 1
    last = timer.last()
    assert last is not None
    assert last.failed == 1
    assert abs((timezone.now() - last.at).total_seconds()) < 60
    monkeypatch.setattr(timer.cache, "set", refuse)
    assert due.run_all() == 1
    assert timer.last() == last
