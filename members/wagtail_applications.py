"""Applications in Wagtail's administration: a queue, one application with its facts, and the decisions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import django_filters
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets import HeaderButton, ListingButton
from wagtail.snippets.views import snippets
from wagtail.snippets.views.snippets import SnippetViewSet

from members import record_words
from members.application_facts import facts_about
from members.decide_forms import ApplicationDecisionForm, ApproveForm, AskForm, DeclineForm, NoteForm, TakeUpForm
from members.enums import ApplicationState, EntryKind
from members.models import AccessRecord, Application
from members.models.application import OPEN
from members.services import decide as services
from members.services.membership import is_oneself
from members.wagtail_filters import StrictFilters

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

PERMISSION = "members.change_membership"
NAMES = "wagtailsnippets_members_application"
TO_DECIDE, ASKED, OVER = "to-decide", "asked", "over"
QUEUES = {
    TO_DECIDE: ("To decide", (ApplicationState.NEW, ApplicationState.REVIEW), "form"),
    ASKED: ("Waiting for an answer", (ApplicationState.ASKED,), "help"),
    OVER: ("Over", (ApplicationState.APPROVED, ApplicationState.DECLINED, ApplicationState.WITHDRAWN), "check"),
}


@dataclass(frozen=True)
class Step:
    """What a secretary can do with an application: its words, its form, its service, and when it is on offer."""

    name: str
    label: str
    done: str
    icon: str
    form: type[ApplicationDecisionForm]
    service: Callable[..., Any]
    explanation: str = ""
    states: tuple[ApplicationState, ...] = OPEN


STEPS = {
    step.name: step
    for step in (
        Step("approve", "Approve", "{} is now a member.", "check", ApproveForm, services.approve,
             "The papers open at once, and this mail is sent."),
        Step("ask", "Ask for more", "The question is on its way to {}.", "help", AskForm, services.ask),
        Step("decline", "Decline", "The application of {} is declined.", "cross", DeclineForm, services.decline,
             "The account stays, without a membership, and this mail is sent."),
        Step("take-up", "Take it up", "{} sees that somebody is looking at the application.", "view", TakeUpForm,
             services.take_up, "The applicant sees “Being looked at”. No mail is sent.", (ApplicationState.NEW,)),
    )
}  # fmt: skip


def address_of(application: Application, step: str = "") -> str:
    if not step:
        return reverse(f"{NAMES}:inspect", args=[application.pk])
    return reverse(f"{NAMES}:decide", args=[application.pk, step])


def _on_offer(application: Application) -> list[Step]:
    return [step for step in STEPS.values() if application.state in step.states]


class ApplicationFilterSet(WagtailFilterSet):
    queue = django_filters.ChoiceFilter(
        label="Queue", choices=[(name, label) for name, (label, _states, _icon) in QUEUES.items()], method="in_queue"
    )
    state = django_filters.ChoiceFilter(
        label="Where it stands",
        choices=[choice for choice in ApplicationState.choices if choice[0] != ApplicationState.UNCONFIRMED],
    )

    class Meta:
        model = Application
        fields = ["queue", "state"]

    def in_queue(self, queryset: QuerySet[Application], name: str, value: str) -> QuerySet[Application]:
        return queryset.filter(state__in=QUEUES[value][1])


class ApplicationIndexView(StrictFilters, snippets.IndexView):
    """Those that wait for the secretary first, the oldest at the head."""

    default_ordering = "queue"

    def get_base_queryset(self) -> QuerySet[Application]:
        return Application.objects.received()

    def order_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.ordering == self.default_ordering:
            return queryset.queued()  # type: ignore[attr-defined]  # the manager's own
        return super().order_queryset(queryset)

    def search_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.matching(self.search_query) if self.is_searching else queryset  # type: ignore[attr-defined]

    def get_edit_url(self, instance: Application) -> None:
        """Nobody changes what an applicant wrote; a row leads to the application with its facts."""

    def get_list_buttons(self, instance: Application) -> list[Any]:
        buttons = list(super().get_list_buttons(instance))
        if not self.request.user.has_perm(PERMISSION):
            return buttons
        own = [
            ListingButton(step.label, url=address_of(instance, step.name), icon_name=step.icon, priority=place)
            for place, step in enumerate(_on_offer(instance))
            if step.form is not TakeUpForm  # which is for whoever has opened the application
        ]
        return [*own, *buttons]

    @property
    def header_buttons(self) -> list[HeaderButton]:
        """A way to each queue, with how many are in it."""
        found = Application.objects.received().values_list("state").annotate(count=Count("pk")).order_by()
        counts = dict(found)
        return [
            HeaderButton(
                f"{label}: {sum(counts.get(state, 0) for state in states)}",
                url=f"{reverse(f'{NAMES}:list')}?queue={name}",
                icon_name=icon,
                priority=place,
            )
            for place, (name, (label, states, icon)) in enumerate(QUEUES.items())
        ]


class ApplicationInspectView(snippets.InspectView):
    """One application: what was written, what was said about it, and what a secretary would look up."""

    template_name = "wagtailadmin/applications/application.html"

    def get_page_title(self) -> str:
        return "Application"

    def get_object(self, queryset: QuerySet[Application] | None = None) -> Application:
        found = super().get_object(queryset)
        return get_object_or_404(Application.objects.received().select_related("user", "decided_by"), pk=found.pk)

    @property
    def header_buttons(self) -> list[HeaderButton]:
        if not self.request.user.has_perm(PERMISSION):
            return []
        return [
            HeaderButton(step.label, url=address_of(self.object, step.name), icon_name=step.icon)
            for step in _on_offer(self.object)
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | page_of(self.object, self.request, NoteForm())


def page_of(application: Application, request: HttpRequest, form: NoteForm) -> dict[str, Any]:
    user: Any = request.user
    is_own = is_oneself(application.user_id, user)
    entries = application.entries.select_related("by")
    rows = AccessRecord.objects.filter(object_kind="application", object_id=str(application.pk))
    story = list(rows.select_related("actor"))
    record_words.describe(story, user)
    return {
        "application": application,
        "facts": facts_about(application),
        "entries": list(entries.exclude(kind=EntryKind.NOTE) if is_own else entries),
        "note_form": None if is_own or not user.has_perm(PERMISSION) else form,
        "note_url": reverse(f"{NAMES}:note", args=[application.pk]),
        "story": story,
    }


class _AboutApplication(WagtailAdminTemplateMixin):
    """A page about one application, for those who may decide."""

    header_icon = "form"
    application: Application

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        self.application = get_object_or_404(Application.objects.received().select_related("user"), pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_page_subtitle(self) -> str:
        return str(self.application)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        here = {"url": "", "label": self.get_page_title(), "sublabel": self.get_page_subtitle()}
        listed = {"url": reverse(f"{NAMES}:list"), "label": "Applications"}
        return [*super().get_breadcrumbs_items(), listed, here]


class DecideApplicationView(_AboutApplication, FormView[ApplicationDecisionForm]):
    """One step: says whom it is about, asks what it needs, and calls the service."""

    template_name = "wagtailadmin/applications/decide.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if kwargs["step"] not in STEPS:
            raise Http404("No such step.")
        self.step = STEPS[kwargs["step"]]
        return super().dispatch(request, *args, **kwargs)

    def get_form_class(self) -> type[ApplicationDecisionForm]:
        return self.step.form

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "application": self.application}

    def get_page_title(self) -> str:
        return self.step.label

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "application": self.application, "step": self.step, "cancel_url": address_of(self.application),
        }  # fmt: skip

    def form_valid(self, form: ApplicationDecisionForm) -> HttpResponse:
        try:
            self.step.service(application=self.application, by=self.request.user, **form.facts)
        except ValidationError as error:
            form.add_error(None, " ".join(error.messages))
            return self.form_invalid(form)
        messages.success(self.request, self.step.done.format(self.application))
        return redirect(f"{NAMES}:list")


class NoteView(_AboutApplication, FormView[NoteForm]):
    """Writes a note, and comes back to the application."""

    template_name = "wagtailadmin/applications/application.html"
    form_class = NoteForm
    http_method_names = ["post"]

    def get_page_title(self) -> str:
        return "Application"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | page_of(self.application, self.request, context["form"])

    def form_valid(self, form: NoteForm) -> HttpResponse:
        try:
            services.note(application=self.application, by=self.request.user, text=form.cleaned_data["text"])  # type: ignore[arg-type]  # signed in
        except ValidationError as error:
            messages.error(self.request, " ".join(error.messages))
        return redirect(address_of(self.application))


class ApplicationViewSet(SnippetViewSet):
    """Seen by whoever looks after members; what applicants wrote is never edited."""

    model = Application
    icon = "form"
    menu_label = "Applications"
    menu_name = "applications"
    menu_order = 440
    add_to_admin_menu = True
    index_view_class = ApplicationIndexView
    inspect_view_class = ApplicationInspectView
    inspect_view_enabled = True
    inspect_view_fields = ["email"]
    copy_view_enabled = False
    filterset_class = ApplicationFilterSet
    list_display = [
        "__str__",
        Column("email", label="E-mail"),
        Column("organisation_name", label="Organisation", sort_key="organisation_name"),
        Column("get_state_display", label="Where it stands", sort_key="state"),
        Column("applied_label", label="Applied", sort_key="applied_at"),
    ]
    list_per_page = 50
    search_fields = ["email"]
    search_backend_name = None
    exclude_form_fields: list[str] = ["code_digest"]

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("decide/<int:pk>/<str:step>/", DecideApplicationView.as_view(), name="decide"),
            path("note/<int:pk>/", NoteView.as_view(), name="note"),
        ]

    def register_chooser_viewset(self) -> None:
        """Nothing chooses an application, and a list to choose from would show them to all in the administration."""
