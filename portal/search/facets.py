"""The filters beside the results, each choice with the number of results that have it."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import tzinfo

from django.utils import timezone
from django.utils.http import urlencode
from wagtail.models import Collection

from fileshare.enums import Kind
from members.models import Organisation
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


def _topics(hit: Hit) -> Iterable[str]:
    return hit.answer.topics.strip("\n").split("\n") if hit.answer.topics else ()


class _Years:
    """The years in which keys lie, by the site's clock: where each begins is reckoned once, not for each hit."""

    def __init__(self) -> None:
        self._first: dict[tzinfo, list[int]] = {}

    def __call__(self, hit: Hit) -> Iterable[str]:
        if hit.answer.kind == SearchKind.PAGE:
            return ()
        zone = timezone.get_current_timezone()
        first = self._first.get(zone)
        if first is None:
            first = [first_place(year_begins(year)) for year in range(FIRST_YEAR + 1, LAST_YEAR)]
            self._first[zone] = first
        return (str(FIRST_YEAR + bisect(first, hit.answer.place)),)


VALUES: dict[str, Callable[[Hit], Iterable[str]]] = {
    "kind": lambda hit: (hit.answer.kind,),
    "year": _Years(),
    "topic": _topics,
    "file": lambda hit: (hit.answer.file_kind,) if hit.answer.file_kind else (),
    "source": lambda hit: (str(hit.source),) if hit.source else (),
    "marking": lambda hit: (hit.marking,) if hit.marking else (),
    "folder": lambda hit: (str(hit.folder),) if hit.folder else (),
}


def facets(found: Found, address: Address) -> list[Facet]:
    """What can still be chosen. Where not all results are counted, a number says how many there are at least."""
    shown = []
    for name, values in VALUES.items():
        counts = Counter(value for hit in found.hits for value in values(hit))
        if name in address.wanted.filters or len(counts) < (2 if name in ("kind", "year", "file", "marking") else 1):
            continue
        names = _names(name, counts)
        common = sorted(counts, key=lambda value: (-counts[value], names.get(value, value)))[:MOST_CHOICES]
        ordered = sorted(common, reverse=True) if name == "year" else common
        more = "+" if found.is_more else ""
        choices = [
            Choice(names[value], address.with_(**{name: value}), f"{counts[value]:,}{more}")
            for value in ordered
            if value in names
        ]
        shown.append(Facet(LABELS[name], choices))
    return shown


def filters_on(found: Found, address: Address) -> list[Choice]:
    """In words that say no more than the results do: a source of nothing that can be read has no name here."""
    on = []
    for name, value in address.wanted.filters.items():
        is_there = any(value in VALUES[name](hit) for hit in found.hits)
        known = _names(name, [value]) if is_there or name in ("kind", "file", "marking", "year", "topic") else {}
        on.append(Choice(f"{LABELS[name]}: {known.get(value, '?')}", address.with_(**{name: ""}), "", is_current=True))
    return on


def _names(name: str, values: Iterable[str]) -> dict[str, str]:
    wanted = list(values)
    if name == "kind":
        return {value: KINDS[SearchKind(value)] for value in wanted}
    if name == "file":
        return {value: str(Kind(value).label) for value in wanted}
    if name == "source":
        return {str(each.pk): each.short_name for each in Organisation.objects.filter(pk__in=wanted)}
    if name == "folder":
        folders = Collection.objects.filter(pk__in=wanted, depth__gt=1)
        return {str(each.pk): each.name for each in folders}
    return {value: value for value in wanted}
