"""What mail a member wants, and the key of the private feed."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from members.models import User
from portal.models import Kind, Listener, Preference, Subscriber
from portal.models.telling import USUAL
from portal.notifications import owed
from portal.services import subscribe

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

    from portal.notifications.links import Person


@transaction.atomic
def choose(
    *,
    user: User,
    kinds: Mapping[Kind, int],
    topics: Mapping[int, int | None],
    folders: Mapping[int, int | None],
    wants_mail: bool,
) -> None:
    """Keep what was chosen of what was asked; what was not asked stays as it was. Whoever chooses says that mail
    arrives: refusals until now count no more."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two windows at once: the later one counts whole
    rows = [Preference(user=user, kind=kind, pace=pace) for kind, pace in kinds.items() if pace != USUAL[kind]]
    rows += [
        Preference(user=user, kind=Kind.POSTS, topic_id=key, pace=pace)
        for key, pace in topics.items()
        if pace is not None
    ]
    rows += [
        Preference(user=user, kind=Kind.PAPERS, folder_id=key, pace=pace)
        for key, pace in folders.items()
        if pace is not None
    ]
    asked = Q(kind__in=kinds, topic=None, folder=None) | Q(topic__in=topics) | Q(folder__in=folders)
    own = Preference.objects.filter(asked, user=user)
    _note_changes(user, list(own), rows)
    own.delete()
    Preference.objects.bulk_create(rows)
    now = timezone.now()
    Listener.objects.update_or_create(
        user=user, defaults={"stopped_at": None if wants_mail else now, "heard_since": now}
    )


def _note_changes(user: User, before: list[Preference], after: list[Preference]) -> None:
    """Another pace must neither lose nor repeat what came out until now."""
    former, chosen = _by_place(before), _by_place(after)
    changed = {place for place in former.keys() | chosen.keys() if former.get(place) != chosen.get(place)}
    if any(kind in (Kind.POSTS, Kind.PAPERS) for kind, _, _ in changed):
        listener = Listener.objects.filter(user=user).first()
        owed.keep(user, owed.untold(user, listener.paces_chosen_at if listener else None, owed.pace_of_member(user)))
    comments = (Kind.COMMENTS, None, None)
    if comments in changed:
        owed.note_pace_of_comments(user, former.get(comments, int(USUAL[Kind.COMMENTS])))


def _by_place(rows: list[Preference]) -> dict[tuple[str, int | None, int | None], int]:
    return {(row.kind, row.topic_id, row.folder_id): row.pace for row in rows}


def stop(*, person: Person) -> None:
    """No more news by mail; twice changes nothing. Of a visitor nothing is kept."""
    if isinstance(person, Subscriber):
        subscribe.leave(subscriber=person)
    else:
        Listener.objects.get_or_create(user=person)
        Listener.objects.filter(user=person, stopped_at=None).update(stopped_at=timezone.now())


def has_seen(*, user: User, until: datetime.datetime) -> None:
    """The bell counts from here on. The time of the page that was read, not of the answer: what came out in between
    was not on it."""
    until = min(until, timezone.now())
    if user.news_seen_at is None or user.news_seen_at < until:
        User.objects.filter(pk=user.pk).update(news_seen_at=until)


def make_feed(*, user: User) -> None:
    """A new address for the private feed; the former one is dead from now on."""
    Listener.objects.update_or_create(user=user, defaults={"feed_key": secrets.token_hex(16)})


def close_feed(*, user: User) -> None:
    Listener.objects.filter(user=user).update(feed_key="")
