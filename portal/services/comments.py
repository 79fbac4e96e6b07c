"""What happens to a comment. Each is one transaction with one row in the access record; mail goes out afterwards."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from members import audit
from members.enums import Action
from members.plain_text import harmless, is_blank
from portal import discussion, freshness
from portal.models import Comment, CommentReport, CommentState
from portal.tasks import mail_about_comment

if TYPE_CHECKING:
    from members.models import User
    from portal.models import NewsPage, SiteSettings

LINK = re.compile(r"https?:|www\.|\b[a-z0-9-]+\.(?:com|net|org|info|biz|io|ru|cn|uk)\b", re.I)
FIRST, WITH_LINK = "It is this member's first comment.", "It has a link."


def _record(action: Action, comment: Comment, by: User, words: str = "") -> None:
    audit.record(
        action, actor=by, object_kind="comment", object_id=comment.pk, words=words, about=comment.author,
        post=comment.post_id,
    )  # fmt: skip


def _locked(comment: Comment) -> Comment:
    return Comment.objects.select_for_update(no_key=True).get(pk=comment.pk)


def _text(text: str) -> str:
    text = harmless(text)
    if is_blank(text):
        raise ValidationError({"text": "Please write something first."})
    return text


def why_held(*, text: str, author: User, site: SiteSettings) -> str:
    """Why a comment waits for review, in a sentence; empty when it appears at once."""
    if site.hold_first_comment and not Comment.objects.on_site().filter(author=author).exists():
        return FIRST
    if site.hold_links and LINK.search(text):
        return WITH_LINK
    for phrase in filter(None, (line.strip() for line in site.hold_words.splitlines())):
        if re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text, re.I):
            return f"It has “{phrase[:100]}”."
    return ""


def _decide(comment: Comment, author: User, site: SiteSettings) -> None:
    comment.held_because = why_held(text=comment.text, author=author, site=site)
    comment.state = CommentState.HELD if comment.held_because else CommentState.APPEARED


def _tell_after_commit(comment: Comment) -> None:
    """Others hear of a comment once, when it appears for the first time."""
    if comment.appears and comment.mailed_at is None:
        transaction.on_commit(partial(mail_about_comment.enqueue, comment.pk))


@transaction.atomic
def write(
    *, post: NewsPage, author: User, text: str, site: SiteSettings, answers: Comment | None = None, wants_mail: bool
) -> Comment:
    """Add a comment, or an answer to one. An answer to an answer stands beside it.

    Raises ValidationError, with a sentence, when the person may not comment or nothing was written.
    """
    why_not = discussion.why_not_write(author, post, site)
    if why_not:
        raise ValidationError(why_not)
    answers = _locked(answers) if answers else None
    parent = (answers.parent or answers) if answers else None
    if answers and (answers.post_id != post.pk or not answers.appears):
        raise ValidationError("The comment that you answer is not there any more. Yours can still stand by itself.")
    comment = Comment(post=post, parent=parent, author=author, text=_text(text), wants_mail=wants_mail)
    _decide(comment, author, site)
    comment.full_clean()
    comment.save()
    _record(Action.COMMENT_WRITTEN, comment, author)
    _tell_after_commit(comment)
    return comment


@transaction.atomic
def change(*, comment: Comment, by: User, text: str, site: SiteSettings) -> Comment:
    """Change one's own words within a quarter of an hour; the rules for holding back are asked again."""
    comment = _locked(comment)
    if not comment.may_be_changed_by(by):
        raise ValidationError("A comment can be changed for fifteen minutes. This one stands as it is.")
    if discussion.why_not_write(by, comment.post, site):
        raise ValidationError("You cannot change comments on this post any more.")
    comment.text, comment.edited_at = _text(text), timezone.now()
    was_held = comment.is_held
    _decide(comment, by, site)
    if was_held and comment.appears:  # what waits for a person waits, whatever was changed
        comment.state, comment.held_because = CommentState.HELD, "It was changed while it waited."
    comment.full_clean()
    comment.save()
    _record(Action.COMMENT_CHANGED, comment, by)
    return comment


@transaction.atomic
def withdraw(*, comment: Comment, by: User) -> Comment:
    """Take one's own comment back, at any time. Its words are gone."""
    comment = _locked(comment)
    if not comment.may_be_withdrawn_by(by):
        raise ValidationError("This comment cannot be withdrawn.")
    comment.state, comment.text, comment.wants_mail = CommentState.WITHDRAWN, "", False
    comment.save()
    _record(Action.COMMENT_WITHDRAWN, comment, by)
    return comment


@transaction.atomic
def report(*, comment: Comment, by: User, reason: str) -> CommentReport:
    """Tell the editors that a comment is wrong. A second report by the same member takes the first one's place."""
    comment = _locked(comment)
    if not comment.appears or comment.is_by(by) or not by.is_current_member:
        raise ValidationError("This comment cannot be reported.")
    reason = harmless(reason)
    if is_blank(reason):
        raise ValidationError({"reason": "Please say in a few words what is wrong."})
    made, _ = CommentReport.objects.update_or_create(
        comment=comment, by=by, defaults={"reason": reason[:300], "created_at": timezone.now(), "settled_at": None}
    )
    _record(Action.COMMENT_REPORTED, comment, by, reason)
    return made


@transaction.atomic
def approve(*, comment: Comment, by: User) -> Comment:
    """Let a held, reported or taken-down comment appear; what was reported about it is settled."""
    comment = _locked(comment)
    if comment.state == CommentState.WITHDRAWN:
        raise ValidationError("Its author has withdrawn this comment.")
    comment.state, comment.held_because, comment.removed_because = CommentState.APPEARED, "", ""
    _settle(comment)
    comment.save()
    _record(Action.COMMENT_APPROVED, comment, by)
    _tell_after_commit(comment)
    return comment


@transaction.atomic
def remove(*, comment: Comment, by: User, reason: str) -> Comment:
    """Take a comment down. Its author goes on to see it, with the reason."""
    comment = _locked(comment)
    if comment.state == CommentState.WITHDRAWN:
        raise ValidationError("Its author has withdrawn this comment.")
    reason = harmless(reason)
    if is_blank(reason):
        raise ValidationError({"reason": "Please give the reason: the author reads it."})
    comment.state, comment.removed_because, comment.held_because = CommentState.REMOVED, reason[:200], ""
    _settle(comment)
    comment.full_clean()
    comment.save()
    _record(Action.COMMENT_REMOVED, comment, by, reason)
    return comment


def _settle(comment: Comment) -> None:
    comment.reports.filter(settled_at=None).update(settled_at=timezone.now())


@transaction.atomic
def stop_mail(*, post: NewsPage, by: User) -> None:
    """No more mail to this person about answers on this post."""
    Comment.objects.filter(post=post, author=by).update(wants_mail=False)


@transaction.atomic
def leave_behind(*, author: User, name: str) -> None:
    """The author leaves: what stands on the site stays, under `name` or under none; what never appeared, or was taken
    down, loses its words."""
    own = Comment.objects.filter(author=author)
    own.exclude(state=CommentState.APPEARED).update(
        state=CommentState.WITHDRAWN, text="", held_because="", removed_because=""
    )
    own.update(signed_as=name, wants_mail=False, author=None)
    freshness.expire()
