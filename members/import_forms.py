"""Forms of an import in the administration: the file, then its columns and what is to be done."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from wagtail.admin.widgets import AdminDateInput

from members import csv_register
from members.csv_register import COLUMNS, LARGEST_FILE, Unreadable
from members.forms import not_absurdly_far
from members.import_plan import Options
from members.models import MembershipLevel

LONGEST_HEAD, LONGEST_EXAMPLE = 40, 30  # characters, so that a choice stays on a line


class UploadForm(forms.Form):
    file = forms.FileField(
        label="CSV file",
        allow_empty_file=True,  # it has a sentence of its own
        help_text="As a spreadsheet saves it, best as “CSV UTF-8”. The first line says what the columns hold.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv"}),
    )

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if file.size and file.size > LARGEST_FILE:
            raise ValidationError("The file is larger than 20 MB. Please cut it into several files.")
        try:
            self.table = csv_register.open_table(file.read())
        except Unreadable as trouble:
            raise ValidationError(str(trouble)) from None
        return file


class ColumnsForm(forms.Form):
    """Which column holds what, and how the import goes about people, organisations and levels."""

    update = forms.BooleanField(
        label="Change people who are members already",
        required=False,
        help_text=(
            "They are known by their e-mail address. Level, organisation and last day are taken from the file; names, "
            "numbers and decisions stay. No membership becomes shorter. Without this, each of them is a problem."
        ),
    )
    make_organisations = forms.BooleanField(label="Add organisations that the site does not know", required=False)
    make_levels = forms.BooleanField(
        label="Add levels that the site does not know",
        required=False,
        help_text="Each with a group of its own, and without days of grace.",
    )
    level = forms.ModelChoiceField(
        MembershipLevel.objects.all(),
        required=False,
        empty_label="No level",
        label="Level of those whose row names none",
    )
    expires_on = forms.DateField(
        label="Last day of those whose row names none",
        required=False,
        widget=AdminDateInput,
        validators=[not_absurdly_far],
        help_text="Of new members. Empty: no end.",
    )

    def __init__(self, *args: Any, head: list[str], example: list[str], may_make_levels: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Not in the file"), *enumerate(_choices(head, example))]
        for name, (label, _spellings) in COLUMNS.items():
            self.fields[f"column_{name}"] = forms.TypedChoiceField(
                label=label, required=False, choices=choices, coerce=int, empty_value=None
            )
        if not may_make_levels:
            del self.fields["make_levels"]

    def columns_fields(self) -> list[forms.BoundField]:
        return [self[f"column_{name}"] for name in COLUMNS]

    def other_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if not field.name.startswith("column_")]

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or self.cleaned_data
        self.columns = {name: facts[f"column_{name}"] for name in COLUMNS if facts.get(f"column_{name}") is not None}
        wrong = csv_register.missing(self.columns)
        if wrong:
            raise ValidationError(wrong)
        if len(set(self.columns.values())) < len(self.columns):
            raise ValidationError("One column of the file is given for two things. Please choose another one.")
        return facts

    @property
    def options(self) -> Options:
        facts = self.cleaned_data
        return Options(
            update=facts["update"],
            make_organisations=facts["make_organisations"],
            make_levels=facts.get("make_levels", False),
            level=facts["level"].name if facts["level"] else "",
            expires_on=facts["expires_on"],
        )


def _choices(head: list[str], example: list[str]) -> list[str]:
    return [_choice(place, words, example) for place, words in enumerate(head)]


def _choice(place: int, words: str, example: list[str]) -> str:
    name = words[:LONGEST_HEAD] or f"Column {place + 1}"
    cell = " ".join(example[place].split())[:LONGEST_EXAMPLE] if place < len(example) else ""
    return f"{name} (such as “{cell}”)" if cell else name
