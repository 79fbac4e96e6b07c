"""Where in a text the words stand that were looked for, and the piece of it that a list shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from portal.search.query import Query
from portal.search.stems import stem
from portal.search.words import LONGEST, WORD, in_place, words_of

AROUND = 110  # characters shown on either side of the first word that was found
MOST_FURTHER = 3_000_000  # characters of other pages than those that were found: half a second, for one list of results
# With the letters first, which the machine looks for quickest, and then that they are a word's first.
_WHOLE = r"{0}(?<![^\W_]{0})[^\W_]*(?:['’-][^\W_]+)*"


@dataclass(frozen=True)
class Piece:
    """A part of a passage. `is_hit` when it is one of the words that were looked for."""

    text: str
    is_hit: bool


class Mark(NamedTuple):
    start: int
    end: int
    stem: str


class Best(NamedTuple):
    """The marks that stand closest together, and how many different words are among them."""

    marks: list[Mark]
    words: int


class Finder:
    """Finds the words of one question."""

    def __init__(self, query: Query) -> None:
        self.stems = query.stems
        signs = {each for each in self.stems if not each.isascii() and len(each) == 1}
        beginnings = {_beginning_of(each) for each in self.stems - signs}
        parts = [_WHOLE.format(each) for each in sorted(beginnings)] + sorted(map(re.escape, signs))
        self._pattern = re.compile("|".join(parts)) if parts else None
        self._known: dict[str, list[Mark]] = {}  # the marks in a word or compound, from its own beginning
        self._left = MOST_FURTHER

    def marks(self, text: str) -> list[Mark]:
        if self._pattern is None:
            return []
        marks = []
        for found in self._pattern.finditer(in_place(text)):
            whole = found[0]
            known = self._known.get(whole)
            if known is None:
                known = self._known[whole] = list(self._in(whole))
            if known:  # of most words that begin alike there is nothing
                at = found.start()
                marks += [Mark(at + mark.start, at + mark.end, mark.stem) for mark in known]
        return marks

    def _in(self, whole: str) -> Iterator[Mark]:
        whole_stem = stem("".join(words_of(whole))[:LONGEST])
        if whole_stem in self.stems or whole in self.stems:
            yield Mark(0, len(whole), whole_stem)
            return
        for part in WORD.finditer(whole):
            if (part_stem := stem(part.group())) in self.stems:
                yield Mark(part.start(), part.end(), part_stem)

    def best(self, text: str) -> Best:
        marks, best = self.marks(text), Best([], 0)
        for number, first in enumerate(marks):
            near = [mark for mark in marks[number : number + 12] if mark.end - first.start <= 2 * AROUND]
            count = len({mark.stem for mark in near})
            if count > best.words:
                best = Best(near, count)
        return best

    def passage(self, opening: str, text: str) -> list[Piece]:
        """The opening where it has as many of the words as any place in the text, else that place."""
        here, there = len({mark.stem for mark in self.marks(opening)}), self.best(text)
        if here >= there.words:
            return self.pieces(opening or _cut(text, 0, 2 * AROUND))
        return self.around(text, there)

    def around(self, text: str, best: Best) -> list[Piece]:
        if not best.marks:
            return self.pieces(_cut(text, 0, 2 * AROUND))
        start, end = best.marks[0].start, best.marks[-1].end
        left = max(AROUND - (end - start) // 2, 20)
        return self.pieces(_cut(text, start - left, end + left))

    def pieces(self, text: str) -> list[Piece]:
        text, pieces, at = " ".join(text.split()), [], 0
        for mark in self.marks(text):
            pieces += [Piece(text[at : mark.start], is_hit=False), Piece(text[mark.start : mark.end], is_hit=True)]
            at = mark.end
        return [piece for piece in [*pieces, Piece(text[at:], is_hit=False)] if piece.text]

    def within_bounds(self, pages: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
        """So many of them that, with those of the papers before, they come to no more than `MOST_FURTHER`."""
        if self._left > 0:
            for number, text in pages:
                self._left -= len(text)
                yield number, text
                if self._left <= 0:
                    break

    def best_page(self, pages: Iterable[tuple[int, str]]) -> tuple[int, str, Best] | None:
        """The first of those pages that have most of the words; None where none has any."""
        found: tuple[int, str, Best] | None = None
        for number, text in pages:
            best = self.best(text)
            if best.words > (found[2].words if found else 0):
                found = number, text, best
                if best.words >= len(self.stems):
                    break
        return found


def _beginning_of(stem: str) -> str:
    """How the words begin that have this stem, as a pattern. British and American spelling have the same two letters;
    of a long word the third one is the same too, but for “riser” (rizer), y that became i, signs such as “œ”, and the
    hyphen of “co-operate”."""
    if len(stem) < 5 or stem[2] in "zi" or not stem.isascii():
        return re.escape(stem[:2])
    return f"{re.escape(stem[:2])}[{re.escape(stem[2])}'\\-\x80-\U0010ffff]"


def _cut(text: str, start: int, end: int) -> str:
    """This part of the text, from word to word, with dots where something was left away."""
    start, end = max(0, start), min(len(text), end)
    part = text[start:end]
    if start > 0:
        part = f"… {part.partition(' ')[2] or part}"
    if end < len(text):
        part = f"{part.rpartition(' ')[0] or part} …"
    return part
