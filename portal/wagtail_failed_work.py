"""Work that failed, in Wagtail's administration, for administrators: what, when, how often and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import django_filters
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.generic import TemplateView
from django_tasks_db.models import DBTaskResult
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.tables import Column, NumberColumn, TitleColumn
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.reports import ReportView

from members.wagtail_filters import StrictFilters
from portal.ops import queue
from portal.services import failed_work

if TYPE_CHECKING:
    from django.db.models import QuerySet

NAME, RESULTS, ONE = "failed_work", "failed_work_results", "failed_task"
TITLE = "Work that failed"
LONGEST = 120  # characters of the reason in the list


class FailedWorkFilterSet(WagtailFilterSet):
    task_path = django_filters.ChoiceFilter(
        label="What", choices=sorted(failed_work.WORDS.items(), key=lambda each: each[1]), empty_label="All work"
    )

    class Meta:
        model = DBTaskResult
        fields = ["task_path"]


def _moment(task: DBTaskResult[..., object]) -> str:
    return date_format(timezone.localtime(task.finished_at), "j M Y, H:i")


def _why(task: DBTaskResult[..., object]) -> str:
    said = failed_work.why(task)
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}…"


def what_next(task: DBTaskResult[..., object]) -> str:
    due = queue.next_try(task)
    if due is None:
        return "Given up"
    return f"Tried again by itself after {date_format(timezone.localtime(due), 'H:i')}"


class _ForAdministrators(WagtailAdminTemplateMixin):
    header_icon = "warning"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_superuser:
            raise PermissionDenied
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response


class _Failures(WagtailPaginator):  # type: ignore[misc]  # Wagtail has no types
    verbose_name, verbose_name_plural = "failure", "failures"


class FailedWorkView(_ForAdministrators, StrictFilters, ReportView):
    model = DBTaskResult
    page_title = TITLE
    verbose_name_plural = "failures"
    filterset_class = FailedWorkFilterSet
    paginator_class = _Failures
    index_url_name = NAME
    index_results_url_name = RESULTS
    default_ordering = ("-finished_at", "pk")
    is_searchable = False
    list_export: list[str] = []
    columns = [
        TitleColumn("what", label="What", url_name=ONE, accessor=failed_work.what, width="26%"),
        Column("about", label="About", accessor=failed_work.about),
        Column("when", label="Failed", accessor=_moment),
        NumberColumn("tries", label="Tries", accessor=lambda task: len(task.worker_ids)),
        Column("why", label="Why", accessor=_why),
        Column("next", label="What happens", accessor=what_next),
    ]

    def get_base_queryset(self) -> QuerySet[DBTaskResult[..., object]]:
        return failed_work.failed()

    def get_filtered_queryset(self) -> QuerySet[DBTaskResult[..., object]]:
        """Filtered once; Wagtail's own filters again what `get_queryset` has filtered."""
        found: QuerySet[DBTaskResult[..., object]] = self.get_queryset()
        return found


class FailedTaskView(_ForAdministrators, TemplateView):
    """One of them, with two buttons, which may go for all of its kind."""

    template_name = "wagtailadmin/failed_work/task.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.key: UUID = kwargs["pk"]

    def task(self) -> DBTaskResult[..., object]:
        """Whoever may not know of it was refused before."""
        return get_object_or_404(failed_work.failed(), pk=self.key)

    def get_page_title(self) -> str:
        return failed_work.what(self.task())

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        here = {"url": "", "label": self.get_page_title()}
        return [*super().get_breadcrumbs_items(), {"url": reverse(NAME), "label": TITLE}, here]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        task = self.task()
        facts = {
            "About": failed_work.about(task) or "–",
            "Failed": _moment(task),
            "Tries": len(task.worker_ids),
            "Why": failed_work.why(task),
            "What happens": what_next(task),
        }
        alike = failed_work.failed().filter(task_path=task.task_path).count() - 1
        return {**super().get_context_data(**kwargs), "facts": facts, "failed": task, "alike": alike}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        task, by = self.task(), request.user
        tasks = failed_work.failed().filter(task_path=task.task_path) if "alike" in request.POST else [task]
        if request.POST.get("act") == "dismiss":
            count = failed_work.dismiss(tasks=tasks, by=by)  # type: ignore[arg-type]  # signed in
            messages.success(request, f"Dismissed: {count}.")
        else:
            count = failed_work.run_again(tasks=tasks, by=by)  # type: ignore[arg-type]  # as above
            messages.success(request, f"Back in the queue: {count}. The worker does it within a minute.")
        return redirect(NAME)


class FailedWorkItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)


def menu_item() -> MenuItem:
    return FailedWorkItem(TITLE, reverse(NAME), name=NAME, icon_name="warning", order=900)


def addresses() -> list[URLPattern]:
    return [
        path("reports/failed-work/", FailedWorkView.as_view(), name=NAME),
        path("reports/failed-work/results/", FailedWorkView.as_view(results_only=True), name=RESULTS),
        path("reports/failed-work/<uuid:pk>/", FailedTaskView.as_view(), name=ONE),
    ]
