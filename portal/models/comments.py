"""What members say about a post."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import admin
from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.models import User

LONGEST = 4_000  # characters
EDITABLE_FOR = datetime.timedelta(minutes=15)
GONE, NAMELESS = "A former member", "A member"


class CommentState(models.TextChoices):
    """Where a comment stands. Only what appears is counted, mailed and shown to others."""

    HELD = "held", "Waiting for review"
    APPEARED = "appeared", "On the site"
    REMOVED = "removed", "Taken down"
    WITHDRAWN = "withdrawn", "Withdrawn by its author"


class CommentQuerySet(models.QuerySet["Comment"]):
    def on_site(self) -> CommentQuerySet:
        return self.filter(state=CommentState.APPEARED)

    def visible_to(self, user: User | AnonymousUser) -> CommentQuerySet:
        """What appears, and one's own that wait or were taken down; a withdrawn one as far as others answered it."""
        answered = models.Exists(Comment.objects.on_site().filter(parent=models.OuterRef("pk")))
        seen = models.Q(state=CommentState.APPEARED) | models.Q(answered, state=CommentState.WITHDRAWN)
        seen |= models.Q(answered, state=CommentState.REMOVED)
        if user.pk is not None:  # a preview is made for a member without a key
            seen |= models.Q(state__in=[CommentState.HELD, CommentState.REMOVED], author=user.pk)
        return self.filter(seen)

    def with_people(self) -> CommentQuerySet:
        """With who wrote them, as far as a page says it."""
        people = self.select_related("author__membership__organisation")
        unsaid = ("password", "email", "last_login", "date_joined", "membership__reason")
        return people.defer(*(f"author__{each}" for each in unsaid))


class Comment(models.Model):
    """A comment, or an answer to one; an answer has none of its own."""

    post = models.ForeignKey("portal.NewsPage", on_delete=models.CASCADE, related_name="comments")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="answers")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="comments")
    signed_as = models.CharField(
        max_length=301, blank=True, help_text="The name of an author who has left and wished that it stays."
    )
    text = models.TextField(max_length=LONGEST)
    state = models.CharField(max_length=10, choices=CommentState.choices, default=CommentState.HELD)
    held_because = models.CharField(max_length=200, blank=True)
    removed_because = models.CharField(max_length=200, blank=True, help_text="The author reads it.")
    wants_mail = models.BooleanField("mail about answers", default=False)
    created_at = models.DateTimeField("written", default=timezone.now)
    edited_at = models.DateTimeField("changed", null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, editable=False)  # when others were told of it: once

    objects = CommentQuerySet.as_manager()
    wagtail_reference_index_ignore = True  # a comment is no use of its post

    class Meta:
        ordering = ["created_at", "pk"]
        indexes = [
            models.Index(fields=["post", "created_at"], name="comments_of_a_post"),
            models.Index(fields=["state", "created_at"], name="comments_by_state"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=CommentState.values), name="comment_state_is_known"),
            models.CheckConstraint(
                condition=~models.Q(state=CommentState.REMOVED) | ~models.Q(removed_because=""),
                name="comment_taken_down_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.excerpt

    def get_absolute_url(self) -> str:
        return f"{self.post.url}#{self.anchor}"

    @property
    def anchor(self) -> str:
        return f"comment-{self.pk}"

    @property
    @admin.display(description="Comment")
    def excerpt(self) -> str:
        """The beginning, in one line."""
        words = " ".join(self.text.split())
        return words if len(words) <= 80 else f"{words[:79].rstrip()}…"

    @property
    def author_name(self) -> str:
        """The person's name, never the address that `str` falls back to."""
        return (self.author.get_full_name() or NAMELESS) if self.author else self.signed_as or GONE

    @property
    def author_organisation(self) -> str:
        membership: Any = getattr(self.author, "membership", None)
        return str(membership.organisation) if membership and membership.organisation else ""

    @property
    def appears(self) -> bool:
        return self.state == CommentState.APPEARED

    @property
    def is_held(self) -> bool:
        return self.state == CommentState.HELD

    @property
    def is_withdrawn(self) -> bool:
        return self.state == CommentState.WITHDRAWN

    @property
    def is_removed(self) -> bool:
        return self.state == CommentState.REMOVED

    def is_by(self, user: User | AnonymousUser) -> bool:
        return user.pk is not None and self.author_id == user.pk

    def may_be_changed_by(self, user: User | AnonymousUser) -> bool:
        """Its author may, for a quarter of an hour, unless it was taken down."""
        is_fresh = timezone.now() < self.created_at + EDITABLE_FOR
        return self.is_by(user) and is_fresh and self.state in (CommentState.HELD, CommentState.APPEARED)

    def may_be_withdrawn_by(self, user: User | AnonymousUser) -> bool:
        return self.is_by(user) and self.state in (CommentState.HELD, CommentState.APPEARED)


class CommentReport(models.Model):
    """That a member finds a comment wrong; each member once."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="reports")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=300)
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "by"], name="one_report_a_member")]

    def __str__(self) -> str:
        return self.reason
