"""Decisions about several members at once, as Wagtail's bulk actions. Each member is decided about by the same service
as one by one, with a row of the record each; those whom a decision does not fit are named with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from wagtail.admin import messages
from wagtail.admin.views.bulk_action import BulkAction

from members.forms import ChangeLevelForm, ExtendManyForm, SuspendManyForm, in_a_year
from members.invite_forms import InviteMembersForm
from members.keys import as_keys
from members.models import Membership
from members.services import membership as services
from members.services.invite import Invitee, invite
from members.wagtail_decide_many import MOST, DecideEach
from members.wagtail_views import MembershipFilterSet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from django.http import HttpResponse

    from members.models import User


class MembershipBulkAction(DecideEach, BulkAction):
    """What all decisions about several members have in common."""

    models = [Membership]
    template_name = "wagtailadmin/members/decide_many.html"
    list_name, nothing, things = "membership:index", "Nobody was chosen.", "people"
    explanation = ""

    def check_perm(self, obj: Membership) -> bool:
        return bool(self.request.user.has_perm("members.change_membership"))

    @classmethod
    def get_queryset(cls, model: type[Membership], object_ids: Iterable[Any]) -> list[Membership]:
        keys = as_keys(object_ids)
        found = Membership.objects.with_standing().select_related("user", "level", "organisation").filter(pk__in=keys)
        return list(found[: MOST + 1])

    def get_all_objects_in_listing_query(self, parent_id: str | None) -> QuerySet[Any]:
        """Everybody whom the list shows, with its search and filters, and nobody where these cannot be understood."""
        listed = Membership.objects.all()
        filters = MembershipFilterSet(self.request.GET, queryset=listed, request=self.request)
        if not filters.is_valid():
            return listed.none().values_list("pk", flat=True)
        found = filters.qs.matching(self.request.GET.get("q", ""))
        return found.order_by("pk").values_list("pk", flat=True)[: MOST + 1]

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.check_perm(Membership()):
            messages.error(request, "You may not decide about memberships.")
            return redirect("wagtailadmin_home")
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "explanation": self.explanation, "header_icon": "group"}

    @classmethod
    def called(cls, thing: Membership) -> str:
        return str(thing.user)

    def counted(self, count: int) -> str:
        return f"{self.done}: {count:,} {'person' if count == 1 else 'people'}."


class InviteBulkAction(MembershipBulkAction):
    """For members who were brought in from a register: the invitation is their way in."""

    display_name = "Invite"
    action_type = "invite"
    aria_label = "Invite the members that are selected to use the site"
    action_priority = 5
    form_class = InviteMembersForm
    explanation = (
        "Each gets a mail with a link that works once, and chooses a password there. Members who have a password "
        "already are passed over."
    )
    done = "Invited"

    @classmethod
    def decide(cls, thing: Membership, by: User, facts: dict[str, Any]) -> None:
        person = thing.user
        invitee = Invitee(
            email=person.email,
            first_name=person.first_name,
            last_name=person.last_name,
            level=thing.level,
            organisation=thing.organisation,
            expires_on=thing.expires_on,
        )
        invite(invitees=[invitee], by=by, message=facts["message"])


class ExtendBulkAction(MembershipBulkAction):
    display_name = "Extend"
    action_type = "extend"
    aria_label = "Extend the memberships that are selected"
    action_priority = 10
    form_class = ExtendManyForm
    explanation = "Reminders of the new end begin anew. The site sends no mail about the extension itself."
    done = "Extended"

    @classmethod
    def decide(cls, thing: Membership, by: User, facts: dict[str, Any]) -> None:
        day = facts["expires_on"]
        if day is None:
            if thing.expires_on is None:
                raise ValidationError("The membership has no end.")
            day = in_a_year(thing.expires_on)
        services.extend(membership=thing, by=by, expires_on=day)


class ChangeLevelBulkAction(MembershipBulkAction):
    display_name = "Change level"
    action_type = "change_level"
    aria_label = "Change the level of the memberships that are selected"
    action_priority = 20
    form_class = ChangeLevelForm
    done = "Changed the level"

    @classmethod
    def decide(cls, thing: Membership, by: User, facts: dict[str, Any]) -> None:
        services.change_details(membership=thing, by=by, level=facts["level"], organisation=thing.organisation)


class SuspendBulkAction(MembershipBulkAction):
    display_name = "Suspend"
    action_type = "suspend"
    aria_label = "Suspend the memberships that are selected"
    action_priority = 30
    classes = {"serious"}
    form_class: type[forms.Form] = SuspendManyForm
    explanation = "The papers close at once to all of them. The site sends no mail about it."
    done = "Suspended"

    @classmethod
    def decide(cls, thing: Membership, by: User, facts: dict[str, Any]) -> None:
        services.suspend(membership=thing, by=by, reason=facts["reason"])
