"""The tree of folders as one person sees it, with addresses and counts: two queries, however many papers there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import models
from django.urls import reverse
from django.utils.text import slugify
from wagtail.models import Collection

from fileshare import access, remembered
from fileshare.markings import Marking
from fileshare.models import Folder, SharedDocument
from fileshare.models.folder import RESERVED_SLUGS

if TYPE_CHECKING:
    from fileshare.models.document import SharedDocumentQuerySet
    from members.models import User


@dataclass
class FolderNode:
    """A folder in somebody's tree. `count` includes the folders below; `path` is the address below /files/."""

    collection_id: int
    name: str
    description: str
    path: str
    depth: int
    own_count: int = 0
    parent: FolderNode | None = None
    children: list[FolderNode] = field(default_factory=list)
    is_current: bool = False
    is_open: bool = False
    takes_contributions: bool = False

    @property
    def url(self) -> str:
        return reverse("fileshare:folder", args=[self.path])

    @property
    def count(self) -> int:
        return self.own_count + sum(child.count for child in self.children)

    @property
    def lineage(self) -> list[FolderNode]:
        """From the outermost folder down to this one."""
        return [*(self.parent.lineage if self.parent else []), self]

    def walk(self) -> Iterator[FolderNode]:
        yield self
        for child in self.children:
            yield from child.walk()


class FolderTree:
    """The folders that a person may enter. `is_usual` says that what the person reads in them is what every member
    reads there; `closed` are the other folders, None where nothing at all is open."""

    def __init__(self, top: list[FolderNode], total: int, closed: set[int] | None, *, is_usual: bool) -> None:
        self.top, self.total, self.is_usual, self._closed = top, total, is_usual, closed
        self._by_path = {node.path: node for node in self}
        self._by_collection = {node.collection_id: node for node in self}

    def __iter__(self) -> Iterator[FolderNode]:
        for node in self.top:
            yield from node.walk()

    def at(self, path: str) -> FolderNode | None:
        return self._by_path.get(path.strip("/"))

    def of_collection(self, collection_id: int) -> FolderNode | None:
        return self._by_collection.get(collection_id)

    def is_open(self, collection_id: int) -> bool:
        """Of the root too, which stands in no tree."""
        return self._closed is not None and collection_id not in self._closed

    def mark_current(self, node: FolderNode | None) -> None:
        """Note where the reader is, so that the tree shows it and stands open there."""
        if node is not None:
            node.is_current = True
            for above in node.lineage:
                above.is_open = True


def _count(documents: models.QuerySet[SharedDocument]) -> Counter[int]:
    rows = documents.order_by().values_list("collection_id").annotate(models.Count("pk"))
    return Counter(dict(rows))


def _addressed(folders: models.QuerySet[Folder]) -> Iterator[tuple[Folder, FolderNode, FolderNode | None]]:
    """Each folder with its node and the one above. Of all folders, whoever asks: closed ones take their place in
    naming too, so that an address does not depend on who asks."""
    ordered = sorted(
        folders.select_related("collection"),
        key=lambda folder: (folder.collection.depth, folder.order, folder.collection.name.lower(), folder.pk),
    )
    by_tree_path: dict[str, FolderNode] = {}
    taken: set[str] = set()
    for folder in ordered:
        tree_path: str = folder.collection.path
        parent = by_tree_path.get(tree_path[: -Collection.steplen])
        prefix = f"{parent.path}/" if parent else ""
        path = f"{prefix}{folder.slug}"
        while path in taken:  # two of one name under one roof, after a move
            path = f"{path}-{folder.pk}"
        taken.add(path)
        node = FolderNode(folder.pk, folder.collection.name, folder.description, path, folder.collection.depth - 2)
        node.takes_contributions = folder.takes_contributions
        by_tree_path[tree_path] = node
        yield folder, node, parent


def all_addresses() -> dict[int, str]:
    """The address of every folder below /files/, by the key of its collection."""
    return {node.collection_id: node.path for _folder, node, _parent in _addressed(Folder.objects.all())}


def papers_out() -> SharedDocumentQuerySet:
    """Papers that are out, in folders open or closed, without those for named recipients alone: the same for
    everybody."""
    return SharedDocument.objects.filter(access.published_condition()).exclude(marking=Marking.RED)


def _out() -> Counter[int]:
    """How many there are in each folder, remembered so that nobody waits for 100,000 papers to be counted again."""
    return remembered.kept("papers out in each folder", lambda: _count(papers_out()))


def _build(user: User | None, counts: Counter[int], *, is_usual: bool) -> FolderTree:
    """The tree from all folders, without those that are closed; what `counts` says of those is passed over."""
    is_open = access.as_answer(access.audience_condition(user))
    top: list[FolderNode] = []
    closed: set[int] = set()
    for folder, node, parent in _addressed(Folder.objects.annotate(open=is_open)):
        if folder.open:  # type: ignore[attr-defined]  # annotated
            node.own_count, node.parent = counts[folder.pk], parent
            (parent.children if parent else top).append(node)
        else:
            closed.add(folder.pk)
    # What lies beside the folders is in the root, which is open when anything is.
    is_any_open = bool(top) or (counts.total() > 0 and access.open_collections(user).exists())
    if not is_any_open:
        return FolderTree(top, 0, None, is_usual=is_usual)
    total = sum(count for key, count in counts.items() if key not in closed)
    return FolderTree(top, total, closed, is_usual=is_usual)


def tree_for(user: User) -> FolderTree:
    """What this person may enter, with counts of what this person may read."""
    visible = SharedDocument.objects.visible_to(user)
    if not access.reads_as_members_do(user):
        return _build(user, _count(visible), is_usual=False)
    is_named = SharedDocument.recipients.through.objects.filter(user=user.pk).exists()
    named = _count(visible.filter(marking=Marking.RED)) if is_named else Counter()
    return _build(user, _out() + named, is_usual=not named)


def tree_for_any_member() -> FolderTree:
    """What every member may enter and read: for telling the public what there is."""
    return _build(None, _out(), is_usual=True)


def ensure_folder(collection: Collection) -> None:
    """Give a new collection its place in the file share, with an address made from its name."""
    if collection.depth == 1:
        return
    slug = slugify(collection.name)[:80] or f"folder-{collection.pk}"
    if slug in RESERVED_SLUGS:
        slug = f"{slug}-papers"
    Folder.objects.get_or_create(collection=collection, defaults={"slug": slug})


def breadcrumbs(node: FolderNode | None) -> list[dict[str, str]]:
    """Name and address of each step from the file share down to `node`."""
    steps = [{"name": "Files", "url": reverse("fileshare:index")}]
    return steps + [{"name": above.name, "url": above.url} for above in (node.lineage if node else [])]
