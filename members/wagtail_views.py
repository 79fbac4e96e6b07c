"""The secretary's list of members in Wagtail's administration, and the page of one membership."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

import django_filters
from django.contrib.admin.utils import quote
from django.core.validators import MaxValueValidator
from django.db.models import Case, QuerySet, When
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets import Button

from members import audit, timeline, wagtail_import, wagtail_people
from members.enums import Action, Decision, Standing
from members.forms import DetailsForm
from members.models import Membership, MembershipLevel
from members.services import membership as services
from members.wagtail_decisions import DecideView, on_offer, url_of
from members.wagtail_export import StreamedExport
from members.wagtail_filters import KeysFirst, StrictFilters

STANDINGS = (
    Standing.APPLICANT, Standing.CURRENT, Standing.GRACE, Standing.LAPSED, Standing.SUSPENDED, Standing.RESIGNED,
    Standing.LEAVING,
)  # fmt: skip
MOST_DAYS = 3660


class MembershipFilterSet(WagtailFilterSet):
    standing = django_filters.ChoiceFilter(
        label="Standing", choices=[(each.value, each.label) for each in STANDINGS], method="by_standing"
    )
    level = django_filters.ChoiceFilter(label="Level")
    organisation = django_filters.CharFilter(
        label="Organisation", field_name="organisation__name", lookup_expr="icontains"
    )
    expires_within = django_filters.NumberFilter(
        label="Ends within so many days", method="by_end", min_value=0, validators=[MaxValueValidator(MOST_DAYS)]
    )
    password = django_filters.ChoiceFilter(
        label="Signing in", choices=[("none", "Has no password yet")], method="by_password"
    )

    class Meta:
        model = Membership
        fields = ["standing", "level", "organisation", "expires_within", "password"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Asked for once; Wagtail's own filter of another table asks again for whatever is chosen.
        self.filters["level"].extra["choices"] = list(MembershipLevel.objects.values_list("pk", "name"))

    def by_standing(self, queryset: Any, name: str, value: str) -> QuerySet[Membership]:
        found: QuerySet[Membership] = queryset.standing_as(Standing(value))
        return found

    def by_end(self, queryset: QuerySet[Membership], name: str, value: int) -> QuerySet[Membership]:
        today = timezone.localdate()
        last = today + datetime.timedelta(days=int(value))
        return queryset.filter(decision=Decision.APPROVED, expires_on__range=(today, last))

    def by_password(self, queryset: Any, name: str, value: str) -> QuerySet[Membership]:
        found: QuerySet[Membership] = queryset.without_password()
        return found


class MembershipIndexView(StrictFilters, StreamedExport, generic.IndexView):
    """Everybody, those who wait first; the decisions that fit stand in each row's menu."""

    page_title = "Members"
    template_name = "wagtailadmin/members/index.html"
    paginator_class = KeysFirst
    default_ordering = "-waiting"
    export_headings: ClassVar[dict[str, str]] = {
        "number": "Number",
        "user.first_name": "First name",
        "user.last_name": "Last name",
        "user.email": "E-mail",
        "standing_label": "Standing",
        "level.name": "Level",
        "organisation.name": "Organisation",
        "starts_on": "Member since",
        "expires_on": "Member until",
        "reason": "Reason for suspension",
    }

    @cached_property
    def columns(self) -> list[Any]:
        columns = list(super().columns)
        if self.permission_policy.user_has_permission(self.request.user, "change"):
            columns.insert(0, BulkActionsCheckboxColumn("bulk_actions", obj_type="membership"))
        return columns

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        buttons = list(super().header_more_buttons)
        if self.permission_policy.user_has_permission(self.request.user, "change"):
            address = reverse("membership:import")
            buttons.append(Button("Import from a CSV file", url=address, icon_name="upload", priority=80))
        return buttons

    def get_base_queryset(self) -> QuerySet[Membership]:
        return Membership.objects.with_standing().select_related("user", "level", "organisation")

    def order_queryset(self, queryset: QuerySet[Membership]) -> QuerySet[Membership]:
        if self.ordering == self.default_ordering:
            # Those who wait stand at the head, whatever the alphabet makes of the others.
            is_waiting = Case(When(decision=Decision.PENDING, then=0), default=1)
            return queryset.order_by(is_waiting, "user__last_name", "user__first_name", "pk")
        return super().order_queryset(queryset)

    def search_queryset(self, queryset: Any) -> QuerySet[Membership]:
        found: QuerySet[Membership] = queryset.matching(self.search_query) if self.is_searching else queryset
        return found

    def get_edit_url(self, instance: Membership) -> None:
        """A name leads to the person's facts; the form for level and organisation is one step further."""

    def get_list_more_buttons(self, instance: Membership) -> list[Any]:
        if not self.permission_policy.user_has_permission(self.request.user, "change"):
            return list(super().get_list_more_buttons(instance))
        buttons = [
            Button(kind.label, url=url_of(kind, instance), icon_name=kind.icon, priority=place)
            for place, kind in enumerate(on_offer(instance))
        ]
        return [*buttons, *super().get_list_more_buttons(instance)]

    def record_export(self) -> None:
        audit.record(
            Action.MEMBERS_EXPORTED, actor=self.request.user, object_kind="members",
            words=self.request.GET.urlencode(),
        )  # fmt: skip


class MembershipEditView(generic.EditView):
    """Level and organisation; everything else about a membership is a decision."""

    def save_instance(self) -> Membership:
        facts = self.form.cleaned_data
        return services.change_details(
            membership=self.form.instance,
            by=self.request.user,
            level=facts["level"],
            organisation=facts["organisation"],
        )

    def get_success_url(self) -> str:
        return reverse("membership:inspect", args=[quote(self.object.pk)])


class MembershipInspectView(generic.InspectView):
    """One membership, with its decisions as buttons and its story from the access record."""

    template_name = "wagtailadmin/members/membership.html"
    page_title = "Member"

    def get_object(self, queryset: QuerySet[Membership] | None = None) -> Membership:
        found = super().get_object(queryset)
        known = Membership.objects.with_standing().select_related("user__profile", "level__group", "organisation")
        return known.get(pk=found.pk)

    def get_page_subtitle(self) -> str:
        return str(self.object.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        story = timeline.of(self.object, self.request.user)
        return context | {"membership": self.object, "ways": self.ways(), "story": story}

    def ways(self) -> list[tuple[str, str, str]]:
        """What can be decided: label, icon, address. On the page, since a narrow screen's head has no room for six."""
        if not self.request.user.has_perm("members.change_membership"):
            return []
        decisions = [(kind.label, kind.icon, url_of(kind, self.object)) for kind in on_offer(self.object)]
        edit = reverse("membership:edit", args=[quote(self.object.pk)])
        others = [(each.label, each.icon_name, each.url) for each in wagtail_people.buttons(self.object)]
        return [*decisions, ("Change level or organisation", "edit", edit), *others]


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
    inspect_view_fields: ClassVar[list[str]] = []  # the template has them
    index_view_class = MembershipIndexView
    edit_view_class = MembershipEditView
    inspect_view_class = MembershipInspectView
    filterset_class = MembershipFilterSet
    list_display = [
        "user",
        Column("user.email", label="E-mail"),
        Column("number_label", label="Number", sort_key="number"),
        Column("standing_label", label="Standing"),
        Column("level", label="Level"),
        Column("organisation", label="Organisation"),
        Column("expires_on", label="Until", sort_key="expires_on"),
    ]
    list_export = list(MembershipIndexView.export_headings)
    export_filename = "members"
    list_per_page = 50
    search_fields = ["user__email"]

    def get_form_class(self, for_update: bool = False) -> type[DetailsForm]:
        return DetailsForm

    def get_urlpatterns(self) -> list[URLPattern]:
        decide = path("decide/<int:pk>/<str:decision>/", DecideView.as_view(), name="decide")
        return [*super().get_urlpatterns(), decide, *wagtail_import.addresses()]
