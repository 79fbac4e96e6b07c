"""The secretary's pages in Wagtail's administration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import django_filters
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, Q, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets import Button, HeaderButton

from members import record_words
from members.enums import Decision, Standing
from members.forms import ApproveForm, DecisionForm, ExtendForm, ReinstateForm, SuspendForm
from members.models import AccessRecord, Membership
from members.services import membership as services
from members.wagtail_filters import StrictFilters


@dataclass(frozen=True)
class DecisionKind:
    """A decision that a secretary can take: its words, its form, its service, and when it is on offer."""

    name: str
    label: str
    done: str
    icon: str
    form: type[DecisionForm]
    service: Callable[..., Membership]
    applies_to: tuple[Decision, ...]


DECISIONS = {
    kind.name: kind
    for kind in (
        DecisionKind(
            "approve", "Approve", "{} is now a member.", "check", ApproveForm, services.approve, (Decision.PENDING,)
        ),
        DecisionKind(
            "extend", "Extend", "The membership of {} has a new end.", "calendar", ExtendForm, services.extend,
            (Decision.APPROVED, Decision.SUSPENDED),
        ),
        DecisionKind(
            "suspend", "Suspend", "The membership of {} is suspended.", "lock", SuspendForm, services.suspend,
            (Decision.APPROVED,),
        ),
        DecisionKind(
            "reinstate", "Reinstate", "{} is a member again.", "lock-open", ReinstateForm, services.reinstate,
            (Decision.SUSPENDED,),
        ),
    )
}  # fmt: skip


def _url(kind: DecisionKind, membership: Membership) -> str:
    return reverse("membership:decide", args=[quote(membership.pk), kind.name])


def _on_offer(membership: Membership) -> list[DecisionKind]:
    return [kind for kind in DECISIONS.values() if membership.decision in kind.applies_to]


class DecideView(WagtailAdminTemplateMixin, FormView[DecisionForm]):
    """One decision: says whom it is about, asks what it needs, and calls the service."""

    template_name = "wagtailadmin/members/decide.html"
    header_icon = "user"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.has_perm("members.change_membership"):
            raise PermissionDenied
        if kwargs["decision"] not in DECISIONS:
            raise Http404("No such decision.")
        self.kind = DECISIONS[kwargs["decision"]]
        self.membership = get_object_or_404(
            Membership.objects.with_standing().select_related("user", "organisation"), pk=kwargs["pk"]
        )
        return super().dispatch(request, *args, **kwargs)

    def get_form_class(self) -> type[DecisionForm]:
        return self.kind.form

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "membership": self.membership}

    def get_page_title(self) -> str:
        return f"{self.kind.label} membership"

    def get_page_subtitle(self) -> str:
        return str(self.membership.user)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        here = {"url": "", "label": self.get_page_title(), "sublabel": self.get_page_subtitle()}
        return [*super().get_breadcrumbs_items(), {"url": reverse("membership:index"), "label": "Members"}, here]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        back = reverse("membership:inspect", args=[quote(self.membership.pk)])
        return context | {"membership": self.membership, "kind": self.kind, "cancel_url": back}

    def form_valid(self, form: DecisionForm) -> HttpResponse:
        try:
            self.kind.service(membership=self.membership, by=self.request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        messages.success(self.request, self.kind.done.format(self.membership.user))
        return redirect("membership:index")


class StandingFilterSet(WagtailFilterSet):
    standing = django_filters.ChoiceFilter(
        label="Standing",
        choices=[
            (each.value, each.label)
            for each in (Standing.APPLICANT, Standing.CURRENT, Standing.LAPSED, Standing.SUSPENDED)
        ],
    )

    class Meta:
        model = Membership
        fields = ["standing", "level"]


class MembershipIndexView(StrictFilters, generic.IndexView):
    """Everybody, those who wait first; the decisions that fit stand in each row's menu."""

    page_title = "Members"
    default_ordering = "-waiting"

    def get_base_queryset(self) -> QuerySet[Membership]:
        return Membership.objects.with_standing().select_related("user", "level", "organisation")

    def order_queryset(self, queryset: QuerySet[Membership]) -> QuerySet[Membership]:
        if self.ordering == self.default_ordering:
            # Those who wait stand at the head, whatever the alphabet makes of the others.
            is_waiting = Case(When(decision=Decision.PENDING, then=0), default=1)
            return queryset.order_by(is_waiting, "user__last_name", "user__first_name", "pk")
        return super().order_queryset(queryset)

    def search_queryset(self, queryset: QuerySet[Membership]) -> QuerySet[Membership]:
        if not self.is_searching:
            return queryset
        found = queryset
        for word in self.search_query.split():
            found = found.filter(_matches(word))
        return found

    def get_edit_url(self, instance: Membership) -> None:
        """A name leads to the person's facts; the form for level and organisation is one step further."""

    def get_list_more_buttons(self, instance: Membership) -> list[Any]:
        buttons = [
            Button(kind.label, url=_url(kind, instance), icon_name=kind.icon, priority=place)
            for place, kind in enumerate(_on_offer(instance))
            if self.permission_policy.user_has_permission(self.request.user, "change")
        ]
        return [*buttons, *super().get_list_more_buttons(instance)]


def _matches(word: str) -> Q:
    number = Q(number=int(word)) if word.isdecimal() and len(word) < 10 else Q()
    return (
        Q(user__email__icontains=word)
        | Q(user__first_name__icontains=word)
        | Q(user__last_name__icontains=word)
        | Q(organisation__name__icontains=word)
        | number
    )


class MembershipEditView(generic.EditView):
    """Level and organisation; everything else about a membership is a decision."""

    def save_instance(self) -> Membership:
        return services.change_details(membership=self.form.save(commit=False), by=self.request.user)


class MembershipInspectView(generic.InspectView):
    """One membership, with its decisions as buttons and its story from the access record."""

    template_name = "wagtailadmin/members/membership.html"

    @property
    def header_buttons(self) -> list[HeaderButton]:
        if not self.request.user.has_perm("members.change_membership"):
            return []
        return [
            HeaderButton(kind.label, url=_url(kind, self.object), icon_name=kind.icon)
            for kind in _on_offer(self.object)
        ]

    def get_user_display_value(self) -> str:
        return f"{self.object.user} ({self.object.user.email})"

    def get_field_label(self, field_name: str, field: Any) -> str:
        return {"user": "Name", "standing_label": "Standing", "applied_at": "Applied"}.get(
            field_name
        ) or super().get_field_label(field_name, field)

    def get_field_display_value(self, field_name: str, field: Any) -> Any:
        value = super().get_field_display_value(field_name, field)
        return "–" if value in (None, "") else value

    def get_standing_label_display_value(self) -> str:
        return self.object.standing_label

    def get_number_display_value(self) -> str:
        return self.object.number_label

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        rows = AccessRecord.objects.filter(object_kind="membership", details__user=self.object.user_id)
        story = list(rows.select_related("actor"))
        record_words.describe(story, self.request.user)
        return context | {"story": story}


class MembershipViewSet(ModelViewSet):
    """Members and applicants, for the secretary."""

    model = Membership
    name = "membership"
    url_prefix = "memberships"
    icon = "group"
    menu_label = "Members"
    menu_order = 450
    add_to_admin_menu = True
    copy_view_enabled = False
    inspect_view_enabled = True
    inspect_view_fields = [
        "user", "standing_label", "number", "level", "organisation", "applied_at", "starts_on", "expires_on", "reason",
    ]  # fmt: skip
    form_fields = ["level", "organisation"]
    index_view_class = MembershipIndexView
    edit_view_class = MembershipEditView
    inspect_view_class = MembershipInspectView
    filterset_class = StandingFilterSet
    list_display = [
        "user",
        Column("user.email", label="E-mail"),
        Column("number_label", label="Number", sort_key="number"),
        Column("standing_label", label="Standing"),
        Column("organisation", label="Organisation"),
        Column("expires_on", label="Until", sort_key="expires_on"),
    ]
    list_per_page = 50
    search_fields = ["user__email"]

    def get_urlpatterns(self) -> list[URLPattern]:
        decide = path("decide/<int:pk>/<str:decision>/", DecideView.as_view(), name="decide")
        return [*super().get_urlpatterns(), decide]
