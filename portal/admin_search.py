"""The search of the administration: Wagtail's own, in the database, without its walk through all of it for each row.

A title counts by the average length of all titles over its own. Wagtail averages its whole index whenever it writes one
row, and looks through it a second time for rows that have no such number yet: at 100,000 rows a saved post costs five
times as much as at 1,000. The average hardly moves, so that here the newest rows stand for all, and only what was
written gets its number. `manage.py update_index` works all of them out exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Avg, F, Q
from django.db.models.functions import Length
from wagtail.search.backends import database
from wagtail.search.utils import get_content_type_pk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import Model

NEWEST = 1_000  # rows


class _OnlyWhatIsWritten:
    """Before the index of either database. An index is made for each call, and keeps nothing beyond it."""

    entries: Any
    _written = Q(pk__in=[])

    def add_items(self, model: type[Model], objs: Sequence[Model]) -> None:
        keys = [str(each.pk) for each in objs]
        self._written = Q(content_type=get_content_type_pk(model), object_id__in=keys)
        super().add_items(model, objs)  # type: ignore[misc]  # of the index behind

    def _refresh_title_norms(self, full: bool = False) -> None:
        if full:
            super()._refresh_title_norms(full=True)  # type: ignore[misc]  # as above
            return
        lengths = self.entries.annotate(length=Length("title")).order_by("-pk")[:NEWEST]
        average = lengths.aggregate(average=Avg("length", filter=Q(length__gt=0)))["average"]
        if average:
            written = self.entries.annotate(length=Length("title")).filter(self._written, length__gt=0)
            written.update(title_norm=average / F("length"))


def SearchBackend(params: dict[str, Any]) -> Any:  # noqa: N802 -- the name by which Wagtail looks for it
    """Wagtail's for this database; where it has no full-text search, nothing is indexed either."""
    backend: Any = database.SearchBackend(params)
    if hasattr(backend.index_class, "_refresh_title_norms"):
        backend.index_class = type("LeanIndex", (_OnlyWhatIsWritten, backend.index_class), {})
    return backend
