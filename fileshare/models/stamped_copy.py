"""A stamped copy: one person's copy of one version, whose every page says whose it is."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from fileshare import copy_numbers
from fileshare.storage import new_copy_key


class StampedCopy(models.Model):
    """Made by `services.stamped_copies`. The bytes are kept for a day; the row stays, so that a page that turns up
    somewhere years later still leads to whoever had the copy.

    The keys to the person and to the version are facts of the past, as in the access record: the person's stays when
    the account goes, and the paper is named beside the version, which may be deleted.
    """

    number = models.CharField(max_length=12, unique=True, help_text="Digits, the last of which checks the others.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    version = models.ForeignKey(
        "fileshare.DocumentVersion", null=True, blank=True, on_delete=models.SET_NULL, related_name="copies"
    )
    document_uuid = models.UUIDField(db_index=True)
    version_number = models.PositiveIntegerField()
    words = models.CharField(max_length=64, help_text="A digest of what is stamped: other words, another copy.")
    made_at = models.DateTimeField(default=timezone.now)
    # All four empty while the copy is being made.
    file = models.FileField(upload_to=new_copy_key, max_length=200, blank=True)
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes.")
    sha256 = models.CharField("SHA-256", max_length=64, blank=True, db_index=True)
    crc32 = models.PositiveBigIntegerField("CRC-32", default=0)
    # What a reader page fetches first of a long one, made with it.
    opening = models.FileField(upload_to=new_copy_key, max_length=200, blank=True)
    opening_size = models.PositiveIntegerField(default=0, help_text="Bytes.")
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True, db_index=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "stamped copies"
        indexes = [
            # Those whose bytes are to go; all but a few rows have lost theirs.
            models.Index(
                fields=["id"], condition=Q(removed_at__isnull=False) & ~Q(file=""), name="copies_whose_bytes_are_to_go"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "version"], condition=Q(removed_at=None), name="one_kept_copy_of_a_version_by_a_person"
            ),
            models.UniqueConstraint(
                fields=["user"], condition=Q(removed_at=None, sha256=""), name="one_copy_in_the_making_by_a_person"
            ),
            models.CheckConstraint(
                condition=Q(sha256="") | Q(removed_at__isnull=False) | ~Q(file=""), name="kept_copy_has_its_file"
            ),
        ]

    def __str__(self) -> str:
        return f"Copy {self.number_in_groups}"

    @property
    def number_in_groups(self) -> str:
        """As it stands on the pages."""
        return copy_numbers.in_groups(self.number)
