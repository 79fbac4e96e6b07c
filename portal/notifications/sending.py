"""Mail to many: a run for each occasion, worked off in batches by the worker.

A batch asks who may read what, writes a row for each mail, sends it, and notes how far it came; then the next batch is
put into the queue. Whatever breaks off begins its batch anew and finds the rows of what was sent.
"""

from __future__ import annotations

import datetime
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from members import access, mail_to_many
from members.enums import MailState
from members.mail_to_many import Letter, send_many
from members.models import User
from members.services import old_mails
from portal.models import Announcement, Listener, Owed, Pace, Preference, Run, Subscriber
from portal.models.telling import DIGESTS
from portal.notifications import audience, news, wording
from portal.ops import queue

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet

    from portal.notifications.links import Person

BATCH = 500  # people
PATIENCE = datetime.timedelta(minutes=5)  # as long as servers that do not know us yet commonly ask for
THINGS = ("announcement__post", "announcement__paper__collection")
HOUR, MONDAY = 7, 0  # digests go from seven in the morning on, those of the week on Mondays, by the site's clock
LENGTHS = {Pace.DAILY: datetime.timedelta(days=1), Pace.WEEKLY: datetime.timedelta(days=7)}
# What comes out in this moment may not have reached the database yet: it is for the next digest.
MARGIN = datetime.timedelta(minutes=1)


# --- Beginning ----------------------------------------------------------------------------------------------------
def begin_due() -> None:
    """Begin the digests of today, and mail about what has come out. Run by `manage.py run_due`."""
    for pace in DIGESTS:
        _begin_digest(pace)
    coming = Announcement.objects.out().filter(told_at_once=False).order_by("at", "pk")
    for key in list(coming.values_list("pk", flat=True)[:BATCH]):
        _begin_at_once(key)
    _take_up_lost()


def _take_up_lost() -> None:
    """Go on with runs whose task is nowhere any more, or was given up while the mail server was away. One that waits
    for its next try is the queue's, and one of which workers die is the administrators'."""
    from portal.tasks import send_news  # noqa: PLC0415 -- the task calls this module

    begun = list(Run.objects.filter(ended_at=None).order_by("pk").values_list("pk", flat=True))
    if not begun:
        return
    tasks = DBTaskResult.objects.filter(task_path=send_news.module_path).exclude(status=TaskResultStatus.SUCCESSFUL)
    lost = Q(status=TaskResultStatus.FAILED) & queue.given_up() & ~Q(exception_class_path=queue.WORKER_DIED)
    kept = {arguments["args"][0] for arguments in tasks.exclude(lost).values_list("args_kwargs", flat=True)}
    for key in begun:
        if key not in kept:
            send_news.enqueue(key)


def _day_of(pace: Pace, now: datetime.datetime) -> datetime.date | None:
    """The local day whose digest is due at this moment, if its hour has come; for a week its Monday."""
    today = now.date()
    day = today if pace == Pace.DAILY else today - datetime.timedelta(days=(today.weekday() - MONDAY) % 7)
    return day if now.hour >= HOUR or day < today else None


@transaction.atomic
def _begin_digest(pace: Pace) -> None:
    """Once for a day, also when clocks are put back or the site moves into another zone: days only go forward."""
    now = timezone.localtime()
    day = _day_of(pace, now)
    digests = Run.objects.filter(pace=pace, announcement=None)
    if day is None or digests.filter(day__gte=day).exists():
        return
    last = digests.order_by("-day").values_list("until", flat=True).first()
    until = now - MARGIN
    since = max(last, until - news.LONGEST) if last else until - LENGTHS[pace]
    _begin(f"{pace.label.lower()} {day}", pace=pace, day=day, since=since, until=until)


@transaction.atomic
def _begin_at_once(key: int) -> None:
    if not Announcement.objects.filter(pk=key, told_at_once=False).update(told_at_once=True):
        return
    now = timezone.now()
    _begin(
        f"announcement {key}", pace=Pace.AT_ONCE, day=timezone.localdate(), since=now, until=now, announcement_id=key
    )


def _begin(occasion: str, **facts: Any) -> None:
    from portal.tasks import send_news  # noqa: PLC0415 -- the task calls this module

    run, is_new = Run.objects.get_or_create(occasion=occasion, defaults=facts)
    if is_new:
        send_news.enqueue(run.pk)


# --- Working off --------------------------------------------------------------------------------------------------
def send_batch(*, run_id: int) -> None:
    """Send to the next people of a run, and put the rest into the queue. Safe to run twice, or at the same time.
    Raises members.mail_rows.NotSent."""
    run = Run.objects.select_related(*THINGS).filter(pk=run_id, ended_at=None).first()
    if run is None:  # it has ended, or what it was about was deleted
        return
    begun = time.monotonic()
    people = list(_next(run, _visitors(run) if run.to_visitors else _members(run)))
    sent = send_many(_letters(run, people), partial(_put_off, run, people)) if people else 0
    if people:
        _go_on(run, sent=sent, seconds=time.monotonic() - begun, reached=people[-1].pk)
    elif not run.to_visitors:
        _go_on(run, to_visitors=True, reached=0)
    else:
        Run.objects.filter(pk=run.pk, ended_at=None).update(ended_at=timezone.now())


def _put_off(run: Run, people: Sequence[Person], letter: Letter) -> None:
    """Have one of them asked about again by itself."""
    from portal.tasks import send_news_again  # noqa: PLC0415 -- the task calls this module

    person = next(each for each in people if run.occasion_of(each) == letter.occasion)
    later = send_news_again.using(run_after=timezone.now() + PATIENCE)
    later.enqueue(run.pk, isinstance(person, Subscriber), person.pk)


def send_again(*, run_id: int, to_visitors: bool, person_id: int) -> None:
    """Send to somebody for whom the mail server asked for patience what they may hear of now: nothing to whom the run
    would not send any more. Safe to run twice. Raises members.mail_rows.NotSent."""
    with transaction.atomic():
        letter = _letter_again(run_id, to_visitors, person_id)
    if letter is not None:
        mail_to_many.send_again(letter)


def _letter_again(run_id: int, to_visitors: bool, person_id: int) -> Letter | None:
    run = Run.objects.select_related(*THINGS).filter(pk=run_id).first()
    kind: Any = Subscriber if to_visitors else User
    # Whoever chooses another pace just now does so before, or after (`owed`).
    person = kind.objects.select_for_update(no_key=True).filter(pk=person_id).first()
    if run is None or person is None or not mail_to_many.take_up(run.occasion_of(person)):
        return None
    listening = _visitors(run) if to_visitors else _members(run)
    still = list(listening.filter(pk=person_id))
    letters = _letters(run, still) if still else []
    if not letters:
        mail_to_many.drop(run.occasion_of(person))
        return None
    return letters[0]


def _next(run: Run, people: QuerySet[Any]) -> QuerySet[Any]:
    return people.filter(pk__gt=run.reached).order_by("pk")[: _size()]


def _size() -> int:
    """Ten seconds' worth of what may be sent in a minute, so that even a slow limit is kept evenly."""
    return max(1, min(BATCH, settings.MAILS_A_MINUTE // 6))


@transaction.atomic
def _go_on(run: Run, *, reached: int, sent: int = 0, seconds: float = 0, to_visitors: bool | None = None) -> None:
    """Note how far it came. Of two that did the same batch, one goes on."""
    from portal.tasks import send_news  # noqa: PLC0415 -- as above

    moved = Run.objects.filter(pk=run.pk, reached=run.reached, to_visitors=run.to_visitors, ended_at=None).update(
        reached=reached,
        mails=F("mails") + sent,
        to_visitors=run.to_visitors if to_visitors is None else to_visitors,
    )
    if moved:
        early = sent * 60 / settings.MAILS_A_MINUTE - seconds
        wait = datetime.timedelta(seconds=early)
        send_news.using(run_after=timezone.now() + wait if early > 0 else None).enqueue(run.pk)


def _members(run: Run) -> QuerySet[Any]:
    """Those who may have something to hear: at once, few; in a week, nearly everybody."""
    people: QuerySet[Any]
    if run.announcement is not None:
        if not Announcement.objects.out().filter(pk=run.announcement.pk).exists():
            return User.objects.none()
        people = audience.at_once(run.announcement)
    else:
        people = audience.listening(access.current_people())
    if run.pace != Pace.WEEKLY:  # nobody has another pace without having chosen it: few, by an index
        chosen = Preference.objects.filter(pace=run.pace).order_by().values("user")
        owed = Owed.objects.open_for(run).filter(user__isnull=False).order_by().values("user")
        changed = Listener.objects.filter(comments_chosen_at__gt=run.since).order_by().values("user")
        people = people.filter(pk__in=chosen.union(owed, changed))
    return people


def _visitors(run: Run) -> QuerySet[Subscriber]:
    """Beside those of this pace, in a day's digest those who hear at once and are owed something."""
    wants = Q(pace=run.pace)
    if run.pace == Pace.DAILY:
        wants |= Q(pace=Pace.AT_ONCE, pk__in=Owed.objects.open_for(run).values("subscriber"))
    return audience.subscribed().filter(wants)


def _letters_to_visitors(run: Run, people: Sequence[Any]) -> Iterator[Letter]:
    """The same to all but those who chose another pace lately."""
    usual, writer = news.public_posts(run), wording.Writer(run)
    for person in people:
        changed = person.paces_chosen_at is not None and person.paces_chosen_at > run.since and run.pace in DIGESTS
        entries = news.public_posts(run, person) if changed else usual
        if entries:
            yield writer.letter(person, entries)


def _letters(run: Run, people: Sequence[Person]) -> list[Letter]:
    """Nothing to whom there is nothing to say."""
    if isinstance(people[0], Subscriber):
        return list(_letters_to_visitors(run, people))
    members: list[Any] = list(people)
    writer = wording.Writer(run)
    if run.announcement is not None:
        return [writer.letter(each, [news.at_once(run.announcement, each)]) for each in members]
    told = news.digests(run, members)
    return [writer.letter(each, told[each.pk]) for each in members if told.get(each.pk)]


# --- Forgetting ---------------------------------------------------------------------------------------------------
def forget_old() -> None:
    """Rows of mails whose run is over: it begins nothing anew. What a subscriber's address refused is kept, as it is
    for a member's. Run by `manage.py run_due`."""
    refused = Subscriber.objects.filter(address=OuterRef("address"), confirmed_at__lt=OuterRef("sent_at"))
    old = old_mails.of_many().exclude(Q(Exists(refused)), state=MailState.REFUSED)
    for occasion in Run.objects.filter(ended_at=None).values_list("occasion", flat=True):
        old = old.exclude(occasion__startswith=f"{occasion} to ")
    old.delete()
