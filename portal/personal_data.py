"""What the site, and Wagtail beneath it, keep about a person (see `members.personal`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from wagtail.contrib.forms.models import FormSubmission

from members import personal_data
from members.personal import Fate, register, register_forgetting, register_rows
from portal.models import Author, Comment, CommentState, Subscriber
from portal.services import comments

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from members.models import User
    from members.personal import Leaver, Row


def _messages_of(addresses: Iterable[str]) -> list[FormSubmission]:
    """Messages through a contact page in which one of the addresses was given as an answer."""
    wanted = {address.lower() for address in addresses}
    condition = Q(pk__in=[])
    for address in wanted:
        condition |= Q(form_data__icontains=address)
    return [
        each
        for each in FormSubmission.objects.filter(condition)
        if wanted & {value.strip().lower() for value in each.form_data.values() if isinstance(value, str)}
    ]


def _messages(user: User) -> Iterable[Row]:
    found = _messages_of(personal_data.addresses_of(user))
    return [{"sent": each.submit_time, "message": each.form_data} for each in found]


def _authors_of(addresses: Iterable[str]) -> QuerySet[Author]:
    condition = Q(pk__in=[])
    for address in addresses:
        condition |= Q(email_for_comments__iexact=address)
    return Author.objects.filter(condition)


def _authors(user: User) -> Iterable[Row]:
    return _authors_of(personal_data.addresses_of(user)).values("name", "role", "biography", "email_for_comments")


def _subscriptions_of(addresses: Iterable[str]) -> QuerySet[Subscriber]:
    return Subscriber.objects.filter(address__in={address.lower() for address in addresses})


def _subscriptions(user: User) -> Iterable[Row]:
    found = _subscriptions_of(personal_data.addresses_of(user))
    return [
        {"address": each.address, "pace": each.get_pace_display(), "confirmed": each.confirmed_at} for each in found
    ]


def _forget(leaver: Leaver) -> None:
    """Comments and by-lines lose the name, or keep it where the person wished so; messages and subscriptions go."""
    comments.leave_behind(author=leaver.user, name=leaver.name if leaver.keeps_name else "")
    for author in _authors_of(leaver.addresses):
        if leaver.keeps_name:
            author.email_for_comments = ""
            author.save()
        else:
            author.delete()
    _subscriptions_of(leaver.addresses).delete()
    for message in _messages_of(leaver.addresses):
        message.delete()


def _comments(user: User) -> Iterable[Row]:
    return [
        {
            "post": each.post.title if each.state == CommentState.APPEARED else each.post_id,
            "text": each.text,
            "state": each.get_state_display(),
            "removed because": each.removed_because,
            "wants mail": each.wants_mail,
            "written": each.created_at,
            "changed": each.edited_at,
        }
        for each in Comment.objects.filter(author=user).select_related("post").order_by("pk")
    ]


def register_all() -> None:
    """Called once, when the apps are ready."""
    register("portal.Comment.author", Fate.NAMELESS, file="comments", rows=_comments)
    register("portal.CommentReport.by", Fate.GOES, file="reports", columns=["comment", "reason", "created_at"])
    register(
        "portal.Picture.uploaded_by_user", Fate.NAMELESS, file="pictures-you-brought", columns=["title", "created_at"]
    )
    register(
        "portal.Preference.user", Fate.GOES, file="mail-preferences",
        columns=["kind", "topic__name", "folder__collection__name", "pace"],
    )  # fmt: skip
    register("portal.Listener.user", Fate.GOES, file="mail-stopped", columns=["stopped_at"])
    register("portal.Owed.user", Fate.GOES, why_not="It is what your next digest brings, and a week old at most.")
    register_rows("news-by-mail", _subscriptions)
    _register_wagtail()
    register_rows("contact-messages", _messages)
    register_rows("by-lines", _authors)
    register_forgetting(_forget)


def _register_wagtail() -> None:
    """Work in the administration: it is the association's, and stays without the name."""
    for key, columns in {
        "wagtailcore.Page.owner": ["title", "first_published_at"],
        "wagtailcore.Revision.user": ["object_str", "created_at"],
        "wagtailcore.WorkflowState.requested_by": ["object_id", "created_at", "status"],
        "wagtailcore.TaskState.finished_by": ["task__name", "finished_at", "status", "comment"],
        "wagtailcore.Comment.resolved_by": ["page__title", "resolved_at"],
    }.items():
        register(key, Fate.NAMELESS, file=f"work-{key.split('.')[1].lower()}", columns=columns)
    for key in ("PageLogEntry", "ModelLogEntry"):
        register(
            f"wagtailcore.{key}.user", Fate.NUMBER, file=f"work-{key.lower()}",
            columns=["label", "action", "timestamp"],
        )  # fmt: skip
    for key, columns in {
        "wagtailcore.Comment.user": ["page__title", "text", "created_at"],
        "wagtailcore.CommentReply.user": ["comment__page__title", "text", "created_at"],
        "wagtailcore.PageSubscription.user": ["page__title", "comment_notifications"],
        "wagtailadmin.EditingSession.user": ["object_id", "last_seen_at"],
        "wagtailadmin.FormState.user": ["object_id", "data", "last_updated_at"],
    }.items():
        register(key, Fate.GOES, file=f"work-{key.split('.')[1].lower()}", columns=columns)
    register("wagtailcore.Page.locked_by", Fate.NAMELESS, why_not="It says who holds a page's lock at the moment.")
    register("wagtailcore.UploadedFile.uploaded_by_user", Fate.NAMELESS, why_not="It is gone after two days.")
    register("wagtailimages.Image.uploaded_by_user", Fate.NAMELESS, why_not="The site has no such pictures.")
    register("wagtailcore.APIToken.user", Fate.GOES, why_not="It is a secret, and the site has no such door.")
