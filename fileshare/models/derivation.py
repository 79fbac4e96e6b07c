"""What the worker made of a version: its text page by page, its preview, what a reader page wants first, and what the
file says of itself."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from fileshare import languages
from fileshare.enums import Making
from fileshare.models.version import DocumentVersion
from fileshare.storage import new_preview_key

_NO_PREVIEW = Q(small="", large="", width=None, height=None)
_OPENING = Q(opening="", opening_size=0) | ~Q(opening="") & Q(opening_size__gt=0)
_PREVIEW = ~Q(small="") & ~Q(large="") & Q(width__gt=0, height__gt=0)


# What its row says once the store has let go of all that was made.
NOTHING_STORED = {"small": "", "large": "", "width": None, "height": None, "opening": "", "opening_size": 0}


class Derivation(models.Model):
    """One for each version that passed its inspection, made with the first attempt."""

    version = models.OneToOneField(
        DocumentVersion, on_delete=models.CASCADE, primary_key=True, related_name="derivation"
    )
    state = models.CharField(max_length=8, choices=Making, default=Making.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(max_length=255, blank=True, help_text="What could not be made, for the paper's editors.")
    title = models.CharField(max_length=255, blank=True)
    author = models.CharField(max_length=255, blank=True)
    dated = models.DateField(null=True, blank=True)
    language = models.CharField(max_length=35, blank=True, help_text="A tag after BCP 47, in small letters.")
    # On the private storage; sent by `views.previews` alone, which asks the policy.
    small = models.FileField(upload_to=new_preview_key, max_length=200, blank=True)
    large = models.FileField(upload_to=new_preview_key, max_length=200, blank=True)
    width = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Pixels of the large preview.")
    height = models.PositiveSmallIntegerField(null=True, blank=True)
    # As above; sent by `views.reading` (`derivatives.opening`). Most files have none.
    opening = models.FileField(upload_to=new_preview_key, max_length=200, blank=True)
    opening_size = models.PositiveIntegerField(default=0, help_text="Bytes.")

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.CheckConstraint(condition=_NO_PREVIEW | _PREVIEW, name="preview_is_whole_or_not_there"),
            models.CheckConstraint(condition=_OPENING, name="opening_has_a_size_or_is_not_there"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.get_state_display()}"

    @property
    def language_name(self) -> str:
        return languages.name_of(self.language)

    @property
    def has_preview(self) -> bool:
        return bool(self.large)

    @property
    def keys(self) -> list[str]:
        """Of the objects that are stored for it."""
        return [str(file.name) for file in (self.small, self.large, self.opening) if file]


class PageText(models.Model):
    """The text of one page, as the file calls a page: a slide, a sheet of a workbook."""

    version = models.ForeignKey(DocumentVersion, on_delete=models.CASCADE, related_name="page_texts")
    number = models.PositiveIntegerField()
    text = models.TextField()

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="page_number_is_unique_in_version"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}, page {self.number}"
