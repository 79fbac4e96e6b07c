"""The form of a contact page, as an editor arranged its fields, and what keeps robots out of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from django import forms
from django.core import signing
from django.core.validators import MaxLengthValidator
from wagtail.contrib.forms.forms import FormBuilder

from portal.plain_text import harmless, is_blank

if TYPE_CHECKING:
    from django.http import QueryDict

    from portal.models.contact import ContactField

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

# Neither can be a field's own name: Wagtail makes no hyphens.
TRAP, OPENED = "your-website", "opened-at"
SOONEST, LATEST = 2, 24 * 3600  # seconds from opening the form to sending it
SALT = "portal.contact"


class Words(forms.CharField):
    """Text without what would spoil somebody else's page. Too long is said and nothing is cut off: therefore no
    `maxlength`, with which browsers drop the end of what is pasted."""

    def __init__(self, *, longest: int, **options: Any) -> None:
        super().__init__(**options)
        self.longest = longest
        says = "Please keep it to %(limit_value)s characters. Yours has %(show_value)s; none is cut off."
        self.validators.append(MaxLengthValidator(longest, says))

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        if len(text) > self.longest:  # not looked through letter by letter before it is refused
            return text
        plain = harmless(text)
        if not isinstance(self.widget, forms.Textarea):
            plain = " ".join(plain.split())
        return "" if is_blank(plain) else plain


class ContactFormBuilder(FormBuilder):  # type: ignore[misc]  # Wagtail has no types
    """Wagtail's, with bounded sizes and with messages that say what to do."""

    def get_field_options(self, field: ContactField) -> dict[str, Any]:
        options: dict[str, Any] = super().get_field_options(field)
        return options | {"error_messages": {"required": MISSING.get(field.field_type, "Please fill this in.")}}

    def create_singleline_field(self, field: ContactField, options: dict[str, Any]) -> forms.Field:
        purpose = KNOWN_PURPOSES.get(field.clean_name)
        widget = forms.TextInput({"autocomplete": purpose} if purpose else None)
        return Words(longest=LONGEST_LINE, widget=widget, **options)

    def create_multiline_field(self, field: ContactField, options: dict[str, Any]) -> forms.Field:
        return Words(longest=LONGEST_TEXT, widget=forms.Textarea({"rows": 8}), **options)

    def create_email_field(self, field: ContactField, options: dict[str, Any]) -> forms.Field:
        options["error_messages"] |= dict.fromkeys(("invalid", "null_characters_not_allowed"), WRONG_EMAIL)
        # Django's check of an address has a longest one itself.
        return forms.EmailField(max_length=None, widget=forms.EmailInput({"autocomplete": "email"}), **options)

    def create_number_field(self, field: ContactField, options: dict[str, Any]) -> forms.Field:
        says = dict.fromkeys(("invalid", "max_digits", "max_decimal_places", "max_whole_digits"), WRONG_NUMBER)
        options["error_messages"] |= says
        return forms.DecimalField(max_digits=18, decimal_places=6, **options)

    def create_date_field(self, field: ContactField, options: dict[str, Any]) -> forms.Field:
        options["error_messages"] |= {"invalid": WRONG_DAY}
        return forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **options)

    def create_dropdown_field(self, field: ContactField, options: dict[str, Any]) -> forms.Field:
        choices = [("", "Please choose"), *self.get_formatted_field_choices(field)]
        return forms.ChoiceField(choices=choices, **_known(options))

    def create_radio_field(self, field: ContactField, options: dict[str, Any]) -> forms.Field:
        choices = self.get_formatted_field_choices(field)
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **_known(options))

    def create_checkboxes_field(self, field: ContactField, options: dict[str, Any]) -> forms.Field:
        options["initial"] = self.get_formatted_field_initial(field)
        choices = self.get_formatted_field_choices(field)
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **_known(options))


def _known(options: dict[str, Any]) -> dict[str, Any]:
    """A choice that is not on offer is not repeated, however long it was."""
    options["error_messages"] |= dict.fromkeys(("invalid_choice", "invalid_list"), "Please choose from what is here.")
    return options


def is_robots(posted: QueryDict) -> bool:
    """Whether something was written where people see nothing."""
    return bool(posted.get(TRAP))


def _opened_at(posted: QueryDict) -> float:
    """When the form was opened, in seconds since 1970, as this site signed it; 0 where it did not."""
    try:
        return float(signing.loads(posted.get(OPENED, ""), salt=SALT))
    except (signing.BadSignature, TypeError, ValueError):
        return 0.0


def is_in_time(posted: QueryDict) -> bool:
    """Whether a person could have written it since the form was opened, and it was opened lately."""
    return SOONEST <= time.time() - _opened_at(posted) <= LATEST


def stamp(posted: QueryDict | None = None) -> str:
    """The signed time for a form; one that comes back with a message keeps its own, so that nobody waits again."""
    opened = _opened_at(posted) if posted is not None else 0.0
    now = time.time()
    return signing.dumps(opened if now - opened <= LATEST else now, salt=SALT)
