"""What a file that has just arrived says of itself, for the form that an editor then fills in.

A suggestion and nothing more: what a stranger's file says is short, harmless text, and the editor changes it at will.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from django.core.files.base import File
from django.db.models import Q
from django.utils import timezone

from fileshare import languages
from fileshare.derivatives import text
from fileshare.inspection import formats
from fileshare.inspection.child import Defeated
from fileshare.services import upload
from fileshare.storage import uploaded_on_disk
from members.models import Organisation
from members.plain_text import harmless, is_blank

if TYPE_CHECKING:
    import datetime

OLDEST_ORIGINAL = 1500  # the year; an earlier one is a slip
LONGEST_TITLE = 255
# What programs write for a title when nobody gave one.
NO_TITLE = re.compile(r"(microsoft (word|excel|powerpoint) - .*|untitled.*|document ?\d*|.*\.\w{2,5})", re.IGNORECASE)


@dataclass(frozen=True)
class FirstLook:
    """`title` is the file's own, else made of its name (then `title_is_own` is False); everything else may be empty."""

    title: str
    title_is_own: bool = False
    author: str = ""
    source: Organisation | None = None
    original_date: datetime.date | None = None
    kind: str = ""
    pages: int | None = None
    language: str = ""


def title_from_name(name: str) -> str:
    """A title made of a file's name."""
    return PurePosixPath(upload.clean_file_name(name)).stem.replace("_", " ")


def look(file: File[bytes], name: str) -> FirstLook:
    """Look into a file; in a child process, with limits of time and memory. Never raises for what is inside it."""
    try:
        # Whether its folder takes a zip archive is known once there is a folder.
        kind = formats.recognise(file, name, zips=True).kind  # type: ignore[arg-type]  # reads like any file
    except formats.Refused:  # the form says why
        return FirstLook(title_from_name(name))
    said = _facts(file, kind)
    own = _line(said.title)
    title_is_own = not is_blank(own) and NO_TITLE.fullmatch(own) is None
    author = _line(said.author)
    return FirstLook(
        title=own if title_is_own else title_from_name(name),
        title_is_own=title_is_own,
        author=author,
        source=_organisation(author),
        original_date=said.dated if said.dated and _is_likely(said.dated) else None,
        kind=str(kind.label),
        pages=said.count,
        language=languages.name_of(said.language),
    )


def _facts(file: File[bytes], kind: str) -> text.Text:
    if kind != "pdf" and kind not in text.OFFICE:
        return text.Text()
    try:
        with uploaded_on_disk(file) as path:
            return text.facts(path, kind)
    except Defeated:
        return text.Text()


def _line(said: str) -> str:
    return " ".join(harmless(said).split())[:LONGEST_TITLE]


def _organisation(author: str) -> Organisation | None:
    """The organisation of this name, where there is one and no other."""
    if is_blank(author):
        return None
    found = Organisation.objects.filter(Q(name__iexact=author) | Q(abbreviation__iexact=author))[:2]
    return found[0] if len(found) == 1 else None


def _is_likely(day: datetime.date) -> bool:
    return day.year >= OLDEST_ORIGINAL and day <= timezone.localdate()
