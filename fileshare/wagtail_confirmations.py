"""Who has confirmed a paper, in Wagtail's administration: to read, to remind, to export."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.reports import ReportView

from fileshare import acknowledging
from fileshare.services import acknowledge as services
from fileshare.wagtail_policy import policy
from members import audit
from members.enums import Action
from members.models import User
from members.wagtail_export import StreamedExport
from members.wagtail_filters import StrictFilters

if TYPE_CHECKING:
    import datetime

NAME, RESULTS = "confirmations", "confirmations_results"
YES, NO = "yes", "no"


class ConfirmationFilterSet(WagtailFilterSet):
    confirmed = django_filters.ChoiceFilter(
        label="Confirmed", choices=[(NO, "Not yet"), (YES, "Yes")], method="by_state"
    )

    class Meta:
        model = User
        fields = ["confirmed"]

    def by_state(self, people: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        wanted = acknowledging.HAS_CONFIRMED
        return people.filter(wanted) if value == YES else people.exclude(wanted)


def _organisation(person: User) -> str:
    membership = getattr(person, "membership", None)
    return str(membership.organisation or "") if membership else ""


def _day(moment: datetime.datetime | None) -> str:
    return date_format(moment, "j F Y, H:i") if moment else "Not yet"


class _Members(WagtailPaginator):  # type: ignore[misc]  # Wagtail has no types
    """The count at the foot, which Wagtail would name by the model."""

    verbose_name, verbose_name_plural = "member", "members"


class ConfirmationsView(StrictFilters, StreamedExport, ReportView):
    """The members whom one paper asks; those who have not confirmed it first. For those who may change the paper."""

    model = User
    page_title = "Who has confirmed it"
    header_icon = "check"
    template_name = "wagtaildocs/documents/confirmations.html"
    results_template_name = "wagtailadmin/reports/base_report_results.html"
    filterset_class = ConfirmationFilterSet
    paginator_class = _Members
    index_url_name = NAME
    index_results_url_name = RESULTS
    verbose_name_plural = "members"
    columns = [
        Column("get_full_name", label="Name"),
        Column("email", label="E-mail"),
        Column("organisation", label="Organisation", accessor=_organisation),
        Column("confirmed_at", label="Confirmed", accessor=lambda person: _day(person.confirmed_at)),
        Column("confirmed_version", label="Version"),
    ]
    export_headings: ClassVar[dict[str, str]] = {
        "get_full_name": "Name",
        "email": "E-mail",
        "membership.organisation": "Organisation",
        "confirmed_at": "Confirmed",
        "confirmed_version": "Version",
    }
    list_export: ClassVar[list[str]] = list(export_headings)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        mine = policy().instances_user_has_permission_for(request.user, "change")  # type: ignore[arg-type]  # signed in
        self.paper = get_object_or_404(mine.filter(acknowledge_by__isnull=False), pk=kwargs["document_id"])
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Remind those who have not."""
        try:
            waiting = services.ask_to_remind(document=self.paper, by=request.user)  # type: ignore[arg-type]  # signed in
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            messages.success(request, _said(waiting))
        return redirect(NAME, self.paper.pk)

    def get_page_subtitle(self) -> str:
        return str(self.paper.title)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            {"url": reverse("wagtailadmin_home"), "label": "Home"},
            {"url": reverse("wagtaildocs:index"), "label": "Papers"},
            {"url": reverse("wagtaildocs:edit", args=[self.paper.pk]), "label": self.paper.title},
            {"url": "", "label": self.page_title, "sublabel": self.get_page_subtitle()},
        ]

    @cached_property
    def index_url(self) -> str:
        return reverse(NAME, args=[self.paper.pk])

    @cached_property
    def index_results_url(self) -> str:
        return reverse(RESULTS, args=[self.paper.pk])

    def get_filename(self) -> str:
        return f"confirmations-{self.paper.uuid}"

    def get_base_queryset(self) -> QuerySet[User]:
        people = acknowledging.people_asked(self.paper).select_related("membership__organisation")
        return people.order_by(*acknowledging.FIRST_THOSE_WHO_HAVE_NOT)

    def get_filtered_queryset(self) -> QuerySet[User]:
        """Filtered once; Wagtail's own filters again what `get_queryset` has filtered."""
        return self.get_queryset()

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        asked = acknowledging.people_asked(self.paper)
        done = asked.filter(acknowledging.HAS_CONFIRMED).count()
        return {**super().get_context_data(*args, **kwargs), "paper": self.paper, "asked": asked.count(), "done": done}

    def record_export(self) -> None:
        audit.record(
            Action.REPORT_EXPORTED, actor=self.request.user, object_kind="document", object_id=self.paper.uuid,
            words=self.request.GET.urlencode(),
        )  # fmt: skip


def _said(waiting: int) -> str:
    if not waiting:
        return "Nobody is written to: everybody has confirmed it."
    who = "The member who has" if waiting == 1 else f"The {waiting} members who have"
    return f"{who} not confirmed it will be reminded by mail, unless that was done today already."


def addresses() -> list[URLPattern]:
    return [
        path("documents/confirmations/<int:document_id>/", ConfirmationsView.as_view(), name=NAME),
        path(
            "documents/confirmations/<int:document_id>/results/",
            ConfirmationsView.as_view(results_only=True),
            name=RESULTS,
        ),
    ]
