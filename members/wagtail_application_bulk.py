"""Decisions about several applications at once, as Wagtail's bulk actions. Each is decided by the same service as
one by one, with its own mail and row of the record; those that a decision does not fit are named with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from wagtail.snippets.bulk_actions.snippet_bulk_action import SnippetBulkAction

from members.decide_forms import ApplicationDecisionForm, ApproveManyForm, DeclineForm
from members.enums import ApplicationState
from members.keys import as_keys
from members.models import Application
from members.services import decide as services
from members.wagtail_applications import NAMES, PERMISSION
from members.wagtail_decide_many import MOST, DecideEach

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from members.models import User


class _DecideMany(DecideEach, SnippetBulkAction):
    models = [Application]
    template_name = "wagtailadmin/applications/decide_many.html"
    form_class: type[ApplicationDecisionForm]
    list_name, things = f"{NAMES}:list", "applications"
    question = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)
        return answer

    def get_all_objects_in_listing_query(self, parent_id: str | None) -> QuerySet[Any]:
        """“All” is all that wait for the secretary, whatever else the list shows."""
        waiting = Application.objects.filter(state__in=(ApplicationState.NEW, ApplicationState.REVIEW))
        return waiting.order_by("pk").values_list("pk", flat=True)[: MOST + 1]

    @classmethod
    def get_queryset(cls, model: type[Application], object_ids: Iterable[Any]) -> QuerySet[Application]:
        return Application.objects.received().filter(pk__in=as_keys(object_ids)).order_by("applied_at", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "question": self.question}

    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = self.cleaned_form.facts
        return facts

    def counted(self, count: int) -> str:
        return f"{count} application{'' if count == 1 else 's'} {self.done}."


class ApproveApplications(_DecideMany):
    display_name, action_type = "Approve", "approve"
    aria_label = "Approve the selected applications"
    action_priority = 10
    form_class = ApproveManyForm
    question = (
        "All of them become members today, with this level and last day, and each gets this mail. An organisation is "
        "the one that is called as the applicant typed it, or a new one."
    )
    done = "approved"

    @classmethod
    def decide(cls, thing: Application, by: User, facts: dict[str, Any]) -> None:
        services.approve(
            application=thing, by=by, organisation_name=thing.organisation_name, **facts
        )  # fmt: skip


class DeclineApplications(_DecideMany):
    display_name, action_type = "Decline", "decline"
    aria_label = "Decline the selected applications"
    action_priority = 20
    classes = {"serious"}
    form_class = DeclineForm
    question = "All of them are declined, and each gets this mail."
    done = "declined"

    @classmethod
    def decide(cls, thing: Application, by: User, facts: dict[str, Any]) -> None:
        services.decline(application=thing, by=by, **facts)
