"""In a post's form: whether members are told, and how many that would be."""

from __future__ import annotations

from typing import Any

from wagtail.admin.panels import FieldPanel


class TellingPanel(FieldPanel):  # type: ignore[misc]  # Wagtail has no types
    """The tick, with the number of those who would hear of the post as it was saved last."""

    class BoundPanel(FieldPanel.BoundPanel):  # type: ignore[misc]  # as above
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            from portal.notifications import audience  # noqa: PLC0415 -- a post's panels are built from this module

            if self.instance.pk and self.request:
                self.help_text: str = f"{self.panel.help_text} {audience.said_of_post(self.instance)}"
