"""What works in the background: worker, timer, tasks, mail, backups; and who could put things right."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator

from django.db.models import Count, QuerySet
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from fileshare import public_pictures
from members.models import User
from portal.ops import backups, facts, heartbeat, queue, timer
from portal.ops.doctor.finding import Finding, act, look, right

WAITED = 15 * 60  # seconds


def processes() -> Iterator[Finding]:
    run, now = timer.last(), timezone.now()
    if run is None or now - run.at > timer.LATE_AFTER:
        since = f"has not run since {run.at:%-d %B, %H:%M} UTC" if run else "has not run, as far as anybody knows"
        yield act("timer", f"It {since}: nothing that is due happens. Start “manage.py run_due --every 60”.")
    elif run.failed:
        yield act("timer", f"{run.failed} of its jobs failed in its last run. Its log says which and why.")
    else:
        yield right("timer", "It has run within the last minutes.")
    if heartbeat.is_beating():
        yield right("worker", "It has answered within the last minutes.")
    else:
        yield act("worker", "None answers: no mail goes out, no file is inspected. Start “manage.py db_worker”.")


def tasks() -> Iterator[Finding]:
    about, waited = "tasks", facts.oldest_waiting_task()
    failed = DBTaskResult.objects.failed()
    given_up = _by_path(failed.filter(queue.given_up()))
    tried_again = Counter(_by_path(failed)) - Counter(given_up)
    why = {path: _last_failure(path) for path in {*given_up, *tried_again}}
    for path, count in sorted(given_up.items()):
        yield act(
            about, f"{count} of {path} were given up, the last with {why[path]}. In the administration, Reports → "
            "Work that failed has the rest.",
        )  # fmt: skip
    for path, count in sorted(tried_again.items()):
        yield look(about, f"{count} of {path} failed, the last with {why[path]}, and are tried again.")
    if waited > WAITED:
        yield act(
            about, f"The oldest has waited for {waited / 60:.0f} minutes. Start more workers, or look at their log."
        )
    if not given_up and waited <= WAITED:
        yield right(about, "None was given up, and none waits for long.")


def _by_path(tasks: QuerySet[DBTaskResult[..., object]]) -> dict[str, int]:
    return dict(tasks.order_by().values_list("task_path").annotate(count=Count("pk")))


def _last_failure(path: str) -> str:
    newest = DBTaskResult.objects.failed().filter(task_path=path).order_by("-finished_at")
    return newest.values_list("exception_class_path", flat=True).first() or "what is being tried again"


def mails() -> Iterator[Finding]:
    found = facts.mails()
    if found["refused"]:
        yield look("mail", f"The mail server refused {found['refused']} mails of the last day.")
    if found["sending"]:
        yield look("mail", f"{found['sending']} mails are being sent, or were broken off; those are not sent again.")


def files() -> Iterator[Finding]:
    held = facts.files()["quarantined"]
    if held:
        yield look(
            "quarantine", f"{held} files are held in quarantine. Their papers' pages in the administration say why."
        )
    if public := public_pictures.misplaced().count():
        yield act(
            "pictures", f"{public} lie in closed folders, and whoever has their address sees them all the same. Move "
            "them to an open folder, or delete them.",
        )  # fmt: skip


def last_backup() -> Iterator[Finding]:
    about, last = "backup", backups.last()
    if last is None:
        yield act(about, "None is known. Run “manage.py backup FILE” each night, and keep the files elsewhere.")
        return
    age = timezone.now() - last.made_at
    said = f"The last is of {last.made_at:%-d %B %Y, %H:%M} UTC, {last.size / 1024**2:.0f} MB"
    if age > backups.LATE_AFTER:
        yield act(about, f"{said}, and {age / datetime.timedelta(days=1):.0f} days old. Look at what should make them.")
    elif last.size == 0:
        yield act(about, f"{said}: there is nothing in it. Make another one.")
    else:
        yield right(about, f"{said}.")


def administrators() -> Iterator[Finding]:
    count = User.objects.filter(is_superuser=True, is_active=True).count()
    if count == 0:
        yield act("administrators", "There is none. Run “manage.py createsuperuser”.")
    elif count == 1:
        yield look("administrators", "There is one alone. A second one is the way back when the first is away.")
    else:
        yield right("administrators", f"There are {count}.")
