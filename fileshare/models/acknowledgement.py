"""Acknowledgement: a member says of one version that they have read it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class Acknowledgement(models.Model):
    """One member's word about one version. Made by `services.acknowledge`, never changed."""

    document = models.ForeignKey("fileshare.SharedDocument", on_delete=models.CASCADE, related_name="acknowledgements")
    version = models.ForeignKey("fileshare.DocumentVersion", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="acknowledgements")
    at = models.DateTimeField(default=timezone.now)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["user", "document"])]
        constraints = [
            models.UniqueConstraint(fields=["version", "user"], name="one_acknowledgement_of_a_version_by_a_member"),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.version}"
