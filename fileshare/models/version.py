"""A version: one file of a paper, as it arrived, for ever."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from fileshare.enums import READ_AS, Change, Inspection, Kind
from fileshare.storage import new_key


class DocumentVersion(models.Model):
    """A stored file. The row's facts never change, but for the outcome of its inspection and of its scans, that it
    was out, the number of pages, where looking into the file tells it, and the day on which the file was destroyed."""

    document = models.ForeignKey("fileshare.SharedDocument", on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    file = models.FileField(upload_to=new_key, max_length=200)
    file_name = models.CharField(max_length=255, help_text="As the person named it; members get it back.")
    kind = models.CharField(max_length=8, choices=Kind)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    crc32 = models.PositiveBigIntegerField("CRC-32", help_text="Of the bytes: a zip names it before them.")
    # What a client sees instead of the file's hash, which would tell whoever has the file that it is here.
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    pages = models.PositiveIntegerField(null=True, blank=True)
    note = models.CharField(max_length=255, blank=True)
    change = models.CharField(max_length=5, choices=Change, blank=True, help_text="Empty for a paper's first file.")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    asks_again = models.BooleanField(
        default=False, help_text="Whether members confirm this version anew, where the paper asks for it."
    )
    inspection = models.CharField(max_length=12, choices=Inspection, default=Inspection.WAITING)
    inspection_note = models.CharField(max_length=255, blank=True)
    # Of the last scan that came to its end; `scan_found` is empty where nothing was found, and of a file that was never
    # scanned, which has no `scanned_at` either (`services.scan`).
    scan_found = models.CharField(max_length=200, blank=True, editable=False)
    scanned_with = models.CharField(max_length=255, blank=True, editable=False, help_text="The scanner's own words.")
    scanned_at = models.DateTimeField(null=True, blank=True, editable=False)
    scan_tries = models.PositiveSmallIntegerField(default=0, editable=False, help_text="That came to no end.")
    scan_after = models.DateTimeField(null=True, blank=True, editable=False, help_text="Not to be tried before.")
    scan_released = models.CharField(
        max_length=200, blank=True, editable=False, help_text="What an administrator let pass, should it be found."
    )
    was_out = models.BooleanField(
        default=False, editable=False, help_text="Whether it ever was what readers get: no older one comes after it."
    )
    # By `services.retention`: nobody gets the bytes from then on; `file` is empty once the store has let go of them.
    destroyed_at = models.DateTimeField(null=True, blank=True, editable=False)

    wagtail_reference_index_ignore = True  # a version is no use of its paper

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(file="") | Q(destroyed_at__isnull=False), name="version_has_a_file_until_it_is_destroyed"
            ),
            models.UniqueConstraint(fields=["document", "number"], name="version_number_is_unique_in_document"),
            models.CheckConstraint(
                condition=models.Q(asks_again=False) | models.Q(change=Change.MAJOR),
                name="only_a_real_change_asks_again",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name}, version {self.number}"

    @property
    def is_held_by_scanner(self) -> bool:
        """Whether it is in quarantine for what the virus scanner said, which was not released."""
        is_found = self.scan_found not in ("", self.scan_released)
        return self.inspection == Inspection.QUARANTINED and is_found and self.destroyed_at is None

    @property
    def kind_label(self) -> str:
        return str(Kind(self.kind).label)

    @property
    def is_current(self) -> bool:
        return self.document.current_version_id == self.pk

    @property
    def download_url(self) -> str:
        return reverse("fileshare:download_version", args=[self.document.uuid, self.number])

    @property
    def read_url(self) -> str:
        """Where it is read in the browser; "" for a kind that is only downloaded, and for a file that is destroyed."""
        if self.destroyed_at is not None or self.kind not in READ_AS:
            return ""
        return reverse("fileshare:read_version", args=[self.document.uuid, self.number])

    @property
    def content_url(self) -> str:
        """Where the reader page fetches the bytes."""
        return reverse("fileshare:content", args=[self.document.uuid, self.number])
