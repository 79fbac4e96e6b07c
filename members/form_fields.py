"""Fields of forms that people arrange in the administration, bounded, with messages that say what to do."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.formats import date_format
from wagtail.contrib.forms.forms import FormBuilder

from members.plain_text import harmless, is_blank, words_in

if TYPE_CHECKING:
    from members.models.arranged_field import ArrangedField

KINDS = (
    ("singleline", "One line of text"),
    ("multiline", "Several lines of text"),
    ("email", "E-mail address"),
    ("number", "Number"),
    ("date", "Day"),
    ("checkbox", "One box to tick"),
    ("checkboxes", "Several boxes to tick"),
    ("radio", "One of several, all shown"),
    ("dropdown", "One of several, in a list"),
)
WITH_CHOICES = ("checkboxes", "radio", "dropdown")
LONGEST_LINE, LONGEST_TEXT = 255, 5_000  # characters
MISSING = {
    "checkbox": "Please tick this box.",
    "checkboxes": "Please tick at least one.",
    "radio": "Please choose one.",
    "dropdown": "Please choose one.",
}
WRONG_EMAIL = "Please write an e-mail address, such as name@example.org."
WRONG_NUMBER = "Please write a number in digits, such as 12 or 12.5."
WRONG_DAY = "Please write a day, such as 31/05/2027."
# What browsers may fill in by themselves (WCAG 2.2, 1.3.5), by the name that Wagtail makes of a label.
KNOWN_PURPOSES = {
    **dict.fromkeys(("name", "your_name", "full_name"), "name"),
    **dict.fromkeys(("telephone", "phone", "your_telephone", "telephone_number"), "tel"),
    **dict.fromkeys(("organisation", "your_organisation"), "organization"),
}


class Words(forms.CharField):
    """Text without what would spoil somebody else's page. Too long is said and nothing is cut off: therefore no
    `maxlength`, with which browsers drop the end of what is pasted."""

    def __init__(self, *, longest: int, **options: Any) -> None:
        super().__init__(**options)
        self.longest = longest
        says = f"Please keep it to {longest:,} characters. Yours has %(show_value)s; none is cut off."
        self.validators.append(MaxLengthValidator(longest, says))

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        if len(text) > self.longest:  # not looked through letter by letter before it is refused
            return text
        plain = harmless(text)
        if not isinstance(self.widget, forms.Textarea):
            plain = " ".join(plain.split())
        return "" if is_blank(plain) else plain


def check_name(name: str) -> None:
    """Mails begin with it: an address in it would look as if we had sent it. Raises ValidationError."""
    if "://" in name or re.search(r"\bwww\.", name, re.I) or "@" in name or not words_in(name):
        raise ValidationError("Please give a name, in letters.")


class ArrangedFormBuilder(FormBuilder):  # type: ignore[misc]  # Wagtail has no types
    """Wagtail's, with bounded sizes and with messages that say what to do."""

    def field_of(self, field: ArrangedField) -> forms.Field:
        """One of them, for a form that has others besides."""
        made: forms.Field = self.get_create_field_function(field.field_type)(field, self.get_field_options(field))
        return made

    def get_field_options(self, field: ArrangedField) -> dict[str, Any]:
        options: dict[str, Any] = super().get_field_options(field)
        return options | {"error_messages": {"required": MISSING.get(field.field_type, "Please fill this in.")}}

    def create_singleline_field(self, field: ArrangedField, options: dict[str, Any]) -> forms.Field:
        purpose = KNOWN_PURPOSES.get(field.clean_name)
        widget = forms.TextInput({"autocomplete": purpose} if purpose else None)
        return Words(longest=LONGEST_LINE, widget=widget, **options)

    def create_multiline_field(self, field: ArrangedField, options: dict[str, Any]) -> forms.Field:
        return Words(longest=LONGEST_TEXT, widget=forms.Textarea({"rows": 8}), **options)

    def create_email_field(self, field: ArrangedField, options: dict[str, Any]) -> forms.Field:
        options["error_messages"] |= dict.fromkeys(("invalid", "null_characters_not_allowed"), WRONG_EMAIL)
        # Django's check of an address has a longest one itself.
        return forms.EmailField(max_length=None, widget=forms.EmailInput({"autocomplete": "email"}), **options)

    def create_number_field(self, field: ArrangedField, options: dict[str, Any]) -> forms.Field:
        says = dict.fromkeys(("invalid", "max_digits", "max_decimal_places", "max_whole_digits"), WRONG_NUMBER)
        options["error_messages"] |= says
        return forms.DecimalField(max_digits=18, decimal_places=6, **options)

    def create_date_field(self, field: ArrangedField, options: dict[str, Any]) -> forms.Field:
        options["error_messages"] |= {"invalid": WRONG_DAY}
        return forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **options)

    def create_dropdown_field(self, field: ArrangedField, options: dict[str, Any]) -> forms.Field:
        choices = [("", "Please choose"), *self.get_formatted_field_choices(field)]
        return forms.ChoiceField(choices=choices, **_known(options))

    def create_radio_field(self, field: ArrangedField, options: dict[str, Any]) -> forms.Field:
        choices = self.get_formatted_field_choices(field)
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **_known(options))

    def create_checkboxes_field(self, field: ArrangedField, options: dict[str, Any]) -> forms.Field:
        options["initial"] = self.get_formatted_field_initial(field)
        choices = self.get_formatted_field_choices(field)
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **_known(options))


def _known(options: dict[str, Any]) -> dict[str, Any]:
    """A choice that is not on offer is not repeated, however long it was."""
    options["error_messages"] |= dict.fromkeys(("invalid_choice", "invalid_list"), "Please choose from what is here.")
    return options


def in_words(value: Any) -> str:
    """An answer as a sentence has it: a list of choices, yes or no, a day, a number, a text."""
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime.date):
        return date_format(value, "j F Y")
    return "" if value is None else str(value)
