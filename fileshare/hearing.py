"""How many members would hear of a paper, said by whoever knows what mail they want (`portal` does)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fileshare.models import SharedDocument

_ways: list[Callable[[SharedDocument], str]] = []


def register(say: Callable[[SharedDocument], str]) -> None:
    _ways.append(say)


def in_words(paper: SharedDocument) -> str:
    """A sentence for the paper's editor, "" where nobody knows."""
    return " ".join(say(paper) for say in _ways)
