"""The access record: who opened, downloaded, was refused, changed what. Rows are added and never touched again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils import timezone

from members.enums import Action

if TYPE_CHECKING:
    from members.record_words import Words


class AppendOnly(TypeError):
    """Somebody tried to change or remove a row of the access record."""


class AccessRecordQuerySet(models.QuerySet["AccessRecord"]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnly("Rows of the access record cannot be changed.")

    def delete(self) -> NoReturn:
        raise AppendOnly("Rows of the access record cannot be removed.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("Rows of the access record cannot be changed.")

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("Rows of the access record are written one at a time, by `members.audit.record`.")


class AccessRecord(models.Model):
    """One thing that happened. Written by `members.audit.record` alone.

    The person and the object are kept as numbers without a database constraint: a row outlives both.
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    action = models.CharField(max_length=30, choices=Action)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    object_kind = models.CharField(max_length=30, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    details = models.JSONField(default=dict)

    objects = AccessRecordQuerySet.as_manager()
    # Wagtail would have the worker look for references to pages and papers after each row.
    wagtail_reference_index_ignore = True
    words: Words  # beside the numbers, when somebody reads: see `members.record_words`

    class Meta:
        base_manager_name = "objects"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["object_kind", "object_id"]),
            models.Index(fields=["actor", "at"]),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.object_kind} {self.object_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding or kwargs.get("force_update"):
            raise AppendOnly("Rows of the access record cannot be changed.")
        # Inserting by force: a new object with the number of a row that stands would otherwise take its place.
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("Rows of the access record cannot be removed.")
