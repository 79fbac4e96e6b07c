"""The filters beside the results, each choice with the number of results that have it."""

from __future__ import annotations

from bisect import bisect, bisect_left
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import tzinfo
from functools import cache
from operator import attrgetter
from typing import Any

from django.db.models import Model
from django.utils import timezone
from django.utils.http import urlencode
from wagtail.models import Collection

from fileshare.enums import Kind
from members.many_keys import KEYS, NO_KEYS, among
from members.models import Organisation
from members.worded import Worded
from portal.freshness import kept
from portal.models import SearchKind
from portal.search.find import Found, Hit
from portal.search.interface import first_place
from portal.search.wanted import FIRST_YEAR, KINDS, LABELS, LAST_YEAR, SORTS, Wanted, year_begins

MOST_CHOICES = 12


@dataclass(frozen=True)
class Choice:
    """`count` is in words, "" for a filter that is on; `url` leads to the results with it, or without it."""

    label: str
    url: str
    count: str = ""
    is_current: bool = False


@dataclass(frozen=True)
class Facet:
    label: str
    choices: list[Choice]


@dataclass(frozen=True)
class Address:
    """The question and what else is asked, as the address of the page has it."""

    typed: str
    wanted: Wanted

    def with_(self, **changes: str) -> str:
        asked = {"q": self.typed, "sort": self.wanted.sort, **self.wanted.filters, **changes}
        return f"?{urlencode({name: value for name, value in asked.items() if value})}"

    @property
    def sorts(self) -> list[Choice]:
        return [Choice(label, self.with_(sort=key), "", key == self.wanted.sort) for key, label in SORTS.items()]


class _Years:
    """The years of hits by the site's clock, from their keys: where each year begins is reckoned once, and no hit is
    looked at by itself."""

    def __init__(self) -> None:
        self._first: dict[tzinfo, list[int]] = {}

    def counted(self, hits: Iterable[Hit]) -> Counter[str]:
        page = str(SearchKind.PAGE)
        places = sorted(hit.answer.place for hit in hits if hit.answer.kind != page)
        first, counts, at = self._beginnings(), Counter[str](), 0
        while at < len(places):
            number = bisect(first, places[at])
            end = bisect_left(places, first[number]) if number < len(first) else len(places)
            counts[str(FIRST_YEAR + number)] = end - at
            at = end
        return counts

    def _beginnings(self) -> list[int]:
        zone = timezone.get_current_timezone()
        first = self._first.get(zone)
        if first is None:
            first = [first_place(year_begins(year)) for year in range(FIRST_YEAR + 1, LAST_YEAR)]
            self._first[zone] = first
        return first


@dataclass(frozen=True)
class _Values:
    """What hits have of a facet. Taken apart once for all that have the same, since there may be a thousand."""

    of: Callable[[Hit], Any]
    apart: Callable[[Any], Iterable[str]] = lambda value: (str(value),)

    def counted(self, hits: Iterable[Hit]) -> Counter[str]:
        counts: Counter[str] = Counter()
        for value, count in Counter(map(self.of, hits)).items():
            if value:
                counts.update(dict.fromkeys(self.apart(value), count))
        return counts


VALUES: dict[str, _Values | _Years] = {
    "kind": _Values(attrgetter("answer.kind")),
    "year": _Years(),
    "topic": _Values(attrgetter("answer.topics"), lambda lines: lines.strip("\n").split("\n")),
    "file": _Values(attrgetter("answer.file_kind")),
    "source": _Values(attrgetter("source")),
    "marking": _Values(attrgetter("marking")),
    "folder": _Values(attrgetter("folder")),
}


def facets(found: Found, address: Address) -> list[Facet]:
    """What can still be chosen. Where not all results are counted, a number says how many there are at least."""
    shown, begin = [], address.with_()
    for name, values in VALUES.items():
        counts = values.counted(found.hits)
        if name in address.wanted.filters or len(counts) < (2 if name in ("kind", "year", "file", "marking") else 1):
            continue
        names = _names(name, counts)
        common = sorted(counts, key=lambda value: (-counts[value], names.get(value, value)))[:MOST_CHOICES]
        ordered = sorted(common, reverse=True) if name == "year" else common
        more = "+" if found.is_more else ""
        choices = [
            Choice(names[value], f"{begin}&{urlencode({name: value})}", f"{counts[value]:,}{more}")
            for value in ordered
            if value in names
        ]
        shown.append(Facet(LABELS[name], choices))
    return shown


def filters_on(found: Found, address: Address) -> list[Choice]:
    """In words that say no more than the results do: a source of nothing that can be read has no name here."""
    on = []
    for name, value in address.wanted.filters.items():
        is_there = value in VALUES[name].counted(found.hits)
        known = _names(name, [value]) if is_there or name in ("kind", "file", "marking", "year", "topic") else {}
        on.append(Choice(f"{LABELS[name]}: {known.get(value, '?')}", address.with_(**{name: ""}), "", is_current=True))
    return on


def _names(name: str, values: Iterable[str]) -> dict[str, str]:
    wanted = list(values)
    if name in _ASKED:
        return _remembered(name, wanted)
    if name == "kind":
        return {value: KINDS[SearchKind(value)] for value in wanted}
    if name == "file":
        return {value: str(Kind(value).label) for value in wanted}
    return {value: value for value in wanted}


# Django takes longer to word these two than the database to answer them.
@cache
def _question(of: type[Model], *columns: str) -> Worded:
    return Worded(among(of._default_manager.order_by(), NO_KEYS).values_list(*columns), keys=(KEYS, NO_KEYS))


def _sources(keys: list[int]) -> dict[str, str]:
    found = _question(Organisation, "pk", "name", "abbreviation").all(keys=keys)
    return {str(key): Organisation(name=name, abbreviation=short).short_name for key, name, short in found}


def _folders(keys: list[int]) -> dict[str, str]:
    return {
        str(key): name for key, name, depth in _question(Collection, "pk", "name", "depth").all(keys=keys) if depth > 1
    }


_ASKED = {"source": _sources, "folder": _folders}


def _remembered(name: str, values: list[str]) -> dict[str, str]:
    """The names of those that somebody was shown since the last change, and the others asked for. Grows only: whoever
    began before a change adds to what nobody reads any more."""
    known: dict[str, str] = kept(f"search's names of each {name}", dict)
    unknown = [value for value in values if value not in known]
    if unknown:
        known.update(dict.fromkeys(unknown, ""), **_ASKED[name](list(map(int, unknown))))
    return {value: known[value] for value in values if known[value]}
