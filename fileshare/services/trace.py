"""Whose copy a file is, from what is left of it: all bytes, its facts, the text of any page, or a number on paper."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fileshare import copy_numbers
from fileshare.derivatives import remnants
from fileshare.inspection.child import Defeated
from fileshare.models import StampedCopy
from fileshare.storage import CHUNK
from members import audit
from members.enums import Action
from members.models import User

if TYPE_CHECKING:
    from collections.abc import Iterator

BYTES, FACTS, PAGES, TYPED = "the whole file", "the file's own facts", "the text of its pages", "the number"


@dataclass(frozen=True)
class Found:
    """A copy that the file is, or has pages of; `by` says from what one knows. `copy` is None for a number that the
    site never gave out."""

    number: str
    by: str
    copy: StampedCopy | None
    person: User | None


def trace(path: Path) -> Iterator[Found]:
    """Everything that the file leads to, the surest first; nothing where it leads to nothing.

    Raises OSError where the file cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    if copy := StampedCopy.objects.filter(sha256=digest.hexdigest()).first():
        yield _found(copy.number, BYTES)
        return
    try:
        left = remnants.make(path)
    except Defeated:
        left = remnants.Remnants((), ())
    seen: set[str] = set()
    for by, texts in ((FACTS, left.facts), (PAGES, left.pages)):
        for number in copy_numbers.found_in("\n".join(texts)):
            if number not in seen:
                yield _found(number, by)
            seen.add(number)


def by_number(typed: str) -> Found | None:
    """The copy with a number as somebody typed it; None where it is no number of a copy, so that a slip is noticed."""
    number = "".join(each for each in typed if each.isascii() and each.isdecimal())
    return _found(number, TYPED) if copy_numbers.is_one(number) else None


def _found(number: str, by: str) -> Found:
    copy = StampedCopy.objects.filter(number=number).first()
    person = User.objects.filter(pk=copy.user_id).first() if copy else None
    return Found(number, by, copy, person)


def note(found: Found) -> None:
    """A row of the record, of the paper whose copy it is."""
    if found.copy is not None:
        audit.record(
            Action.COPY_TRACED, actor=None, object_kind="document", object_id=found.copy.document_uuid,
            version=found.copy.version_number, copy=found.number, by=found.by,
        )  # fmt: skip
