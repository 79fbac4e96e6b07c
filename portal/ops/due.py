"""What time brings: run by `manage.py run_due`, as often as one likes. Each job may run twice and is done once."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable
from contextlib import suppress
from io import StringIO
from pathlib import Path

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.models import UploadedFile

from fileshare.services import retention, stamped_copies, unusual_use
from members.services import apply, erase, export_data, import_members, invite, lapse, old_mails
from portal import edge
from portal.models import DailyReader
from portal.notifications import announcing, owed, sending
from portal.ops import heads, heartbeat, queue, scanning, timer
from portal.search import index
from portal.services import search_misses, subscribe

logger = logging.getLogger(__name__)
KEEP_RESULTS, KEEP_FAILURES = datetime.timedelta(days=7), datetime.timedelta(days=90)
CATCH_UP_EVERY = datetime.timedelta(hours=1)
FORGET_MAILS_EVERY = datetime.timedelta(hours=1)
KEEP_UPLOADS = datetime.timedelta(days=2)


def publish_scheduled() -> None:
    """Posts whose time has come appear; those whose time is over go."""
    call_command("publish_scheduled", stdout=StringIO())


def forget_abandoned_uploads() -> None:
    """Files that were brought to the administration and never became a paper or a picture."""
    for abandoned in UploadedFile.objects.filter(pk__in=_abandoned_uploads()):
        abandoned.file.delete(save=False)
        abandoned.delete()


def _abandoned_uploads() -> list[int]:
    """By the age of the stored file, since Wagtail's row has no date."""
    before = timezone.now() - KEEP_UPLOADS
    abandoned = []
    for upload in UploadedFile.objects.exclude(file=""):
        try:
            is_old = upload.file.storage.get_modified_time(upload.file.name) < before
        except FileNotFoundError:
            is_old = True  # the file is not there: nothing to wait for
        if is_old:
            abandoned.append(upload.pk)
    return abandoned


def forget_broken_off_uploads() -> None:
    """What a process that died was just receiving."""
    before = (timezone.now() - KEEP_UPLOADS).timestamp()
    for file in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir():
        with suppress(FileNotFoundError):  # another timer was quicker
            if file.is_file() and file.stat().st_mtime < before:
                file.unlink()


def forget_finished_tasks() -> None:
    now = timezone.now()
    DBTaskResult.objects.successful().filter(finished_at__lt=now - KEEP_RESULTS).delete()
    DBTaskResult.objects.failed().filter(finished_at__lt=now - KEEP_FAILURES).delete()


def forget_old_sessions() -> None:
    """And the addresses from which they came."""
    call_command("clearsessions")
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()


def forget_readers() -> None:
    """Who read what is known for a day, so that nobody counts twice; the counts stay."""
    DailyReader.objects.filter(day__lt=timezone.localdate()).delete()


def purge_copies_again() -> None:
    """Those that a process gave out between a change and hearing of it."""
    edge.purge()


def catch_up_with_search() -> None:
    """Once an hour: what a lost task has kept from being found."""
    if cache.add("portal.search.caught_up", 1, CATCH_UP_EVERY.total_seconds()):
        index.catch_up()


def ask_for_a_beat() -> None:
    """Once: where no worker runs, the questions must not pile up before those who will answer."""
    if not DBTaskResult.objects.ready().filter(task_path=heartbeat.beat.module_path).exists():
        heartbeat.beat.enqueue()


def forget_those_who_never_came() -> None:
    """Applications and subscriptions whose address nobody confirmed, and invitations that nobody accepted."""
    apply.forget_unconfirmed()
    invite.forget_old()
    subscribe.forget_unconfirmed()


def forget_old_mails() -> None:
    """Once an hour: whom they went to."""
    if cache.add("portal.ops.old_mails", 1, FORGET_MAILS_EVERY.total_seconds()):
        old_mails.forget()
        sending.forget_old()
        owed.forget_old()


JOBS: tuple[Callable[[], None], ...] = (
    ask_for_a_beat,
    publish_scheduled,
    announcing.announce_papers,
    sending.begin_due,
    queue.requeue_lost_tasks,
    queue.forget_what_is_no_matter,
    queue.retry_failed_tasks,
    forget_abandoned_uploads,
    forget_broken_off_uploads,
    forget_finished_tasks,
    forget_old_sessions,
    forget_readers,
    forget_those_who_never_came,
    forget_old_mails,
    heads.sign,
    erase.apply_list_after_restore,
    erase.erase_due,
    erase.forget_farewells,
    export_data.forget_old,
    purge_copies_again,
    lapse.remind,
    lapse.note_lapses,
    import_members.forget_old,
    scanning.keep_up,
    unusual_use.tell,
    catch_up_with_search,
    search_misses.forget_old,
    retention.tell_owners,
    retention.destroy_expired,
    retention.remove_destroyed,
    stamped_copies.remove_old,
)


def run_all() -> int:
    """Run each job, whatever happened to the one before. Returns how many failed; the log has each traceback."""
    failed = 0
    for job in JOBS:
        try:
            job()
        except Exception:  # one job's trouble must not keep the others from running
            logger.exception("The scheduled job %s failed.", job.__name__)
            failed += 1
    timer.note(failed)
    return failed
