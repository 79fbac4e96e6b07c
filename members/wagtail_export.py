"""Lists that leave the administration as files: no cell a formula, and one row after the other from the database."""

from __future__ import annotations

import datetime
import re
import tempfile
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model
from django.http import FileResponse
from django.utils import timezone
from wagtail.admin.views import generic

from members.spreadsheets import inert

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    class _IndexView(generic.IndexView):
        """What `StreamedExport` is mixed into."""

else:
    _IndexView = object

AT_ONCE = 2_000  # rows fetched together
# What XML, and so a workbook, cannot hold. openpyxl has the same under a name; to load it for that took a web process
# 175 modules.
CONTROLS = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f]")
IN_MEMORY = 4 * 1024 * 1024  # bytes of a workbook, before it goes into a temporary file


class _Streamed:
    """Rows from the database's cursor, which Wagtail would otherwise gather all first."""

    def __init__(self, queryset: QuerySet[Any]) -> None:
        self.model, self._queryset = queryset.model, queryset

    def __iter__(self) -> Iterator[Any]:
        return self._queryset.iterator(chunk_size=AT_ONCE)


class StreamedExport(_IndexView):
    """For a list with `list_export`: as CSV while it is read, or as a workbook by way of a temporary file, since a
    workbook's index stands at its end."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Wagtail would make the page's context first, and count the rows by fetching them all."""
        if not self.is_export:
            page: HttpResponse = super().get(request, *args, **kwargs)
            return page
        self.record_export()
        return self.as_spreadsheet(self.get_queryset(), request.GET["export"])

    def record_export(self) -> None:
        """Write a row of the access record before the first byte leaves."""
        raise NotImplementedError

    def as_spreadsheet(self, queryset: QuerySet[Any], spreadsheet_format: str) -> HttpResponse:
        response: HttpResponse = super().as_spreadsheet(_Streamed(queryset), spreadsheet_format)
        response["Cache-Control"] = "private, no-store"
        return response

    def write_xlsx_response(self, queryset: QuerySet[Any]) -> FileResponse:
        output = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 -- the answer closes it
        self.write_xlsx(queryset, output)
        output.seek(0)
        return FileResponse(
            output,
            as_attachment=True,
            content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            filename=f"{self.get_filename()}.xlsx",
        )

    def generate_xlsx_row(
        self, worksheet: Any, row_dict: dict[str, Any], date_format: str | None = None
    ) -> Iterable[Any]:
        """The values as they are, which takes half the time: none of them is a formula any more. A workbook knows no
        zones of time, so that moments stand in it by the site's clock."""
        return tuple(
            timezone.make_naive(value) if isinstance(value, datetime.datetime) and timezone.is_aware(value) else value
            for value in row_dict.values()
        )

    def to_row_dict(self, item: Any) -> dict[str, Any]:
        return {field: _cell(item, field) for field in self.list_export}


def _cell(item: Any, path: str) -> Any:
    found = _value(item, path)
    value = inert(str(found) if isinstance(found, Model) else found)
    return CONTROLS.sub("", value) if isinstance(value, str) else value


def _value(item: Any, path: str) -> Any:
    """What the path leads to, a method's answer among it; an empty cell where a thing on the way is not there."""
    for name in path.split("."):
        try:
            item = getattr(item, name)
        except ObjectDoesNotExist:
            return None
        if item is None:
            return None
        if callable(item):
            item = item()
    return item
