"""A register in a CSV file, on its way into the site."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from members.enums import ImportState


class MemberImport(models.Model):
    """One file that a secretary brought: checked by the worker, looked at, and then imported by the worker.

    The text is kept here until it is imported or forgotten (`members.services.import_members.forget_old`), so that
    a worker on another machine can read it, and nothing of it lies in a folder.
    """

    file_name = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    delimiter = models.CharField(max_length=1, default=",")
    note = models.CharField(max_length=200, blank=True, help_text="What was noticed while the file was read.")
    columns = models.JSONField(default=dict, help_text="Which column of the file holds what, by its place.")
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.ASSIGNING)
    report: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    done_at = models.DateTimeField(null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=ImportState.DONE) | models.Q(done_at__isnull=False, text=""),
                name="finished_import_has_a_time_and_no_text",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name
