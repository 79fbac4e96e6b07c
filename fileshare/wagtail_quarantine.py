"""A file that the virus scanner holds, in Wagtail's administration: administrators release it or have it scanned
again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from fileshare import access
from fileshare.services import release as services
from fileshare.wagtail_policy import policy
from members.form_fields import Words

NAME = "quarantine"
DONE = "It is being checked once more: load this page again in a moment."


class ReleaseForm(forms.Form):
    """Both decisions; which of them is said by the button."""

    found = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)
    reason = Words(
        longest=200,
        label="Reason for releasing it",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Who says that the file is harmless, and how they know. The access record keeps it.",
    )


class QuarantineView(WagtailAdminTemplateMixin, FormView[ReleaseForm]):
    """One version of a paper. Editors of its folder see that it is held, and are refused here."""

    template_name = "wagtaildocs/documents/quarantine.html"
    header_icon = "lock"
    page_title = "Held by the virus scanner"
    form_class = ReleaseForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user: Any = request.user
        mine = policy().instances_user_has_permission_for(user, "change")
        self.paper = get_object_or_404(mine, pk=kwargs["document_id"])
        if not access.is_administrator(user):
            raise PermissionDenied
        self.version = get_object_or_404(self.paper.versions, number=kwargs["number"])
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.version.is_held_by_scanner:
            messages.warning(request, services.DECIDED)
            return redirect("wagtaildocs:edit", self.paper.pk)
        return super().get(request, *args, **kwargs)

    def get_page_subtitle(self) -> str:
        return str(self.paper.title)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("wagtaildocs:index"), "label": "Papers"},
            {"url": reverse("wagtaildocs:edit", args=[self.paper.pk]), "label": self.paper.title},
            {"url": "", "label": self.page_title, "sublabel": self.get_page_subtitle()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"paper": self.paper, "version": self.version}

    def form_valid(self, form: ReleaseForm) -> HttpResponse:
        by: Any = self.request.user
        try:
            if "release" in self.request.POST:
                services.release(version=self.version, by=by, **form.cleaned_data)
            else:
                services.scan_again(version=self.version, by=by)
        except ValidationError as error:
            self.version.refresh_from_db()
            form.add_error(None, error)
            return self.form_invalid(form)
        what = "released" if "release" in self.request.POST else "scanned again"
        messages.success(self.request, f"Version {self.version.number} of “{self.paper.title}” is {what}. {DONE}")
        return redirect("wagtaildocs:edit", self.paper.pk)


def addresses() -> list[URLPattern]:
    return [path("documents/quarantine/<int:document_id>/<int:number>/", QuarantineView.as_view(), name=NAME)]
