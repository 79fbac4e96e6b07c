"""Titles that fit what somebody begins to type, and the word that somebody may have meant.

Both know nothing but the titles of what this person may read, and what stands beside these: no word of a hidden paper
is ever offered.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.models import SearchKind
from portal.search import find, marks
from portal.search.find import Visible
from portal.search.interface import NAME, SKELETON, Answer, Stretch, place
from portal.search.query import Query, Term, understood
from portal.search.stems import stem
from portal.search.wanted import KINDS, Wanted
from portal.search.words import skeleton, words_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.models import User

MOST, LOOKED_AT = 8, 40  # titles that are suggested, and rows of each kind that are looked at for them first
MOST_FOR_WORDS, LOOKED_AT_FOR_WORDS = 100, 150  # the same for words that were perhaps meant
SHORTEST = 4  # letters of a word that may be mistyped
MOST_GUESSED = 5  # words of a question: each is compared with all that begin alike, which takes its time


@dataclass(frozen=True)
class Suggestion:
    title: str
    url: str
    kind: str


def suggestions(typed: str, user: User | AnonymousUser) -> list[Suggestion]:
    """Titles with words that begin as all of these do, the newest of each kind."""
    words = words_of(typed)
    if not words or len(words[-1]) < 2:
        return []
    beginnings = [f"{NAME}{word}" for word in words]
    visible = Visible(user, Wanted())
    with place().bounded():
        found = [
            Suggestion(title, url, KINDS[kind])
            for kind in visible.kinds
            for title, url, _beside in _named(beginnings, kind, visible, LOOKED_AT, MOST)
        ]
    first = words[0]
    found.sort(key=lambda each: not words_of(each.title)[:1] or not words_of(each.title)[0].startswith(first))
    return list({each.url: each for each in found}.values())[:MOST]


def _named(
    beginnings: list[str], kind: SearchKind, visible: Visible, looked_at: int, most: int, *, any_of: bool = False
) -> list[tuple[str, str, str]]:
    """Title, address and what stands beside the title, of the newest that this person may read: the same, however many
    others there are."""
    stretch = visible.bound(Stretch((kind,)))
    answers = place().named(beginnings, stretch, looked_at, any_of=any_of)
    shown = _shown(kind, answers, visible)
    if len(shown) < most and len(answers) == looked_at:
        things, column = visible.things(kind), find.COLUMNS[kind]
        answers = place().named_among(beginnings, stretch, most, things, column, any_of=any_of)
        shown = _shown(kind, answers, visible)
    return shown[:most]


def _shown(kind: SearchKind, answers: list[Answer], visible: Visible) -> list[tuple[str, str, str]]:
    keys = dict.fromkeys(answer.thing for answer in answers)
    if not keys:
        return []
    things = visible.things(kind).filter(pk__in=keys)
    if kind == SearchKind.PAPER:
        papers = things.only("pk", "uuid", "title", "description")
        shown = {paper.pk: (paper.title, paper.get_absolute_url(), paper.description) for paper in papers}
    else:
        pages = things.defer("body", "public_text")
        shown = {page.pk: (page.title, page.get_url() or "", marks.introduction_of(page)) for page in pages}
    return [shown[key] for key in keys if key in shown]


def meant(query: Query, user: User | AnonymousUser) -> str:
    """The same question with the words that were perhaps meant; "" where there is none that finds anything."""
    if sum(len(term.words) for term in query.terms) > MOST_GUESSED:
        return ""
    visible = Visible(user, Wanted())
    with place().bounded():
        changed = [" ".join(_meant(word, visible) or word for word in term.words) for term in query.terms]
    if changed == [" ".join(term.words) for term in query.terms]:
        return ""
    quoted = [f'"{words}"' if term.is_quoted else words for words, term in zip(changed, query.terms, strict=True)]
    question = " ".join([*quoted, *map(_without, query.without)])
    return question if find.found(understood(question), user, Wanted()).hits else ""


def _without(term: Term) -> str:
    return f'-"{" ".join(term.words)}"'


def _meant(word: str, visible: Visible) -> str:
    if len(word) < SHORTEST or not word.isalpha():
        return ""
    beginnings = [f"{NAME}{word[:3]}", *(f"{SKELETON}{bones}" for bones in (skeleton(word),) if bones)]
    known: Counter[str] = Counter()
    for kind in visible.kinds:
        named = _named(beginnings, kind, visible, LOOKED_AT_FOR_WORDS, MOST_FOR_WORDS, any_of=True)
        for title, _url, beside in named:
            known.update(set(words_of(f"{title} {beside}")))
    return _nearest(word, known)


def _nearest(word: str, known: Counter[str]) -> str:
    """The word that differs least, and by two letters at most; of several the one in most titles."""
    if stem(word) in map(stem, known):
        return ""
    most = 1 if len(word) < 6 else 2
    distances = ((_distance(word, each, most), -count, each) for each, count in known.items() if len(each) >= SHORTEST)
    near = [each for each in distances if each[0] <= most]
    return min(near)[2] if near else ""


def _distance(one: str, other: str, most: int) -> int:
    """How many letters are wrong, missing, too many, or in each other's place; more than `most` is not counted out."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        now = [i]
        for j, another in enumerate(other, 1):
            cost = min(row[j] + 1, now[-1] + 1, row[j - 1] + (letter != another))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == another:
                cost = min(cost, before[j - 2] + 1)
            now.append(cost)
        before, row = row, now
    return row[-1]
