"""What members brought, in Wagtail's administration: to take in or not."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from fileshare import states
from fileshare.enums import PaperState, Review
from fileshare.forms import said_of_twins
from fileshare.services import contribute as services
from fileshare.services import duplicates
from fileshare.wagtail_policy import policy
from members.form_fields import Words
from members.models import User

NAME = "contribution"
HELD = (PaperState.QUARANTINED, PaperState.UNSCANNED)


class DecisionForm(forms.Form):
    """Both decisions; which of them is said by the button."""

    note = Words(
        longest=200,
        label="Reason for not taking it in",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Whoever brought the paper reads it. Not needed when you take the paper in.",
    )


class ContributionView(WagtailAdminTemplateMixin, FormView[DecisionForm]):
    """One paper that a member brought, for those who may change the papers of its folder."""

    template_name = "wagtaildocs/documents/contribution.html"
    header_icon = "doc-full-inverse"
    page_title = "A member's paper"
    form_class = DecisionForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        mine = policy().instances_user_has_permission_for(request.user, "change")  # type: ignore[arg-type]  # signed in
        waiting = mine.filter(review=Review.WAITING).select_related("contributed_by", "collection")
        self.paper = get_object_or_404(waiting, pk=kwargs["document_id"])
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_page_subtitle(self) -> str:
        return str(self.paper.title)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        here = {"url": "", "label": self.page_title, "sublabel": self.get_page_subtitle()}
        papers = {"url": reverse("wagtaildocs:index"), "label": "Papers"}
        return [*super().get_breadcrumbs_items(), papers, here]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        by: Any = self.request.user
        twins = duplicates.known_to(by, self.paper.sha256, besides=self.paper)
        return context | {
            "paper": self.paper,
            "version": self.paper.newest_version,
            "said_of_twins": said_of_twins(twins, self.paper) if twins else "",
            "is_checked": self.paper.current_version_id is not None,
            "held": states.reason(self.paper) if self.paper.state in HELD else "",
        }

    def form_valid(self, form: DecisionForm) -> HttpResponse:
        by: Any = self.request.user
        try:
            self._decide(form, by)
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        return redirect("wagtaildocs:index")

    def _decide(self, form: DecisionForm, by: User) -> None:
        if "accept" in self.request.POST:
            services.accept(document=self.paper, by=by)
            messages.success(self.request, f"“{self.paper.title}” is taken in. Members can read it.")
        else:
            services.decline(document=self.paper, by=by, note=form.cleaned_data["note"])
            messages.success(self.request, f"“{self.paper.title}” is not taken in; its contributor is told why.")


def addresses() -> list[URLPattern]:
    return [path("documents/contributions/<int:document_id>/", ContributionView.as_view(), name=NAME)]
