"""The handling terms in Wagtail's administration: written anew, never changed behind a reader's back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from fileshare import access
from fileshare.models import HandlingTerms
from fileshare.services import terms as services
from members.form_fields import Words

NAME = "handling_terms"


class TermsForm(forms.Form):
    text = Words(
        longest=10_000,
        label="Handling terms",
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text="What a member undertakes before a copy marked TLP:AMBER or above leaves. An empty line begins a new "
        "paragraph. When you save other words, every member is asked anew.",
    )


class TermsView(WagtailAdminTemplateMixin, FormView[TermsForm]):
    """The present text to change, and below it those before."""

    template_name = "fileshare/admin/terms.html"
    header_icon = "clipboard-list"
    page_title = "Handling terms"
    form_class = TermsForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not access.is_administrator(request.user):  # type: ignore[arg-type]  # signed in
            raise PermissionDenied
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_initial(self) -> dict[str, Any]:
        return {"text": services.current().text}

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"every": HandlingTerms.objects.select_related("made_by")}

    def form_valid(self, form: TermsForm) -> HttpResponse:
        by: Any = self.request.user
        try:
            made = services.publish(text=form.cleaned_data["text"], by=by)
        except ValidationError as error:
            form.add_error("text", error)
            return self.form_invalid(form)
        messages.success(self.request, f"Version {made.number} of the handling terms holds from now on.")
        return redirect(NAME)


class TermsItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return access.is_administrator(request.user)  # type: ignore[arg-type]  # signed in


def menu_item() -> MenuItem:
    return TermsItem(
        TermsView.page_title, reverse(NAME), name=NAME, icon_name=TermsView.header_icon, order=900
    )  # fmt: skip


def addresses() -> list[URLPattern]:
    return [path("handling-terms/", TermsView.as_view(), name=NAME)]
