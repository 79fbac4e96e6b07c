"""The folders and papers of the demo's file share, and look-up by key."""

from __future__ import annotations

from portal.demo.catalogue import WRITTEN_ON, DemoFolder, DemoPaper, DemoVersion, FileKind
from portal.demo.outline import DemoSection, DemoTable
from portal.demo.papers_ctpn import CTPN_PAPERS
from portal.demo.papers_groups import GROUP_PAPERS
from portal.demo.papers_guidance import GUIDANCE_PAPERS

__all__ = [
    "FOLDERS",
    "PAPERS",
    "PAPERS_BY_KEY",
    "WRITTEN_ON",
    "DemoFolder",
    "DemoPaper",
    "DemoSection",
    "DemoTable",
    "DemoVersion",
    "FileKind",
]

FOLDERS: tuple[DemoFolder, ...] = (
    DemoFolder("guidance", "Guidance", "guidance", None, "What the authorities and our own groups advise."),
    DemoFolder(
        "ctpn-reports",
        "CTPN reports",
        "ctpn-reports",
        "guidance",
        "Five reports by a network of cities, one by one and in one volume.",
    ),
    DemoFolder("exercises", "Exercises", "exercises", None, "Ready to run, and reports of those that were."),
    DemoFolder(
        "annual-meeting",
        "Annual meeting",
        "annual-meeting",
        None,
        "Agenda, report, accounts and slides.",
        destroy_after_days=90,
    ),
    DemoFolder("templates", "Templates", "templates", None, "Forms to change and use."),
    DemoFolder(
        "committee",
        "Committee",
        "committee",
        None,
        "Papers for the members of the committee.",
        groups=("Committee",),
    ),
    DemoFolder("committee-minutes", "Minutes", "minutes", "committee", "What the committee has decided."),
)

PAPERS: tuple[DemoPaper, ...] = (*GUIDANCE_PAPERS, *CTPN_PAPERS, *GROUP_PAPERS)
PAPERS_BY_KEY: dict[str, DemoPaper] = {paper.key: paper for paper in PAPERS}
