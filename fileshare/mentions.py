"""Where else on the site a paper is spoken of. The file share does not know the site's pages: `portal` registers here
who does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime

    from fileshare.models import SharedDocument
    from members.models import User


@dataclass(frozen=True)
class Mention:
    """Something that speaks of the paper and that the reader may read."""

    title: str
    url: str
    at: datetime.datetime


Finder = Callable[["SharedDocument", "User"], Iterable[Mention]]
_finders: list[Finder] = []


def register(finder: Finder) -> None:
    """Called once for each kind of page, when the apps are ready. A finder names only what this person may read."""
    if finder not in _finders:
        _finders.append(finder)


def of(paper: SharedDocument, reader: User) -> list[Mention]:
    """The newest first."""
    found = [mention for finder in _finders for mention in finder(paper, reader)]
    return sorted(found, key=lambda mention: mention.at, reverse=True)
