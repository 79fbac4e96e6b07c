"""Where folders stood before they moved: an old link leads on, for those who may enter the folder."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import transaction

from fileshare import folders
from fileshare.models import FormerAddress
from fileshare.models.folder import LONGEST_ADDRESS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fileshare.folders import FolderNode, FolderTree


@contextmanager
def remembered() -> Iterator[None]:
    """Around a change of folders: whichever of them stands elsewhere afterwards keeps its former address.

    One transaction with the change itself. An address that another folder had before belongs to the last that left it.
    """
    with transaction.atomic():
        before = folders.all_addresses()
        yield
        after = folders.all_addresses()
        for collection_id, path in before.items():
            if after.get(collection_id, path) != path and len(path) <= LONGEST_ADDRESS:
                FormerAddress.objects.update_or_create(path=path, defaults={"collection_id": collection_id})


def collection_at(path: str) -> int | None:
    """The folder that once stood at this address, whoever may enter it."""
    asked = path.strip("/")
    if "\0" in asked or len(asked) > LONGEST_ADDRESS:
        return None
    found: int | None = FormerAddress.objects.filter(path=asked).values_list("collection_id", flat=True).first()
    return found


def node_at(tree: FolderTree, path: str) -> FolderNode | None:
    """The folder at this address in somebody's tree, or else the one that stood there before it moved."""
    return tree.at(path) or tree.of_collection(collection_at(path) or 0)
