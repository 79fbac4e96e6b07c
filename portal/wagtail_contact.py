"""What came through a contact page, in Wagtail's administration: for those who may change the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wagtail.contrib.forms.models import FormSubmission
from wagtail.contrib.forms.views import SubmissionsListView

from members import audit
from members.enums import Action
from members.spreadsheets import inert
from members.wagtail_filters import StrictFilters

if TYPE_CHECKING:
    from django.http import HttpRequest


class MessagesView(StrictFilters, SubmissionsListView):  # type: ignore[misc]  # Wagtail has no types
    """Wagtail's list, whose export is a row of the record and holds nothing that a spreadsheet takes for a formula."""

    page_title = "Messages"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.form_page = kwargs["form_page"]  # which Wagtail sets later, and the filters ask for
        super().setup(request, *args, **kwargs)

    def as_spreadsheet(self, queryset: Any, spreadsheet_format: str) -> Any:
        audit.record(
            Action.MESSAGES_EXPORTED, actor=self.request.user, object_kind="contact_page", object_id=self.form_page.pk,
            words=self.request.GET.urlencode(),
        )  # fmt: skip
        return super().as_spreadsheet(queryset, spreadsheet_format)

    def to_row_dict(self, item: FormSubmission) -> dict[str, Any]:
        joined = {name: ", ".join(value) if isinstance(value, list) else value for name, value in
                  super().to_row_dict(item).items()}  # fmt: skip
        return {name: inert(value) for name, value in joined.items()}

    def get_heading(self, queryset: Any, field: str) -> str:
        return str(inert(super().get_heading(queryset, field)))
