"""What a check found, as a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    RIGHT = "right"
    LOOK = "look"  # worth knowing; nothing need be done
    ACT = "act"


@dataclass(frozen=True, slots=True)
class Finding:
    about: str
    state: State
    says: str


def right(about: str, says: str) -> Finding:
    return Finding(about, State.RIGHT, says)


def look(about: str, says: str) -> Finding:
    return Finding(about, State.LOOK, says)


def act(about: str, says: str) -> Finding:
    return Finding(about, State.ACT, says)
