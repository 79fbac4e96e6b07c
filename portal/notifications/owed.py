"""What a person had not been told of when they chose another pace.

A digest goes on from the one before it, which somebody who comes from another pace did not get, or which told what they
had heard already. So the moment of the choice is kept: of what came out before it they hear what is `Owed`, and nothing
else; from then on they are like everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from members.enums import MailState
from members.models import OutgoingMail, User
from portal.models import Announcement, Listener, Owed, Pace, Run, Subscriber
from portal.models.telling import DIGESTS
from portal.notifications import audience, news

if TYPE_CHECKING:
    import datetime

    from portal.models.telling import Window
    from portal.notifications.links import Person

PaceOf = Callable[[Announcement], int]


def _whose(person: Person) -> dict[str, Person]:
    return {"user" if isinstance(person, User) else "subscriber": person}


def _is_past(run: Run, person: Person) -> bool:
    """Whether a mail to many has dealt with this person: it has come further, or their mail is on its way. What was put
    off is written anew by the paces that hold then."""
    mails = OutgoingMail.objects.filter(occasion=run.occasion_of(person))
    state = mails.values_list("state", flat=True).first()
    if state == MailState.PUT_OFF:
        return False
    is_at = run.to_visitors is isinstance(person, Subscriber)
    is_beyond = run.to_visitors and not is_at
    return bool(run.ended_at or is_beyond or (is_at and run.reached >= person.pk) or state)


def told_until(pace: int, person: Person) -> datetime.datetime:
    """What somebody with the pace of these digests has heard of by now."""
    runs = Run.objects.filter(pace=pace, announcement=None).order_by("-day")
    return next((run.until for run in runs[:40] if _is_past(run, person)), audience.LONG_AGO)


def pace_of_member(user: User) -> PaceOf:
    """The pace that each announcement has for this member as of now; never where it is not for them."""
    known: dict[Hashable, int] = {}

    def pace(announcement: Announcement) -> int:
        same = audience.alike(announcement)
        if same not in known:
            found = audience.of(announcement).filter(pk=user.pk).values_list("pace", flat=True)
            known[same] = next(iter(found), Pace.NEVER)
        return known[same]

    return pace


def untold(person: Person, chosen_at: datetime.datetime | None, pace_of: PaceOf) -> list[Announcement]:
    """What came out lately and was still to be told to this person, by the paces that they have had until now."""
    now, until = timezone.now(), {int(pace): told_until(pace, person) for pace in DIGESTS}
    from_before = {owed.announcement_id for owed in _still_owed(person)}
    window = Announcement.objects.out().between(max(min(until.values()), now - news.LONGEST), now)
    put_off = _put_off(person)
    in_them = Q(pk__in=[run.announcement_id for run in put_off if run.announcement_id])
    for run in put_off:
        in_them |= Q(at__gt=run.since, at__lte=run.until)

    def is_untold(each: Announcement) -> bool:
        if chosen_at is not None and each.at <= chosen_at:
            return each.pk in from_before
        pace = pace_of(each)
        if pace == Pace.AT_ONCE:
            return not _went_at_once(each, person)
        is_put_off = any(run.pace == pace and run.since < each.at <= run.until for run in put_off)
        return pace in until and (each.at > until[pace] or is_put_off)

    wanted = Q(pk__in=window.values("pk")) | Q(pk__in=from_before)
    if put_off:
        wanted |= Q(pk__in=Announcement.objects.out().filter(in_them).values("pk"))
    found = news.with_things(Announcement.objects.filter(wanted))
    return [each for each in found if is_untold(each)]


def _put_off(person: Person) -> list[Run]:
    """Those of which the mail to this person was put off, perhaps long before others that have told the rest."""
    is_user = isinstance(person, User)
    its = Q(user=person) if is_user else Q(user=None, occasion__endswith=f" to subscriber {person.pk}")
    mails = OutgoingMail.objects.filter(its, state=MailState.PUT_OFF).values_list("occasion", flat=True)
    return list(Run.objects.filter(occasion__in=[occasion.partition(" to ")[0] for occasion in mails]))


def _still_owed(person: Person) -> list[Owed]:
    owed = Owed.objects.filter(**_whose(person)).select_related("run")
    return [each for each in owed if each.run is None or not _is_past(each.run, person)]


def _went_at_once(announcement: Announcement, person: Person) -> bool:
    run = Run.objects.filter(announcement=announcement).first()
    return announcement.told_at_once and (run is None or _is_past(run, person))


def keep(person: Person, announcements: list[Announcement]) -> None:
    """In the transaction that changes the pace."""
    whose, now = _whose(person), timezone.now()
    Owed.objects.filter(**whose).delete()
    Owed.objects.bulk_create(Owed(announcement=each, **whose) for each in announcements)
    if isinstance(person, User):
        Listener.objects.update_or_create(user=person, defaults={"paces_chosen_at": now})
    else:
        Subscriber.objects.filter(pk=person.pk).update(paces_chosen_at=now)


def note_pace_of_comments(user: User, former: int) -> None:
    """The same for comments, which have one pace: between which times the person has not heard of them."""
    listener, _ = Listener.objects.get_or_create(user=user)
    now = timezone.now()  # where what is owed ends, and the next digest begins
    untold = _untold_comments(listener, former, now)
    listener.comments_owed = [[each.isoformat() for each in window] for window in untold]
    listener.comments_chosen_at = now
    listener.save(update_fields=["comments_chosen_at", "comments_owed"])


def _untold_comments(listener: Listener, former: int, now: datetime.datetime) -> list[Window]:
    """By the pace that the person has had until now. A digest may be put off past a later one, which told the rest."""
    chosen_at = listener.comments_chosen_at
    if former == Pace.NEVER:
        return []
    begun = max(chosen_at or now - news.LONGEST, now - news.LONGEST)
    digest = Pace.DAILY if former == Pace.AT_ONCE else former
    runs = list(Run.objects.filter(pace=digest, announcement=None, until__gt=begun).order_by("until"))
    coming = [run for run in runs if not _is_past(run, listener.user)]
    # The first one after the choice takes what was owed then.
    is_owed = begun == chosen_at and (not runs or runs[0] in coming)
    windows = listener.windows_of_comments if is_owed else []
    if former != Pace.AT_ONCE:
        windows += [(max(run.since, begun), run.until) for run in coming]
        windows.append((runs[-1].until if runs else begun, now))
    return windows


def forget_old() -> None:
    """What no digest looks back on any more, or one has told; run by `manage.py run_due`."""
    ended = Owed.objects.filter(run__ended_at__isnull=False).select_related("run", "user", "subscriber")
    mails = {row.pk: _occasion(row) for row in ended}
    coming = OutgoingMail.objects.filter(occasion__in=mails.values(), state__in=(MailState.PUT_OFF, MailState.WAITING))
    still = set(coming.values_list("occasion", flat=True))
    told = Q(pk__in=[key for key, occasion in mails.items() if occasion not in still])
    Owed.objects.filter(told | Q(announcement__at__lt=timezone.now() - news.LONGEST)).delete()


def _occasion(row: Owed) -> str:
    """The mail of the digest that has taken it."""
    person: Person | None = row.user or row.subscriber
    return row.run.occasion_of(person) if row.run and person else ""
