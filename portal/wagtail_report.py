"""The report of posts in Wagtail's administration: what was written, by whom, and how it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, NumberColumn, TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.permission_policies.pages import PagePermissionPolicy

from members.spreadsheets import inert
from members.wagtail_filters import StrictFilters
from portal import access, post_figures
from portal.models import Author, NewsPage, Topic

if TYPE_CHECKING:
    from members.models import User
    from portal.models.posts import NewsPageQuerySet

WRITES_OR_PUBLISHES = ("add", "change", "publish")
NAME, RESULTS = "posts_report", "posts_report_results"


class PostsFilterSet(WagtailFilterSet):
    published_at = django_filters.DateFromToRangeFilter(label="Date", widget=DateRangePickerWidget)
    author = django_filters.ModelChoiceFilter(
        label="Author", field_name="authors", queryset=Author.objects.all(), empty_label="Every author"
    )
    topic = django_filters.ModelChoiceFilter(
        label="Topic", field_name="topics", queryset=Topic.objects.all(), empty_label="Every topic"
    )

    class Meta:
        model = NewsPage
        fields = ["published_at", "author", "topic"]


class PostsReportView(StrictFilters, ReportView):
    """Posts that readers had, newest first; of each those figures that the person may know."""

    model = NewsPage
    page_title = "Posts and their readers"
    header_icon = "doc-full"
    verbose_name_plural = "posts"
    filterset_class = PostsFilterSet
    index_url_name = NAME
    index_results_url_name = RESULTS
    permission_policy = PagePermissionPolicy(NewsPage)  # Wagtail's own, which answers in posts instead of pages
    any_permission_required = WRITES_OR_PUBLISHES
    default_ordering = ("-published_at", "-pk")
    columns = [
        TitleColumn("title", label="Title", url_name="wagtailadmin_pages:edit", width="32%"),
        Column("authors", label="Authors"),
        Column("published_on", label="Date"),
        Column("state", label="State"),
        NumberColumn("figures.reads", label="Reads"),
        NumberColumn("figures.recent_reads", label="Reads in 30 days"),
        NumberColumn("figures.comments", label="Comments"),
        NumberColumn("figures.downloads", label="Downloads of its papers"),
    ]
    export_headings: ClassVar[dict[str, str]] = {column.name: column.label for column in columns}
    list_export: ClassVar[list[str]] = list(export_headings)
    export_filename = "posts"

    @cached_property
    def reader(self) -> User:
        user: Any = self.request.user
        return user

    def get_base_queryset(self) -> NewsPageQuerySet:
        mine = self.permission_policy.instances_user_has_any_permission_for(self.reader, {"change", "publish"})
        # A draft has no readers yet.
        posts: NewsPageQuerySet = mine.filter(Q(live=True) | Q(first_published_at__isnull=False))
        return posts

    def get_filtered_queryset(self) -> QuerySet[NewsPage]:
        """Filtered once; Wagtail's own filters again what `get_queryset` has filtered."""
        return self.get_queryset()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.is_export:  # before Wagtail's own takes all posts at once to count them
            found = self.get_queryset().iterator(chunk_size=post_figures.AT_ONCE)
            return self.as_spreadsheet(post_figures.rows(found, self.reader), request.GET["export"])
        return super().get(request, *args, **kwargs)

    def get_table(self, object_list: QuerySet[NewsPage]) -> Any:
        return super().get_table(list(post_figures.rows(object_list, self.reader)))

    def to_row_dict(self, item: post_figures.Row) -> dict[str, Any]:
        return {field: inert(value) for field, value in super().to_row_dict(item).items()}


class PostsReportItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return access.works_on_pages(request.user)


def menu_item() -> MenuItem:
    return PostsReportItem(PostsReportView.page_title, reverse(NAME), name="posts", icon_name="doc-full", order=100)


def addresses() -> list[URLPattern]:
    return [
        path("reports/posts/", PostsReportView.as_view(), name=NAME),
        path("reports/posts/results/", PostsReportView.as_view(results_only=True), name=RESULTS),
    ]
