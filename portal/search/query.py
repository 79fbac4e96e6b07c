"""What somebody asks: words, phrases in quotation marks, and what shall not be there, with a minus before it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from portal.search.stems import stem
from portal.search.words import COMMON, COMPOUND, folded, joined_of, words_of

MOST_TERMS = LONGEST_PHRASE = 12  # words
_PART = re.compile(r"""(?P<minus>(?<![^\s])[-−–])?(?:["“”„«»](?P<phrase>[^"“”„«»]*)["“”„«»]?|(?P<word>[^\s"“”„«»]+))""")


@dataclass(frozen=True)
class Term:
    """Stems that must stand in a row, or another single word that means the same. `words` are as they were typed."""

    stems: tuple[str, ...]
    words: tuple[str, ...]
    joined: str = ""
    is_quoted: bool = False

    @property
    def is_common(self) -> bool:
        return not self.is_quoted and len(self.words) == 1 and self.words[0] in COMMON


@dataclass(frozen=True)
class Query:
    terms: tuple[Term, ...] = ()
    without: tuple[Term, ...] = ()
    typed: str = field(default="", compare=False)
    is_cut: bool = field(default=False, compare=False)

    def __bool__(self) -> bool:
        return bool(self.terms)

    @property
    def stems(self) -> frozenset[str]:
        """All that a passage may mark."""
        found = {each for term in self.terms for each in term.stems}
        return frozenset(found | {term.joined for term in self.terms if term.joined})

    @property
    def normal(self) -> str:
        """The same for all ways of typing it."""
        return " ".join(
            f"{mark}{quote}{' '.join(term.words)}{quote}"
            for mark, terms in (("", self.terms), ("-", self.without))
            for term in terms
            for quote in ('"' if term.is_quoted else "",)
        )


def understood(typed: str) -> Query:
    """A question without a word has no terms. Words that are everywhere count only where there are no others."""
    terms: list[Term] = []
    without: list[Term] = []
    is_cut = False
    for part in _PART.finditer(typed):
        text, is_quoted = part["phrase"] or part["word"] or "", part["phrase"] is not None
        if words := words_of(text):
            is_cut |= len(words) > LONGEST_PHRASE
            (without if part["minus"] else terms).append(_term(text, words[:LONGEST_PHRASE], is_quoted=is_quoted))
    wanted, unwanted = _once([term for term in terms if not term.is_common] or terms), _once(without)
    is_cut |= max(len(wanted), len(unwanted)) > MOST_TERMS
    return Query(wanted[:MOST_TERMS], unwanted[:MOST_TERMS], typed, is_cut)


def _term(text: str, words: list[str], *, is_quoted: bool) -> Term:
    plain = folded(text)
    joined = joined_of(plain) if not is_quoted and COMPOUND.fullmatch(plain) else ""
    return Term(tuple(map(stem, words)), tuple(words), joined, is_quoted)


def _once(terms: list[Term]) -> tuple[Term, ...]:
    return tuple({term.stems: term for term in reversed(terms)}.values())[::-1]
