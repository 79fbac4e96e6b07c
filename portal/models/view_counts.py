"""How often a post was read."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.crypto import salted_hmac


def seal(post_id: int) -> str:
    """Says that a page of the site gave the number away: invented ones are known without asking the database."""
    return salted_hmac("portal.view_counts.seal", str(post_id), algorithm="sha256").hexdigest()[:16]


def reads_address(post_id: int) -> str:
    """Where a post's page says that it is being read."""
    return reverse("count_read", args=[post_id, seal(post_id)])


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
    wagtail_reference_index_ignore = True  # a day's count is no use of its post

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "day"], name="one_count_a_post_a_day")]
        verbose_name_plural = "daily reads"

    def __str__(self) -> str:
        return f"{self.post_id}, {self.day}: {self.reads}"


def reads_of(post: models.OuterRef) -> Coalesce:
    """All reads of a post, as part of the query that finds it."""
    by_post = DailyReads.objects.filter(post=post).order_by().values("post")
    return Coalesce(models.Subquery(by_post.values(total=models.Sum("reads"))), 0)


class DailyReader(models.Model):
    """That somebody has read a post today, until tomorrow.

    The digest is keyed with the site's secret and the day: its beginning names post and address together, the rest the
    browser too. It can be recognised on the same day and says nothing about who it was.
    """

    digest = models.CharField(max_length=32, unique=True)
    day = models.DateField(db_index=True)

    def __str__(self) -> str:
        return self.digest
