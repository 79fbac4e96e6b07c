"""That somebody was here and has left: a number, and nothing that leads back to a person."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class ErasedPerson(models.Model):
    """The account's number stays in the access record; so does the membership's, which nobody else may get.

    `mark` knows the account again in a restored copy of the database (`members.services.erased_list`).
    """

    number = models.PositiveBigIntegerField("account number", unique=True)
    mark = models.CharField(max_length=64)
    member_number = models.PositiveIntegerField("membership number", null=True, blank=True, unique=True)
    keeps_name = models.BooleanField(default=False)
    erased_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"A person who left (no. {self.number})"
