"""What is worked out from many papers and is the same for everybody, remembered until any of them changes. The file
share does not know when the site hears of a change: `portal` registers who does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Thing = TypeVar("Thing")
_keepers: list[Callable[[str, Callable[[], Any]], Any]] = []


def register(keeper: Callable[[str, Callable[[], Any]], Any]) -> None:
    """Called once, when the apps are ready, with the function that keeps a thing under a name."""
    _keepers[:] = [keeper]


def kept(name: str, make: Callable[[], Thing]) -> Thing:
    """Many requests read it at once, so that nobody changes it. Made each time where nobody keeps it."""
    thing: Thing = _keepers[0](name, make) if _keepers else make()
    return thing
