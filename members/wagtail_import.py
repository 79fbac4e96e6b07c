"""Bringing a register in from a CSV file, in Wagtail's administration: the file, its columns, the check, the import.

The worker checks and imports, since 50,000 people take longer than anybody waits for a page.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.views.generic import FormView, View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from members import csv_register
from members.enums import ImportState
from members.import_forms import ColumnsForm, UploadForm
from members.import_plan import Options
from members.models import MemberImport, MembershipLevel
from members.services import import_members as services

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

    class _View(View):
        """What `_Secretary` is mixed into."""

else:
    _View = object

LOOK_AGAIN = 3  # seconds, while the worker is busy
RECENT = 10
WAITING = (ImportState.CHECKING, ImportState.IMPORTING)


class _Secretary(_View):
    """For those who may change memberships; a file is seen by whoever brought it, and by administrators."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.has_perm("members.change_membership"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def imports(self) -> QuerySet[MemberImport]:
        user = self.request.user
        return MemberImport.objects.all() if user.is_superuser else MemberImport.objects.filter(by=user.pk)


class UploadView(_Secretary, WagtailAdminTemplateMixin, FormView[UploadForm]):
    """The file, and what became of the last ones."""

    template_name = "wagtailadmin/members/import.html"
    form_class = UploadForm
    page_title = "Import members"
    header_icon = "upload"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        here = {"url": "", "label": "Import members"}
        return [*super().get_breadcrumbs_items(), {"url": reverse("membership:index"), "label": "Members"}, here]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        known = [label for label, _spellings in csv_register.COLUMNS.values()]
        recent = self.imports().defer("text", "report").select_related("by")[:RECENT]
        return context | {"recent": recent, "known": known}

    def form_valid(self, form: UploadForm) -> HttpResponse:
        table = form.table
        made = MemberImport.objects.create(
            file_name=(form.cleaned_data["file"].name or "register.csv")[:200],
            text=table.text,
            delimiter=table.delimiter,
            note=table.note[:200],
            columns=csv_register.guess(table.head),
            options=Options().as_json(),
            by_id=self.request.user.pk,
        )
        return redirect("membership:import_step", pk=made.pk)


class StepView(_Secretary, WagtailAdminTemplateMixin, FormView[ColumnsForm]):
    """One file: its columns while they can be assigned, what the check found, and what was imported."""

    template_name = "wagtailadmin/members/import_step.html"
    form_class = ColumnsForm
    page_title = "Import members"
    header_icon = "upload"

    @cached_property
    def found(self) -> MemberImport:
        return get_object_or_404(self.imports().select_related("by"), pk=self.kwargs["pk"])

    def get_page_subtitle(self) -> str:
        return self.found.file_name

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("membership:index"), "label": "Members"},
            {"url": reverse("membership:import"), "label": "Import members"},
            {"url": "", "label": self.found.file_name},
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        first = [cells for _line, cells in islice(csv_register.rows(self.found.text, self.found.delimiter), 2)]
        head, example = first if len(first) == 2 else ([], [])  # the text goes once it is imported
        may = self.request.user.has_perm("members.add_membershiplevel")
        return {**super().get_form_kwargs(), "head": head, "example": example, "may_make_levels": may}

    def get_initial(self) -> dict[str, Any]:
        options = Options.from_json(self.found.options)
        level = MembershipLevel.objects.filter(name=options.level).first() if options.level else None
        columns = {f"column_{name}": place for name, place in self.found.columns.items()}
        return {**options.as_json(), "level": level, "expires_on": options.expires_on, **columns}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        report = self.found.report
        hidden = report.get("problem_count", 0) - len(report.get("problems", []))
        return context | {
            "found": self.found,
            "report": report,
            "hidden_problems": hidden,
            "is_waiting": self.found.state in WAITING,
        }

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().render_to_response(context, **kwargs)
        if context["is_waiting"]:
            response["Refresh"] = str(LOOK_AGAIN)  # also where scripts are off
        return response

    def form_valid(self, form: ColumnsForm) -> HttpResponse:
        services.ask_for_check(member_import=self.found, columns=form.columns, options=form.options)
        return redirect("membership:import_step", pk=self.found.pk)


class CarryOutView(_Secretary, View):
    """The last word: what was checked is imported."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = get_object_or_404(self.imports(), pk=pk)
        if not services.ask_for_import(member_import=found):
            messages.warning(request, "This file is not ready to be imported, or is being imported already.")
        return redirect("membership:import_step", pk=pk)


class ForgetView(_Secretary, View):
    """The file goes, with the people in it; what was imported stays."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = get_object_or_404(self.imports().exclude(state=ImportState.IMPORTING), pk=pk)
        found.delete()
        messages.success(request, f"{found.file_name} is forgotten.")
        return redirect("membership:import")


def addresses() -> list[URLPattern]:
    """Below the list of members."""
    return [
        path("import/", UploadView.as_view(), name="import"),
        path("import/<int:pk>/", StepView.as_view(), name="import_step"),
        path("import/<int:pk>/carry-out/", CarryOutView.as_view(), name="import_carry_out"),
        path("import/<int:pk>/forget/", ForgetView.as_view(), name="import_forget"),
    ]
