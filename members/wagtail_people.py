"""What the secretary does for a person besides decisions about the membership: an organisation that was asked for, and
leaving, for somebody who asks by letter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets import HeaderButton

from members.models import Membership, User
from members.own_forms import LeaveForm, LineField
from members.services import details, erase

if TYPE_CHECKING:
    from collections.abc import Iterable

NOT_MANY = "Accounts are erased one by one, since each person is told and may come back."


class OrganisationForm(forms.Form):
    name = LineField(
        label="Organisation", max_length=200, required=False,
        help_text="As it shall be called. Where there is one of this name already, it is that one.",
    )  # fmt: skip


class LetterForm(LeaveForm):
    """As the person's own form, in the secretary's words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "What the person has written on the site stays"
        self.fields["name"].choices = [  # type: ignore[attr-defined]
            ("loses", "without the name: it says “A former member” (choose this where the letter does not say)"),
            ("keeps", "with the name"),
        ]
        self.fields["is_meant"].label = "The person has asked for it, and I am sure that it was the person"


class _PersonView(WagtailAdminTemplateMixin, FormView[Any]):
    """A form about one person, for whoever may change memberships."""

    template_name = "wagtailadmin/members/person.html"
    header_icon = "user"
    button = ""
    person: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.has_perm("members.change_membership"):
            raise PermissionDenied
        self.person = self.find(**kwargs)
        return super().dispatch(request, *args, **kwargs)

    def find(self, **kwargs: int) -> User:
        raise NotImplementedError

    def act(self, form: Any) -> str:
        """Do it, and say in a sentence what was done."""
        raise NotImplementedError

    @property
    def by(self) -> User:
        acting: Any = self.request.user
        person: User = acting
        return person

    @property
    def back(self) -> str:
        membership: Membership | None = getattr(self.person, "membership", None)
        return reverse("membership:inspect", args=[membership.pk]) if membership else reverse("membership:index")

    def get_page_subtitle(self) -> str:
        return str(self.person)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        here = {"url": "", "label": self.get_page_title(), "sublabel": self.get_page_subtitle()}
        return [*super().get_breadcrumbs_items(), {"url": reverse("membership:index"), "label": "Members"}, here]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"person": self.person, "cancel_url": self.back, "button": self.button}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            done = self.act(form)
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return self.form_invalid(form)
        messages.success(self.request, done)
        return redirect(self.back)


class OrganisationView(_PersonView):
    """The organisation that a member asked for: entered as the secretary writes it, or left as it was."""

    page_title = "Confirm organisation"
    form_class = OrganisationForm
    button = "Enter it"

    def find(self, **kwargs: int) -> User:
        self.membership = get_object_or_404(
            Membership.objects.select_related("user__profile", "organisation"), pk=kwargs["pk"]
        )
        return self.membership.user

    @property
    def asked(self) -> str:
        profile = getattr(self.person, "profile", None)
        return profile.organisation_asked if profile else ""

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.asked}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        other = {"other_button": "Leave it as it was", "asked": self.asked, "membership": self.membership}
        return super().get_context_data(**kwargs) | other

    def act(self, form: OrganisationForm) -> str:
        confirmed = "other" not in self.request.POST
        details.decide_organisation(
            membership=self.membership, by=self.by, name=form.cleaned_data["name"], confirmed=confirmed
        )
        return f"{self.person} is told that the organisation is {'entered' if confirmed else 'left as it was'}."


class LeaveView(_PersonView):
    """Leaving, for somebody who asks by letter: the same waiting time, and the same mail with the way back."""

    page_title = "Erase a person"
    form_class = LetterForm
    button = "Erase in {days} days"

    def find(self, **kwargs: int) -> User:
        return get_object_or_404(User, pk=kwargs["user_id"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        days = settings.LEAVING_DAYS
        return super().get_context_data(**kwargs) | {"days": days, "button": self.button.format(days=days)}

    def act(self, form: LetterForm) -> str:
        erase.leave(user=self.person, by=self.by, keeps_name=form.keeps_name)
        return f"{self.person} is told, and can come back for {settings.LEAVING_DAYS} days."


def buttons(membership: Membership) -> list[HeaderButton]:
    """On a member's page."""
    profile = getattr(membership.user, "profile", None)
    found = []
    if profile is not None and profile.organisation_asked:
        address = reverse("members_organisation", args=[membership.pk])
        found.append(HeaderButton("Confirm organisation", url=address, icon_name="check"))
    if not membership.user.is_leaving:
        address = reverse("members_leave", args=[membership.user_id])
        found.append(HeaderButton("Erase", url=address, icon_name="bin"))
    return found


def urls() -> list[URLPattern]:
    return [
        path("memberships/leave/<int:user_id>/", LeaveView.as_view(), name="members_leave"),
        path("memberships/organisation/<int:pk>/", OrganisationView.as_view(), name="members_organisation"),
    ]


# --- In place of Wagtail's deleting ------------------------------------------------------------------------------
def erase_instead(request: HttpRequest, user: User) -> HttpResponse:
    """Deleting an account would leave traces, and nobody could come back: the same door as for everybody."""
    return redirect("members_leave", user.pk)


def erase_one_by_one(
    request: HttpRequest, action_type: str, objects: Iterable[Any], action_class_instance: Any
) -> HttpResponse | None:
    if action_type != "delete" or User not in action_class_instance.models:
        return None
    messages.warning(request, NOT_MANY)
    return redirect("wagtailusers_users:index")
