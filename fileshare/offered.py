"""Sources and topics to choose from in a list: those of papers that the person may read there."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef
from taggit.models import Tag

from fileshare import folders, remembered
from members.models import Organisation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fileshare.folders import FolderTree
    from fileshare.models.document import SharedDocumentQuerySet

Choice = tuple[str, str]  # what the address says, and what people read


@dataclass(frozen=True)
class Offered:
    """A choice, with the folders in which papers of it are out."""

    choice: Choice
    folders: frozenset[int]


def sources(tree: FolderTree, papers: SharedDocumentQuerySet) -> list[Choice]:
    """The organisations from which any of these papers come, which are all that the person may read."""
    if tree.is_usual:
        return _open(tree, remembered.kept("sources of papers that are out", _sources_out))
    named = Organisation.objects.filter(Exists(papers.order_by().filter(source=OuterRef("pk"))))
    return [_of_source(organisation) for organisation in named]


def topics(tree: FolderTree, papers: SharedDocumentQuerySet) -> list[Choice]:
    """The topics that any of these papers have."""
    if tree.is_usual:
        return _open(tree, remembered.kept("topics of papers that are out", _topics_out))
    named = Tag.objects.filter(Exists(papers.order_by().filter(tags=OuterRef("pk")))).order_by("name")
    return [(name, name) for name in named.values_list("name", flat=True)]


def _open(tree: FolderTree, offered: list[Offered]) -> list[Choice]:
    """Those that lead to something in a folder which is open to the person, as was asked a moment ago."""
    return [each.choice for each in offered if any(tree.is_open(folder) for folder in each.folders)]


def _of_source(organisation: Organisation) -> Choice:
    return str(organisation.pk), organisation.short_name


def _sources_out() -> list[Offered]:
    pairs = folders.papers_out().exclude(source=None).order_by().values_list("source", "collection").distinct()
    lie = _by_first(pairs)
    named = Organisation.objects.filter(pk__in=lie)
    return [Offered(_of_source(organisation), frozenset(lie[organisation.pk])) for organisation in named]


def _topics_out() -> list[Offered]:
    out = folders.papers_out().filter(tags__isnull=False).order_by("tags__name")
    lie = _by_first(out.values_list("tags__name", "collection").distinct())
    return [Offered((name, name), frozenset(found)) for name, found in lie.items()]


def _by_first(pairs: Iterable[tuple[Any, int]]) -> dict[Any, set[int]]:
    """In the order of their first coming."""
    found: dict[Any, set[int]] = defaultdict(set)
    for first, folder in pairs:
        found[first].add(folder)
    return found
