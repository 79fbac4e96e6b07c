"""One field of a form that people arrange in the administration."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.forms.models import AbstractFormField

from members.form_fields import KINDS, WITH_CHOICES

TAKEN_NAMES = ("submit_time", "csrfmiddlewaretoken")


class ArrangedField(AbstractFormField):  # type: ignore[misc]  # Wagtail has no types
    """Its kind, its words, and what there is to choose from; the form it belongs to is the subclass's to say."""

    field_type = models.CharField("kind", max_length=16, choices=KINDS)
    choices = models.TextField(
        blank=True, max_length=4_000, help_text="For boxes and lists: what there is to choose from, one a line."
    )

    panels = [
        FieldPanel("label"),
        FieldPanel("field_type", required_on_save=True),  # a preview cannot be drawn without
        FieldPanel("required"),
        FieldPanel("help_text"),
        FieldPanel("choices"),
    ]

    class Meta(AbstractFormField.Meta):
        abstract = True

    def clean(self) -> None:
        super().clean()
        name = self.clean_name or self.get_field_clean_name()
        if not name.strip("_") or name in TAKEN_NAMES:
            raise ValidationError({"label": "Please name this field otherwise, with letters or digits."})
        if self.field_type in WITH_CHOICES and not self.choices.strip():
            raise ValidationError({"choices": "Please write what there is to choose from, one a line."})
