"""The secretary's decisions about one membership, each a small page in Wagtail's administration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from members import forms
from members.enums import Decision
from members.forms import DecisionForm
from members.models import Membership
from members.services import membership as services

MEMBERS = (Decision.APPROVED, Decision.SUSPENDED)


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
    explanation: str = ""
    mails: bool = False
    page_title: str = ""


_ALL = (
    DecisionKind(
        "approve", "Approve", "{} is now a member.", "check", forms.ApproveForm, services.approve, (Decision.PENDING,),
        "The papers open to the new member at once.",
    ),
    DecisionKind(
        "extend", "Extend", "The membership of {} has a new end.", "calendar", forms.ExtendForm, services.extend,
        MEMBERS,
    ),
    DecisionKind(
        "suspend", "Suspend", "The membership of {} is suspended.", "lock", forms.SuspendForm, services.suspend,
        (Decision.APPROVED,), "The papers close at once, also to somebody who is reading.",
    ),
    DecisionKind(
        "reinstate", "Reinstate", "{} is a member again.", "lock-open", forms.ReinstateForm, services.reinstate,
        (Decision.SUSPENDED, Decision.RESIGNED),
        "The dates stay as they are: extend the membership afterwards if it has run out.",
    ),
    DecisionKind(
        "end", "End early", "The membership of {} has an earlier end.", "date", forms.EndForm, services.end,
        MEMBERS, "For a membership that is to end before the day that was agreed.",
        page_title="End membership early",
    ),
    DecisionKind(
        "resign", "Resign", "{} is no longer a member.", "logout", forms.ResignForm, services.resign, MEMBERS,
        "The member has given up the membership. The account stays, the papers close at once, and you can reinstate "
        "the membership later.",
        mails=True, page_title="Write down a resignation",
    ),
)  # fmt: skip
DECISIONS = {kind.name: kind for kind in _ALL}


def url_of(kind: DecisionKind, membership: Membership) -> str:
    return reverse("membership:decide", args=[quote(membership.pk), kind.name])


def on_offer(membership: Membership) -> list[DecisionKind]:
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
            Membership.objects.with_standing().select_related("user", "organisation", "level"), pk=kwargs["pk"]
        )
        return super().dispatch(request, *args, **kwargs)

    def get_form_class(self) -> type[DecisionForm]:
        return self.kind.form

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "membership": self.membership}

    def get_page_title(self) -> str:
        return self.kind.page_title or f"{self.kind.label} membership"

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
