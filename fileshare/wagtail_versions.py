"""A paper's former versions in Wagtail's administration: to restore one."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from fileshare.form_fields import NewVersionForm
from fileshare.services import restore as services
from fileshare.wagtail_policy import policy

NAME = "restore_version"


class RestoreVersionView(WagtailAdminTemplateMixin, FormView[NewVersionForm]):
    """Asks what to say of it, for those who may change the paper."""

    template_name = "wagtaildocs/documents/restore.html"
    header_icon = "history"
    page_title = "Restore a former version"
    form_class = NewVersionForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        mine = policy().instances_user_has_permission_for(request.user, "change")  # type: ignore[arg-type]  # signed in
        self.paper = get_object_or_404(mine, pk=kwargs["document_id"])
        self.version = get_object_or_404(services.restorable(self.paper), number=kwargs["number"])
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_page_subtitle(self) -> str:
        return str(self.paper.title)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("wagtaildocs:index"), "label": "Papers"},
            {"url": reverse("wagtaildocs:edit", args=[self.paper.pk]), "label": self.paper.title},
            {"url": "", "label": self.page_title, "sublabel": self.get_page_subtitle()},
        ]

    def get_initial(self) -> dict[str, Any]:
        return {"version_note": f"Version {self.version.number} again"}

    def get_form(self, form_class: type[NewVersionForm] | None = None) -> NewVersionForm:
        form = super().get_form(form_class)
        form.offer_changes(self.paper)
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"paper": self.paper, "version": self.version}

    def form_valid(self, form: NewVersionForm) -> HttpResponse:
        by: Any = self.request.user
        try:
            new = services.restore(version=self.version, by=by, **form.said_of_version)
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        messages.success(
            self.request,
            f"Version {self.version.number} of “{self.paper.title}” is now version {new.number} as well. Its file is "
            "being checked; until then readers get the former.",
        )
        return redirect("wagtaildocs:edit", self.paper.pk)


def addresses() -> list[URLPattern]:
    return [path("documents/restore/<int:document_id>/<int:number>/", RestoreVersionView.as_view(), name=NAME)]
