"""The front page of the administration: what waits for the person who opens it, and what was read."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Exists, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from wagtail.admin.ui.components import Component
from wagtail.models import Revision
from wagtail.permissions import page_permission_policy

from fileshare import states, wagtail_policy, wagtail_review
from fileshare.enums import PaperState, Review
from members import record_words
from members.enums import Action, ApplicationState
from members.models import AccessRecord, Application, Membership
from portal import access, wagtail_comments, wagtail_failed_work
from portal.models import Comment, CommentReport, CommentState, DailyReads
from portal.notifications import audience
from portal.services import failed_work

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from members.models import User

MOST_SHOWN = 5
DAYS = 30
# The chart's own units: a bar of three and a gap of one for each day, a hundred high.
BAR, STEP, HEIGHT = 3, 4, 100


class _Panel(Component):  # type: ignore[misc]  # Wagtail has no types
    def user_in(self, parent_context: Mapping[str, Any]) -> User:
        user: User = parent_context["request"].user
        return user


class WaitingPanel(_Panel):
    """Applications, comments, papers in quarantine, scheduled posts and refusals, each for who has to do with it."""

    name = "waiting"
    template_name = "wagtailadmin/home/waiting.html"
    order = 150

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        user = self.user_in(parent_context)
        kinds = (
            *(_applications(user), _organisations(user), _refused_addresses(user)),
            *(_comments(user), _contributions(user)),
            *(_quarantine(user), _reviews(user), _scheduled(user), _refusals(user), _failed_work(user)),
        )
        return {"lists": [each for each in kinds if each], "searches_pages": access.works_on_pages(user)}


def _applications(user: User) -> dict[str, Any] | None:
    if not user.has_perm("members.change_membership"):
        return None
    waiting = Membership.objects.waiting().select_related("user").order_by("applied_at")
    open_one = Application.objects.open().filter(user=OuterRef("user"))
    found: QuerySet[Any] = waiting.annotate(
        application=Subquery(open_one.values("pk")), asked=Exists(open_one.filter(state=ApplicationState.ASKED))
    )
    rows = [
        {
            "title": each.user.get_full_name() or each.user.email,
            "date": each.applied_at,
            "note": "More information was asked." if each.asked else "",
            "url": reverse("wagtailsnippets_members_application:inspect", args=[each.application])
            if each.application
            else reverse("membership:edit", args=[each.pk]),
        }
        for each in found.order_by("asked", "applied_at")[:MOST_SHOWN]
    ]
    return _list("Applications to decide", "Nobody is waiting to become a member.", rows, waiting.count())


def _organisations(user: User) -> dict[str, Any] | None:
    if not user.has_perm("members.change_membership"):
        return None
    asked = Membership.objects.exclude(user__profile__organisation_asked="").filter(user__profile__isnull=False)
    rows = [
        {"title": str(each.user), "note": each.user.profile.organisation_asked,
         "url": reverse("members_organisation", args=[each.pk])}
        for each in asked.select_related("user__profile").order_by("pk")[:MOST_SHOWN]
    ]  # fmt: skip
    return _list("Organisations to confirm", "No member has asked for another organisation.", rows, asked.count())


def _refused_addresses(user: User) -> dict[str, Any] | None:
    """Only where there is any: people whom mail does not reach, so that somebody asks them for another address."""
    if not user.has_perm("members.change_membership"):
        return None
    refused = audience.refused_mails().exclude(user__membership=None).order_by("user", "-pk")
    newest = {mail.user_id: mail for mail in refused.select_related("user__membership")[: MOST_SHOWN * 20]}
    rows = [
        {"title": str(mail.user), "date": mail.sent_at, "note": f"{mail.address}: {mail.trouble}",
         "url": reverse("membership:edit", args=[mail.user.membership.pk])}  # type: ignore[union-attr]  # as asked
        for mail in list(newest.values())[:MOST_SHOWN]
    ]  # fmt: skip
    if not rows:
        return None
    return _list("Addresses that refuse our mail", "", rows, len(newest))


def _comments(user: User) -> dict[str, Any] | None:
    if not wagtail_comments.may_moderate(user):
        return None
    reported = Exists(CommentReport.objects.filter(comment=OuterRef("pk"), settled_at=None))
    waiting = Comment.objects.filter(Q(state=CommentState.HELD) | Q(reported, state=CommentState.APPEARED))
    rows = [
        {
            "title": each.excerpt,
            "date": each.created_at,
            "note": each.held_because or "A member has reported it.",
            "url": reverse("wagtailsnippets_portal_comment:inspect", args=[each.pk]),
        }
        for each in waiting.order_by("created_at")[:MOST_SHOWN]
    ]
    return _list("Comments to look at", "No comment waits.", rows, waiting.count())


def _quarantine(user: User) -> dict[str, Any] | None:
    policy = wagtail_policy.policy()
    if not policy.user_has_permission(user, "change"):
        return None
    held = policy.instances_user_has_permission_for(user, "change").filter(states.in_state(PaperState.QUARANTINED))
    rows = [
        {
            "title": paper.title,
            "date": version.created_at,
            "note": version.inspection_note,
            "url": reverse("wagtaildocs:edit", args=[paper.pk]),
        }
        for paper in held.order_by("-pk")[:MOST_SHOWN]
        if (version := states.held(paper))
    ]
    all_of_them = f"{reverse('wagtaildocs:index')}?state={PaperState.QUARANTINED}"
    return _list("Papers in quarantine", "No file is held back.", rows, held.count(), all_of_them)


def _reviews(user: User) -> dict[str, Any] | None:
    if not wagtail_policy.policy().user_has_permission(user, "change"):
        return None
    due = wagtail_review.to_review(user, mine=True)
    rows = [
        {
            "title": paper.title,
            "note": f"Review date: {date_format(paper.review_on, 'j F Y')}" if paper.review_on else "",
            "url": reverse("wagtaildocs:edit", args=[paper.pk]),
        }
        for paper in due[:MOST_SHOWN]
    ]
    return _list("Your papers to review", "No paper in your care is due for review.", rows, due.count())


def _contributions(user: User) -> dict[str, Any] | None:
    policy = wagtail_policy.policy()
    if not policy.user_has_permission(user, "change"):
        return None
    mine = policy.instances_user_has_permission_for(user, "change")
    waiting = mine.filter(review=Review.WAITING, withdrawn_at=None).select_related("contributed_by")
    rows = [
        {
            "title": paper.title,
            "date": paper.created_at,
            "note": f"From {paper.contributed_by}" if paper.contributed_by else "",
            "url": reverse("contribution", args=[paper.pk]),
        }
        for paper in waiting.order_by("pk")[:MOST_SHOWN]
    ]
    return _list("Papers that members brought", "No paper waits.", rows, waiting.count())


def _scheduled(user: User) -> dict[str, Any] | None:
    if not page_permission_policy.user_has_permission(user, "change"):
        return None
    mine = page_permission_policy.instances_user_has_permission_for(user, "change")
    # A revision names its page by a text.
    keys = mine.order_by().annotate(key=Cast("pk", CharField())).values("key")
    coming = Revision.page_revisions.filter(approved_go_live_at__gt=timezone.now(), object_id__in=keys)
    rows = [
        {
            "title": each.object_str,
            "date": each.approved_go_live_at,
            "url": reverse("wagtailadmin_pages:edit", args=[each.object_id]),
        }
        for each in coming.order_by("approved_go_live_at").defer("content")[:MOST_SHOWN]
    ]
    return _list("Posts that will appear by themselves", "No post is scheduled.", rows, coming.count())


def _refusals(user: User) -> dict[str, Any] | None:
    if not user.has_perm("members.view_accessrecord"):
        return None
    since = timezone.now() - datetime.timedelta(days=DAYS)
    refused = AccessRecord.objects.filter(action=Action.REFUSED, at__gte=since).select_related("actor")
    newest = list(refused.order_by("-at")[:MOST_SHOWN])
    record_words.describe(newest, user)
    rows = [
        {
            "title": f"{each.words.who}: {each.words.about}",
            "date": each.at,
            "note": each.words.outcome,
            "url": reverse("access_record:inspect", args=[each.pk]),
        }
        for each in newest
    ]
    url = f"{reverse('access_record:index')}?action={Action.REFUSED}"
    return _list("Papers refused in the last 30 days", "Nobody was refused a paper.", rows, refused.count(), url)


def _failed_work(user: User) -> dict[str, Any] | None:
    """Only where there is any: nobody need hear that nothing has failed."""
    if not user.is_superuser:
        return None
    left = failed_work.given_up()
    rows = [
        {
            "title": failed_work.what(each),
            "date": each.finished_at,
            "note": failed_work.why(each),
            "url": reverse(wagtail_failed_work.ONE, args=[each.pk]),
        }
        for each in left.defer("return_value")[:MOST_SHOWN]
    ]
    if not rows:
        return None
    return _list(wagtail_failed_work.TITLE, "", rows, left.count(), reverse(wagtail_failed_work.NAME))


def _list(heading: str, empty: str, rows: list[dict[str, Any]], count: int, url: str = "") -> dict[str, Any]:
    """`url` is where all of them are listed, if anywhere."""
    return {"heading": heading, "empty": empty, "rows": rows, "more": count - len(rows), "url": url}


class ReadsPanel(_Panel):
    """How often the posts that a person may change were read in the last thirty days, as a drawing with its table."""

    name = "reads"
    template_name = "wagtailadmin/home/reads.html"
    order = 240

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        user = self.user_in(parent_context)
        if not page_permission_policy.user_has_permission(user, "change"):
            return {}
        mine = page_permission_policy.instances_user_has_permission_for(user, "change").order_by().values("pk")
        today = timezone.localdate()
        first = today - datetime.timedelta(days=DAYS - 1)
        counted = DailyReads.objects.filter(day__gte=first, post__in=mine)
        found = dict(counted.values("day").annotate(total=Sum("reads")).values_list("day", "total"))
        days = [first + datetime.timedelta(days=number) for number in range(DAYS)]
        most = max(found.values(), default=0)
        return {
            "days": [{"day": day, "reads": found.get(day, 0)} for day in days],
            "bars": [_bar(place, found.get(day, 0), most) for place, day in enumerate(days)],
            "width": DAYS * STEP,
            "height": HEIGHT,
            "first": first,
            "last": today,
            "total": sum(found.values()),
            "most": most,
            "top": _most_read(counted),
        }


def _most_read(counted: QuerySet[DailyReads]) -> list[dict[str, Any]]:
    top = counted.values("post_id", "post__title").annotate(total=Sum("reads")).order_by("-total", "post__title")
    return [
        {
            "title": each["post__title"],
            "reads": each["total"],
            "url": reverse("wagtailadmin_pages:edit", args=[each["post_id"]]),
        }
        for each in top[:MOST_SHOWN]
    ]


def _bar(place: int, reads: int, most: int) -> dict[str, float]:
    height = round(reads / most * HEIGHT, 1) if most else 0
    return {"x": place * STEP, "y": HEIGHT - height, "width": BAR, "height": height}


def panels() -> list[Component]:
    return [WaitingPanel(), ReadsPanel()]
