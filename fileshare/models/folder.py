"""A folder: what a Wagtail collection needs besides its name to stand in the file share."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from wagtail.models import Collection

RESERVED_SLUGS = ("document", "archive", "saved", "recent")
LONGEST_ADDRESS = 1000  # characters of a former address below /files/; longer ones are forgotten


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

    takes_contributions = models.BooleanField(
        "members may bring papers",
        default=False,
        help_text="What they bring waits until an editor of the folder has looked at it.",
    )
    contributors = models.ManyToManyField(
        Group,
        blank=True,
        related_name="+",
        verbose_name="only these groups",
        help_text="Empty: everybody who may read the folder may bring papers.",
    )

    tells_members = models.BooleanField(
        "members are told of new papers",
        default=True,
        help_text="By mail, as each of them has chosen, and on the site. What is said with a paper itself comes first.",
    )
    takes_zips = models.BooleanField(
        "zip archives may come in",
        default=False,
        help_text="By every way in, also from members. What is in an archive is inspected as if it came by itself.",
    )
    destroy_after_days = models.PositiveSmallIntegerField(
        "destroy files so many days after expiry",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="For papers in this folder itself. Every version of an expired paper is then deleted for good, with "
        "its text and pictures; the paper and what is known of its files stay. Empty: never.",
    )

    class Meta:
        ordering = ["order", "collection__name"]

    def __str__(self) -> str:
        return self.collection.name


class FormerAddress(models.Model):
    """Where a folder stood before it moved, so that old links lead on (`services.addresses` writes it)."""

    path = models.CharField(max_length=LONGEST_ADDRESS, unique=True)
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="+")

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name_plural = "former addresses"

    def __str__(self) -> str:
        return self.path
