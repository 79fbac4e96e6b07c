"""Pictures of public pages: the one thing that lies in the public storage."""

from __future__ import annotations

import mimetypes
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


class PictureRendition(AbstractRendition):
    """A picture in one size and format."""

    image = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="renditions")
    file = models.ImageField(
        storage=public_storage, upload_to=rendition_path, width_field="width", height_field="height"
    )

    class Meta:
        unique_together = (("image", "filter_spec", "focal_point_key"),)
