"""The form of a picture in Wagtail's administration."""

from __future__ import annotations

from typing import Any

from wagtail.images.forms import BaseImageForm


class PictureForm(BaseImageForm):  # type: ignore[misc]  # Wagtail has no types
    """Says beforehand that pictures are public (`fileshare.public_pictures`)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if folder := self.fields.get("collection"):
            folder.label = "Folder"
            folder.help_text = (
                "Whoever has a picture's address sees the picture, so only folders that are open to every member are "
                "on offer. What is in confidence belongs into the File Share, as a paper."
            )
