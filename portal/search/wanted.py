"""What else is asked beside the words: an order and filters. What cannot be understood is left out, and said."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from fileshare.enums import Kind
from fileshare.markings import Marking
from portal.models import SearchKind
from portal.search.interface import Stretch, first_place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SORTS = {"": "Best first", "date": "Newest first"}
LABELS = {
    "kind": "Kind", "year": "Year", "topic": "Topic", "file": "Kind of file", "source": "Source",
    "marking": "Marking", "folder": "Folder",
}  # fmt: skip
KINDS = {SearchKind.POST: "News", SearchKind.PAGE: "Pages", SearchKind.PAPER: "Papers"}
OF_PAPERS = ("file", "source", "marking", "folder")
LONGEST = 100  # characters of a filter
LONGEST_QUOTE = 40
FIRST_YEAR, LAST_YEAR = 1970, 2400


@dataclass(frozen=True)
class Wanted:
    """Filters by their names, as they stand in the address. Whether there is anything behind a source, a folder or a
    topic is not asked: one that is hidden and one that never was are answered alike."""

    sort: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    def without(self, name: str) -> Wanted:
        return replace(self, filters={each: value for each, value in self.filters.items() if each != name})

    def may_have(self, kind: str) -> bool:
        if kind != self.filters.get("kind", kind):
            return False
        if kind != SearchKind.PAPER and any(name in self.filters for name in OF_PAPERS):
            return False
        return kind != SearchKind.PAGE or not {"topic", "year"} & self.filters.keys()

    def of_papers(self) -> Q:
        columns = {"source": "source", "marking": "marking", "folder": "collection"}
        return Q(**{column: self.filters[name] for name, column in columns.items() if name in self.filters})

    def stretch(self, kinds: Sequence[SearchKind], *, with_members_parts: bool) -> Stretch:
        facts = [("file_kind", self.filters["file"])] if "file" in self.filters else []
        topic = self.filters.get("topic", "")
        stretch = Stretch(tuple(kinds), facts=tuple(facts), topic=topic, with_members_parts=with_members_parts)
        if "year" not in self.filters:
            return stretch
        year = int(self.filters["year"])
        return replace(stretch, low=first_place(year_begins(year)), high=first_place(year_begins(year + 1)))


def year_begins(year: int) -> datetime.datetime:
    """When a year begins by the site's clock."""
    return timezone.make_aware(datetime.datetime(year, 1, 1))  # noqa: DTZ001 -- made aware here


def understood(asked: Mapping[str, str]) -> Wanted:
    filters, left_out = {}, []
    for name, label in LABELS.items():
        value = asked.get(name, "").strip()
        if value and _is_one(name, value):
            filters[name] = value
        elif value:
            left_out.append(f"“{_quoted(value)}” is not a {label.lower()} of anything here, so it was left out.")
    sort = asked.get("sort", "")
    if sort not in SORTS:
        left_out.append(f"“{_quoted(sort)}” is not an order of results, so it was left out.")
    return Wanted(sort if sort in SORTS else "", filters, tuple(left_out))


def _is_one(name: str, value: str) -> bool:
    fixed = {"kind": SearchKind.values, "file": Kind.values, "marking": Marking.values}.get(name)
    if fixed is not None:
        return value in fixed
    if name == "topic":
        return len(value) <= LONGEST and value.isprintable()
    is_number = value.isascii() and value.isdecimal() and len(value) <= 18
    return is_number and (name != "year" or FIRST_YEAR <= int(value) <= LAST_YEAR)


def _quoted(value: str) -> str:
    said = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in value[:LONGEST_QUOTE])
    return said if len(value) <= LONGEST_QUOTE else f"{said}…"
