"""Which picture of a paper's first page is shown where.

Copies of papers marked TLP:AMBER and above are to be stamped, and a legible picture of a page is a copy. Of those there
is only the small one, in which running text can hardly be read but a heading can, on the paper's own page, for whoever
has met what the marking asks; whoever fetches it without that page has a row of the record. Lists draw a stand-in. Of
those marked TLP:RED there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from fileshare.derivatives.preview import fitted
from fileshare.markings import MUST_BE_A_PLAIN_PDF, Marking

if TYPE_CHECKING:
    from fileshare.models import SharedDocument

SMALL, LARGE = "small", "large"


@dataclass(frozen=True)
class Picture:
    """Where it is, and its size in pixels, so that a page keeps the room."""

    url: str
    width: int
    height: int
    size: str


def sizes(marking: str) -> tuple[str, ...]:
    """Those that a reader of a paper so marked may be sent."""
    if marking == Marking.RED:
        return ()
    return (SMALL,) if marking in MUST_BE_A_PLAIN_PDF else (SMALL, LARGE)


def picture_of(paper: SharedDocument, size: str) -> Picture | None:
    """The picture of what readers get, in this size or a smaller one that the marking allows; None where there is
    none."""
    version = paper.current_version
    derivation = getattr(version, "derivation", None) if version else None
    if version is None or version.destroyed_at is not None or derivation is None or not derivation.has_preview:
        return None
    allowed = sizes(paper.marking)
    if not allowed:
        return None
    size = size if size in allowed else SMALL
    width, height = derivation.width, derivation.height
    if size == SMALL:
        width, height = fitted(width, height)
    return Picture(reverse("fileshare:preview", args=[paper.uuid, version.number, size]), width, height, size)


def in_lists(paper: SharedDocument) -> Picture | None:
    return None if paper.marking in MUST_BE_A_PLAIN_PDF else picture_of(paper, SMALL)
