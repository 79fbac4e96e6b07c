"""The beginning of a plain text or of a CSV table, for a page: decoded, bounded, and nothing but characters."""

from __future__ import annotations

import codecs
import csv
from dataclasses import dataclass, field

LIMIT = 512 * 1024  # bytes that a page shows; some eighty thousand words
ROWS, COLUMNS = 1000, 50
SEPARATORS = ",;\t|"


@dataclass(frozen=True)
class ShownText:
    """`text` for a text; `head` and `rows` for a table, all rows of the same length. `is_cut`: there is more."""

    text: str = ""
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    is_cut: bool = False


def decode(content: bytes, *, is_cut: bool = False) -> str:
    """UTF-8 with or without its mark; else Windows' western set, as older programs write tables.

    The last line of a cut text is left away, since it may end in the middle of a character.
    """
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(content, final=not is_cut)
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if is_cut and "\n" in text:
        text = text[: text.rindex("\n")]
    # Whoever turns the direction of writing, or hides characters, can make a line say something else.
    return "".join(each if each.isprintable() or each in "\n\t" else "\N{REPLACEMENT CHARACTER}" for each in text)


def as_text(content: bytes, size: int) -> ShownText:
    """The text of the first bytes of a file that has `size`."""
    is_cut = size > len(content)
    return ShownText(text=decode(content, is_cut=is_cut), is_cut=is_cut)


def as_table(content: bytes, size: int) -> ShownText:
    """Rows and columns; the plain text where it is no table."""
    plain = as_text(content, size)
    lines = plain.text.split("\n")
    separator = max(SEPARATORS, key=lines[0].count)
    try:
        rows = [row for row in csv.reader(lines, delimiter=separator) if row]
    except csv.Error:
        return plain
    width = max(map(len, rows), default=0)
    if width < 2:
        return plain
    is_cut = plain.is_cut or len(rows) > ROWS + 1 or width > COLUMNS
    width = min(width, COLUMNS)
    head, *body = ([*row, *[""] * width][:width] for row in rows[: ROWS + 1])
    return ShownText(head=head, rows=body, is_cut=is_cut)
