"""Papers to review in Wagtail's administration: whose date has come, and who looks after them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, ClassVar

import django_filters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.reports import ReportView

from fileshare import states
from fileshare.models import SharedDocument
from fileshare.wagtail_policy import policy
from fileshare.wagtail_use import FolderChoiceFilter, folders_to_choose
from members import audit
from members.enums import Action
from members.wagtail_export import StreamedExport
from members.wagtail_filters import StrictFilters

if TYPE_CHECKING:
    from members.models import User

NAME, RESULTS = "papers_review", "papers_review_results"
DUE, SOON, MINE = "due", "soon", "mine"
SOON_DAYS = 30


def to_review(user: User, *, mine: bool = False) -> QuerySet[SharedDocument]:
    """Papers that the person may change and whose review date has come, the longest overdue first."""
    papers: QuerySet[SharedDocument] = policy().instances_user_has_permission_for(user, "change")
    due = papers.filter(review_on__lte=timezone.localdate()).order_by("review_on", "pk")
    return due.filter(owner=user.pk) if mine else due


class ReviewFilterSet(WagtailFilterSet):
    when = django_filters.ChoiceFilter(
        label="When",
        choices=[(DUE, "Due or overdue"), (SOON, f"Within {SOON_DAYS} days")],
        method="by_date",
        empty_label="Every review date",
    )
    whose = django_filters.ChoiceFilter(
        label="Whose", choices=[(MINE, "Mine")], method="by_owner", empty_label="Everybody's"
    )  # fmt: skip
    folder = FolderChoiceFilter(queryset=folders_to_choose, method="in_folder")

    class Meta:
        model = SharedDocument
        fields = ["when", "whose", "folder"]

    def by_date(self, papers: QuerySet[SharedDocument], name: str, value: str) -> QuerySet[SharedDocument]:
        days = SOON_DAYS if value == SOON else 0
        return papers.filter(review_on__lte=timezone.localdate() + datetime.timedelta(days=days))

    def by_owner(self, papers: QuerySet[SharedDocument], name: str, value: str) -> QuerySet[SharedDocument]:
        return papers.filter(owner=self.request.user.pk)

    def in_folder(self, papers: QuerySet[SharedDocument], name: str, value: Any) -> QuerySet[SharedDocument]:
        return papers.filter(collection__path__startswith=value.path)


def _due(paper: SharedDocument) -> str:
    if paper.review_on is None:
        return ""
    days = (paper.review_on - timezone.localdate()).days
    if days == 0:
        return "Due today"
    many = "1 day" if abs(days) == 1 else f"{abs(days)} days"
    return f"In {many}" if days > 0 else f"Overdue by {many}"


def _day(moment: datetime.date | None) -> str:
    return date_format(moment, "j F Y") if moment else "–"


class ReviewView(StrictFilters, StreamedExport, ReportView):
    """Papers with a review date, of those that the person may change; the longest overdue first."""

    model = SharedDocument
    page_title = "Papers to review"
    header_icon = "calendar-check"
    verbose_name_plural = "papers"
    filterset_class = ReviewFilterSet
    index_url_name = NAME
    index_results_url_name = RESULTS
    default_ordering = ("review_on", "pk")
    columns = [
        TitleColumn("title", label="Paper", url_name="wagtaildocs:edit"),
        Column("folder_name", label="Folder"),
        Column("owner", label="Owner", accessor=lambda paper: paper.owner or "Nobody"),
        Column("review_on", label="Review date", accessor=lambda paper: _day(paper.review_on)),
        Column("due", label="Due", accessor=_due),
        Column("state", label="State", accessor=states.headline),
    ]
    export_filename = "papers-to-review"
    export_headings: ClassVar[dict[str, str]] = {
        "title": "Paper",
        "collection.name": "Folder",
        "owner": "Owner",
        "owner.email": "E-mail",
        "review_on": "Review date",
        "expires_at": "Expiry",
    }
    list_export: ClassVar[list[str]] = list(export_headings)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not policy().user_has_permission(self.editor, "change"):
            raise PermissionDenied
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    @property
    def editor(self) -> User:
        user: Any = self.request.user
        return user

    def get_base_queryset(self) -> QuerySet[SharedDocument]:
        mine: QuerySet[SharedDocument] = policy().instances_user_has_permission_for(self.editor, "change")
        return mine.filter(review_on__isnull=False).select_related("owner", "collection", "current_version")

    def get_filtered_queryset(self) -> QuerySet[SharedDocument]:
        """Filtered once; Wagtail's own filters again what `get_queryset` has filtered."""
        return self.get_queryset()

    def record_export(self) -> None:
        audit.record(
            Action.REPORT_EXPORTED, actor=self.editor, object_kind="report", object_id="review",
            words=self.request.GET.urlencode(),
        )  # fmt: skip


class ReviewItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(policy().user_has_permission(request.user, "change"))  # type: ignore[arg-type]  # signed in


def address(**filters: str) -> str:
    """The list with some filters set."""
    return f"{reverse(NAME)}?{'&'.join(f'{name}={value}' for name, value in filters.items())}"


def menu_item() -> MenuItem:
    return ReviewItem(
        ReviewView.page_title, address(when=DUE), name=NAME, icon_name=ReviewView.header_icon, order=120
    )  # fmt: skip


def addresses() -> list[URLPattern]:
    return [
        path("reports/papers-to-review/", ReviewView.as_view(), name=NAME),
        path("reports/papers-to-review/results/", ReviewView.as_view(results_only=True), name=RESULTS),
    ]
