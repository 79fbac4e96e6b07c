"""The numbers of stamped copies: twelve digits that somebody can read off a photograph and type."""

from __future__ import annotations

import re
import secrets

DIGITS = 12
_IN_TEXT = re.compile(r"(?<!\d)(\d{4})[^\w]{0,3}(\d{4})[^\w]{0,3}(\d{4})(?!\d)", re.ASCII)


def new() -> str:
    """One of a hundred thousand million, so that a number that is made up is hardly ever somebody's."""
    number = f"{secrets.randbelow(10 ** (DIGITS - 1)):0{DIGITS - 1}d}"
    return number + _check_digit(number)


def _check_digit(digits: str) -> str:
    """After Luhn (ISO/IEC 7812-1, annex B): a wrong digit, or two that changed places, give another one."""
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))]
    return str(-sum(value // 10 + value % 10 for value in doubled) % 10)


def is_one(number: str) -> bool:
    return len(number) == DIGITS and number.isascii() and number.isdecimal() and number[-1] == _check_digit(number[:-1])


def in_groups(number: str) -> str:
    """As it stands on the pages."""
    return "-".join(number[place : place + 4] for place in range(0, DIGITS, 4))


def found_in(text: str) -> list[str]:
    """Every number in a text, each once, however its groups are kept apart."""
    found = ("".join(groups) for groups in _IN_TEXT.findall(text))
    return [number for number in dict.fromkeys(found) if is_one(number)]
