"""Organisations: those that people work for, and those that papers come from."""

from django.db import models


class Organisation(models.Model):
    name = models.CharField(max_length=200, unique=True)
    abbreviation = models.CharField(max_length=30, blank=True, help_text="As people say it: “NaCTSO”.")
    website = models.URLField(blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def short_name(self) -> str:
        """The abbreviation where there is one, for lists."""
        return self.abbreviation or self.name
