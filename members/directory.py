"""The directory as current members read it: by the alphabet, turned over by keys, searched by what shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.db.models.functions import Lower

from members.models import Profile

if TYPE_CHECKING:
    from members.models.profile import ProfileQuerySet

PER_PAGE = 30
ORDER = ("last", "first", "pk")


@dataclass(frozen=True)
class Leaf:
    """One page of it. `before` and `after` are keys for the pages that precede and follow, or None."""

    entries: list[Profile]
    before: int | None
    after: int | None


def entries() -> ProfileQuerySet:
    listed = Profile.objects.listed().with_people()
    return listed.annotate(last=Lower("user__last_name"), first=Lower("user__first_name"))


def matching(found: ProfileQuerySet, text: str) -> ProfileQuerySet:
    """Entries in which every word stands, in what they show. What is hidden is not found either."""
    for word in text.split():
        condition = Q()
        # SQLite takes capital and small letters for the same only within ASCII.
        for form in {word, word.lower(), word.title()}:
            condition |= (
                Q(user__first_name__icontains=form)
                | Q(user__last_name__icontains=form)
                | Q(shows_organisation=True, user__membership__organisation__name__icontains=form)
                | Q(shows_organisation=True, user__membership__organisation__abbreviation__icontains=form)
                | Q(shows_role=True, role__icontains=form)
                | Q(shows_about=True, about__icontains=form)
            )
        found = found.filter(condition)
    return found


def leaf(found: ProfileQuerySet, *, after: int | None = None, before: int | None = None) -> Leaf:
    """The entries that follow, or precede, the one with this key; from the beginning where neither is given.

    The key's own entry need not be listed any more: its place in the alphabet is what counts.
    """
    backwards = after is None and before is not None
    place = _place(before if backwards else after)
    if place is not None:
        found = found.filter(_beyond(place, "lt" if backwards else "gt"))
    order = [f"-{name}" for name in ORDER] if backwards else ORDER
    some = list(found.order_by(*order)[: PER_PAGE + 1])
    goes_on, some = len(some) > PER_PAGE, some[:PER_PAGE]
    if backwards:
        some.reverse()
    has_former = goes_on if backwards else place is not None
    has_next = place is not None if backwards else goes_on
    return Leaf(some, some[0].pk if some and has_former else None, some[-1].pk if some and has_next else None)


def _place(key: int | None) -> tuple[str, str, int] | None:
    if key is None:
        return None
    named = Profile.objects.annotate(last=Lower("user__last_name"), first=Lower("user__first_name"))
    place: tuple[str, str, int] | None = named.filter(pk=key).values_list("last", "first", "pk").first()
    return place


def _beyond(place: tuple[str, str, int], comparison: str) -> Q:
    last, first, key = place
    return (
        Q(**{f"last__{comparison}": last})
        | Q(**{"last": last, f"first__{comparison}": first})
        | Q(**{"last": last, "first": first, f"pk__{comparison}": key})
    )
