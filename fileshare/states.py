"""Where a paper stands, in words for the people who may change it: lists, choosers, previews, the paper's own form."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.utils import formats, timezone

from fileshare.access import published_condition
from fileshare.enums import Inspection, PaperState, Review
from fileshare.models import DocumentVersion, SharedDocument

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from members.models import User

WHAT_TO_DO = (
    "Nobody can read this file. Save or print the original as a plain PDF without it and upload that as a new file, "
    "or delete the paper."
)


def day(moment: datetime.datetime | None) -> str:
    """As a person reads it, with the time."""
    return formats.date_format(timezone.localtime(moment), "j F Y, H:i") if moment else ""


def held(paper: SharedDocument) -> DocumentVersion | None:
    """The newest file, where it is held in quarantine (an older one may still be out)."""
    newest = max(paper.versions.all(), key=lambda version: version.number, default=None)
    return newest if newest is not None and newest.inspection == Inspection.QUARANTINED else None


def headline(paper: SharedDocument) -> str:
    """A few words for a list."""
    return {
        PaperState.PUBLISHED: "Published",
        PaperState.WAITING: "Being checked",
        PaperState.QUARANTINED: "Held in quarantine",
        PaperState.DESTROYED: "File destroyed",
        PaperState.WITHDRAWN: "Withdrawn",
        PaperState.IN_REVIEW: "Brought by a member, to be looked at",
        PaperState.DECLINED: "Brought by a member, not taken in",
        PaperState.EMBARGOED: f"Not yet: until {day(paper.publish_at)}",
        PaperState.EXPIRED: f"Expired {day(paper.expires_at)}",
    }[paper.state]


def reason(paper: SharedDocument) -> str:
    """Why it stands there and what to do, where there is more to say than the headline; else ""."""
    if paper.state == PaperState.DESTROYED and paper.newest_version is not None:
        return f"On {day(paper.newest_version.destroyed_at)}. What is known of its files stays."
    if paper.state == PaperState.WITHDRAWN:
        return paper.withdrawal_reason
    if paper.state == PaperState.DECLINED:
        return paper.review_note
    if (version := held(paper)) is not None:
        new = "" if paper.current_version_id is None else f"Version {version.number} is held in quarantine. "
        return f"{new}{version.inspection_note} {WHAT_TO_DO}"
    return ""


def hidden_because(paper: SharedDocument) -> str:
    """Why readers do not get it, as the end of a sentence; "" where they do."""
    if (state := paper.state) == PaperState.PUBLISHED:
        return ""
    return {
        PaperState.WAITING: "its file is being checked",
        PaperState.QUARANTINED: "its file is held in quarantine",
        PaperState.DESTROYED: "its file has been destroyed",
        PaperState.WITHDRAWN: "it is withdrawn",
        PaperState.IN_REVIEW: "a member brought it, and nobody has taken it in yet",
        PaperState.DECLINED: "a member brought it, and it was not taken in",
        PaperState.EMBARGOED: f"not published until {day(paper.publish_at)}",
        PaperState.EXPIRED: f"it expired on {day(paper.expires_at)}",
    }[state]


def in_state(state: str) -> Q:
    """Papers in this state now; the same order of reasons as `SharedDocument.state_at`."""
    now = timezone.now()
    quarantined = Q(Exists(_newest_first().filter(document=OuterRef("pk"), inspection=Inspection.QUARANTINED)))
    gone = Q(current_version__destroyed_at__isnull=False) | (
        Q(current_version=None) & Q(Exists(_newest_first().filter(document=OuterRef("pk"), destroyed_at__isnull=False)))
    )
    checked = Q(withdrawn_at=None, current_version__isnull=False)
    out = checked & Q(review__in=(Review.NONE, Review.ACCEPTED))
    unchecked = Q(withdrawn_at=None, current_version=None)
    conditions = {
        PaperState.PUBLISHED: published_condition(),
        PaperState.WAITING: unchecked & ~quarantined,
        PaperState.QUARANTINED: (unchecked | checked) & quarantined,
        PaperState.IN_REVIEW: checked & Q(review=Review.WAITING),
        PaperState.DECLINED: checked & Q(review=Review.DECLINED),
        PaperState.WITHDRAWN: Q(withdrawn_at__isnull=False),
        PaperState.EMBARGOED: out & Q(publish_at__gt=now),
        PaperState.EXPIRED: out & Q(publish_at__lte=now, expires_at__lte=now),
    }
    return gone if state == PaperState.DESTROYED else conditions[PaperState(state)] & ~gone


def _newest_first() -> QuerySet[DocumentVersion]:
    newer = DocumentVersion.objects.filter(document=OuterRef("document"), number__gt=OuterRef("number"))
    return DocumentVersion.objects.filter(~Exists(newer))


def held_uploads_of(user: User) -> QuerySet[SharedDocument]:
    """Papers whose newest file, brought by this person, is held in quarantine."""
    mine = _newest_first().filter(inspection=Inspection.QUARANTINED, created_by=user.pk)
    return SharedDocument.objects.filter(pk__in=mine.values("document")).prefetch_related("versions")
