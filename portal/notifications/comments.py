"""Mail about a new comment: to the post's authors, and to members who commented before and want it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from members.models import User
from portal import discussion
from portal.models import Author, SiteSettings

if TYPE_CHECKING:
    from portal.models import Comment


def authors_to_tell(comment: Comment) -> list[Author]:
    """The post's authors who gave an address for it; not the one who has just written."""
    own = comment.author.email if comment.author else ""
    return [
        each for each in comment.post.authors.exclude(email_for_comments="") if each.email_for_comments.lower() != own
    ]


def members_to_tell(comment: Comment) -> list[User]:
    """Who commented before, wants to hear of it and may read it today, and does not hear of it as an author."""
    site = SiteSettings.for_site(comment.post.get_site())
    told = {author.email_for_comments.lower() for author in authors_to_tell(comment)}
    earlier = User.objects.filter(
        comments__post=comment.post, comments__wants_mail=True, comments__pk__lt=comment.pk, is_active=True
    )
    people = earlier.exclude(comments=comment).exclude(email__in=told).distinct().order_by("pk")
    return [each for each in people if each.is_current_member and discussion.may_read(each, comment.post, site)]


def tell_author(comment: Comment, author: Author) -> None:
    """One mail to one author. Nothing where the address has been taken out since."""
    if author.email_for_comments:
        _send(comment, author.email_for_comments, is_member=False)


def tell_member(comment: Comment, member: User) -> None:
    """One mail to one member. Nothing to whoever does not want it any more, or may not read it."""
    if member in members_to_tell(comment):
        _send(comment, member.email, is_member=True)


def _send(comment: Comment, email: str, *, is_member: bool) -> None:
    site = SiteSettings.for_site(comment.post.get_site())
    context = {
        "comment": comment,
        "post": comment.post,
        "address": f"{settings.BASE_URL}{comment.post.get_url()}#{comment.anchor}",
        "association": site.organisation_name,
        "is_member": is_member,
    }
    EmailMessage(
        subject=" ".join(f"New comment: {comment.post.title}".split()),
        body=render_to_string("emails/new_comment.txt", context),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[email],
        headers={"Auto-Submitted": "auto-generated"},
    ).send()
