"""What was looked for and not found, in Wagtail's administration, for those who write: by words, never by people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import django_filters
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, Sum
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, NumberColumn
from wagtail.admin.views.reports import ReportView

from members.spreadsheets import inert
from members.wagtail_filters import StrictFilters
from portal import access
from portal.models import SearchMiss
from portal.services import search_misses

if TYPE_CHECKING:
    from django.db.models import QuerySet

NAME, RESULTS = "search_misses", "search_misses_results"
TITLE = "Looked for in vain"
# Nobody knows who asked, so that these stand for other people: a name that somebody looked for once is not shown.
FEWEST_TIMES, FEWEST_DAYS = 3, 2
REMARK = (
    f"Shown is what was asked {FEWEST_TIMES} times or more and on {FEWEST_DAYS} days or more, within the last"
    f" {search_misses.KEEP.days} days. What somebody asked once, such as a person’s name, is not."
)


class MissesFilterSet(WagtailFilterSet):
    day = django_filters.DateFromToRangeFilter(label="Day", widget=DateRangePickerWidget)

    class Meta:
        model = SearchMiss
        fields = ["day"]


class WordsColumn(Column):
    """The words, as a link to the search as it answers now."""

    cell_template_name = "wagtailadmin/searches/words.html"

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> Any:
        context = super().get_cell_context_data(instance, parent_context)
        return context | {"address": f"{reverse('search')}?{urlencode({'q': instance['words']})}"}


class MissesView(StrictFilters, ReportView):
    """Each question once, those asked most often first."""

    model = SearchMiss
    page_title = TITLE
    header_icon = "search"
    verbose_name_plural = "searches"
    filterset_class = MissesFilterSet
    index_url_name = NAME
    index_results_url_name = RESULTS
    template_name = "wagtailadmin/searches/misses.html"
    is_searchable = False
    columns = [
        WordsColumn("words", label="Words", accessor=lambda row: row["words"], width="50%"),
        NumberColumn("times", label="How often", accessor=lambda row: row["times"]),
        Column("last", label="Last", accessor=lambda row: date_format(row["last"], "j M Y")),
    ]
    export_headings: ClassVar[dict[str, str]] = {"words": "Words", "times": "How often", "last": "Last"}
    list_export: ClassVar[list[str]] = list(export_headings)
    export_filename = "looked-for-in-vain"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not access.works_on_pages(request.user):
            raise PermissionDenied
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_base_queryset(self) -> QuerySet[SearchMiss]:
        """By all days, whichever the filter chooses."""
        questions = SearchMiss.objects.order_by().values("words").annotate(times=Sum("count"), days=Count("day"))
        often = questions.filter(times__gte=FEWEST_TIMES, days__gte=FEWEST_DAYS)
        return SearchMiss.objects.filter(words__in=often.values("words"))

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        return context | {"remark": REMARK}

    def get_filtered_queryset(self) -> Any:
        """Filtered once; Wagtail's own filters again what `get_queryset` has filtered."""
        return self.get_queryset()

    def order_queryset(self, queryset: Any) -> Any:
        """Days are put together after the filter has chosen among them."""
        questions = queryset.order_by().values("words").annotate(times=Sum("count"), last=Max("day"))
        return questions.order_by("-times", "-last", "words")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.is_export:
            return self.as_spreadsheet(self.get_queryset(), request.GET["export"])
        return super().get(request, *args, **kwargs)

    def to_row_dict(self, item: dict[str, Any]) -> dict[str, Any]:
        return {field: inert(item[field]) for field in self.list_export}


class MissesItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return access.works_on_pages(request.user)


def menu_item() -> MenuItem:
    return MissesItem(TITLE, reverse(NAME), name=NAME, icon_name="search", order=150)


def addresses() -> list[URLPattern]:
    return [
        path("reports/searches/", MissesView.as_view(), name=NAME),
        path("reports/searches/results/", MissesView.as_view(results_only=True), name=RESULTS),
    ]
