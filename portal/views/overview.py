"""The member's own first page: where they stand, what waits for them, what is new, what they saved, what others see,
how the account is protected, what mail comes. It lives here since this room alone may see all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from fileshare import acknowledging, paging
from fileshare.models import SharedDocument
from fileshare.services import own_papers
from members.models import Profile
from members.standing import renewal_of
from portal.models import Comment, NewsPage

if TYPE_CHECKING:
    import datetime

    from fileshare.models.document import SharedDocumentQuerySet
    from fileshare.views.types import SignedInRequest
    from members.models import User

MOST_SHOWN = 5  # papers of each kind; where there are more, a link leads to all


@require_safe
def show(request: SignedInRequest) -> HttpResponse:
    membership = request.user.current_membership
    followed = Comment.objects.filter(author=request.user, wants_mail=True).values("post")
    is_member = request.user.is_current_member
    return render(
        request,
        "members/overview.html",
        {
            "membership": membership,
            "renewal": renewal_of(membership) if membership and is_member else "",
            "is_member": is_member,
            **(_papers_for(request.user) if is_member else {}),
            "entry": Profile.objects.filter(user=request.user).first(),
            "security": {"has_second_factor": is_mfa_enabled(request.user)},
            "followed_posts": list(NewsPage.objects.listed().filter(pk__in=followed)) if is_member else [],
        },
    )


def _papers_for(user: User) -> dict[str, Any]:
    """What to confirm, what is new, what was saved: a few of each, and whether there are more."""
    visible = SharedDocument.objects.visible_to(user)
    since = own_papers.last_visit(of=user)
    new = visible.new_since(since) if since else visible
    saved = visible.filter(saved_by__user=user).annotate(**paging.BY_SAVING.more).order_by(*paging.BY_SAVING.order)
    return {
        "last_visit": since,
        "new": _some(new.newest_first(), since),
        "to_confirm": _some(acknowledging.waiting_for(user)),
        "saved": _some(saved),
    }


def _some(papers: SharedDocumentQuerySet, since: datetime.datetime | None = None) -> dict[str, Any]:
    """The first of them, with their news since then. The keys first and then the rows, as in `paging.slice_of`."""
    keys = list(papers.values_list("pk", flat=True)[: MOST_SHOWN + 1])
    found = SharedDocument.objects.with_facts().with_news(since).in_bulk(keys[:MOST_SHOWN])
    return {"papers": [found[key] for key in keys if key in found], "are_more": len(keys) > MOST_SHOWN}
