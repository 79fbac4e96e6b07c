"""The form of a folder's details in Wagtail's administration."""

from __future__ import annotations

from typing import Any

from django import forms
from wagtail.admin.forms import WagtailAdminModelForm

from fileshare.services import retention


class FolderForm(WagtailAdminModelForm):  # type: ignore[misc]  # Wagtail has no types
    """Asks once more before a new rule destroys files at once."""

    destroys_now = forms.BooleanField(
        label="Yes, destroy what is past its time already",
        required=False,
        help_text="Needed when a new rule applies to papers that have expired already. Nothing brings the files back.",
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        days = data.get("destroy_after_days")
        if "destroy_after_days" in self.changed_data and days and not data.get("destroys_now"):
            count = retention.due_in(self.instance, days).count()
            if count:
                papers = "1 paper" if count == 1 else f"{count} papers"
                self.add_error(
                    "destroys_now",
                    f"With this rule the files of {papers} would be destroyed within a minute. Please say that you "
                    "mean it.",
                )
        return data
