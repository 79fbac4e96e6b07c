"""Invitations in Wagtail's administration: the list with where each stands, inviting one or many, again and no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets import HeaderButton, ListingButton
from wagtail.snippets.views import snippets
from wagtail.snippets.views.snippets import SnippetViewSet

from members.enums import InvitationState
from members.invite_forms import InviteForm, InviteListForm, unseal
from members.models import Invitation
from members.models.invitation import STANDINGS
from members.services import invite as services
from members.wagtail_applications import PERMISSION
from members.wagtail_filters import StrictFilters

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

NAMES = "wagtailsnippets_members_invitation"


@dataclass(frozen=True)
class Act:
    """What can be done with an invitation that is open."""

    name: str
    label: str
    done: str
    question: str
    icon: str
    service: Callable[..., Invitation]


ACTS = {
    act.name: act
    for act in (
        Act("again", "Send again", "A new invitation is on its way to {}.",
            "A new mail with a new link goes out, good for the full time. The former link is dead.", "mail",
            services.send_again),
        Act("revoke", "Take back", "The invitation of {} is taken back.",
            "The link in the mail is dead at once. No mail is sent about it.", "cross", services.revoke),
    )
}  # fmt: skip


class InvitationFilterSet(WagtailFilterSet):
    standing = django_filters.ChoiceFilter(
        label="Where it stands", choices=list(STANDINGS.items()), method="standing_as"
    )

    class Meta:
        model = Invitation
        fields = ["standing", "level"]

    def standing_as(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.standing_as(value)  # type: ignore[attr-defined]  # the manager's own


class InvitationIndexView(StrictFilters, snippets.IndexView):
    """The newest first; each row's menu has what can be done with it."""

    default_ordering = "-invited_at"

    def get_base_queryset(self) -> QuerySet[Invitation]:
        return Invitation.objects.select_related("level", "organisation", "invited_by")

    def search_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.is_searching:
            for word in self.search_query.split():
                queryset = queryset.filter(
                    Q(email__icontains=word) | Q(first_name__icontains=word) | Q(last_name__icontains=word)
                )
        return queryset

    @cached_property
    def columns(self) -> list[Column]:
        """Without boxes to tick: nothing is done with several invitations at once."""
        return [each for each in super().columns if not isinstance(each, BulkActionsCheckboxColumn)]

    @property
    def header_buttons(self) -> list[HeaderButton]:
        if not self.request.user.has_perm(PERMISSION):
            return []
        return [
            HeaderButton("Invite somebody", url=reverse(f"{NAMES}:invite"), icon_name="plus", priority=10),
            HeaderButton("Invite from a file", url=reverse(f"{NAMES}:invite_list"), icon_name="upload", priority=20),
        ]

    def get_edit_url(self, instance: Invitation) -> None:
        """What was sent is not changed; a row leads to the invitation's facts."""

    def get_list_buttons(self, instance: Invitation) -> list[Any]:
        buttons = list(super().get_list_buttons(instance))
        if not self.request.user.has_perm(PERMISSION) or instance.state != InvitationState.OPEN:
            return buttons
        own = [
            ListingButton(act.label, url=_address(instance, act), icon_name=act.icon, priority=place)
            for place, act in enumerate(ACTS.values())
        ]
        return [*own, *buttons]


def _address(invitation: Invitation, act: Act) -> str:
    return reverse(f"{NAMES}:act", args=[invitation.pk, act.name])


class InvitationInspectView(snippets.InspectView):
    def get_page_title(self) -> str:
        return "Invitation"

    labels = {
        "email": "E-mail", "name": "Name", "standing_label": "Where it stands", "level": "Level",
        "organisation": "Organisation", "expires_on": "Member until", "message": "Personal message",
        "invited_by": "Invited by", "invited_at": "Invited", "times_sent": "Times sent", "good_until": "Good until",
        "accepted_at": "Accepted",
    }  # fmt: skip

    @property
    def header_buttons(self) -> list[HeaderButton]:
        if not self.request.user.has_perm(PERMISSION) or self.object.state != InvitationState.OPEN:
            return []
        return [HeaderButton(act.label, url=_address(self.object, act), icon_name=act.icon) for act in ACTS.values()]

    def get_field_label(self, field_name: str, field: Any) -> str:
        return self.labels[field_name]

    def get_field_display_value(self, field_name: str, field: Any) -> Any:
        value = super().get_field_display_value(field_name, field)
        return "–" if value in (None, "") else value

    def get_name_display_value(self) -> str:
        return str(self.object.name)

    def get_standing_label_display_value(self) -> str:
        return str(self.object.standing_label)


class _ForSecretaries(WagtailAdminTemplateMixin):
    header_icon = "mail"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        here = {"url": "", "label": self.get_page_title(), "sublabel": self.get_page_subtitle()}
        listed = {"url": reverse(f"{NAMES}:list"), "label": "Invitations"}
        return [*super().get_breadcrumbs_items(), listed, here]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {"cancel_url": reverse(f"{NAMES}:list"), **context}


class InviteView(_ForSecretaries, FormView[InviteForm]):
    template_name = "wagtailadmin/invitations/invite.html"
    form_class = InviteForm
    page_title = "Invite somebody"

    def form_valid(self, form: InviteForm) -> HttpResponse:
        try:
            services.invite(
                invitees=[form.invitee], by=self.request.user, message=form.cleaned_data["message"]  # type: ignore[arg-type]  # signed in
            )  # fmt: skip
        except ValidationError as error:
            form.add_error(None, " ".join(error.messages))
            return self.form_invalid(form)
        messages.success(self.request, f"An invitation is on its way to {form.invitee.email}.")
        return redirect(f"{NAMES}:list")


class InviteListView(_ForSecretaries, FormView[InviteListForm]):
    """A file is looked at first, line by line; a second button sends what was looked at, all of it or nothing."""

    template_name = "wagtailadmin/invitations/invite_list.html"
    form_class = InviteListForm
    page_title = "Invite from a file"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "by": self.request.user}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "sealed" not in request.POST:
            return super().post(request, *args, **kwargs)
        by: Any = request.user
        try:
            invitees, message = unseal(request.POST["sealed"], by)
            services.invite(invitees=invitees, by=by, message=message)
        except ValidationError as error:
            return self.render_to_response(self.get_context_data(form=InviteListForm(by=by), troubles=error.messages))
        messages.success(request, f"{len(invitees)} invitations are on their way.")
        return redirect(f"{NAMES}:list")

    def form_valid(self, form: InviteListForm) -> HttpResponse:
        """The form again, with what is wrong, or with everybody who would be invited."""
        return self.render_to_response(self.get_context_data(form=form, is_looked_at=True))


class ActView(_ForSecretaries, FormView[forms.Form]):
    """Asks once more, and does it."""

    template_name = "wagtailadmin/invitations/act.html"
    form_class = forms.Form

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if kwargs["act"] not in ACTS:
            raise Http404("No such thing.")
        self.act = ACTS[kwargs["act"]]
        self.invitation = get_object_or_404(Invitation, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_page_title(self) -> str:
        return self.act.label

    def get_page_subtitle(self) -> str:
        return self.invitation.email

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "act": self.act, "invitation": self.invitation}

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            self.act.service(invitation=self.invitation, by=self.request.user)
        except ValidationError as error:
            form.add_error(None, " ".join(error.messages))
            return self.form_invalid(form)
        messages.success(self.request, self.act.done.format(self.invitation.email))
        return redirect(f"{NAMES}:list")


class InvitationViewSet(SnippetViewSet):
    """Seen by whoever looks after members."""

    model = Invitation
    icon = "mail"
    menu_label = "Invitations"
    menu_name = "invitations"
    menu_order = 445
    add_to_admin_menu = True
    index_view_class = InvitationIndexView
    inspect_view_class = InvitationInspectView
    inspect_view_enabled = True
    inspect_view_fields = list(InvitationInspectView.labels)
    copy_view_enabled = False
    filterset_class = InvitationFilterSet
    list_display = [
        "email",
        Column("name", label="Name", sort_key="last_name"),
        Column("standing_label", label="Where it stands"),
        Column("level", label="Level"),
        Column("invited_by", label="Invited by"),
        Column("invited_label", label="Invited", sort_key="invited_at"),
        Column("good_until_label", label="Good until", sort_key="good_until"),
    ]
    list_per_page = 50
    search_fields = ["email"]
    search_backend_name = None
    exclude_form_fields = ["token_digest"]

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("invite/", InviteView.as_view(), name="invite"),
            path("invite-list/", InviteListView.as_view(), name="invite_list"),
            path("act/<int:pk>/<str:act>/", ActView.as_view(), name="act"),
        ]

    def register_chooser_viewset(self) -> None:
        """Nothing chooses an invitation, and a list to choose from would show them to all in the administration."""
