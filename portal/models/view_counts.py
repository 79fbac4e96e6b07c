"""How often a post was read."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Coalesce


class DailyReadsQuerySet(models.QuerySet["DailyReads"]):
    def total(self) -> int:
        """All reads of these, in one query."""
        return int(self.aggregate(total=Coalesce(models.Sum("reads"), 0))["total"])


class DailyReads(models.Model):
    """The reads of one post on one day (the site's own midnight)."""

    post = models.ForeignKey("portal.NewsPage", on_delete=models.CASCADE, related_name="daily_reads")
    day = models.DateField(db_index=True)
    reads = models.PositiveIntegerField(default=0)

    objects = DailyReadsQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "day"], name="one_count_a_post_a_day")]
        verbose_name_plural = "daily reads"

    def __str__(self) -> str:
        return f"{self.post_id}, {self.day}: {self.reads}"


class DailyReader(models.Model):
    """That somebody has read a post today, until tomorrow.

    The digest is keyed with the site's secret and the day and names post, address and browser together: it can be
    recognised on the same day and says nothing about who it was.
    """

    digest = models.CharField(max_length=32, unique=True)
    day = models.DateField(db_index=True)

    def __str__(self) -> str:
        return self.digest
