"""What one person did in the file share, for that person's own lists. It goes with the account; what must be kept of
who read what is in the access record."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class ReadPaper(models.Model):
    """That a person has opened or fetched a paper, and when last."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="read_papers")
    document = models.ForeignKey("fileshare.SharedDocument", on_delete=models.CASCADE, related_name="read_by")
    last_at = models.DateTimeField(default=timezone.now)

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "document"], name="one_reading_a_person_and_paper")]
        indexes = [models.Index(fields=["user", "-last_at"], name="readings_of_a_person")]

    def __str__(self) -> str:
        return f"{self.user_id}, {self.document_id}"


class SavedPaper(models.Model):
    """That a person has put a paper aside."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_papers")
    document = models.ForeignKey("fileshare.SharedDocument", on_delete=models.CASCADE, related_name="saved_by")
    saved_at = models.DateTimeField(default=timezone.now)

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "document"], name="one_saving_a_person_and_paper")]
        indexes = [models.Index(fields=["user", "-saved_at"], name="saved_papers_of_a_person")]

    def __str__(self) -> str:
        return f"{self.user_id}, {self.document_id}"


class Visit(models.Model):
    """When a person was last in the file share, and when the visit before that one ended."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="file_share_visit"
    )
    last_at = models.DateTimeField()
    before_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.user_id}, {self.last_at:%Y-%m-%d %H:%M}"
