"""The report of use in Wagtail's administration: how often papers were read and downloaded, for those who may know."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

import django_filters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, NumberColumn, TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.models import Collection

from fileshare import use
from fileshare.enums import UseBy
from fileshare.models import SharedDocument
from members import audit
from members.enums import Action
from members.models import AccessRecord
from members.wagtail_export import StreamedExport
from members.wagtail_filters import StrictFilters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from members.models import User

NAME, RESULTS = "papers_use", "papers_use_results"
ACCESS_RECORD = "access_record:index"
DAYS_FIRST_SHOWN = 30


class FolderChoiceFilter(django_filters.ModelChoiceFilter):
    """A folder of those that the person may know of, with the folders inside it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label="Folder, with those inside it", empty_label="Every folder", **kwargs)

    @staticmethod
    def papers_below(folder: Collection) -> QuerySet[SharedDocument]:
        return SharedDocument.objects.filter(collection__path__startswith=folder.path)


def folders_to_choose(request: HttpRequest | None) -> QuerySet[Collection]:
    """Every folder that the person may know of, in the order of the tree."""
    user: Any = request and request.user
    known = use.folders_known_to(user) if user else Collection.objects.none()
    return known.exclude(depth=1).order_by("path")


class UseFilterSet(WagtailFilterSet):
    at = django_filters.DateFromToRangeFilter(label="Date", widget=DateRangePickerWidget)
    by = django_filters.ChoiceFilter(label="A line for each", method="unchanged", empty_label=UseBy.PAPER.label)
    folder = FolderChoiceFilter(queryset=folders_to_choose, method="in_folder")
    paper = django_filters.CharFilter(label="Paper: words of its title", method="called")

    class Meta:
        model = AccessRecord
        fields = ["at", "by", "folder", "paper"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [each for each in UseBy if each != UseBy.PERSON or use.knows_people(self.request.user)][1:]
        self.filters["by"].extra["choices"] = [(each.value, each.label) for each in offered]

    def unchanged(self, rows: QuerySet[AccessRecord], name: str, value: str) -> QuerySet[AccessRecord]:
        """It says how rows are put together, not which."""
        return rows

    def in_folder(self, rows: QuerySet[AccessRecord], name: str, value: Collection) -> QuerySet[AccessRecord]:
        return use.about(rows, FolderChoiceFilter.papers_below(value))

    def called(self, rows: QuerySet[AccessRecord], name: str, value: str) -> QuerySet[AccessRecord]:
        papers = use.papers_known_to(self.request.user)
        for word in value.split():
            papers = papers.filter(title__icontains=word)
        return use.about(rows, papers)


class _InWords:
    """The groups for an export, put into words some hundred at a time."""

    model = AccessRecord

    def __init__(self, groups: QuerySet[AccessRecord, dict[str, Any]], reader: User) -> None:
        self._groups, self._reader = groups, reader

    def iterator(self, chunk_size: int) -> Iterator[use.Row]:
        return use.in_words(self._groups.iterator(chunk_size=chunk_size), self._reader)


class UseReportView(StrictFilters, StreamedExport, ReportView):
    """Readings and downloads by paper, folder and day; the most downloaded first, or the newest day."""

    model = AccessRecord
    page_title = "How papers are used"
    header_icon = "view"
    verbose_name_plural = "readings and downloads"
    filterset_class = UseFilterSet
    index_url_name = NAME
    index_results_url_name = RESULTS
    export_filename = "use-of-papers"
    export_headings: ClassVar[dict[str, str]] = {
        "day": "Day",
        "title": "Paper",
        "folder": "Folder",
        "person": "Who",
        "reads": "Read online",
        "downloads": "Downloaded",
    }

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not use.is_for(self.reader):
            raise PermissionDenied
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Whoever asks for nothing in particular gets the last thirty days, as a filter that can be taken off."""
        if not request.GET and not self.results_only:
            first = timezone.localdate() - datetime.timedelta(days=DAYS_FIRST_SHOWN - 1)
            return redirect(f"{request.path}?at_from={first.isoformat()}")
        return super().get(request, *args, **kwargs)

    @cached_property
    def reader(self) -> User:
        user: Any = self.request.user
        return user

    @cached_property
    def by(self) -> UseBy:
        chosen = "" if self.filters_are_wrong else self.filters.form.cleaned_data["by"]
        return UseBy(chosen or UseBy.PAPER)

    @cached_property
    def list_export(self) -> list[str]:
        """The columns: the keys of the grouping, and the counts."""
        names = (
            *(["day"] if self.by in use.DAYS else []),
            *(["title"] if self.by in use.PAPERS else []),
            *(["folder"] if self.by in use.FOLDERS else []),
            *(["person"] if self.by == UseBy.PERSON else []),
        )
        return [*names, "reads", "downloads"]

    @cached_property
    def columns(self) -> list[Column]:
        return [self._column(name) for name in self.list_export]

    def _column(self, name: str) -> Column:
        label = self.export_headings[name]
        if name == "title":
            return TitleColumn(name, label=label, get_url=self._address_of)
        if name == "day":
            return Column(name, label=label, accessor=lambda row: date_format(row.day, "j M Y"))
        return NumberColumn(name, label=label) if name in ("reads", "downloads") else Column(name, label=label)

    def _address_of(self, row: use.Row) -> str | None:
        """For who reads the record, the rows that were counted; for an editor, the paper."""
        if use.knows_people(self.reader):
            dates = {name: self.request.GET.get(name, "") for name in ("at_from", "at_to")}
            if row.day:
                dates = dict.fromkeys(dates, row.day.isoformat())
            asked = [("subject", row.uuid), ("action", Action.READ), ("action", Action.DOWNLOADED), *dates.items()]
            return f"{reverse(ACCESS_RECORD)}?{urlencode(asked)}"
        return reverse("wagtaildocs:edit", args=[row.paper]) if row.paper else None

    def get_base_queryset(self) -> QuerySet[AccessRecord]:
        return use.counted(self.reader)

    def get_queryset(self) -> Any:
        return use.grouped(self.filter_queryset(self.get_base_queryset()), self.by)

    def get_filtered_queryset(self) -> Any:
        """Filtered once, before the rows are put together."""
        return self.get_queryset()

    def get_table(self, object_list: Any) -> Any:
        return super().get_table(list(use.in_words(object_list, self.reader)))

    def as_spreadsheet(self, queryset: Any, spreadsheet_format: str) -> HttpResponse:
        rows: Any = _InWords(queryset, self.reader)
        return super().as_spreadsheet(rows, spreadsheet_format)

    def record_export(self) -> None:
        audit.record(
            Action.REPORT_EXPORTED, actor=self.reader, object_kind="report", object_id="use",
            words=self.request.GET.urlencode(),
        )  # fmt: skip


class UseReportItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return use.is_for(user)


def menu_item() -> MenuItem:
    return UseReportItem(UseReportView.page_title, reverse(NAME), name=NAME, icon_name="view", order=110)


def addresses() -> list[URLPattern]:
    return [
        path("reports/papers/", UseReportView.as_view(), name=NAME),
        path("reports/papers/results/", UseReportView.as_view(results_only=True), name=RESULTS),
    ]
