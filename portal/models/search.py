"""What the search keeps: a row for each stretch of text that can be found, and what was looked for in vain.

The words themselves lie where each database keeps them best (`portal/migrations/0003_search.py`): PostgreSQL in two
columns of the row, SQLite in two full-text tables beside it.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q


class SearchKind(models.TextChoices):
    """What can be found."""

    POST = "post", "News"
    PAGE = "page", "Page"
    PAPER = "paper", "Paper"


class VectorField(models.Field[Any, Any]):
    """PostgreSQL's `tsvector`; empty elsewhere."""

    def db_type(self, connection: Any) -> str:
        return "tsvector" if connection.vendor == "postgresql" else "text"


class SearchRow(models.Model):
    """A post as far as the public reads it, the same post whole, a page, or some pages of a paper.

    The key follows from the date and the thing (`portal.search.interface.place_of`), so that the order of the keys is
    the order of dates and both databases find the newest first without sorting.
    """

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=5, choices=SearchKind)
    page = models.ForeignKey("wagtailcore.Page", null=True, on_delete=models.CASCADE, related_name="search_rows")
    paper = models.ForeignKey(
        "fileshare.SharedDocument", null=True, on_delete=models.CASCADE, related_name="search_rows"
    )
    for_members = models.BooleanField(default=False, help_text="Whether more is in it than the public may read.")
    first_page = models.PositiveIntegerField(null=True)
    last_page = models.PositiveIntegerField(null=True)
    file_kind = models.CharField(max_length=8, blank=True)
    topics = models.TextField(blank=True, help_text="Names, with a line's end before and behind each.")
    of_version = models.BigIntegerField(null=True, help_text="Whose text it has; of another one it answers nobody.")
    made_of = models.CharField(max_length=32, help_text="The mark of what it was made of (`portal.search.marks`).")
    made_at = models.DateTimeField()
    head, words = VectorField(null=True), VectorField(null=True)

    wagtail_reference_index_ignore = True  # a row of the search is no use of what it finds

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(page__isnull=True) ^ Q(paper__isnull=True), name="search_row_is_of_one_thing"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.paper_id or self.page_id}"


class SearchMiss(models.Model):
    """How often something was looked for in vain on one day; never by whom."""

    words = models.CharField(max_length=100)
    day = models.DateField(db_index=True)
    count = models.PositiveIntegerField(default=1)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name, verbose_name_plural = "search", "searches"
        constraints = [models.UniqueConstraint(fields=["words", "day"], name="one_count_of_misses_a_day")]

    def __str__(self) -> str:
        return f"{self.words}, {self.day}: {self.count}"
