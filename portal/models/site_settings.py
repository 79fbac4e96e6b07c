"""What an association sets for its own site."""

from __future__ import annotations

from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting


@register_setting(icon="cog")
class SiteSettings(BaseSiteSetting):
    organisation_name = models.CharField(
        max_length=120, default="Gatehouse", help_text="Stands at the top of each page."
    )
    logo = models.ForeignKey(
        "portal.Picture",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="A square picture beside the name. Empty: the gatehouse mark.",
    )
    strapline = models.CharField(max_length=200, blank=True, help_text="Whom the association is for, in one sentence.")
    contact_email = models.EmailField(blank=True, help_text="Members and applicants write to this address.")
    membership_text = models.TextField(blank=True, help_text="How to join, in two or three sentences.")
    footer_text = models.CharField(max_length=200, blank=True, help_text="Stands at the foot of each page.")

    panels = [
        FieldPanel("organisation_name"),
        FieldPanel("logo"),
        FieldPanel("strapline"),
        FieldPanel("contact_email"),
        FieldPanel("membership_text"),
        FieldPanel("footer_text"),
    ]

    class Meta:
        verbose_name = "Site settings"

    def __str__(self) -> str:
        return self.organisation_name
