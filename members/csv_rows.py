"""What a row of a register says about a person, and what is wrong with it, cell by cell."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from members.csv_register import COLUMNS, rows

LONGEST_NAME, LONGEST_ORGANISATION, LONGEST_LEVEL, LONGEST_ADDRESS = 150, 200, 100, 254
LARGEST_NUMBER = 2**31 - 1  # what PostgreSQL's column holds
EARLIEST_YEAR, LONGEST_YEARS = 1850, 50
FORMULA = ("=", "+", "-", "@")  # as `members.spreadsheets.inert` has them for what goes out
NONE = ("-", "–", "—", "n/a", "none")  # what people type into a cell that has nothing to say
DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d %B %Y", "%d %b %Y", "%d-%b-%Y")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: in which line and column, and what to do."""

    line: int
    column: str
    sentence: str

    def __str__(self) -> str:
        return (
            f"Line {self.line}, {self.column}: {self.sentence}" if self.column else f"Line {self.line}: {self.sentence}"
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One person of the register."""

    line: int
    email: str
    first_name: str = ""
    last_name: str = ""
    number: int | None = None
    level: str = ""
    organisation: str = ""
    starts_on: datetime.date | None = None
    expires_on: datetime.date | None = None


class _Wrong(ValueError):
    """What is wrong with a cell, as a sentence."""


def read(text: str, delimiter: str, columns: dict[str, int]) -> tuple[list[Entry], list[Problem]]:
    """Everybody in the file, and everything that is wrong with it. Raises `csv_register.Unreadable`."""
    entries: list[Entry] = []
    problems: list[Problem] = []
    lines = rows(text, delimiter)
    _line, head = next(lines)
    for line, cells in lines:
        if len(cells) > len(head):
            sentence = (
                f"It has {len(cells)} cells where the first line has {len(head)}. Is a comma not in quotation marks?"
            )
            problems.append(Problem(line, "", sentence))
            continue
        entry = _entry(line, cells, columns, problems)
        if entry:
            entries.append(entry)
    return entries, [*problems, *_repeated(entries)]


def _entry(line: int, cells: list[str], columns: dict[str, int], problems: list[Problem]) -> Entry | None:
    facts: dict[str, Any] = {}
    before = len(problems)
    for name, place in columns.items():
        cell = _clean(cells[place] if place < len(cells) else "")
        try:
            facts[name] = READERS[name](cell)
        except _Wrong as wrong:
            problems.append(Problem(line, COLUMNS[name][0], str(wrong)))
    if "name" in facts:
        whole = facts.pop("name")
        first, _, last = whole.rpartition(" ")
        facts["first_name"], facts["last_name"] = facts.get("first_name") or first, facts.get("last_name") or last
    if len(problems) > before:
        return None
    starts_on, expires_on = facts.get("starts_on"), facts.get("expires_on")
    if starts_on and expires_on and expires_on < starts_on:
        problems.append(Problem(line, COLUMNS["expires_on"][0], "A membership cannot end before it starts."))
        return None
    return Entry(line=line, **facts)


def _clean(cell: str) -> str:
    """On one line, without what cannot be seen; an apostrophe before a formula is a spreadsheet's own."""
    text = " ".join(CONTROL.sub("", cell).split())
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


def _words(cell: str, longest: int) -> str:
    if cell.casefold() in NONE:
        return ""
    if len(cell) > longest:
        raise _Wrong(f"It has {len(cell):,} characters, and at most {longest} can be kept.")
    if cell.startswith(FORMULA):
        raise _Wrong(f"It begins with “{cell[0]}”, as a formula does. Please write the plain text.")
    return cell


def _last_name(cell: str) -> str:
    name = _words(cell, LONGEST_NAME)
    if not name:
        raise _Wrong("There is no name.")
    return name


def _address(cell: str) -> str:
    address = cell.removeprefix("mailto:").lower()
    if not address:
        raise _Wrong("There is no e-mail address, by which the person could sign in.")
    if not address.isascii():
        odd = next(letter for letter in address if not letter.isascii())
        raise _Wrong(f"“{odd}” only looks like a letter of an e-mail address. Please type the address anew.")
    try:
        validate_email(address)
    except ValidationError:
        raise _Wrong(f"“{address[:60]}” is no e-mail address.") from None
    if len(address) > LONGEST_ADDRESS:
        raise _Wrong(f"The address is longer than {LONGEST_ADDRESS} characters.")
    return address


def _number(cell: str) -> int | None:
    digits = cell.replace(" ", "").removesuffix(".0")
    if not digits or cell in NONE:
        return None
    if not (digits.isascii() and digits.isdecimal()) or not 0 < int(digits[:12]) <= LARGEST_NUMBER or len(digits) > 12:
        raise _Wrong(f"“{cell[:30]}” is no membership number: digits alone, such as 1042.")
    return int(digits)


def _date(cell: str) -> datetime.date | None:
    if not cell or cell.casefold() in NONE:
        return None
    text = re.sub(r"[T ]00:00(:00(\.0+)?)?$", "", cell)
    for pattern in DATES:
        try:
            day = datetime.datetime.strptime(text, pattern).date()  # noqa: DTZ007 -- a day of the register, of no zone
        except ValueError:
            continue
        if EARLIEST_YEAR <= day.year <= timezone.localdate().year + LONGEST_YEARS:
            return day
        raise _Wrong(f"The year {day.year} cannot be right.")
    raise _Wrong(f"“{cell[:30]}” is no day. Write 2027-03-31, 31/03/2027 or 31 March 2027, the day before the month.")


READERS: dict[str, Callable[[str], Any]] = {
    "email": _address,
    "first_name": lambda cell: _words(cell, LONGEST_NAME),
    "last_name": _last_name,
    "name": _last_name,
    "number": _number,
    "level": lambda cell: _words(cell, LONGEST_LEVEL),
    "organisation": lambda cell: _words(cell, LONGEST_ORGANISATION),
    "starts_on": _date,
    "expires_on": _date,
}


def _repeated(entries: list[Entry]) -> list[Problem]:
    """Each person and each number stands in a register once."""
    problems: list[Problem] = []
    addresses: dict[str, int] = {}
    numbers: dict[int, int] = {}
    for entry in entries:
        first = addresses.setdefault(entry.email, entry.line)
        if first != entry.line:
            problems.append(Problem(entry.line, COLUMNS["email"][0], f"{entry.email} is in line {first} already."))
        if entry.number is not None:
            first = numbers.setdefault(entry.number, entry.line)
            if first != entry.line:
                sentence = f"The number {entry.number} is in line {first} already."
                problems.append(Problem(entry.line, COLUMNS["number"][0], sentence))
    return problems
