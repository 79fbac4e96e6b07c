"""Pictures of public pages: the one thing that lies in the public storage."""

from __future__ import annotations

import mimetypes
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages
from django.db import models
from wagtail.images.models import AbstractImage, AbstractRendition, Image

# Python 3.11 knows it only on machines that have a list of their own (/etc/mime.types).
mimetypes.add_type("image/webp", ".webp")


def public_storage() -> Storage:
    """The named exception to the private default."""
    return storages["public"]


def original_path(instance: Picture, filename: str) -> str:
    return instance.get_upload_to(filename)


def rendition_path(instance: PictureRendition, filename: str) -> str:
    return instance.get_upload_to(filename)


class Picture(AbstractImage):
    """A picture. Whatever is uploaded as a picture is public by its address; papers are documents instead."""

    file = models.ImageField(
        "file",
        storage=public_storage,
        upload_to=original_path,
        width_field="width",
        height_field="height",
    )

    admin_form_fields = Image.admin_form_fields

    class Meta(AbstractImage.Meta):
        verbose_name = "picture"
        permissions = [("choose_picture", "Can choose picture")]

    def generate_rendition_file(self, filter: Any, *, source: Any = None) -> File[bytes]:  # noqa: A002 -- Wagtail's name
        """As Wagtail's, whose temporary file nobody closes."""
        with super().generate_rendition_file(filter, source=source) as made:
            made.seek(0)
            return ContentFile(made.read(), name=made.name)


def lacks_picture(html: str) -> bool:
    """Whether it names Wagtail's stand-in for a picture whose file the store did not give."""
    return public_storage().url("not-found") in html


_at_hand: ContextVar[dict[int, Picture] | None] = ContextVar("pictures_at_hand", default=None)


@contextmanager
def at_hand(keys: Collection[int]) -> Iterator[dict[int, Picture]]:
    """Fetch these pictures with their renditions in one query, for whatever asks for them meanwhile (`fetch`)."""
    token = _at_hand.set(_fetched(keys))
    try:
        yield _at_hand.get() or {}
    finally:
        _at_hand.reset(token)


def fetch(keys: Collection[int]) -> dict[int, Picture]:
    """Pictures with their renditions, by key; one that is gone is missing."""
    known = _at_hand.get() or {}
    return {key: known[key] for key in keys if key in known} | _fetched(set(keys) - known.keys())


def _fetched(keys: Collection[int]) -> dict[int, Picture]:
    found: dict[int, Picture] = {}
    if not keys:
        return found
    for rendition in PictureRendition.objects.filter(image__in=keys).select_related("image"):
        picture = found.setdefault(rendition.image_id, rendition.image)
        picture.__dict__.setdefault("prefetched_renditions", []).append(rendition)  # where Wagtail looks for them
    if missing := set(keys) - found.keys():  # never shown before, or gone
        found |= Picture.objects.prefetch_related("renditions").in_bulk(missing)
    return found


class PictureRendition(AbstractRendition):
    """A picture in one size and format."""

    image = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="renditions")
    file = models.ImageField(
        storage=public_storage, upload_to=rendition_path, width_field="width", height_field="height"
    )

    class Meta:
        unique_together = (("image", "filter_spec", "focal_point_key"),)
