"""Where a paper stands, in words for the people who may change it: lists, choosers, previews, the paper's own form."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.utils import formats, timezone

from fileshare.access import published_condition
from fileshare.enums import Inspection, PaperState, Review
from fileshare.models import DocumentVersion, SharedDocument
from fileshare.services.scan import TOO_LARGE

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from members.models import User

WHAT_TO_DO = (
    "Nobody can read this file. Save or print the original as a plain PDF without it and upload that as a new file, "
    "or delete the paper."
)
WHAT_TO_DO_BESIDE_THE_FORMER = (
    "The former version stays as it is. Save or print the original as a plain PDF without it and upload that as a new "
    "file, or restore the former version."
)
WHAT_TO_DO_WITH_MALWARE = (
    "Nobody can read this file. Do not open the original; ask whoever gave it to you for a clean one, and upload that. "
    "Where the scanner is mistaken, an administrator can release the file."
)
WHAT_TO_DO_WITH_LARGE = (
    "Nobody can read this file. Upload it in smaller parts, or ask an administrator, who can release the file."
)


def day(moment: datetime.datetime | None) -> str:
    """As a person reads it, with the time."""
    return formats.date_format(timezone.localtime(moment), "j F Y, H:i") if moment else ""


def held(paper: SharedDocument) -> DocumentVersion | None:
    """The newest file, where it is held in quarantine (an older one may still be out)."""
    return _newest_that_is(Inspection.QUARANTINED, paper)


def _newest_that_is(inspection: Inspection, paper: SharedDocument) -> DocumentVersion | None:
    newest = max(paper.versions.all(), key=lambda version: version.number, default=None)
    return newest if newest is not None and newest.inspection == inspection else None


def _what_to_do(version: DocumentVersion, former_id: int | None) -> str:
    if not version.is_held_by_scanner:
        return WHAT_TO_DO if former_id is None else WHAT_TO_DO_BESIDE_THE_FORMER
    return WHAT_TO_DO_WITH_LARGE if version.scan_found == TOO_LARGE else WHAT_TO_DO_WITH_MALWARE


def headline(paper: SharedDocument) -> str:
    """A few words for a list."""
    return {
        PaperState.PUBLISHED: "Published",
        PaperState.WAITING: "Being checked",
        PaperState.UNSCANNED: "Waiting for the virus scanner",
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
        return f"{new}{version.inspection_note} {_what_to_do(version, paper.current_version_id)}"
    if (version := _newest_that_is(Inspection.UNSCANNED, paper)) is not None:
        new = "" if paper.current_version_id is None else f"Version {version.number} waits; readers get the former. "
        return f"{new}{version.inspection_note}"
    return ""


def hidden_because(paper: SharedDocument) -> str:
    """Why readers do not get it, as the end of a sentence; "" where they do."""
    if (state := paper.state) == PaperState.PUBLISHED:
        return ""
    return {
        PaperState.WAITING: "its file is being checked",
        PaperState.UNSCANNED: "its file waits for the virus scanner",
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
    quarantined, unscanned = (
        Q(Exists(_newest_first().filter(document=OuterRef("pk"), inspection=inspection)))
        for inspection in (Inspection.QUARANTINED, Inspection.UNSCANNED)
    )
    gone = Q(current_version__destroyed_at__isnull=False) | (
        Q(current_version=None) & Q(Exists(_newest_first().filter(document=OuterRef("pk"), destroyed_at__isnull=False)))
    )
    checked = Q(withdrawn_at=None, current_version__isnull=False)
    out = checked & Q(review__in=(Review.NONE, Review.ACCEPTED))
    unchecked = Q(withdrawn_at=None, current_version=None)
    conditions = {
        PaperState.PUBLISHED: published_condition(),
        PaperState.WAITING: unchecked & ~quarantined & ~unscanned,
        PaperState.UNSCANNED: (unchecked | checked) & unscanned,
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
