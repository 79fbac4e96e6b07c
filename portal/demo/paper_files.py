"""The bytes of the sample papers, of whichever kind. Equal input gives equal bytes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from pptx import Presentation
from pptx.dml.color import RGBColor as SlideColour
from pptx.enum.shapes import MSO_SHAPE
from pptx.util import Emu
from pptx.util import Pt as SlidePt

from portal.demo.catalogue import DemoPaper, FileKind, sample_note
from portal.demo.outline import DemoSection, DemoTable
from portal.demo.paper_pdf import make_pdf

__all__ = ["make_docx", "make_file", "make_pdf", "make_pptx", "make_xlsx"]

NIGHT, GREEN, BRASS, STONE, INK, SOFT, LINE = "14222C", "0C5A48", "D9A54A", "F4F0E8", "16212B", "4D5963", "D9D2C4"
SERIF, SANS = "Georgia", "Arial"
SLIDE_WIDTH, SLIDE_HEIGHT = 12_192_000, 6_858_000  # English Metric Units, 13.33 by 7.5 inches
MARGIN = 760_000
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def make_file(paper: DemoPaper, version_number: int) -> bytes:
    """The file of one version of a paper; versions are counted from one."""
    return _MAKERS[paper.kind](paper, version_number)


# --- Word -------------------------------------------------------------------------------------------------------
def make_docx(paper: DemoPaper, version_number: int) -> bytes:
    document = Document()
    _set_page(document, paper)
    _describe(document.core_properties, paper)
    _line(document, paper.source, size=9.5, colour="8A5A12", bold=True)
    _line(document, paper.title, size=24, font=SERIF, bold=True)
    _line(document, paper.description, size=11.5, colour=SOFT)
    _shade(_line(document, sample_note(paper), size=9.5)._p.get_or_add_pPr(), STONE)
    for section in _sections(paper, version_number):
        _line(document, section.heading, size=15, font=SERIF, bold=True, style="Heading 2")
        for text in section.paragraphs:
            _line(document, text)
        for text in section.bullets:
            _line(document, text, style="List Bullet")
        if section.table:
            _word_table(document, section.table)
    return _settled(document, paper)


def _set_page(document: Any, paper: DemoPaper) -> None:
    page = document.sections[0]
    page.orientation = WD_ORIENT.PORTRAIT
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(24)
    page.top_margin = page.bottom_margin = Mm(22)
    footer = page.footer.paragraphs[0].add_run(f"{paper.marking}   Sample · {paper.title}")
    footer.font.size, footer.font.name = Pt(8.5), SANS
    footer.font.color.rgb = RGBColor.from_string(SOFT)


def _line(document: Any, text: str, *, size: float = 11, colour: str = INK, font: str = SANS, **more: Any) -> Any:
    paragraph = document.add_paragraph(style=more.get("style"))
    paragraph.paragraph_format.space_after = Pt(7)
    run = paragraph.add_run(text)
    run.font.name, run.font.size, run.bold = font, Pt(size), more.get("bold", False)
    run.font.color.rgb = RGBColor.from_string(colour)
    return paragraph


def _shade(properties: Any, colour: str) -> None:
    """Give the ground of a paragraph or a cell, by its properties' element, a colour."""
    shading = OxmlElement("w:shd")
    shading.set(qn("w:val"), "clear")
    shading.set(qn("w:fill"), colour)
    properties.append(shading)


def _word_table(document: Any, table: DemoTable) -> None:
    _line(document, table.caption, size=9.5, colour=SOFT)
    grid = document.add_table(rows=0, cols=len(table.header), style="Table Grid")
    for index, row in enumerate((table.header, *table.rows)):
        for cell, text in zip(grid.add_row().cells, row, strict=True):
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(4)
            run = paragraph.add_run(text)
            run.font.name, run.font.size, run.bold = SANS, Pt(10), index == 0
            if index == 0:
                run.font.color.rgb = RGBColor.from_string(STONE)
                _shade(cell._tc.get_or_add_tcPr(), NIGHT)
    document.add_paragraph()


# --- Excel ------------------------------------------------------------------------------------------------------
def make_xlsx(paper: DemoPaper, version_number: int) -> bytes:
    """A first sheet that says what this is, and one for each table."""
    book = Workbook()
    _describe(book.properties, paper)
    tables = [section for section in _sections(paper, version_number) if section.table]
    about = book.active
    about.title = "About"
    about.column_dimensions["A"].width = 96
    about.sheet_view.showGridLines = False
    lines = (paper.source, paper.title, paper.description, sample_note(paper), f"Marking: {paper.marking}")
    for row, text in enumerate((*lines, *(f"{each.heading}: {each.paragraphs[0]}" for each in tables)), start=1):
        cell = about.cell(row=row, column=1, value=text)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.font = Font(name=SERIF, size=20, bold=True, color=INK) if row == 2 else Font(name=SANS, size=11, color=INK)
    about["A4"].fill = PatternFill("solid", fgColor=STONE)
    for section in tables:
        _sheet(book.create_sheet(section.heading), section)
    return _settled(book, paper)


def _sheet(sheet: Any, section: DemoSection) -> None:
    table = section.table
    if table is None:
        return
    sheet.append([table.caption])
    sheet["A1"].font = Font(name=SERIF, size=14, bold=True, color=INK)
    sheet.append(list(table.header))
    for row in table.rows:
        sheet.append([int(cell) if cell.isdigit() else cell for cell in row])
    for column, name in enumerate(table.header, start=1):
        head = sheet.cell(row=2, column=column)
        head.font = Font(name=SANS, bold=True, color=STONE)
        head.fill = PatternFill("solid", fgColor=NIGHT)
        longest = max(len(name), *(len(row[column - 1]) for row in table.rows))
        sheet.column_dimensions[get_column_letter(column)].width = min(48, longest + 5)
    for cells in sheet.iter_rows(min_row=3, max_row=2 + len(table.rows)):
        for cell in cells:
            cell.font = Font(name=SANS, color=INK)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.border = Border(bottom=Side(style="thin", color=LINE))
    sheet.freeze_panes = "A3"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0


# --- PowerPoint -------------------------------------------------------------------------------------------------
def make_pptx(paper: DemoPaper, version_number: int) -> bytes:
    """A title slide, and one for each section."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Emu(SLIDE_WIDTH), Emu(SLIDE_HEIGHT)
    _describe(deck.core_properties, paper)
    title = _slide(deck, NIGHT)
    _box(title, 0.24, [paper.source], size=16, colour=BRASS)
    _box(title, 0.32, [paper.title], size=54, colour=STONE, font=SERIF)
    _box(title, 0.54, [paper.description], size=20, colour=LINE)
    _box(title, 0.84, [f"{paper.marking} · {sample_note(paper)}"], size=14, colour=STONE)
    sections = _sections(paper, version_number)
    for number, section in enumerate(sections, start=2):
        slide = _slide(deck, STONE)
        _box(slide, 0.12, [section.heading], size=40, colour=INK, font=SERIF)
        _box(slide, 0.34, [*section.paragraphs, *(f"– {text}" for text in section.bullets)], size=26, colour=INK)
        foot = f"{paper.marking}   Sample · {paper.title} · {number} of {len(sections) + 1}"
        _box(slide, 0.92, [foot], size=12, colour=SOFT)
    return _settled(deck, paper)


def _slide(deck: Any, ground: str) -> Any:
    slide = deck.slides.add_slide(deck.slide_layouts[6])  # the empty layout
    slide.background.fill.solid()
    slide.background.fill.fore_color.rgb = _slide_colour(ground)
    rule = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, Emu(0), Emu(0), Emu(SLIDE_WIDTH), Emu(110_000))
    rule.fill.solid()
    rule.fill.fore_color.rgb = _slide_colour(BRASS if ground == NIGHT else GREEN)
    rule.line.fill.background()
    return slide


def _box(slide: Any, top: float, texts: list[str], *, size: float, colour: str, font: str = SANS) -> None:
    """Text from a share of the slide's height downwards, one paragraph each."""
    box = slide.shapes.add_textbox(
        Emu(MARGIN), Emu(round(SLIDE_HEIGHT * top)), Emu(SLIDE_WIDTH - 2 * MARGIN), Emu(SLIDE_HEIGHT // 10)
    )
    box.text_frame.word_wrap = True
    for index, text in enumerate(texts):
        paragraph = box.text_frame.paragraphs[0] if index == 0 else box.text_frame.add_paragraph()
        paragraph.space_after = SlidePt(size * 0.7)
        run = paragraph.add_run()
        run.text = text
        run.font.size, run.font.name, run.font.bold = SlidePt(size), font, font == SERIF
        run.font.color.rgb = _slide_colour(colour)


def _slide_colour(colour: str) -> Any:
    make: Any = SlideColour  # its constructor has no types
    return make(*bytes.fromhex(colour))


# --- All three --------------------------------------------------------------------------------------------------
def _sections(paper: DemoPaper, version_number: int) -> list[DemoSection]:
    return [section for section in paper.sections if section.since <= version_number]


def _written_at(paper: DemoPaper) -> datetime:
    return datetime.combine(paper.original_date, time(9))


def _describe(properties: Any, paper: DemoPaper) -> None:
    properties.title, properties.subject = paper.title, paper.description
    properties.keywords, properties.language = f"sample, {paper.marking}", "en-GB"
    properties.created = properties.modified = _written_at(paper)
    for name in ("author", "creator"):
        if hasattr(properties, name):
            setattr(properties, name, paper.source)


def _settled(document: Any, paper: DemoPaper) -> bytes:
    """The saved file without the time of saving, which the libraries write into it and into its archive."""
    saved, out = io.BytesIO(), io.BytesIO()
    document.save(saved)
    stamp = f"{_written_at(paper):%Y-%m-%dT%H:%M:%SZ}".encode()
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", content)
            target.writestr(zipfile.ZipInfo(entry.filename), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


_MAKERS: dict[FileKind, Callable[[DemoPaper, int], bytes]] = {
    "pdf": make_pdf,
    "docx": make_docx,
    "xlsx": make_xlsx,
    "pptx": make_pptx,
}
