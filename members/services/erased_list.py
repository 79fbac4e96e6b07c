"""The list of those who have been erased, beside the database, so that a restored copy of it brings nobody back.

A line holds the account's number, a mark by which the same account is known again (a digest of the number and of the
moment at which it was made, whatever its address was then or later), the membership's number, and the choice about the
name. None of it leads to a person.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from members.models import ErasedPerson

if TYPE_CHECKING:
    from members.models import User

NAME = "erased.jsonl"


class ListBroken(ValueError):
    """A line of the file cannot be understood."""


@dataclass(frozen=True)
class Entry:
    number: int
    mark: str
    member_number: int | None
    keeps_name: bool
    erased_at: str


def mark_of(user: User) -> str:
    """The moment in whole seconds, since some ways to copy a database keep no more of it."""
    return hashlib.sha256(f"{user.pk} {int(user.date_joined.timestamp())}".encode()).hexdigest()


def path() -> Path:
    return Path(settings.DATA_DIR) / NAME


def read(file: Path | None = None) -> list[Entry]:
    """What the file says; nothing where there is none. Raises ListBroken with the number of the line."""
    file = file or path()
    if not file.exists():
        return []
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            entry = Entry(**json.loads(line))
        except (TypeError, ValueError) as error:
            raise ListBroken(f"Line {number} of {file.name} cannot be understood.") from error
        if not (isinstance(entry.number, int) and isinstance(entry.mark, str)):
            raise ListBroken(f"Line {number} of {file.name} cannot be understood.")
        found.append(entry)
    return found


def keep() -> None:
    """Have the file hold everybody whom it or the database names. Whole or not at all: replaced in one step."""
    listed = {entry.number: entry for entry in read()}
    missing = {each.number: _entry(each) for each in ErasedPerson.objects.exclude(number__in=listed)}
    if not missing:
        return
    lines = [json.dumps(asdict(entry)) for _, entry in sorted({**listed, **missing}.items())]
    with tempfile.NamedTemporaryFile("w", dir=settings.DATA_DIR, prefix=NAME, delete=False, encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path())


def enter(entry: Entry) -> None:
    """Have the database name an entry of the file."""
    ErasedPerson.objects.get_or_create(
        number=entry.number,
        defaults={
            "mark": entry.mark,
            "member_number": entry.member_number,
            "keeps_name": entry.keeps_name,
            "erased_at": entry.erased_at,
        },
    )


def _entry(person: ErasedPerson) -> Entry:
    return Entry(person.number, person.mark, person.member_number, person.keeps_name, person.erased_at.isoformat())
