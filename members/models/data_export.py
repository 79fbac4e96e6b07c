"""A file with everything that is kept about one person, for that person."""

from __future__ import annotations

import datetime
import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from members.enums import ExportState

KEPT_FOR = datetime.timedelta(days=7)


def new_key(instance: DataExport, filename: str) -> str:
    """A key with 160 bits of chance on the private storage, and nothing of the person."""
    return f"own-data/{secrets.token_hex(20)}"


class DataExportQuerySet(models.QuerySet["DataExport"]):
    def kept(self) -> DataExportQuerySet:
        """In the making, or ready and not yet too old to be fetched."""
        return self.filter(Q(state=ExportState.WAITING) | Q(made_at__gt=timezone.now() - KEPT_FOR))

    def ready(self) -> DataExportQuerySet:
        return self.kept().filter(state=ExportState.READY)


class DataExport(models.Model):
    """Asked for by the person, made by the worker, kept for seven days. A person has one in the making at most."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="data_exports")
    state = models.CharField(max_length=10, choices=ExportState, default=ExportState.WAITING)
    asked_at = models.DateTimeField(default=timezone.now)
    made_at = models.DateTimeField(null=True, blank=True)
    file = models.FileField(upload_to=new_key, max_length=200, blank=True)
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes.")

    objects = DataExportQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(state=ExportState.WAITING), name="one_data_export_in_the_making"
            ),
            models.CheckConstraint(
                condition=~Q(state=ExportState.READY) | (Q(made_at__isnull=False) & ~Q(file="")),
                name="ready_data_export_has_its_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}, asked for on {self.asked_at:%Y-%m-%d}"

    @property
    def is_ready(self) -> bool:
        return self.state == ExportState.READY

    @property
    def goes_at(self) -> datetime.datetime | None:
        return self.made_at + KEPT_FOR if self.made_at else None
