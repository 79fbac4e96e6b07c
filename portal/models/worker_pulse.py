"""Which workers live: each writes every few seconds that it does."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class WorkerPulse(models.Model):
    """One worker process. Its own thread writes the row; `portal.ops.queue` takes it away when nothing was written for
    long, and with it the worker's right to go on. Moments are those of the database's clock."""

    worker = models.CharField(max_length=64, primary_key=True)
    began_at = models.DateTimeField(db_default=Now())
    beat_at = models.DateTimeField(db_default=Now())
    suspected_at = models.DateTimeField(null=True, help_text="When the timer first missed it.")

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return self.worker
