"""Handling terms: what a reader undertakes before a copy marked TLP:AMBER or above leaves, and who has done so."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

FIRST_TEXT = """\
I will share this paper only with the people whom its marking allows, and only with those of them who need to know it.

I will keep my copy where nobody else can reach it, and delete or shred it when I no longer need it.

I will not remove the marking, my name or the number from the pages. I know that every copy says whose it is, and that \
the association keeps a record of who had which copy, and when.

If a copy is lost, or reaches somebody who must not have it, I will tell the association at once."""


class HandlingTerms(models.Model):
    """One version of the text. Made by `services.terms`, never changed: what was accepted stays readable."""

    number = models.PositiveIntegerField(unique=True)
    text = models.TextField()
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-number"]
        verbose_name_plural = "handling terms"

    def __str__(self) -> str:
        return f"Handling terms, version {self.number}"


class TermsAcceptance(models.Model):
    """One person's word about one version of a paper, under one version of the terms."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey("fileshare.DocumentVersion", on_delete=models.CASCADE, related_name="+")
    terms = models.ForeignKey(HandlingTerms, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "version", "terms"], name="terms_are_accepted_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.version}, terms {self.terms_id}"
