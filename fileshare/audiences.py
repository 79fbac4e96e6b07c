"""The audience of each folder in words, so that whoever files a paper reads beforehand who will see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wagtail.models import Collection, CollectionViewRestriction

if TYPE_CHECKING:
    from collections.abc import Iterable

EVERY_MEMBER = "every current member"
NOBODY = "nobody until its privacy is set again"


def _groups(restriction: CollectionViewRestriction) -> str:
    names = sorted(group.name for group in restriction.groups.all())
    return f"the group{'s' if len(names) > 1 else ''} {' or '.join(names)}"


def words(restrictions: Iterable[CollectionViewRestriction]) -> str:
    """Who passes all of these restrictions, as part of a sentence (the rule itself is `access.open_collections`)."""
    closing = [each for each in restrictions if each.restriction_type != CollectionViewRestriction.LOGIN]
    if any(each.restriction_type != CollectionViewRestriction.GROUPS or not each.groups.all() for each in closing):
        return NOBODY  # its groups were deleted, or it is of a kind that the policy does not know
    if not closing:
        return EVERY_MEMBER
    return "current members in " + " who are also in ".join(_groups(each) for each in closing)


class Audiences:
    """The audiences of all folders, read in two queries when the first is asked for."""

    def __init__(self) -> None:
        self._restrictions: list[CollectionViewRestriction] | None = None

    def of(self, collection: Collection) -> str:
        if self._restrictions is None:
            known = CollectionViewRestriction.objects.select_related("collection").prefetch_related("groups")
            self._restrictions = list(known.order_by("collection__depth"))
        # A collection's path begins with the path of each collection above it.
        return words(each for each in self._restrictions if collection.path.startswith(each.collection.path))
