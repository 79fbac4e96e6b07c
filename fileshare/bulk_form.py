"""What is to change of several papers."""

from __future__ import annotations

from typing import Any

from django import forms

from fileshare.form_fields import MOMENT, check_year
from fileshare.markings import Marking
from members.models import Organisation

STAYS = "Leave it as it is"


class BulkEditForm(forms.Form):
    """Whatever is left empty stays as it is."""

    marking = forms.ChoiceField(required=False, choices=[("", STAYS), *Marking.choices])
    marking_reason = forms.CharField(
        label="Reason for a new marking",
        required=False,
        max_length=200,
        help_text="Needed when you raise or lower a marking; it is kept in the access record.",
    )
    source = forms.ModelChoiceField(
        Organisation.objects.all(), label="Source organisation", required=False, empty_label=STAYS
    )
    no_source = forms.BooleanField(label="Take the source organisation away", required=False)
    expires_at = forms.DateTimeField(
        label="Expiry",
        required=False,
        widget=forms.DateTimeInput(format=MOMENT, attrs={"type": "datetime-local"}),
        help_text="From this time on members cannot see them. Empty: leave it as it is.",
    )
    no_expiry = forms.BooleanField(label="Take the expiry away", required=False)

    def clean_expires_at(self) -> Any:
        return check_year(self.cleaned_data["expires_at"], "expiry")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name, taken_away in (("source", "no_source"), ("expires_at", "no_expiry")):
            if data.get(name) and data.get(taken_away):
                self.add_error(taken_away, "Please choose one or the other.")
        if not self.errors and not self.changes:
            raise forms.ValidationError("Please say what is to change.")
        return data

    @property
    def changes(self) -> dict[str, Any]:
        """Field of the paper → new value, of those that are to change."""
        data = self.cleaned_data
        changes = {name: data[name] for name in ("marking", "source", "expires_at") if data[name]}
        changes |= {"source": None} if data["no_source"] else {}
        return changes | ({"expires_at": None} if data["no_expiry"] else {})
