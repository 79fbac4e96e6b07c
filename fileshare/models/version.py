"""A version: one file of a paper, as it arrived, for ever."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse

from fileshare.enums import Inspection, Kind
from fileshare.storage import new_key


class DocumentVersion(models.Model):
    """A stored file. The row's facts never change, but for the outcome of its inspection."""

    document = models.ForeignKey("fileshare.SharedDocument", on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    file = models.FileField(upload_to=new_key, max_length=200)
    file_name = models.CharField(max_length=255, help_text="As the person named it; members get it back.")
    kind = models.CharField(max_length=8, choices=Kind)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    # What a client sees instead of the file's hash, which would tell whoever has the file that it is here.
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    pages = models.PositiveIntegerField(null=True, blank=True)
    note = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    inspection = models.CharField(max_length=12, choices=Inspection, default=Inspection.WAITING)
    inspection_note = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="version_number_is_unique_in_document"),
        ]

    def __str__(self) -> str:
        return f"{self.file_name}, version {self.number}"

    @property
    def kind_label(self) -> str:
        return str(Kind(self.kind).label)

    @property
    def is_current(self) -> bool:
        return self.document.current_version_id == self.pk

    @property
    def download_url(self) -> str:
        return reverse("fileshare:download_version", args=[self.document.uuid, self.number])
