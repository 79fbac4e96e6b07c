"""What a batch of people is told: gathered with a few queries for all of them, at the moment of sending."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format

from fileshare import access as papers_access
from fileshare.markings import INFO, Marking, MarkingInfo
from fileshare.models import Acknowledgement, SharedDocument
from members.models import Membership, OutgoingMail
from members.standing import ENDS_SOON, renewal_of
from portal import access
from portal.models import Announcement, Comment, CommentState, Kind, Listener, NewsPage, Owed, Pace, Preference
from portal.models.telling import USUAL
from portal.notifications import audience

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from django.db.models import QuerySet

    from members.models import User
    from portal.models import Run, Subscriber
    from portal.models.telling import Window

MOST = 40  # announcements in a person's digest; what is older stands on the site
MOST_TO_CONFIRM = 20
LONGEST = datetime.timedelta(days=31)  # what a digest looks back on, however long none went
CHUNK = 200  # announcements that are fetched together
RESTRICTED = "A restricted paper"
ALL = {Kind.POSTS: "because you hear of all new posts", Kind.PAPERS: "because you hear of all new papers"}


@dataclass(frozen=True)
class Entry:
    """One thing in a mail or a list. `title` is what this reader may be told, also where others see the mail."""

    kind: Kind
    title: str
    path: str
    marking: str = ""
    note: str = ""
    reason: str = ""

    @property
    def kind_label(self) -> str:
        return "Post" if self.kind == Kind.POSTS else "Paper"

    @property
    def marking_info(self) -> MarkingInfo | None:
        return INFO[Marking(self.marking)] if self.marking else None

    @property
    def address(self) -> str:
        return f"{settings.BASE_URL}{self.path}" if self.path else ""


Told = dict[int, list[Entry]]


def entry_of(announcement: Announcement, reason: str = "") -> Entry:
    """A paper marked above GREEN is mentioned, and not named."""
    thing = announcement.thing
    if isinstance(thing, SharedDocument):
        return _entry_of_paper(thing, Kind.PAPERS, reason=reason)
    return Entry(Kind.POSTS, thing.title, str(thing.get_url()), note=thing.standfirst, reason=reason)


def _entry_of_paper(paper: SharedDocument, kind: Kind, *, reason: str = "", note: str = "") -> Entry:
    title = paper.title if paper.title_may_be_public else RESTRICTED
    folder = f"in {paper.folder_name}" if paper.folder_name else ""
    return Entry(kind, title, paper.get_absolute_url(), str(paper.marking), note or folder, reason)


def _day(paper: SharedDocument) -> str:
    return date_format(paper.acknowledge_by, "j F Y") if paper.acknowledge_by else ""


def with_things(announcements: QuerySet[Announcement]) -> QuerySet[Announcement]:
    """With what `entry_of` and `audience.alike` ask of each."""
    posts = announcements.select_related("post", "paper__collection")
    return posts.defer("post__body", "post__public_text").prefetch_related("post__topics")


def _still_owed(owed: QuerySet[Owed]) -> list[Owed]:
    """Without what went to them at once in the meantime."""
    rows = {row.occasion_at_once: row for row in owed}
    gone = OutgoingMail.objects.filter(occasion__in=rows).values_list("occasion", flat=True) if rows else ()
    return [row for occasion, row in rows.items() if occasion not in set(gone)]


class Batch:
    """Some people with keys from `first` to `last`, and what is fetched once for all of them."""

    def __init__(self, run: Run, people: Iterable[User]) -> None:
        self.run, self.people = run, {person.pk: person for person in people}
        self.between = (min(self.people), max(self.people))
        self._paces: dict[Hashable, Mapping[int, int]] = {}
        self._readers: dict[Hashable, set[int]] = {}
        self._chosen: dict[int, list[Preference]] = defaultdict(list)
        rows = Preference.objects.filter(user__pk__range=self.between).select_related("topic", "folder__collection")
        for row in rows.order_by("pk"):
            self._chosen[row.user_id].append(row)
        lately = Q(paces_chosen_at__gt=run.since) | Q(comments_chosen_at__gt=run.since)
        self._changed = {each.pk: each for each in Listener.objects.filter(lately, user__pk__range=self.between)}
        owed = _still_owed(Owed.objects.open_for(run).filter(user__pk__range=self.between))
        self._owed = {(row.user_id, row.announcement_id): row.pk for row in owed}
        self._taken: list[int] = []

    def pace(self, key: int, kind: Kind) -> int:
        """A person's pace for a kind that has no topics or folders."""
        rows = (row.pace for row in self._chosen[key] if row.kind == kind and not (row.topic_id or row.folder_id))
        return next(rows, int(USUAL[kind]))

    def wanting(self, kind: Kind) -> set[int]:
        return {key for key in self.people if self.pace(key, kind) == self.run.pace}

    def _among(self, readers: QuerySet[Any]) -> set[int]:
        return set(readers.filter(pk__range=self.between).values_list("pk", flat=True)) & self.people.keys()

    # --- What came out ------------------------------------------------------------------------------------------
    def announced(self) -> Told:
        """By person, newest first. What others may read takes nobody's place."""
        told: Told = defaultdict(list)
        between = Q(at__gt=self.run.since, at__lte=self.run.until)
        window = Announcement.objects.out().filter(between | Q(pk__in={what for _, what in self._owed}))
        for each in with_things(window.newest_first()).iterator(CHUNK):
            entry, with_reason = entry_of(each), dict[str, Entry]()
            for key, pace in self._paces_of(each).items():
                if key in self.people and self._is_due(key, pace, each) and len(told[key]) < MOST:
                    reason = self._reason(key, each)
                    if reason not in with_reason:
                        with_reason[reason] = replace(entry, reason=reason)
                    told[key].append(with_reason[reason])
        if self._taken:
            Owed.objects.filter(pk__in=self._taken).update(run=self.run)
        return told

    def _is_due(self, key: int, pace: int, announcement: Announcement) -> bool:
        """For most people, what came out since the last digest; see `owed` for whoever chose another pace."""
        changed, run = self._changed.get(key), self.run
        if changed is None or changed.paces_chosen_at is None or announcement.at > changed.paces_chosen_at:
            return pace == run.pace and run.since < announcement.at <= run.until
        owed = self._owed.get((key, announcement.pk))
        # For whoever hears at once from now on, the next morning is soon enough.
        if owed is None or run.pace != (Pace.DAILY if pace == Pace.AT_ONCE else pace):
            return False
        self._taken.append(owed)
        return True

    def _paces_of(self, announcement: Announcement) -> Mapping[int, int]:
        same = audience.alike(announcement)
        if same not in self._paces:
            people = audience.of(announcement).filter(pk__range=self.between)
            self._paces[same] = dict(people.values_list("pk", "pace"))
        return self._paces[same]

    def _reason(self, key: int, announcement: Announcement) -> str:
        """The choice that decided, in words."""
        thing = announcement.thing
        if not self._chosen.get(key):
            return ALL[Kind.PAPERS if isinstance(thing, SharedDocument) else Kind.POSTS]
        if isinstance(thing, SharedDocument):
            chosen = {each.folder_id: each for each in self._chosen[key] if each.folder_id}
            nearest = next((chosen[each] for each in self._folders(thing) if each in chosen), None)
            return f"because you follow {nearest.folder}" if nearest else ALL[Kind.PAPERS]
        topics = {topic.pk for topic in thing.topics.all()}
        rows = [each for each in self._chosen[key] if each.topic_id in topics and each.pace == self.run.pace]
        return f"because you follow {rows[0].topic}" if rows else ALL[Kind.POSTS]

    def _folders(self, paper: SharedDocument) -> list[int]:
        same = ("folders", paper.collection_id)
        if same not in self._paces:
            self._paces[same] = dict.fromkeys(audience.folders_above(paper), 0)
        return list(self._paces[same])

    # --- What waits ---------------------------------------------------------------------------------------------
    def to_confirm(self) -> Told:
        """Papers that wait for the person's word, the first due first."""
        told: Told = defaultdict(list)
        wanting = self.wanting(Kind.CONFIRM)
        asking = SharedDocument.objects.filter(papers_access.published_condition(), acknowledge_by__isnull=False)
        papers = list(asking.select_related("collection").order_by("acknowledge_by", "pk"))
        if not (wanting and papers):
            return told
        given = Acknowledgement.objects.filter(
            document__in=papers, user__pk__range=self.between, version__number__gte=F("document__acknowledge_from")
        )
        done = set(given.values_list("document", "user"))
        for paper in papers:
            entry = _entry_of_paper(paper, Kind.CONFIRM, note=f"by {_day(paper)}")
            for key in self._readers_of(paper) & wanting:
                if (paper.pk, key) not in done and len(told[key]) < MOST_TO_CONFIRM:
                    told[key].append(entry)
        return told

    def _readers_of(self, paper: SharedDocument) -> set[int]:
        """Asked once for all the papers that are for the same people."""
        same = paper.collection_id, audience.only_for(paper)
        if same not in self._readers:
            self._readers[same] = self._among(papers_access.readers_of(paper))
        return self._readers[same]

    def comments(self) -> Told:
        """Posts on which others commented, of those on which the person did and asked to hear of it."""
        told: Told = defaultdict(list)
        windows = {key: found for key in self.people if (found := self._windows_of_comments(key))}
        if not windows:
            return told
        asked = Comment.objects.filter(author__pk__range=self.between, author__in=windows, wants_mail=True)
        first = {(post, who): key for key, post, who in asked.order_by("-pk").values_list("pk", "post", "author")}
        new: dict[int, list[Comment]] = defaultdict(list)
        lately = Comment.objects.filter(
            state=CommentState.APPEARED, mailed_at__gt=min(since for each in windows.values() for since, _ in each),
            mailed_at__lte=self.run.until, post__in={post for post, _ in first},
        )  # fmt: skip
        for comment in lately.order_by("pk") if first else ():
            new[comment.post_id].append(comment)
        posts = NewsPage.objects.out().defer("body", "public_text").in_bulk(list(new))
        for post in sorted(posts.values(), key=lambda each: each.pk):
            readers = self._among(access.readers_of(post))
            for (about, who), key in first.items():
                count = sum(
                    each.pk > key
                    and each.author_id != who
                    and any(since < cast("datetime.datetime", each.mailed_at) <= until for since, until in windows[who])
                    for each in new[post.pk]
                )
                if about == post.pk and count and who in readers:
                    told[who].append(_entry_of_comments(post, count))
        return told

    def _windows_of_comments(self, key: int) -> list[Window]:
        """When comments came that are for this person's digest."""
        run, pace, changed = self.run, self.pace(key, Kind.COMMENTS), self._changed.get(key)
        chosen_at = changed.comments_chosen_at if changed is not None else None
        if changed is None or chosen_at is None or chosen_at <= run.since:
            return [(run.since, run.until)] if pace == run.pace else []
        if run.until <= chosen_at:  # what it would have told is owed, and comes with the next one
            return []
        if pace == Pace.AT_ONCE and run.pace == Pace.DAILY:  # what came before is not mailed at once any more
            return changed.windows_of_comments
        return [*changed.windows_of_comments, (chosen_at, run.until)] if pace == run.pace else []

    def renewals(self) -> Told:
        """How a membership that ends soon goes on. It never brings a digest about by itself: letters do that."""
        soon = timezone.localdate() + datetime.timedelta(days=ENDS_SOON)
        ending = Membership.objects.current().with_standing().filter(user__in=self.wanting(Kind.MEMBERSHIP))
        words = {each.user_id: renewal_of(each) for each in ending.filter(expires_on__lte=soon)}
        return {key: [Entry(Kind.MEMBERSHIP, said, "")] for key, said in words.items() if said}


def _entry_of_comments(post: NewsPage, count: int) -> Entry:
    said = "1 new comment" if count == 1 else f"{count} new comments"
    return Entry(Kind.COMMENTS, f"{said} on “{post.title}”", f"{post.get_url()}#comments")


def digests(run: Run, people: list[User]) -> Told:
    """What each of them gets in this digest; nobody for whom there is nothing."""
    batch = Batch(run, people)
    told: Told = defaultdict(list)
    for part in (batch.announced(), batch.to_confirm(), batch.comments()):
        for key, entries in part.items():
            told[key] += entries
    for key, entries in batch.renewals().items() if told else ():
        if key in told:
            told[key] += entries
    return told


def public_posts(run: Run, subscriber: Subscriber | None = None) -> list[Entry]:
    """What visitors who subscribed get, or one of them who chose another pace: posts that everybody may read."""
    posts = NewsPage.objects.listed().order_by().values("pk")
    between = Q(at__gt=run.since, at__lte=run.until)
    wanted = between if run.announcement_id is None else Q(pk=run.announcement_id)
    owed = _still_owed(Owed.objects.open_for(run).filter(subscriber=subscriber)) if subscriber else []
    if subscriber is not None:
        wanted &= Q(at__gt=subscriber.paces_chosen_at)
    wanted |= Q(pk__in=[row.announcement_id for row in owed])
    found = list(with_things(Announcement.objects.out().filter(wanted, post__in=posts).newest_first())[:MOST])
    if owed:
        Owed.objects.filter(pk__in=[row.pk for row in owed]).update(run=run)
    return [entry_of(each, "because you subscribed to our news") for each in found]


def at_once(announcement: Announcement, person: Any) -> Entry:
    """The one entry of a mail of its own, with its reason."""
    paper = announcement.paper
    if paper is not None and person.pace != Pace.AT_ONCE:
        note = f"please confirm by {_day(paper)} that you have read it"
        return _entry_of_paper(paper, Kind.CONFIRM, note=note, reason="because you are asked to confirm it")
    what = "posts" if announcement.post else "papers"
    return entry_of(announcement, f"because you hear of new {what} at once")
