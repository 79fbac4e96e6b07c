"""A sample paper's text as measured blocks, cut to the length that the paper promises, and set into pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any
from zlib import crc32

from reportlab.graphics.shapes import Drawing, Line, String
from reportlab.lib.colors import HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph, Spacer, Table

from portal.demo.catalogue import DemoPaper
from portal.demo.outline import DemoSection, DemoTable
from portal.demo.paper_figures import CAPTIONS, figure
from portal.demo.prose import CHAPTERS, DemoChapter

LEFT, RIGHT, COLUMN = 62.0, 533.0, 122.0
TOP, BOTTOM = 772.0, 78.0
WIDE = RIGHT - LEFT
SHARE_FOR_A_CHAPTER = 0.42  # of a page that must be free below its heading
STRIP = 150.0
LONG = 30  # pages: from here on each chapter begins on a new one

INK, SOFT, NIGHT, BRASS_INK, STONE, RULE = "#16212b", "#4d5963", "#14222c", "#8a5a12", "#f4f0e8", "#d9d2c4"


def style(name: str, font: str, size: float, leading: float, colour: str = INK, **more: Any) -> Any:
    return ParagraphStyle(name, fontName=font, fontSize=size, leading=leading, textColor=HexColor(colour), **more)


BODY = style("body", "Helvetica", 11, 17, allowWidows=0, allowOrphans=0)
LEAD = style("lead", "Times-Roman", 14.4, 20.5, SOFT, allowWidows=0, allowOrphans=0)
LISTED = style("listed", "Helvetica", 11, 17, leftIndent=14, bulletIndent=2)
CHAPTER = style("chapter", "Times-Bold", 24, 28)
SECTION = style("section", "Times-Bold", 17.5, 22)
SMALL_HEADING = style("small", "Times-Bold", 13.6, 18)
BOX_HEADING = style("box", "Times-Bold", 13.6, 20, BRASS_INK)
CAPTION = style("caption", "Helvetica-Oblique", 9.2, 13, SOFT)
CELL = style("cell", "Helvetica", 9.6, 13.2)
HEAD_CELL = style("head", "Helvetica-Bold", 9.6, 13.2, STONE)
PROMPTS = (
    "What we already do",
    "What we did not know",
    "Whom we have to ask",
    "What we change within a month",
    "How we shall know that it works",
    "Who opens this page again, and when",
)
PART = style("part", "Times-Bold", 27, 32)
TICK = style("tick", "Helvetica", 11, 17, leftIndent=20, bulletIndent=1, bulletFontName="ZapfDingbats")


@dataclass
class Block:
    """Something that is set as one: where it stands, how high it is, what it must not be parted from."""

    flowable: Any
    height: float
    left: float
    before: float = 0
    with_next: bool = False
    splits: bool = False
    needs: float = 0  # the share of a page that must be free, or else a new page begins
    if_room: bool = False  # left out where it would begin a page
    entry: str = ""  # its line in the contents
    level: int = 1  # 0 is a part, 1 stands in the contents, 2 in the outline alone
    anchor: str = ""
    scene: str = ""  # drawn from here to the top edge of the page


@dataclass
class Unit:
    """Blocks that are kept or left out together; units of rank 0 are always kept."""

    blocks: list[Block]
    rank: float = 0


@dataclass
class Placed:
    block: Block
    x: float
    y: float


@dataclass
class PageOfBlocks:
    placed: list[Placed] = field(default_factory=list)


def compose(paper: DemoPaper, version_number: int) -> list[Unit]:
    """All that could stand in the paper, in order: its own text first, then chapters of the library."""
    writer = _Writer(paper)
    for section in paper.sections:
        if section.since <= version_number:
            writer.own_section(section)
            for key in section.topics:
                writer.chapter(CHAPTERS[key])
    for key in paper.chapters:
        writer.chapter(CHAPTERS[key])
    return writer.units


def cut(units: Sequence[Unit], fits: Callable[[Iterable[Block]], bool]) -> list[Block]:
    """The blocks of as many units as fit, those of the lowest rank first, in their own order."""
    ranks = sorted({unit.rank for unit in units})
    low, high = 0, len(ranks) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if fits(_kept(units, ranks[middle])):
            low = middle
        else:
            high = middle - 1
    return list(_kept(units, ranks[low]))


def _kept(units: Iterable[Unit], highest: float) -> Iterable[Block]:
    return (block for unit in units if unit.rank <= highest for block in unit.blocks)


def paginate(blocks: Sequence[Block], first_top: float = TOP) -> list[PageOfBlocks]:
    """Set blocks into pages from the top; headings stay with what follows, paragraphs may be parted."""
    pages = [PageOfBlocks()]
    y = first_top
    queue = list(blocks)
    queue.reverse()
    while queue:
        block = queue.pop()
        at_top = not pages[-1].placed
        before = 0.0 if at_top else block.before
        room = y - BOTTOM - before
        wanted = block.height + (_start_of(queue) if block.with_next else 0)
        starved = not at_top and room < block.needs * (TOP - BOTTOM)
        if wanted <= room and not starved:
            y -= before + block.height
            pages[-1].placed.append(Placed(block, block.left, y))
            continue
        if block.if_room:
            continue
        parts = [] if starved or not block.splits else _parted(block, room)
        if parts:
            pages[-1].placed.append(Placed(parts[0], block.left, y - before - parts[0].height))
            queue.append(parts[1])
        elif at_top:
            raise ValueError("a block is higher than a page")
        else:
            queue.append(block)
        pages.append(PageOfBlocks())
        y = TOP
    return pages


def _start_of(queue: Sequence[Block]) -> float:
    """How much must fit below a heading: the next block or its first three lines, and so on for headings."""
    needed = 0.0
    for block in reversed(queue):
        needed += block.before + (min(block.height, 3 * BODY.leading) if block.splits else block.height)
        if not block.with_next:
            break
    return needed


def _parted(block: Block, room: float) -> list[Block]:
    width = RIGHT - block.left
    halves = block.flowable.split(width, room) if room > 2 * BODY.leading else []
    if len(halves) != 2:
        return []
    return [Block(half, half.wrap(width, 10_000)[1], block.left, splits=True) for half in halves]


class _Writer:
    """Writes a paper's blocks one after another."""

    def __init__(self, paper: DemoPaper) -> None:
        self.place = paper.place
        self.shift = crc32(paper.key.encode())
        self.has_parts = any(section.part for section in paper.sections)
        self.is_short = paper.page_target <= 4
        self.chapter_needs = 0.99 if paper.page_target >= LONG else SHARE_FOR_A_CHAPTER
        self.units: list[Unit] = []
        self.chapters = 0
        self.entries = 0
        self.in_part = False
        self.figures: set[str] = set()

    def own_section(self, section: DemoSection) -> None:
        blocks: list[Block] = []
        if section.part:
            strip = Block(Spacer(WIDE, STRIP), STRIP, LEFT, with_next=True, needs=1, scene=section.scene)
            title = self._text(section.part, PART, wide=True, entry=section.part, level=0)
            title.with_next = self.in_part = True
            blocks += [strip, title]
        look = SMALL_HEADING if self.is_short else SECTION
        level = 2 if self.in_part else 1
        heading = self._text(section.heading, look, before=18, entry=section.heading, level=level)
        heading.with_next = True
        blocks += [heading, *self._content(section)]
        self.units.append(Unit(blocks))

    def chapter(self, chapter: DemoChapter) -> None:
        """The first section comes with the opening; the others may be left out, other ones in each paper."""
        rule, heading = self._rule(), self._text(chapter.title, CHAPTER, before=10, wide=True, entry=chapter.title)
        rule.before, rule.needs, rule.with_next, heading.with_next = 26, self.chapter_needs, True, True
        lead = self._text(chapter.opening, LEAD, before=8)
        first, *others = chapter.sections
        start = 1 + (2.4 * self.chapters if not self.has_parts else 0.01 * self.chapters)
        self.units.append(Unit([rule, heading, lead, *self._chapter_section(first)], start))
        if chapter.figure not in self.figures:
            self.figures.add(chapter.figure)
            self.units.append(Unit(self._figure(chapter.figure), start + 1.5))
        for index, section in enumerate(others):
            turn = (index * 3 + self.shift + self.chapters) % len(others)
            self.units.append(Unit(self._chapter_section(section), start + 1 + turn + 0.001 * self.chapters))
        self.units.append(Unit(self._notes(), 100 + self.chapters))
        self.chapters += 1

    def _chapter_section(self, section: DemoSection) -> list[Block]:
        if section.kind in ("case", "checklist"):
            return [self._box(section)]
        title = f"Questions {_lowered(section.heading)}" if section.kind == "questions" else section.heading
        heading = self._text(title, SMALL_HEADING, before=13)
        heading.with_next = True
        return [heading, *self._content(section)]

    def _content(self, section: DemoSection) -> list[Block]:
        blocks = [
            self._text(text, BODY, before=4 if index == 0 else 7) for index, text in enumerate(section.paragraphs)
        ]
        for number, text in enumerate(section.bullets, start=1):
            bullet = f"{number}." if section.kind == "questions" else "–"
            blocks.append(self._text(text, LISTED, before=4, bullet=bullet))
        for block in blocks[:-1]:
            block.with_next = not block.splits
        if section.table:
            blocks += self._table(section.table)
        return blocks

    def _text(
        self,
        text: str,
        look: Any,
        *,
        before: float = 0,
        wide: bool = False,
        bullet: str = "",
        entry: str = "",
        level: int = 1,
    ) -> Block:
        left = LEFT if wide else COLUMN
        flowable = Paragraph(escape(text.replace("{place}", self.place), quote=False), look, bulletText=bullet or None)
        height = flowable.wrap(RIGHT - left, 10_000)[1]
        splits = look in (BODY, LEAD) and height > 3.5 * look.leading
        block = Block(flowable, height, left, before, splits=splits)
        if entry:
            self.entries += 1
            block.entry, block.level, block.anchor = entry, level, f"entry-{self.entries}"
        return block

    def _measured(self, flowable: Any, before: float) -> Block:
        return Block(flowable, flowable.wrap(WIDE, 10_000)[1], LEFT, before)

    def _rule(self) -> Block:
        rule = Table([[""]], colWidths=[WIDE], rowHeights=[4])
        rule.setStyle([("LINEABOVE", (0, 0), (-1, 0), 2.4, HexColor(INK))])
        return self._measured(rule, 6)

    def _figure(self, key: str) -> list[Block]:
        drawing = self._measured(figure(key), 14)
        drawing.with_next = True
        return [drawing, self._text(CAPTIONS[key], CAPTION, before=5, wide=True)]

    def _notes(self) -> list[Block]:
        """Lines to write on: the last that is added, and only where a paper has promised more pages."""
        heading = self._text("Notes for your own place", SMALL_HEADING, before=20)
        heading.with_next = True
        blocks = [heading]
        for index in range(len(PROMPTS)):
            lines = Drawing(RIGHT - COLUMN, 106)
            for row in range(4):
                lines.add(Line(0, row * 24, RIGHT - COLUMN, row * 24, strokeColor=HexColor(RULE), strokeWidth=0.7))
            prompt = PROMPTS[(self.chapters * 2 + index) % len(PROMPTS)]
            lines.add(String(0, 94, prompt, fontName="Helvetica-Oblique", fontSize=9.2, fillColor=HexColor(SOFT)))
            blocks.append(Block(lines, 106, COLUMN, 8, if_room=index > 0))
        return blocks

    def _table(self, table: DemoTable) -> list[Block]:
        """A caption and the table, whose columns are the wider the longer their longest cell."""
        caption = self._text(table.caption, CAPTION, before=11, wide=True)
        caption.with_next = True
        cells = [[Paragraph(escape(cell), HEAD_CELL) for cell in table.header]]
        cells += [[Paragraph(escape(cell.replace("{place}", self.place)), CELL) for cell in row] for row in table.rows]
        lengths = [max(len(row[column]) for row in (table.header, *table.rows)) for column in range(len(table.header))]
        weights = [max(7, min(length, 40)) ** 0.75 for length in lengths]
        is_form = not any(any(row) for row in table.rows)
        flowable = Table(
            cells,
            colWidths=[WIDE * weight / sum(weights) for weight in weights],
            rowHeights=[None] + [30 if is_form else None] * len(table.rows),
        )
        flowable.setStyle(
            [
                ("BACKGROUND", (0, 0), (-1, 0), HexColor(NIGHT)),
                ("LINEBELOW", (0, 1), (-1, -1), 0.6, HexColor(RULE)),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 4.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 5.5),
            ]
        )
        return [caption, self._measured(flowable, 5)]

    def _box(self, section: DemoSection) -> Block:
        """A case or a checklist, on stone with a brass line at its side."""
        title = f"{section.kind.capitalize()}: {_lowered(section.heading)}"
        content: list[Any] = [Paragraph(escape(title), BOX_HEADING)]
        content += [Paragraph(escape(text.replace("{place}", self.place)), BODY) for text in section.paragraphs]
        content += [Paragraph(escape(text), TICK, bulletText="❏") for text in section.bullets]
        box = Table([[content]], colWidths=[WIDE])
        box.setStyle(
            [
                ("BACKGROUND", (0, 0), (-1, -1), HexColor(STONE)),
                ("LINEBEFORE", (0, 0), (0, -1), 3, HexColor("#d9a54a")),
                ("LEFTPADDING", (0, 0), (-1, -1), COLUMN - LEFT),
                ("RIGHTPADDING", (0, 0), (-1, -1), 16),
                ("TOPPADDING", (0, 0), (-1, -1), 10),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 12),
            ]
        )
        return self._measured(box, 15)


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
