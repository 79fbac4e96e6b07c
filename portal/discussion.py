"""The comments below a post, as one reader gets them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from allauth.core import ratelimit
from django.contrib.auth.models import AnonymousUser
from django.db.models.functions import Coalesce
from django.utils import timezone

from members.standing import notice_for
from portal import access, freshness
from portal.models.comments import LONGEST, Comment
from portal.models.site_settings import CommentReaders, SiteSettings

if TYPE_CHECKING:
    from django.http import HttpRequest

    from members.models import User
    from portal.models import NewsPage
    from portal.models.comments import CommentQuerySet

DRAFT = "comment_draft"  # in the session: the words of somebody whose session had ended
MOST_SHOWN = 200  # below a post; all of them are on a page of their own


@dataclass
class Thread:
    """A comment with what this reader may do with it, and its answers."""

    comment: Comment
    is_own: bool
    may_change: bool
    may_withdraw: bool
    may_report: bool
    answers: list[Thread] = field(default_factory=list)

    @property
    def has_words(self) -> bool:
        """Whether this reader gets the text: of what was taken down, its author alone."""
        return self.comment.appears or self.is_own

    @property
    def has_actions(self) -> bool:
        return self.may_change or self.may_withdraw or self.may_report


@dataclass
class Discussion:
    """`why_not` is a sentence for whoever may not write, empty for whoever may."""

    count: int
    threads: list[Thread]
    why_not: str
    may_sign_in_to_write: bool
    is_for_reader: bool = True
    is_public: bool = True
    gets_mail: bool = False
    has_more: bool = False

    @property
    def may_write(self) -> bool:
        return not self.why_not

    @property
    def last_key(self) -> int:
        """Where a page of it ends."""
        return self.threads[-1].comment.pk if self.threads else 0


def closing_date(post: NewsPage, site: SiteSettings) -> datetime.datetime | None:
    """When comments on the post close by themselves."""
    days = site.comments_close_after
    return None if days is None else post.published_at + datetime.timedelta(days=days)


def is_open(post: NewsPage, site: SiteSettings) -> bool:
    """Whether members may write now."""
    closes = closing_date(post, site)
    allowed = post.live and post.allows_comments and site.comments_are_open
    return allowed and (closes is None or timezone.now() < closes)


def may_read(user: User | AnonymousUser, post: NewsPage, site: SiteSettings) -> bool:
    """Comments on a post that goes on for members speak of that part too: they are for whoever reads it."""
    if post.is_members_only or site.comment_readers == CommentReaders.MEMBERS:
        return access.may_read_members_part(user, post)
    return True


def why_not_write(user: User | AnonymousUser, post: NewsPage, site: SiteSettings) -> str:
    """Why this person may not comment on the post now, in a sentence; empty for a member who may."""
    if not is_open(post, site):
        return "Comments on this post are closed."
    if not user.is_authenticated:
        return "Members may comment."
    notice = notice_for(user)
    return f"Comments are for current members. {notice.title}." if notice else ""


def of(post: NewsPage, request: HttpRequest, *, after: int = 0, most: int = 0) -> Discussion:
    """The comments from the one with the key `after` on, oldest first, with each one's answers."""
    user, site, most = request.user, SiteSettings.for_request(request), most or MOST_SHOWN
    if not (post.pk and (post.live or post.first_published_at)):  # the preview of what is not out yet
        opens = post.allows_comments and site.comments_are_open
        why_not = "Comments stand here once the post is published." if opens else "Comments on this post are closed."
        return Discussion(0, [], why_not, may_sign_in_to_write=False)
    why_not = why_not_write(user, post, site)
    to_sign_in = is_open(post, site) and not user.is_authenticated
    if not may_read(user, post, site):
        count = post.comments.on_site().count()
        return Discussion(count, [], why_not, to_sign_in, is_for_reader=False)
    first, answers = _rows_for(user, post, after, most)
    has_more, first = len(first) > most, first[:most]
    threads = _threads(first, answers, user, can_write=not why_not)
    everything = [one.comment for thread in threads for one in (thread, *thread.answers)]
    in_part = has_more or after
    count = post.comments.on_site().count() if in_part else sum(each.appears for each in everything)
    mails = any(each.wants_mail and each.is_by(user) for each in everything)
    return Discussion(
        count, threads, why_not, to_sign_in,
        is_public=may_read(AnonymousUser(), post, site), gets_mail=mails, has_more=has_more,
    )  # fmt: skip


def _rows_for(user: User | AnonymousUser, post: NewsPage, after: int, most: int) -> tuple[list[Comment], list[Comment]]:
    """What every reader gets below a post is remembered until something public changes. Whoever has written there is
    asked for: they see what waits of theirs, and what they have just sent, on whichever process it arrived."""

    def asked(user: User | AnonymousUser) -> tuple[list[Comment], list[Comment]]:
        return _rows(post.comments.visible_to(user).with_people(), after, most)

    if after or (user.pk is not None and post.comments.filter(author=user.pk).exists()):
        return asked(user)
    return freshness.kept(f"{most} comments on post {post.pk}", lambda: asked(AnonymousUser()))


def _rows(seen: CommentQuerySet, after: int, most: int) -> tuple[list[Comment], list[Comment]]:
    """Comments in order, one more than wanted where there are more, and the answers to them: in one query unless
    they are very many."""
    together = 3 * most
    by_thread = seen.annotate(thread=Coalesce("parent_id", "pk")).filter(thread__gt=after).order_by("thread", "pk")
    rows = list(by_thread[: together + 1])
    if len(rows) <= together:
        return [row for row in rows if row.parent_id is None], [row for row in rows if row.parent_id is not None]
    first = list(seen.filter(parent=None, pk__gt=after).order_by("pk")[: most + 1])
    return first, list(seen.filter(parent__in=[row.pk for row in first]).order_by("pk"))


def keep_draft(request: HttpRequest, post: NewsPage) -> None:
    """Keep what a person sent without being signed in, until they are."""
    text = request.POST.get("text", "")
    if 0 < len(text) <= LONGEST and ratelimit.consume(request, action="comment_draft"):
        request.session[DRAFT] = {"post": post.pk, "text": text}


def draft(request: HttpRequest, post: NewsPage) -> str:
    """What was kept for this post, or nothing."""
    kept = request.session.get(DRAFT)
    return str(kept["text"]) if kept and kept["post"] == post.pk else ""


def forget_draft(request: HttpRequest) -> None:
    request.session.pop(DRAFT, None)


def _threads(
    first: list[Comment], answers: list[Comment], user: User | AnonymousUser, *, can_write: bool
) -> list[Thread]:
    def thread(comment: Comment) -> Thread:
        return Thread(
            comment,
            is_own=comment.is_by(user),
            may_change=comment.may_be_changed_by(user),
            may_withdraw=comment.may_be_withdrawn_by(user),
            may_report=can_write and comment.appears and not comment.is_by(user),
        )

    threads = {comment.pk: thread(comment) for comment in first}
    for answer in answers:
        if answer.parent_id in threads:  # not one on the next page, nor one to what this reader does not see
            threads[answer.parent_id].answers.append(thread(answer))
    return list(threads.values())
