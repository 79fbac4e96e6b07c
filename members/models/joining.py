"""How the association lets people join: the membership secretary's settings, and the questions to applicants."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from members.models.arranged_field import ArrangedField

CONSENT = (
    "I agree that the association keeps what I have written here, and uses it for whatever belongs to my membership."
)
MOST_QUESTIONS, MOST_DAYS = 20, 365


@register_setting(icon="group")
class JoiningSettings(ClusterableModel, BaseGenericSetting):  # type: ignore[misc]  # neither has types
    """One row for the whole installation: people join the association, whichever of its sites they come from."""

    applications_are_open = models.BooleanField(
        "people may apply", default=True, help_text="Otherwise the page says that applications are closed at present."
    )
    introduction = models.TextField(
        "text above the form",
        blank=True,
        max_length=2_000,
        help_text="Whom the association takes, and how long an answer takes. An empty line begins a paragraph.",
    )
    consent_text = models.TextField(
        "what applicants agree to",
        max_length=500,
        default=CONSENT,
        help_text="Stands beside a box to tick. The words and the moment are kept with each application.",
    )
    invitations_are_open = models.BooleanField(
        "invitations are good",
        default=True,
        help_text="Otherwise nobody is invited, and invitations that were sent wait until this is ticked again.",
    )
    invitation_days = models.PositiveSmallIntegerField(
        "days that an invitation is good for",
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)],
    )

    panels = [
        MultiFieldPanel(
            [FieldPanel("applications_are_open"), FieldPanel("introduction"), FieldPanel("consent_text")],
            heading="Applying",
        ),
        InlinePanel(
            "questions",
            heading="Further questions",
            label="Question",
            max_num=MOST_QUESTIONS,
            help_text="Asked after name, address, organisation, role and reason. Answers stay as they were given, "
            "also when a question is changed or removed.",
        ),
        MultiFieldPanel([FieldPanel("invitations_are_open"), FieldPanel("invitation_days")], heading="Inviting"),
    ]

    class Meta:
        verbose_name = "Joining"


class ApplicationQuestion(ArrangedField):
    """A question of the association's own on the form of an application."""

    joining = ParentalKey(JoiningSettings, on_delete=models.CASCADE, related_name="questions")

    class Meta(ArrangedField.Meta):
        verbose_name = "question to applicants"
        verbose_name_plural = "questions to applicants"

    @property
    def field_name(self) -> str:
        """Of the form's field: a question may be called as another field is."""
        return f"question-{self.pk}"
