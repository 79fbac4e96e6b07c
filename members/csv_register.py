"""How a register in a CSV file is read: what a spreadsheet makes of it in any country, and what is no CSV at all.

Every refusal is a sentence for the person who brought the file.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

LARGEST_FILE = 20 * 1024 * 1024  # bytes
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 100_000, 50, 2_000
DELIMITERS = ",;\t|"
# What files of other kinds begin with.
FOREIGN = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a compressed file",
}
UTF_16 = (b"\xff\xfe", b"\xfe\xff")

# What the site knows of a member, and how the heads of columns call it, without case, blanks and signs.
COLUMNS = {
    "email": ("E-mail", "email emailaddress mail mailaddress primaryemail"),
    "first_name": ("First name", "firstname forename forenames givenname givennames christianname"),
    "last_name": ("Last name", "lastname surname familyname"),
    "name": ("Name (first and last)", "name fullname member membername contact contactname"),
    "number": ("Number", "number no membershipnumber membershipno memberno membernumber memberid membershipid"),
    "level": ("Level", "level membershiplevel type membershiptype category membershipcategory grade class"),
    "organisation": ("Organisation", "organisation organization company employer institution affiliation"),
    "starts_on": ("Member since", "membersince since start startdate startson joined joindate joinedon datejoined"),
    "expires_on": (
        "Member until",
        "memberuntil until end enddate endson expires expireson expiry expirydate renewal renewaldate paiduntil",
    ),
}


class Unreadable(ValueError):
    """The file as a whole cannot be read. The message is for the person who brought it."""


@dataclass(frozen=True)
class Table:
    """A file that can be read: its text, what parts its columns, their heads, and what was noticed."""

    text: str
    delimiter: str
    head: tuple[str, ...]
    note: str = ""


def open_table(content: bytes) -> Table:
    """Raises Unreadable."""
    if len(content) > LARGEST_FILE:
        raise Unreadable("The file is larger than 20 MB. Please cut it into several files.")
    text, note = _decode(content)
    if not text.strip():
        raise Unreadable("The file is empty.")
    delimiter = _delimiter(text)
    first = next(rows(text, delimiter), None)
    head = tuple(" ".join(cell.split()) for cell in first[1]) if first else ()
    if len(head) > MOST_COLUMNS:
        raise Unreadable(
            f"The file has {len(head)} columns, and at most {MOST_COLUMNS} can be read. "
            "Please delete those that the site does not keep, and save it again."
        )
    if _is_one_row(text, delimiter):
        raise Unreadable("The file has a first line, and nobody below it.")
    return Table(text, delimiter, head, note)


def _is_one_row(text: str, delimiter: str) -> bool:
    found = rows(text, delimiter)
    next(found, None)
    return next(found, None) is None


def _decode(content: bytes) -> tuple[str, str]:
    for beginning, kind in FOREIGN.items():
        if content.startswith(beginning):
            raise Unreadable(
                f"This is {kind} under the name of a CSV file. Open it in a spreadsheet and save it as “CSV UTF-8”."
            )
    if content.startswith(UTF_16):
        try:
            return content.decode("utf-16"), "The file is in UTF-16."
        except UnicodeDecodeError:
            raise Unreadable("The file is damaged: it says that it is UTF-16, and is not.") from None
    if b"\0" in content:
        raise Unreadable("This is no text. Please save the register as “CSV UTF-8” and bring that file.")
    try:
        return content.decode("utf-8-sig"), ""
    except UnicodeDecodeError as trouble:
        return _decode_as_windows(content, trouble.start)


def _decode_as_windows(content: bytes, place: int) -> tuple[str, str]:
    """As Excel's plain “CSV” is written in western Europe."""
    line = content.count(b"\n", 0, place) + 1
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        raise Unreadable(
            f"Line {line} has characters in an encoding that cannot be guessed. Please save the file as “CSV UTF-8”."
        ) from None
    return (
        text,
        f"The file is not in UTF-8 and was read as Windows-1252. Please look at the accents, first in line {line}.",
    )


def _delimiter(text: str) -> str:
    """Whatever there is most of in the first line that says something."""
    first = next(line for line in text.splitlines() if line.strip())
    outside_quotes = re.sub(r'"[^"]*"', "", first)
    return max(DELIMITERS, key=outside_quotes.count)


def rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(number of the line on which it begins, cells) for each row that is not empty. Raises Unreadable."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line, count = 1, 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                count += 1
                if count > MOST_ROWS + 1:
                    raise Unreadable(f"The file has more than {MOST_ROWS:,} rows. Please cut it into several files.")
                yield line, cells
            line = reader.line_num + 1
    except csv.Error:
        raise Unreadable(
            f"Line {line} cannot be read as CSV: there is a quotation mark where none can be, or a cell is too long."
        ) from None


def guess(head: tuple[str, ...]) -> dict[str, int]:
    """Which column of the file holds what, judged by its head; the first one of a kind counts."""
    found: dict[str, int] = {}
    for place, words in enumerate(head):
        plain = re.sub(r"[\W_]", "", words).casefold()
        for name, (_label, spellings) in COLUMNS.items():
            if plain in spellings.split() and name not in found and place not in found.values():
                found[name] = place
    return found


def require(columns: dict[str, int], head: tuple[str, ...]) -> None:
    """Raises Unreadable where a column is missing without which nothing can be imported."""
    wrong = missing(columns)
    if wrong:
        raise Unreadable(f"{wrong} The first line says: {', '.join(head)}.")


def missing(columns: dict[str, int]) -> str:
    """The sentence that says which column has to be there; none where all is well."""
    if "email" not in columns:
        return "No column holds the e-mail address, by which people are known to the site."
    if "name" not in columns and "last_name" not in columns:
        return "No column holds the name, or the last name."
    return ""
