"""Titles and texts made of words: the commonest stands in every second title, the rarest in one of thousands."""

from __future__ import annotations

import random

SYLLABLES = (
    "ba",
    "cor",
    "den",
    "fal",
    "gri",
    "hol",
    "lin",
    "mar",
    "nes",
    "or",
    "pel",
    "ros",
    "san",
    "tur",
    "vel",
    "wick",
)
EVERYWHERE, MIDDLING, RARE = "assembly", "lantern", "zephyrine"  # in all, in one of 50, in one of 5,000
VOCABULARY = [a + b + c for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES[:12]]


def title_of(place: int, kind: str) -> str:
    """The same for the same place."""
    chance = random.Random(f"{kind} {place}")  # noqa: S311 -- no secret
    words = [VOCABULARY[int(len(VOCABULARY) * chance.random() ** 3)] for _ in range(4)]
    if place % 50 == 7:
        words.append(MIDDLING)
    if place % 5_000 == 11:
        words.append(RARE)
    return f"{EVERYWHERE} {' '.join(words)} {place}".capitalize()
