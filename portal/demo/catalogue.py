"""What the demo says about a folder and a paper. Days that lie ahead are counted from the seeding, so that the demo
keeps; those in the past from the day on which it was written, as the dates of posts and papers are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from portal.demo.outline import DemoSection

FileKind = Literal["pdf", "docx", "xlsx", "pptx"]

WRITTEN_ON = date(2026, 11, 22)
NACTSO = "National Counter Terrorism Security Office"
CTPN = "Counter Terrorism Preparedness Network"
ASSOCIATION = "Association of Safe Places"
EXERCISES_GROUP = "Exercises group"


@dataclass(frozen=True)
class DemoFolder:
    """A folder of the file share; without groups it is open to every member who may see the folder above."""

    key: str
    name: str
    slug: str
    parent: str | None
    description: str
    groups: tuple[str, ...] = ()
    destroy_after_days: int | None = None


@dataclass(frozen=True)
class DemoVersion:
    """One edition of a paper, the oldest first; a section says since which edition it belongs."""

    note: str


FIRST_EDITION = (DemoVersion("First edition"),)


@dataclass(frozen=True)
class DemoPaper:
    """A paper; `page_target` is its length, in slides for a presentation and in sheets for a workbook."""

    key: str
    title: str
    description: str
    folder: str
    source: str
    original_date: date
    marking: str
    file_name: str
    page_target: int
    sections: tuple[DemoSection, ...]
    kind: FileKind = "pdf"
    chapters: tuple[str, ...] = ()
    place: str = "venue"
    cover: str = "arches"
    caveat: str = ""
    publish_in_days: int = -30
    expires_in_days: int | None = None
    withdrawn: bool = False
    confirm_in_days: int | None = None
    recipients: tuple[str, ...] = ()
    versions: tuple[DemoVersion, ...] = FIRST_EDITION


def sample_note(paper: DemoPaper) -> str:
    """What every sample says on its first page."""
    note = "This is a sample made for this demonstration. It is not the published report."
    if paper.source in (NACTSO, CTPN):
        return f"{note} The {paper.source} neither wrote nor approved it; what is reported here is invented."
    return f"{note} Its people, places and figures are invented."
