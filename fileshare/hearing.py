"""How many members would hear of a paper, said by whoever knows what mail they want (`portal` does)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fileshare.models import SharedDocument

_ways: list[Callable[[SharedDocument | None], str]] = []


def register(say: Callable[[SharedDocument | None], str]) -> None:
    _ways.append(say)


def in_words(paper: SharedDocument | None) -> str:
    """A sentence for the paper's editor, "" where nobody knows. None stands for a paper that has no folder yet."""
    return " ".join(say(paper) for say in _ways)
