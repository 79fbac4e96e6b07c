"""The auditor's pages in Wagtail's administration: the access record, to read and to export."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlencode

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import Button

from members import audit, record_file, record_words
from members.enums import Action
from members.models import AccessRecord
from members.wagtail_export import StreamedExport
from members.wagtail_filters import StrictFilters

FOR_CHECKING = "jsonl"  # members.record_file


class RecordFilterSet(WagtailFilterSet):
    at = django_filters.DateFromToRangeFilter(label="Date", widget=DateRangePickerWidget)
    action = django_filters.MultipleChoiceFilter(label="What happened", choices=Action.choices)
    person = django_filters.CharFilter(label="Who: name or e-mail", method="by_person")
    subject = django_filters.CharFilter(label="Paper, folder or member", method="by_subject")

    story = django_filters.CharFilter(label="Everything about", method="by_story", widget=forms.HiddenInput)

    class Meta:
        model = AccessRecord
        fields = ["at", "action", "person", "subject", "story"]

    def by_person(self, queryset: QuerySet[AccessRecord], name: str, value: str) -> QuerySet[AccessRecord]:
        return queryset.filter(record_words.by_person(value))

    def by_subject(self, queryset: QuerySet[AccessRecord], name: str, value: str) -> QuerySet[AccessRecord]:
        return queryset.filter(record_words.by_subject(value.strip(), self.request.user))

    def by_story(self, queryset: QuerySet[AccessRecord], name: str, value: str) -> QuerySet[AccessRecord]:
        kind, _, number = value.partition(":")
        return queryset.filter(record_words.story(kind, number))


def _story(kind: str, number: object) -> str:
    """The address of everything about one person or thing."""
    return f"{reverse('access_record:index')}?{urlencode({'story': f'{kind}:{number}'})}"


def _moment(row: AccessRecord) -> str:
    return date_format(timezone.localtime(row.at), "j M Y, H:i:s")


class RecordIndexView(StrictFilters, StreamedExport, generic.IndexView):
    """The access record, newest first; exporting it is itself a row of it."""

    page_title = "Access record"
    export_headings: ClassVar[dict[str, str]] = {
        "at": "When",
        "get_action_display": "What happened",
        "words.who": "Who",
        "words.email": "E-mail",
        "words.about": "Paper, folder or member",
        "words.outcome": "Outcome",
    }

    def get_page_subtitle(self) -> str:
        """Whom or what the story is about."""
        kind, _, number = self.request.GET.get("story", "").partition(":")
        if not number or self.filters_are_wrong:
            return ""
        return f"Everything about {record_words.name_of(kind, number, self.request.user)}"

    def get_base_queryset(self) -> QuerySet[AccessRecord]:
        return AccessRecord.objects.select_related("actor")

    def search_queryset(self, queryset: QuerySet[AccessRecord]) -> QuerySet[AccessRecord]:
        for word in self.search_query.split():
            queryset = queryset.filter(
                record_words.by_person(word) | record_words.by_subject(word, self.request.user)
            )  # fmt: skip
        return queryset

    def get_table(self, object_list: QuerySet[AccessRecord]) -> Any:
        record_words.describe(object_list, self.request.user)
        return super().get_table(object_list)

    def as_spreadsheet(self, queryset: QuerySet[AccessRecord], spreadsheet_format: str) -> HttpResponse:
        before = queryset.filter(pk__lt=self.own_row.pk)
        rows: Any = record_words.InWords(before, self.request.user)
        return super().as_spreadsheet(rows, spreadsheet_format)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.GET.get("export") != FOR_CHECKING:
            return super().get(request, *args, **kwargs)
        self.record_export()  # it is in the file itself, among the last: others may write before the file begins
        response: Any = StreamingHttpResponse(record_file.written(), content_type="application/jsonl")
        response["Content-Disposition"] = f'attachment; filename="{self.export_filename}.jsonl"'
        response["Cache-Control"] = "private, no-store"
        return response

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        for_checking = Button(
            "Download all rows for checking", url=f"{self.index_url}?export={FOR_CHECKING}", icon_name="download"
        )
        return [*super().header_more_buttons, for_checking]

    def record_export(self) -> None:
        self.own_row = audit.record(
            Action.RECORD_EXPORTED, actor=self.request.user, words=self.request.GET.urlencode(),
            at=timezone.now().isoformat(),
        )  # fmt: skip


class RecordInspectView(generic.InspectView):
    """One row, in words and as it is kept; also of a person who is gone since."""

    labels: ClassVar[dict[str, str]] = {
        "at": "When",
        "action": "What happened",
        "who": "Who",
        "about": "Paper, folder or member",
        "outcome": "Outcome",
        "object_kind": "Kind, as it is kept",
        "object_id": "Number, as it is kept",
        "reason": "Reason, as it is kept",
        "details": "Details, as they are kept",
    }

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        reader: Any = request.user
        record_words.describe([self.object], reader)

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        row, buttons = self.object, super().header_more_buttons
        if row.actor_id is not None:
            url = _story("user", row.actor_id)
            buttons.append(Button("Everything about this person", url=url, icon_name="user"))
        if row.object_kind == "document":
            url = _story("document", row.object_id)
            buttons.append(Button("Everything about this paper", url=url, icon_name="doc-full-inverse"))
        return buttons

    def get_field_label(self, field_name: str, field: Any) -> str:
        return self.labels[field_name]

    def get_field_display_value(self, field_name: str, field: Any) -> Any:
        value = super().get_field_display_value(field_name, field)
        return "–" if value in (None, "") else value

    def get_who_display_value(self) -> str:
        words = self.object.words
        return f"{words.who} ({words.email})" if words.email else str(words.who)

    def get_about_display_value(self) -> str:
        return str(self.object.words.about)

    def get_outcome_display_value(self) -> str:
        return str(self.object.words.outcome)


class RecordViewSet(ModelViewSet):
    """The access record, for the auditor: to read and to export, and nothing else."""

    model = AccessRecord
    name = "access_record"
    url_prefix = "access-record"
    icon = "list-ul"
    menu_label = "Access record"
    menu_order = 460
    add_to_admin_menu = True
    copy_view_enabled = False
    inspect_view_enabled = True
    inspect_view_fields = list(RecordInspectView.labels)
    index_view_class = RecordIndexView
    inspect_view_class = RecordInspectView
    filterset_class = RecordFilterSet
    form_fields: list[str] = []
    list_display = [
        Column("when", label="When", accessor=_moment),  # "9 minutes ago" is no evidence
        TitleColumn("get_action_display", label="What happened", url_name="access_record:inspect"),
        Column("words.who", label="Who"),
        Column("words.email", label="E-mail"),
        Column("words.about", label="Paper, folder or member"),
        Column("words.outcome", label="Outcome"),
    ]
    # In words for people, and then as it is kept, for the verifier.
    list_export = [
        *RecordIndexView.export_headings, "action", "actor_id", "object_kind", "object_id", "reason", "details",
    ]  # fmt: skip
    export_filename = "access-record"
    list_per_page = 50
    search_fields = ["actor__email"]
