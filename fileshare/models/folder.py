"""A folder: what a Wagtail collection needs besides its name to stand in the file share."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from wagtail.models import Collection

RESERVED_SLUGS = ("document", "archive")


def validate_slug_is_free(slug: str) -> None:
    if slug in RESERVED_SLUGS:
        raise ValidationError(f"“{slug}” is an address of the file share itself; please choose another word.")


class Folder(models.Model):
    """One for each collection below the root, made with it (`fileshare.folders.ensure_folder`).

    The slug is the folder's own part of its address; `fileshare.folders` puts addresses together.
    """

    collection = models.OneToOneField(Collection, on_delete=models.CASCADE, primary_key=True, related_name="folder")
    slug = models.SlugField(
        "address", max_length=80, validators=[validate_slug_is_free], help_text="The word in the folder's web address."
    )
    description = models.TextField(blank=True, help_text="One or two sentences for members, shown under the name.")
    order = models.PositiveSmallIntegerField(default=100, help_text="Lower numbers stand first.")
    former_versions_readable = models.BooleanField(
        "former versions stay readable",
        default=True,
        help_text="Whether members may download what a paper said before it was replaced.",
    )

    class Meta:
        ordering = ["order", "collection__name"]

    def __str__(self) -> str:
        return self.collection.name
