"""Wagtail's lists of documents, the administration's and the chooser's, with what an editor must know of each paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail.admin.ui.tables import Column
from wagtail.documents.views import chooser, documents

from fileshare import access, states
from fileshare.enums import PaperState
from fileshare.models import SharedDocument
from fileshare.services import restore
from fileshare.services.upload import NotStored
from fileshare.wagtail_policy import policy

if TYPE_CHECKING:
    from fileshare.forms import SharedDocumentForm
    from members.models import User

STATES = [
    (PaperState.PUBLISHED, "Published"),
    (PaperState.EMBARGOED, "Not yet published"),
    (PaperState.EXPIRED, "Expired"),
    (PaperState.IN_REVIEW, "Brought by a member, to be looked at"),
    (PaperState.DECLINED, "Brought by a member, not taken in"),
    (PaperState.WITHDRAWN, "Withdrawn"),
    (PaperState.QUARANTINED, "Held in quarantine"),
    (PaperState.WAITING, "Being checked"),
    (PaperState.UNSCANNED, "Waiting for the virus scanner"),
    (PaperState.DESTROYED, "File destroyed"),
]


def _state(paper: SharedDocument) -> SafeString:
    return SafeString(render_to_string("fileshare/admin/state.html", _words(paper)))


def _words(paper: SharedDocument) -> dict[str, Any]:
    return {
        "headline": states.headline(paper),
        "reason": states.reason(paper),
        "published": paper.state == PaperState.PUBLISHED,
    }


def _marking(paper: SharedDocument) -> SafeString:
    return format_html('<span class="marking">{}</span>', paper.marking_info.label)


def state_columns(*, sortable: bool) -> list[Column]:
    return [
        Column("state", label="State", accessor=_state),
        Column("marking", label="Marking", accessor=_marking, sort_key="marking" if sortable else None),
        Column("collection", label="Folder", accessor=lambda paper: paper.folder_name or "In no folder"),
    ]


class PapersFilterSet(documents.DocumentsFilterSet):
    """Wagtail's filters, and a state. No tags, since the popular ones are those of every folder."""

    state = django_filters.ChoiceFilter(label="State", choices=STATES, method="filter_state")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters.pop("tag", None)

    def filter_state(self, papers: QuerySet[SharedDocument], name: str, value: str) -> QuerySet[SharedDocument]:
        # By key, since the search knows only what it indexes.
        return papers.filter(pk__in=SharedDocument.objects.filter(states.in_state(value)).values("pk"))


class PapersIndexView(documents.IndexView):
    """Wagtail's list, with each paper's state, marking, folder and publication in the place of its file's name."""

    filterset_class = PapersFilterSet
    add_item_label = "Add papers"

    @cached_property
    def columns(self) -> list[Column]:
        stock = {column.name: column for column in super().columns}
        publication = Column(
            "publish_at",
            label="Publication",
            accessor=lambda paper: states.day(paper.publish_at),
            sort_key="publish_at",
        )
        first = [stock["bulk_actions"], stock["title"]]
        return [*first, *state_columns(sortable=True), publication, stock["usage_count"]]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "held": held_for(self.request.user)}


def held_for(user: User) -> list[dict[str, Any]]:
    """What this person brought that is held in quarantine, and may still change."""
    mine = policy().instances_user_has_permission_for(user, "change")
    return [
        {"paper": paper, "reason": states.reason(paper), "edit_url": reverse("wagtaildocs:edit", args=[paper.pk])}
        for paper in states.held_uploads_of(user).filter(pk__in=mine.values("pk")).order_by("-pk")[:20]
    ]


class _ChooserColumns:
    @property
    def columns(self) -> list[Column]:
        stock = [column for column in super().columns if column.name not in ("collection", "created_at")]  # type: ignore[misc]  # of the view beside it
        return [stock[0], *state_columns(sortable=False), *stock[1:]]

    def get_object_list(self) -> QuerySet[SharedDocument]:
        papers: QuerySet[SharedDocument] = super().get_object_list()  # type: ignore[misc]  # of the view beside it
        return papers.select_related("collection")


class PaperChooseView(_ChooserColumns, chooser.DocumentChooseView):
    """The chooser's dialogue."""


class PaperChooseResultsView(_ChooserColumns, chooser.DocumentChooseResultsView):
    """The chooser's list, searched and turned over."""


class BringPaperInChooserView(chooser.DocumentChooserUploadView):
    """The chooser's form for a new paper, which stays where the store does not take the file."""

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            answer: HttpResponse = super().post(request)
        except NotStored as error:
            self.form.add_error("file", error)
            answer = self.get_reshow_creation_form_response()
        return answer


class _FileIsGone:
    """A browser sends a file once: when something else was wrong, it must be chosen again, and people are told."""

    request: HttpRequest

    def form_valid(self, form: SharedDocumentForm) -> HttpResponse:
        try:
            with form.file_in_store():
                answer: HttpResponse = super().form_valid(form)  # type: ignore[misc]  # of the view beside it
        except NotStored as error:
            form.add_error("file", error)
            self.produced_error_message = self.get_error_message()
            answer = self.form_invalid(form)  # type: ignore[attr-defined]  # as above
        return answer

    def get_error_message(self) -> str:
        said = str(super().get_error_message())  # type: ignore[misc]  # of the view beside it
        chosen = self.request.FILES.get("file")
        return (
            f"{said} The file “{chosen.name}” was not kept: please choose it again before you save." if chosen else said
        )


class AddPaperView(_FileIsGone, documents.CreateView):
    """Wagtail's form for one paper; says what happens to the file next."""

    error_message = "The paper has not been saved: something below needs another look."

    def get_success_message(self, instance: SharedDocument) -> str:
        return (
            f"“{instance.title}” has arrived. Its file is being checked, and nobody can read it until that is done. "
            "Load this list again in a moment: it says whether the file passed."
        )


class EditPaperView(_FileIsGone, documents.EditView):
    """Wagtail's form of a paper; says where the paper stands."""

    error_message = "The paper has not been saved: something below needs another look."

    def form_invalid(self, form: ModelForm[SharedDocument]) -> HttpResponse:
        self.object = self.get_object()  # as it is stored: what was chosen is on the form's own, and nowhere else
        response: HttpResponse = super().form_invalid(form)
        return response

    def get_success_message(self) -> str:
        if "file" in self.form.changed_data:
            return f"“{self.object.title}” is saved. Its new file is being checked; until then readers get the former."
        return f"“{self.object.title}” is saved. State: {states.headline(self.object)}."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        versions = list(self.object.versions.select_related("derivation"))
        can_be_restored = set(restore.restorable(self.object).values_list("pk", flat=True))
        return {
            **super().get_context_data(**kwargs),
            **_words(self.object),
            "versions": versions,
            "can_be_restored": can_be_restored,
            "is_administrator": access.is_administrator(self.request.user),
        }
