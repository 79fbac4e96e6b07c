"""Sample papers as PDF. Every first page says that it is a sample; equal input gives equal bytes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from reportlab import rl_config
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from portal.demo.catalogue import DemoPaper, sample_note
from portal.demo.paper_figures import CanvasSheet
from portal.demo.paper_flow import (
    BRASS_INK,
    COLUMN,
    INK,
    LEFT,
    NIGHT,
    RIGHT,
    RULE,
    SOFT,
    STONE,
    TOP,
    WIDE,
    Block,
    PageOfBlocks,
    compose,
    cut,
    paginate,
    style,
)
from portal.demo.pictures import SCENES
from portal.demo.sheet import HEIGHT as SCENE_HEIGHT
from portal.demo.sheet import WIDTH as SCENE_WIDTH

rl_config.useA85 = 0  # bytes as they are: text in their place takes a quarter more room, and its time to write
PAGE_WIDTH, PAGE_HEIGHT = A4
COVER_HEIGHT = 392.0
BAND_HEIGHT = 150.0
SHORT, WITH_CONTENTS = 4, 8  # pages: up to the one there is no cover, from the other there are contents
MARKING_COLOURS = {"TLP:CLEAR": "#ffffff", "TLP:GREEN": "#33ff00", "TLP:RED": "#ff2b2b"}
AMBER = "#ffc000"
HANDLING = {
    "TLP:CLEAR": "May be passed on to anybody. Copyright still applies.",
    "TLP:GREEN": "For colleagues and partners in the community, not for public channels.",
    "TLP:AMBER": "For those in your organisation and its clients who need to know it.",
    "TLP:AMBER+STRICT": "For those inside your own organisation who need to know it.",
    "TLP:RED": "For the named recipients alone. Do not pass it on, in any form.",
}

TITLE = style("title", "Times-Bold", 31, 35)
BAND_TITLE = style("band", "Times-Bold", 21, 24, STONE)
STANDFIRST = style("standfirst", "Helvetica", 11.5, 17, SOFT)
SAMPLE = style("sample", "Helvetica", 9.4, 13.6)


@dataclass
class _Front:
    """What stands before the text: how many whole pages, and how far down the first page of text begins."""

    pages: int
    first_top: float


def make_pdf(paper: DemoPaper, version_number: int) -> bytes:
    """The paper with a title page, contents where it is long, and footers; within a page of its promised length."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1, pageCompression=1, lang="en-GB")
    canvas.setTitle(paper.title)
    canvas.setAuthor(paper.source)
    canvas.setSubject(paper.description)
    canvas.setCreator("Gatehouse demonstration")
    canvas.setKeywords(f"sample, {paper.marking}, version {version_number}")
    front = _front(paper)
    units = compose(paper, version_number)
    length = paper.page_target - front.pages

    def fits(blocks: Iterable[Block]) -> bool:
        return len(paginate(list(blocks), front.first_top)) <= length

    pages = paginate(cut(units, fits), front.first_top)
    _Press(canvas, paper, version_number, front.pages + len(pages)).print(front, pages)
    canvas.save()
    return out.getvalue()


def _front(paper: DemoPaper) -> _Front:
    if paper.page_target <= SHORT:
        return _Front(0, PAGE_HEIGHT - BAND_HEIGHT - 112)
    return _Front(2 if paper.page_target >= WITH_CONTENTS else 1, TOP)


class _Press:
    """Draws the pages of one paper."""

    def __init__(self, canvas: Any, paper: DemoPaper, version_number: int, page_count: int) -> None:
        self.canvas = canvas
        self.paper = paper
        self.page_count = page_count
        self.number = 1
        self.in_part = False
        version = paper.versions[version_number - 1]
        edition = f"Version {version_number}: {version.note}" if len(paper.versions) > 1 else ""
        day = paper.original_date
        self.facts = [f"{day.day} {day:%B %Y}", f"{page_count} pages", edition]

    def print(self, front: _Front, pages: Sequence[PageOfBlocks]) -> None:
        if front.pages:
            self._cover()
            self._turn()
        else:
            self._band()
        if front.pages > 1:
            self._contents(pages, front.pages)
            self._turn()
        for page in pages:
            self._page(page)
            self._turn()

    def _turn(self) -> None:
        if self.number > 1 or self.paper.page_target <= SHORT:
            self._footer()
        self.canvas.showPage()
        self.number += 1

    def _page(self, page: PageOfBlocks) -> None:
        for placed in page.placed:
            block = placed.block
            if block.entry:
                self.canvas.bookmarkHorizontal(block.anchor, LEFT, placed.y + block.height + 12)
                self.canvas.addOutlineEntry(block.entry, block.anchor, self._outline_level(block))
            if block.scene:
                self._scene(block.scene, PAGE_HEIGHT - placed.y - 24)
            block.flowable.drawOn(self.canvas, placed.x, placed.y)

    def _outline_level(self, block: Block) -> int:
        """Below the part that it stands in; what comes before the first part stands by itself."""
        self.in_part = self.in_part or block.level == 0
        return min(block.level, 1) if self.in_part else 0

    def _scene(self, key: str, height: float) -> None:
        """A scene across the top of the page, cropped in the middle."""
        self.canvas.saveState()
        clip = self.canvas.beginPath()
        clip.rect(0, PAGE_HEIGHT - height, PAGE_WIDTH, height)
        self.canvas.clipPath(clip, stroke=0, fill=0)
        scale = PAGE_WIDTH / SCENE_WIDTH
        self.canvas.translate(0, PAGE_HEIGHT - height / 2 - SCENE_HEIGHT * scale / 2)
        self.canvas.scale(scale, scale)
        SCENES[key](CanvasSheet(self.canvas))
        self.canvas.restoreState()

    def _cover(self) -> None:
        self._scene(self.paper.cover, COVER_HEIGHT)
        y = self._words(self.paper.source, PAGE_HEIGHT - COVER_HEIGHT - 38)
        y = self._paragraph(self.paper.title, TITLE, y - 8)
        y = self._paragraph(self.paper.description, STANDFIRST, y - 12)
        y = self._words(" · ".join(fact for fact in self.facts if fact), y - 24, "Helvetica", SOFT)
        self._marking_and_caveat(y - 24, SOFT)
        self._sample_box(60)

    def _band(self) -> None:
        self.canvas.setFillColor(HexColor(NIGHT))
        self.canvas.rect(0, PAGE_HEIGHT - BAND_HEIGHT, PAGE_WIDTH, BAND_HEIGHT, stroke=0, fill=1)
        self.canvas.setFillColor(HexColor("#d9a54a"))
        self.canvas.rect(0, PAGE_HEIGHT - BAND_HEIGHT - 4, PAGE_WIDTH, 4, stroke=0, fill=1)
        y = self._words(self.paper.source, PAGE_HEIGHT - 44, colour="#d9a54a")
        y = self._paragraph(self.paper.title, BAND_TITLE, y - 8)
        y = self._words(" · ".join(fact for fact in self.facts if fact), y - 18, "Helvetica", "#b9c3c9")
        self._marking_and_caveat(y - 22, "#b9c3c9")
        self._sample_box(PAGE_HEIGHT - BAND_HEIGHT - 82)

    def _words(self, text: str, y: float, font: str = "Helvetica-Bold", colour: str = BRASS_INK) -> float:
        self.canvas.setFont(font, 9.4)
        self.canvas.setFillColor(HexColor(colour))
        self.canvas.drawString(LEFT, y, text)
        return y

    def _paragraph(self, text: str, look: Any, top: float, left: float = LEFT, width: float = WIDE) -> float:
        paragraph = Paragraph(escape(text, quote=False), look)
        height: float = paragraph.wrap(width, 10_000)[1]
        paragraph.drawOn(self.canvas, left, top - height)
        return top - height

    def _marking(self, left: float, y: float) -> float:
        """The label on black; answers where it ends."""
        label = self.paper.marking
        width: float = self.canvas.stringWidth(label, "Helvetica-Bold", 8.5) + 12
        self.canvas.setFillColor(HexColor("#000000"))
        self.canvas.rect(left, y - 4.5, width, 15, stroke=0, fill=1)
        self.canvas.setFillColor(HexColor(MARKING_COLOURS.get(label, AMBER)))
        self.canvas.setFont("Helvetica-Bold", 8.5)
        self.canvas.drawString(left + 6, y, label)
        return left + width

    def _marking_and_caveat(self, y: float, colour: str) -> None:
        end = self._marking(LEFT, y)
        self.canvas.setFillColor(HexColor(colour))
        self.canvas.drawString(end + 8, y, self.paper.caveat)

    def _sample_box(self, bottom: float) -> None:
        self.canvas.setFillColor(HexColor(STONE))
        self.canvas.rect(LEFT, bottom, WIDE, 56, stroke=0, fill=1)
        self.canvas.setFillColor(HexColor("#d9a54a"))
        self.canvas.rect(LEFT, bottom, 3, 56, stroke=0, fill=1)
        self._paragraph(sample_note(self.paper), SAMPLE, bottom + 42, LEFT + 16, WIDE - 32)

    def _contents(self, pages: Sequence[PageOfBlocks], front_pages: int) -> None:
        self.canvas.setFillColor(HexColor(INK))
        self.canvas.rect(LEFT, TOP + 2, WIDE, 2.4, stroke=0, fill=1)
        self.canvas.setFont("Times-Bold", 22)
        self.canvas.drawString(LEFT, TOP - 26, "Contents")
        entries = [
            (placed.block, number)
            for number, page in enumerate(pages, start=front_pages + 1)
            for placed in page.placed
            if placed.block.entry and placed.block.level < 2
        ]
        y = TOP - 62
        for block, number in entries:
            self._line_of_contents(block, number, y)
            y -= 22
        self._handling()

    def _line_of_contents(self, block: Block, number: int, y: float) -> None:
        self.canvas.setFont("Helvetica" if block.level else "Helvetica-Bold", 10.4)
        self.canvas.setFillColor(HexColor(INK))
        self.canvas.drawString(COLUMN, y, block.entry)
        self.canvas.drawRightString(RIGHT, y, str(number))
        self.canvas.setStrokeColor(HexColor(RULE))
        self.canvas.setLineWidth(0.5)
        self.canvas.line(COLUMN, y - 8, RIGHT, y - 8)
        self.canvas.linkRect("", block.anchor, (COLUMN, y - 6, RIGHT, y + 12), thickness=0)

    def _handling(self) -> None:
        """What the marking means, at the foot of the contents."""
        self.canvas.setFillColor(HexColor(STONE))
        self.canvas.rect(LEFT, 78, WIDE, 40, stroke=0, fill=1)
        end = self._marking(LEFT + 12, 94)
        self.canvas.setFillColor(HexColor(INK))
        self.canvas.setFont("Helvetica", 9.4)
        self.canvas.drawString(end + 12, 94, HANDLING[self.paper.marking])

    def _footer(self) -> None:
        self.canvas.setStrokeColor(HexColor(RULE))
        self.canvas.setLineWidth(0.6)
        self.canvas.line(LEFT, 54, RIGHT, 54)
        end = self._marking(LEFT, 36)
        self.canvas.setFont("Helvetica", 8.5)
        self.canvas.setFillColor(HexColor(SOFT))
        self.canvas.drawString(end + 10, 36, f"Sample · {self.paper.title}")
        self.canvas.drawRightString(RIGHT, 36, f"Page {self.number} of {self.page_count}")
