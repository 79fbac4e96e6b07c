"""What a stamp looks like on a page of some size: header, footer, and a faint line across. For the child alone."""

from __future__ import annotations

import io
import math
import unicodedata
from typing import TYPE_CHECKING, Any

from reportlab.lib.colors import HexColor
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from fileshare.inspection import child

if TYPE_CHECKING:
    from fileshare.derivatives.stamp import Words

    Line = tuple[bool, str]  # whether it is the label's, and its text

# Latin, Greek and Cyrillic; it comes with pdf.js, under the SIL Open Font Licence.
FONT_FILE = child.ROOT / "static/vendor/pdfjs/standard_fonts/LiberationSans-Regular.ttf"
FONT = "Stamp"
SMALLEST, GROWTH = 12.0, 55  # points; a letter is at least that part of the page's shorter side
LEADING, PADDING = 1.25, 0.35  # of a letter's size
MOST_OF_PAGE = 0.4  # that header or footer may take
LONGEST_WORD = 20  # letters that stay together; so the label and the number are never broken
NAMES = (400, 150, 60, 20)  # how many letters of a name are said, as the room allows
PLATE = 0.8  # how much of the page a line's plate hides
COLOURS = {"TLP:AMBER": "#FFC000", "TLP:AMBER+STRICT": "#FFC000", "TLP:RED": "#FF2B2B"}  # first.org/tlp
ACROSS = 0.13  # how dark the line across the page is


def draw(width: float, height: float, words: Words) -> bytes:
    """A PDF of one page of this size, in points, with the stamp and nothing else."""
    font = TTFont(FONT, str(FONT_FILE))
    pdfmetrics.registerFont(font)
    known = font.face.charToGlyph
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(width, height), invariant=1)
    _across(canvas, width, height, [_lines(words, known, letters)["across"] for letters in (*NAMES, 8)])
    for at_top, (size, lines) in zip((True, False), _planned(canvas, width, height, words, known), strict=True):
        _block(canvas, width, height, lines, words, size, at_top=at_top)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _lines(words: Words, known: Any, letters: int) -> dict[str, str]:
    """The words of each part. A name in letters that the font lacks, or that run from right to left, is in Latin; of
    a very long one, so many letters are said: the member's number and the copy's say whose it is."""

    def has(letter: str) -> bool:
        return ord(letter) in known and unicodedata.bidirectional(letter) not in ("R", "AL") and letter.isprintable()

    def shown(text: str, otherwise: str) -> str:
        composed = unicodedata.normalize("NFC", text)
        return composed if all(map(has, composed)) else "".join(each if has(each) else "?" for each in otherwise)

    name = shown(words.name, words.name_in_latin)
    if len(name) > letters:
        name = f"{name[: letters - 1].rstrip()}…"
    whose = " ".join(filter(None, (name, words.member)))
    return {
        "label": " ".join(filter(None, (words.label, shown(words.caveat, words.caveat_in_latin)))),
        "head": f"Copy {words.number} for {whose}",
        "foot": f"{whose}, copy {words.number}, {words.moment}",
        "across": f"{whose}, copy {words.number}",
    }


def _across(canvas: Canvas, width: float, height: float, texts: list[str]) -> None:
    """One faint line from corner to corner: whatever part of the page is shown to somebody, some of it is there."""
    length = math.hypot(width, height) * 0.75
    for text in texts:  # the shorter, the larger
        size = min(length / canvas.stringWidth(text, FONT, 1), min(width, height) / 8)
        if size >= SMALLEST:
            break
    canvas.saveState()
    canvas.translate(width / 2, height / 2)
    canvas.rotate(math.degrees(math.atan2(height, width)))
    canvas.setFillGray(0.4, ACROSS)
    canvas.setFont(FONT, size)
    canvas.drawCentredString(0, -size / 3, text)
    canvas.restoreState()


def _block(
    canvas: Canvas, width: float, height: float, lines: list[Line], words: Words, size: float, *, at_top: bool
) -> None:
    """Lines to the right, on plates that let the page shine through; that of the label is black, as the label wants."""
    leading, edge = size * LEADING, size * PADDING
    top = height - edge if at_top else edge + leading * len(lines)
    for number, (is_label, text) in enumerate(lines):
        below, length = top - leading * (number + 1), canvas.stringWidth(text, FONT, size)
        canvas.setFillGray(0 if is_label else 1, 1 if is_label else PLATE)
        canvas.rect(width - 3 * edge - length, below, length + 2 * edge, leading, stroke=0, fill=1)
        canvas.setFillColor(HexColor(COLOURS.get(words.label, "#FFFFFF") if is_label else "#000000"), 1)
        canvas.setFont(FONT, size)
        canvas.drawRightString(width - 2 * edge, below + size * 0.3, text)


def _planned(canvas: Canvas, width: float, height: float, words: Words, known: Any) -> list[tuple[float, list[Line]]]:
    """Header and footer: the size of the letters, and the lines. Rather than making them smaller a long name is cut."""
    wanted = max(SMALLEST, min(width, height) / GROWTH)
    for letters in NAMES:
        lines = _lines(words, known, letters)
        label = (True, lines["label"])
        blocks = ([label, (False, lines["head"])], [(False, lines["foot"]), label])
        planned = [_fitted(canvas, width, height, block, wanted) for block in blocks]
        if all(size == wanted for size, _broken_lines in planned):
            break
    return planned


def _fitted(canvas: Canvas, width: float, height: float, lines: list[Line], size: float) -> tuple[float, list[Line]]:
    """The size of the letters, and the lines broken so that they fit. Only on a page too small for it are they smaller
    than they should be: there is nothing that would not be said."""
    while True:
        room = width - 4 * size * PADDING
        broken = [(is_label, part) for is_label, text in lines for part in _broken(canvas, text, size, room)]
        is_narrow = any(canvas.stringWidth(part, FONT, size) > room for _is_label, part in broken)
        if not is_narrow and len(broken) * size * LEADING <= height * MOST_OF_PAGE:
            return size, broken
        size *= 0.9


def _broken(canvas: Canvas, text: str, size: float, room: float) -> list[str]:
    parts: list[str] = []
    for word in text.split():
        longer = f"{parts[-1]} {word}" if parts else word
        if parts and canvas.stringWidth(longer, FONT, size) <= room:
            parts[-1] = longer
        else:
            parts += _pieces(canvas, word, size, room)
    return parts


def _pieces(canvas: Canvas, word: str, size: float, room: float) -> list[str]:
    """A word that is wider than the room, in pieces of a line each."""
    pieces = [""]
    for letter in word:
        longer = pieces[-1] + letter
        if len(longer) > LONGEST_WORD and canvas.stringWidth(longer, FONT, size) > room:
            pieces.append(letter)
        else:
            pieces[-1] = longer
    return pieces
