"""Long lists a page at a time, found by where the page before ended: page 4,000 takes no longer than the first.

The place stands in the address, sealed, so that what comes back is what a page of the site gave out.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.signing import BadSignature, Signer
from django.db.models import Case, F, Q, Value, When, prefetch_related_objects
from django.db.models.functions import Coalesce, Lower
from django.http import Http404

from fileshare.models import SharedDocument

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fileshare.models.document import SharedDocumentQuerySet

PER_PAGE = 25
AFTER, BEFORE = "after", "before"
Place = tuple[Any, ...]


@dataclass(frozen=True)
class Sort:
    """An order: names of fields, or of what `more` adds, with a minus for descending; the last one is the key."""

    label: str
    order: tuple[str, ...]
    more: Mapping[str, Any]


_TITLE = {"title_key": Lower("title")}
SORTS: dict[str, Sort] = {
    "newest": Sort("Newest", ("-publish_at", "-pk"), {}),
    "oldest": Sort("Oldest", ("publish_at", "pk"), {}),
    "title": Sort("Title", ("title_key", "pk"), _TITLE),
    "source": Sort(
        "Source",
        ("without_source", "source_key", "title_key", "pk"),
        {
            "without_source": Case(When(source=None, then=Value(1)), default=Value(0)),
            "source_key": Coalesce(Lower("source__name"), Value("")),
            **_TITLE,
        },
    ),
    "size": Sort("Size", ("-size_key", "-pk"), {"size_key": Coalesce("current_version__size", Value(0))}),
    "read": Sort("Most read", ("-readers", "-pk"), {}),
}
# The orders of a person's own lists, which are not for choosing.
BY_SAVING = Sort("Last saved first", ("-saved_at", "-pk"), {"saved_at": F("saved_by__saved_at")})
BY_READING = Sort("Last read first", ("-read_at", "-pk"), {"read_at": F("read_by__last_at")})


@dataclass(frozen=True)
class Slice:
    """One page of a list. `earlier` and `later` are the values of `?page=` that lead on; empty at either end."""

    papers: list[SharedDocument]
    earlier: str = ""
    later: str = ""

    @property
    def is_all(self) -> bool:
        return not (self.earlier or self.later)


def slice_of(
    papers: SharedDocumentQuerySet, sort: Sort, place: str, last_visit: datetime.datetime | None = None
) -> Slice:
    """The page that `?page=` asks for, "" being the first, with what rows show, also of news since the last visit.
    Raises Http404 for a place that there is not, or not any more because nothing follows it.

    The places are found first, and then the rows of these few papers alone: a database that is asked for both at once
    reads all papers.
    """
    papers = papers.annotate(**sort.more).order_by(*sort.order)
    if not place:
        return _first(papers, sort, last_visit)
    direction, values = _opened(place, sort)
    if direction == AFTER:
        found = _places(papers.filter(_following(sort.order, values)), sort)
        if not found:
            raise Http404("Nothing follows.")
        shown = found[:PER_PAGE]
        return Slice(_rows(shown, last_visit), _sealed(BEFORE, shown[0], sort), _later(found, sort))
    found = _places(papers.reverse().filter(_following(_reversed(sort.order), values)), sort)
    if len(found) <= PER_PAGE:  # the first page, whole even where papers have come or gone meanwhile
        return _first(papers, sort, last_visit)
    shown = found[PER_PAGE - 1 :: -1]
    return Slice(_rows(shown, last_visit), _sealed(BEFORE, shown[0], sort), _sealed(AFTER, shown[-1], sort))


def _places(papers: SharedDocumentQuerySet, sort: Sort) -> list[Place]:
    """Where the papers of a page stand, and the one after: the values of the order, which end in the key."""
    return list(papers.values_list(*(name.removeprefix("-") for name in sort.order))[: PER_PAGE + 1])


def _rows(places: list[Place], last_visit: datetime.datetime | None) -> list[SharedDocument]:
    keys = [place[-1] for place in places]
    found = SharedDocument.objects.with_facts().with_news(last_visit).in_bulk(keys)
    # The newest file of one that has no checked one yet, which its editors see.
    prefetch_related_objects([paper for paper in found.values() if paper.current_version is None], "versions")
    return [found[key] for key in keys if key in found]


def _first(papers: SharedDocumentQuerySet, sort: Sort, last_visit: datetime.datetime | None) -> Slice:
    found = _places(papers, sort)
    return Slice(_rows(found[:PER_PAGE], last_visit), later=_later(found, sort))


def _later(found: list[Place], sort: Sort) -> str:
    return _sealed(AFTER, found[PER_PAGE - 1], sort) if len(found) > PER_PAGE else ""


def _reversed(order: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each.removeprefix("-") if each.startswith("-") else f"-{each}" for each in order)


def _following(order: tuple[str, ...], values: list[Any]) -> Q:
    """What comes after these values in this order."""
    condition = Q(pk__in=[])
    for each, value in zip(reversed(order), reversed(values), strict=True):
        name = each.removeprefix("-")
        beyond = Q(**{f"{name}__{'lt' if each.startswith('-') else 'gt'}": value})
        condition = beyond | (Q(**{name: value}) & condition)
    # Says what the rest implies, in a form that an index serves.
    first = order[0].removeprefix("-")
    return Q(**{f"{first}__{'lte' if order[0].startswith('-') else 'gte'}": values[0]}) & condition


def _signer() -> Signer:
    return Signer(salt="fileshare.paging")


def _sealed(direction: str, place: Place, sort: Sort) -> str:
    told = [{"at": each.isoformat()} if isinstance(each, datetime.datetime) else each for each in place]
    return _signer().sign_object([direction, list(sort.order), told])


def _opened(place: str, sort: Sort) -> tuple[str, list[Any]]:
    try:
        direction, order, told = _signer().unsign_object(place)
    except (BadSignature, ValueError) as error:
        raise Http404("No such page.") from error
    if order != list(sort.order):
        raise Http404("A page of another order.")
    return direction, [datetime.datetime.fromisoformat(each["at"]) if isinstance(each, dict) else each for each in told]
