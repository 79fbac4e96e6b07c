"""Being told of what is new: what came out, what each person wants to hear, and the mails that say it.

Nothing is written for each member when something comes out. Who hears of it is asked when a list is shown or a mail is
made, of the same rules as everything else.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone

from fileshare import access as papers_access
from fileshare.models import Folder, SharedDocument
from portal import access
from portal.models.posts import NewsPage
from portal.models.topics import Topic

if TYPE_CHECKING:
    from fileshare.models.document import SharedDocumentQuerySet
    from members.models import User


class Kind(models.TextChoices):
    """What a person may choose a pace for."""

    POSTS = "posts", "New posts"
    PAPERS = "papers", "New papers"
    COMMENTS = "comments", "Comments and replies"
    CONFIRM = "confirm", "Papers to confirm"
    MEMBERSHIP = "membership", "The end of your membership"


class Pace(models.IntegerChoices):
    """How soon; the smallest number is the quickest."""

    AT_ONCE = 0, "At once"
    DAILY = 1, "Daily"
    WEEKLY = 2, "Weekly"
    NEVER = 3, "Never"


# Whoever asks at a post to hear of further comments wants to hear of them now.
USUAL = dict.fromkeys(Kind, Pace.WEEKLY) | {Kind.COMMENTS: Pace.AT_ONCE}
DIGESTS = (Pace.DAILY, Pace.WEEKLY)
Window = tuple[datetime.datetime, datetime.datetime]  # after the one, and up to the other


def _once(what: str, where: Q) -> models.UniqueConstraint:
    return models.UniqueConstraint(fields=["user", what], condition=where, name=f"one_pace_a_{what}")


class Preference(models.Model):
    """What a member chose otherwise than `USUAL`: for a kind, for posts of a topic, or for papers of a folder."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="news_preferences")
    kind = models.CharField(max_length=10, choices=Kind)
    topic = models.ForeignKey(Topic, null=True, on_delete=models.CASCADE, related_name="+")
    folder = models.ForeignKey(Folder, null=True, on_delete=models.CASCADE, related_name="+")
    pace = models.PositiveSmallIntegerField(choices=Pace)

    wagtail_reference_index_ignore = True

    class Meta:
        indexes = [models.Index(fields=["pace", "user"], name="who_wants_this_pace")]
        constraints = [
            _once("kind", Q(topic=None, folder=None)),
            _once("topic", Q(topic__isnull=False)),
            _once("folder", Q(folder__isnull=False)),
            models.CheckConstraint(
                condition=Q(topic=None, folder=None) | Q(kind="posts", folder=None) | Q(kind="papers", topic=None),
                name="topics_are_of_posts_and_folders_of_papers",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic or self.folder or self.get_kind_display()}: {self.get_pace_display()}"


class Listener(models.Model):
    """What else is kept of a member here. No row: as if nothing had ever been chosen."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="listener"
    )
    stopped_at = models.DateTimeField(null=True, help_text="Since when the person wants no such mail at all.")
    # Since when refusals of the address count: the person said after earlier ones that mail arrives again.
    heard_since = models.DateTimeField(null=True)
    # Of what came out before, this person hears only what is `Owed`.
    paces_chosen_at = models.DateTimeField(null=True, help_text="When the paces of posts or papers changed last.")
    comments_chosen_at = models.DateTimeField(null=True, help_text="When that of comments did.")
    comments_owed = models.JSONField(default=list, help_text="Between which times nobody had told of them by then.")
    feed_key = models.CharField(max_length=32, blank=True, help_text="Part of the private feed's address; empty: none.")

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return str(self.user)

    @property
    def windows_of_comments(self) -> list[Window]:
        """When there were comments that the first digest after the choice tells of."""
        windows = ([datetime.datetime.fromisoformat(each) for each in window] for window in self.comments_owed)
        return [(since, until) for since, until in windows]


class Subscriber(models.Model):
    """An address that hears of public posts. Nothing is sent to it before its owner has said so twice."""

    address = models.EmailField(unique=True)
    pace = models.PositiveSmallIntegerField(choices=Pace, default=Pace.WEEKLY)
    asked_at = models.DateTimeField(default=timezone.now, db_index=True)
    confirmed_at = models.DateTimeField(null=True)
    paces_chosen_at = models.DateTimeField(null=True, help_text="When the pace changed last.")

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(address=Lower("address")), name="subscriber_is_lower_case"),
        ]

    def __str__(self) -> str:
        return self.address


def _papers_out_for(user: User, now: datetime.datetime | None = None) -> SharedDocumentQuerySet:
    """For a query of announcements. Whoever may change papers sees them before they are out."""
    papers = SharedDocument.objects.visible_to(user, now).filter(pk=OuterRef("paper"))
    return papers if papers_access.reads_as_members_do(user) else papers.filter(papers_access.published_condition())


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def out(self) -> AnnouncementQuerySet:
        """Those whose post or paper is out now: not held back, taken off, withdrawn or expired since."""
        posts = NewsPage.objects.out().filter(pk=OuterRef("post"))
        papers = SharedDocument.objects.filter(papers_access.published_condition(), pk=OuterRef("paper"))
        return self.filter(Exists(posts) | Exists(papers), at__lte=timezone.now())

    def visible_to(self, user: User) -> AnnouncementQuerySet:
        """What this member may know of now; nothing for anybody who is no current member."""
        if not user.is_current_member:
            return self.none()
        posts = NewsPage.objects.out().filter(~access.keeps_out(user), pk=OuterRef("post"))
        return self.filter(Exists(posts) | Exists(_papers_out_for(user)), at__lte=timezone.now())

    def papers_visible_to(self, user: User, now: datetime.datetime | None = None) -> AnnouncementQuerySet:
        """Those of papers among them. `now` as in `SharedDocumentQuerySet.visible_to`."""
        if not user.is_current_member:
            return self.none()
        return self.filter(Exists(_papers_out_for(user, now)), at__lte=now or timezone.now())

    def saying_whether_for_everybody(self) -> AnnouncementQuerySet:
        """Each with `is_for_everybody`: whether it is of a post that anybody may read now."""
        return self.annotate(is_for_everybody=Exists(NewsPage.objects.listed().filter(pk=OuterRef("post"))))

    def between(self, since: datetime.datetime, until: datetime.datetime) -> AnnouncementQuerySet:
        """After `since`, and up to `until`."""
        return self.filter(at__gt=since, at__lte=until)

    def newest_first(self) -> AnnouncementQuerySet:
        return self.order_by("-at", "-pk")


class Announcement(models.Model):
    """That a post or a paper came out; once for each, however often it is published again."""

    post = models.OneToOneField(NewsPage, null=True, on_delete=models.CASCADE, related_name="announcement")
    paper = models.OneToOneField(SharedDocument, null=True, on_delete=models.CASCADE, related_name="announcement")
    at = models.DateTimeField(help_text="From when on it is told.")
    told_at_once = models.BooleanField(default=False, help_text="Whether mail goes to those who want it at once.")

    objects = AnnouncementQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        indexes = [
            models.Index(fields=["-at", "-id"], name="announcements_newest_first"),
            models.Index(fields=["at"], condition=Q(told_at_once=False), name="announcements_to_mail"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(post=None, paper__isnull=False) | Q(post__isnull=False, paper=None),
                name="announcement_is_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return str(self.thing)

    @property
    def thing(self) -> NewsPage | SharedDocument:
        return cast("NewsPage | SharedDocument", self.post or self.paper)


class Run(models.Model):
    """Mail to everybody about one announcement, or the digests of one day: how far it has come.

    `reached` is the key of the last person whose batch is done. One run of an occasion, and one mail of a run to a
    person, can exist; so whatever breaks off goes on where it was, and nobody hears of anything twice.
    """

    occasion = models.CharField(max_length=60, unique=True, help_text="Such as “weekly 2027-05-31”.")
    pace = models.PositiveSmallIntegerField(choices=Pace)
    day = models.DateField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    announcement = models.ForeignKey(Announcement, null=True, on_delete=models.CASCADE, related_name="+")
    to_visitors = models.BooleanField(default=False, help_text="Whether the members are done.")
    reached = models.BigIntegerField(default=0)
    mails = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pace", "day"], condition=Q(announcement=None), name="one_digest_a_day_and_pace"
            )
        ]

    def __str__(self) -> str:
        return self.occasion

    def occasion_of(self, person: User | Subscriber) -> str:
        """The name of the one mail that it can bring to this person."""
        return f"{self.occasion} to {'subscriber' if isinstance(person, Subscriber) else 'member'} {person.pk}"


class OwedQuerySet(models.QuerySet["Owed"]):
    def open_for(self, run: Run) -> OwedQuerySet:
        """What no other digest has taken."""
        return self.filter(Q(run=None) | Q(run=run))


class Owed(models.Model):
    """Something that had not been told yet to a person who chose another pace: it comes with a digest that would
    otherwise begin later, or not at all. That digest is `run`, once it has taken it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="owed_news")
    subscriber = models.ForeignKey(Subscriber, null=True, on_delete=models.CASCADE, related_name="owed_news")
    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey(Run, null=True, on_delete=models.CASCADE, related_name="+")

    objects = OwedQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "announcement"], name="owed_once_to_a_member"),
            models.UniqueConstraint(fields=["subscriber", "announcement"], name="owed_once_to_a_visitor"),
            models.CheckConstraint(
                condition=Q(user=None, subscriber__isnull=False) | Q(user__isnull=False, subscriber=None),
                name="owed_to_one_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.announcement} to {self.user or self.subscriber}"

    @property
    def occasion_at_once(self) -> str:
        """The name of the mail by which the person may have heard of it in the meantime."""
        person = f"member {self.user_id}" if self.user_id else f"subscriber {self.subscriber_id}"
        return f"announcement {self.announcement_id} to {person}"
