"""Titles that fit what somebody begins to type, and the word that somebody may have meant.

Both know nothing but the titles of what this person may read, and what stands beside these: no word of a hidden paper
is ever offered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fileshare.models import SharedDocument
from portal.models import NewsPage, SearchKind
from portal.search import find
from portal.search.interface import NAME, SKELETON, Stretch, place
from portal.search.query import Query, Term, understood
from portal.search.stems import stem
from portal.search.wanted import KINDS, Wanted
from portal.search.words import skeleton, words_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.models import User

MOST = 8
LOOKED_AT = 40  # rows of each kind for a suggestion
LOOKED_AT_FOR_WORDS = 150
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
    with place().bounded():
        found = [each for kind in SearchKind for each in _named(beginnings, kind, user)]
    first = words[0]
    found.sort(key=lambda each: not words_of(each.title)[:1] or not words_of(each.title)[0].startswith(first))
    return list({each.url: each for each in found}.values())[:MOST]


def _named(beginnings: list[str], kind: SearchKind, user: User | AnonymousUser) -> list[Suggestion]:
    answers = place().named(beginnings, Stretch((kind,)), LOOKED_AT)
    keys = list(dict.fromkeys(answer.thing for answer in answers))
    titles = {key: (title, url) for key, title, url, _beside in _shown(kind, keys, user)}
    return [Suggestion(*titles[key], KINDS[kind]) for key in keys if key in titles][:MOST]


def _shown(kind: SearchKind, keys: list[int], user: User | AnonymousUser) -> Iterator[tuple[int, str, str, str]]:
    """Key, title, address, and what stands beside the title, of those that this person may read."""
    if not keys:
        return
    if kind == SearchKind.PAPER:
        papers = SharedDocument.objects.visible_to(user).filter(pk__in=keys)
        for paper in papers.only("pk", "uuid", "title", "description"):
            yield paper.pk, paper.title, paper.get_absolute_url(), paper.description
        return
    pages = NewsPage.objects.listed() if kind == SearchKind.POST else find.listed_pages()
    for page in pages.filter(pk__in=keys).defer("body", "public_text"):
        beside = page.standfirst if isinstance(page, NewsPage) else page.introduction
        yield page.pk, page.title, page.get_url() or "", beside


def meant(query: Query, user: User | AnonymousUser) -> str:
    """The same question with the words that were perhaps meant; "" where there is none that finds anything."""
    if sum(len(term.words) for term in query.terms) > MOST_GUESSED:
        return ""
    with place().bounded():
        changed = [" ".join(_meant(word, user) or word for word in term.words) for term in query.terms]
    if changed == [" ".join(term.words) for term in query.terms]:
        return ""
    quoted = [f'"{words}"' if term.is_quoted else words for words, term in zip(changed, query.terms, strict=True)]
    question = " ".join([*quoted, *map(_without, query.without)])
    return question if find.found(understood(question), user, Wanted()).hits else ""


def _without(term: Term) -> str:
    return f'-"{" ".join(term.words)}"'


def _meant(word: str, user: User | AnonymousUser) -> str:
    if len(word) < SHORTEST or not word.isalpha():
        return ""
    beginnings = [f"{NAME}{word[:3]}", *(f"{SKELETON}{bones}" for bones in (skeleton(word),) if bones)]
    known: Counter[str] = Counter()
    for kind in SearchKind:
        answers = place().named(beginnings, Stretch((kind,)), LOOKED_AT_FOR_WORDS, any_of=True)
        for _key, title, _url, beside in _shown(kind, [answer.thing for answer in answers], user):
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
