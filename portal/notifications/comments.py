"""Mail about a new comment: to the post's authors, and to members who commented before and want it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from members import mail
from members.models import User
from portal import access, discussion
from portal.models import Author, Kind, Pace, SiteSettings
from portal.notifications import audience

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from portal.models import Comment


def authors_to_tell(comment: Comment) -> list[Author]:
    """The post's authors who gave an address for it; not the one who has just written."""
    own = comment.author.email if comment.author else ""
    return [
        each for each in comment.post.authors.exclude(email_for_comments="") if each.email_for_comments.lower() != own
    ]


def members_to_tell(comment: Comment) -> list[User]:
    """Who commented before, wants to hear of it and may read it today, and does not hear of it as an author."""
    return [each for each in _commented_before(comment) if _may_read(each, comment)]


def _commented_before(comment: Comment) -> QuerySet[User]:
    """Whoever hears of comments by the day or the week finds it in the digest."""
    told = {author.email_for_comments.lower() for author in authors_to_tell(comment)}
    earlier = User.objects.filter(
        comments__post=comment.post, comments__wants_mail=True, comments__pk__lt=comment.pk, is_active=True
    )
    at_once = audience.listening(earlier).annotate(pace=audience.general(Kind.COMMENTS)).filter(pace=Pace.AT_ONCE)
    return at_once.exclude(comments=comment).exclude(email__in=told).distinct().order_by("pk")


def _may_read(member: User, comment: Comment) -> bool:
    """As the page of the comments asks, which a post leaves when it is taken off the site or made private."""
    post = comment.post
    is_open = post.live and access.is_out_for(member, post) and access.may_open_private_without_session(member, post)
    site = SiteSettings.for_site(post.get_site())
    return is_open and member.is_current_member and discussion.may_read(member, post, site)


def tell_author(comment: Comment, author: Author) -> None:
    """One mail to one author. Nothing where the address has been taken out since."""
    if author.email_for_comments:
        _send(comment, author.email_for_comments, is_member=False)


def tell_member(comment: Comment, member: User) -> None:
    """One mail to one member. Nothing to whoever does not want it any more, or may not read it."""
    if _commented_before(comment).filter(pk=member.pk).exists() and _may_read(member, comment):
        _send(comment, member.email, is_member=True)


def _send(comment: Comment, email: str, *, is_member: bool) -> None:
    context = {
        "comment": comment,
        "post": comment.post,
        "address": f"{settings.BASE_URL}{comment.post.get_url()}#{comment.anchor}",
        "is_member": is_member,
    }
    subject, text = mail.words_of("new_comment", context)
    mail.letter(to=[email], subject=subject, text=text).send()
