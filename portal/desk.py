"""The front page of the administration: what waits for the person who opens it, and what was read."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Exists, OuterRef, Q, Sum
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.ui.components import Component
from wagtail.models import Revision
from wagtail.permissions import page_permission_policy

from fileshare import states, wagtail_policy
from fileshare.enums import PaperState
from members.models import Membership
from portal import wagtail_comments
from portal.models import Comment, CommentReport, CommentState, DailyReads

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
    """Applications, comments, papers in quarantine and scheduled posts, each for who can do something about it."""

    name = "waiting"
    template_name = "wagtailadmin/home/waiting.html"
    order = 150

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        user = self.user_in(parent_context)
        kinds = (_applications(user), _comments(user), _quarantine(user), _scheduled(user))
        return {"lists": [each for each in kinds if each]}


def _applications(user: User) -> dict[str, Any] | None:
    if not user.has_perm("members.change_membership"):
        return None
    waiting = Membership.objects.waiting().select_related("user").order_by("applied_at")
    rows = [
        {"title": each.user.get_full_name() or each.user.email, "date": each.applied_at,
         "url": reverse("membership:edit", args=[each.pk])}
        for each in waiting[:MOST_SHOWN]
    ]  # fmt: skip
    return _list("Applications to decide", "Nobody is waiting to become a member.", rows, waiting.count())


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
    return _list("Papers in quarantine", "No file is held back.", rows, held.count())


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


def _list(heading: str, empty: str, rows: list[dict[str, Any]], count: int) -> dict[str, Any]:
    return {"heading": heading, "empty": empty, "rows": rows, "more": count - len(rows)}


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
