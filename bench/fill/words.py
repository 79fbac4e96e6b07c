"""Titles and texts made of words: the commonest stands in every second title, the rarest in one of thousands."""

from __future__ import annotations

import random
from itertools import accumulate

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


PAGE_WORDS = 560  # some 4 KB
_TAIL = [a + b for a in VOCABULARY[::6] for b in SYLLABLES]  # words of which each stands in few papers
_WEIGHTS = [1 / (rank + 12) for rank in range(len(VOCABULARY))]
_SUMS = list(accumulate(_WEIGHTS))


def page_of(place: int, number: int) -> str:
    """The text of one page of a paper, about 4 KB; the same for the same page."""
    chance = random.Random(f"page {place} {number}")  # noqa: S311 -- no secret
    words = chance.choices(VOCABULARY, cum_weights=_SUMS, k=PAGE_WORDS - 80) + chance.choices(_TAIL, k=80)
    chance.shuffle(words)
    words[7] = EVERYWHERE
    if place % 50 == 7 and number == 2:
        words[11] = MIDDLING
    if place % 5_000 == 11 and number == 2:
        words[13] = RARE
    return " ".join(words)
