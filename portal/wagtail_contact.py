"""What came through a contact page, in Wagtail's administration: for those who may change the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wagtail.contrib.forms.models import FormSubmission
from wagtail.contrib.forms.views import SubmissionsListView

from members.wagtail_filters import StrictFilters
from members.wagtail_record import inert

if TYPE_CHECKING:
    from django.http import HttpRequest


class MessagesView(StrictFilters, SubmissionsListView):  # type: ignore[misc]  # Wagtail has no types
    """Wagtail's list, whose export holds nothing that a spreadsheet takes for a formula, headings included."""

    page_title = "Messages"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.form_page = kwargs["form_page"]  # which Wagtail sets later, and the filters ask for
        super().setup(request, *args, **kwargs)

    def to_row_dict(self, item: FormSubmission) -> dict[str, Any]:
        joined = {name: ", ".join(value) if isinstance(value, list) else value for name, value in
                  super().to_row_dict(item).items()}  # fmt: skip
        return {name: inert(value) for name, value in joined.items()}

    def get_heading(self, queryset: Any, field: str) -> str:
        return str(inert(super().get_heading(queryset, field)))
