"""Numbers that come from outside (an address, a form, a row of the record) and may be no key at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LARGEST = 2**63 - 1  # what a key's column holds; asked for more, SQLite's and PostgreSQL's drivers fail


def as_key(text: object) -> int | None:
    """The key that a text writes; None where it writes none that a table could have."""
    digits = str(text)
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= len(str(LARGEST))):
        return None
    key = int(digits)
    return key if key <= LARGEST else None


def as_keys(texts: Iterable[object]) -> list[int]:
    """The keys among some texts."""
    return [key for key in map(as_key, texts) if key is not None]
