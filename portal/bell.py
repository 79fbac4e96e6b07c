"""What is new for a member in the site itself: the bell's count, and the list behind it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone

from fileshare import access
from fileshare.asked_alike import AskedAlike
from portal import freshness
from portal.models import Announcement
from portal.notifications import news

if TYPE_CHECKING:
    from collections.abc import Sized

    from django.db.models import QuerySet

    from members.models import User
    from portal.models.telling import AnnouncementQuerySet

MOST_COUNTED = 9  # more are “9+”
PER_PAGE = 30
LOOKS_BACK = datetime.timedelta(days=60)


def _since(user: User) -> datetime.datetime:
    """From when on things are new to this person: not all that was there when they came."""
    return max(user.news_seen_at or user.date_joined, timezone.now() - LOOKS_BACK)


@dataclass(frozen=True)
class _Told:
    """An announcement: of a post for everybody, of a paper, or of a post that is not for everybody."""

    at: datetime.datetime
    is_for_everybody: bool
    is_paper: bool


def _of_late() -> list[_Told]:
    """Known in this process until the next change. Nothing here says who may read what is not for everybody."""

    def asked() -> list[_Told]:
        late: Any = Announcement.objects.filter(at__gt=timezone.now() - LOOKS_BACK).saying_whether_for_everybody()
        rows = late.values("at", "is_for_everybody", "paper")
        return [_Told(row["at"], row["is_for_everybody"], row["paper"] is not None) for row in rows]

    return freshness.kept("announcements of late", asked)


def _newest(visible: AnnouncementQuerySet, since: datetime.datetime) -> QuerySet[Announcement, tuple[int]]:
    return visible.filter(at__gt=since).newest_first().values_list("pk")[: MOST_COUNTED + 1]


# Asked with nearly each page of a member, and longer in the wording than in the answering.
_LONG_AGO = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_papers_asked_alike = AskedAlike(
    lambda user, now: _newest(Announcement.objects.papers_visible_to(user, now), _LONG_AGO),
    since=(Announcement._meta.get_field("at"), _LONG_AGO),
)


def _papers_since(user: User, since: datetime.datetime) -> Sized:
    if access.reads_as_members_do(user):
        return _papers_asked_alike.all(user, since=since)
    return _newest(Announcement.objects.papers_visible_to(user), since)


def unread(user: User) -> str:
    """How many things are new, in words for the bell: "" for none, and for the nobody of a preview. At most one
    question, about what is not for everybody; most pages of most members ask nothing."""
    if user.pk is None:
        return ""
    since, now = _since(user), timezone.now()
    new = [told for told in _of_late() if since < told.at <= now]
    count = sum(told.is_for_everybody for told in new)
    asked = [told for told in new if not told.is_for_everybody]
    if asked and count <= MOST_COUNTED:
        if all(told.is_paper for told in asked):
            count += len(_papers_since(user, since))
        else:
            count = len(_newest(Announcement.objects.visible_to(user), since))
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count or "")


@dataclass(frozen=True)
class Row:
    """One announcement as this member may see it."""

    at: datetime.datetime
    entry: news.Entry
    is_new: bool


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    older: str = ""  # the value of `?before=`

    @property
    def has_new(self) -> bool:
        return any(row.is_new for row in self.rows)


def page_of(user: User, before: Announcement | None = None) -> Page:
    """What came out, newest first; what stands below another announcement where one is given."""
    found = Announcement.objects.visible_to(user).newest_first()
    if before is not None:  # two conditions, of which the index serves the first
        found = found.filter(Q(at__lt=before.at) | Q(pk__lt=before.pk), at__lte=before.at)
    keys = list(found.values_list("pk", flat=True)[: PER_PAGE + 1])
    since = _since(user)
    things = {each.pk: each for each in news.with_things(Announcement.objects.filter(pk__in=keys[:PER_PAGE]))}
    shown: list[Any] = [things[key] for key in keys if key in things]
    rows = [Row(each.at, news.entry_of(each), each.at > since) for each in shown]
    return Page(rows, str(shown[-1].pk) if len(keys) > PER_PAGE else "")
