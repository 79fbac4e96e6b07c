"""How much of the store each folder uses: every version counts, destroyed ones no more."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, Sum
from wagtail.models import Collection

from fileshare.models import DocumentVersion


@dataclass
class Used:
    """Bytes and files: the folder's own, and with the folders inside it."""

    own: int = 0
    own_files: int = 0
    total: int = 0
    total_files: int = 0


def by_path(below: str = "") -> dict[str, Used]:
    """By the collection's path, of all folders or of one with those inside it; empty folders count as `Used()`. One
    query."""
    versions = DocumentVersion.objects.filter(destroyed_at=None, document__collection__path__startswith=below)
    rows = versions.order_by().values("document__collection__path").annotate(bytes=Sum("size"), files=Count("pk"))
    used: dict[str, Used] = defaultdict(Used)
    for path, size, files in rows.values_list("document__collection__path", "bytes", "files"):
        used[path].own, used[path].own_files = size, files
        for end in range(Collection.steplen, len(path) + 1, Collection.steplen):
            used[path[:end]].total += size
            used[path[:end]].total_files += files
    return used


def of(folder: Collection) -> Used:
    """One folder's."""
    return by_path(folder.path)[folder.path]
