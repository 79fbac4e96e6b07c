"""Pictures are public by their address, whatever folder they lie in. One rule: none lies in a folder that is closed.

A closed folder is no choice for a picture (`portal.wagtail_pictures`), and no folder with pictures is closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from wagtail.images import get_image_model

from fileshare import access

if TYPE_CHECKING:
    from wagtail.images.models import AbstractImage
    from wagtail.models import Collection

IN_THE_WAY = (
    "{count} in this folder or in one below. Whoever has a picture's address sees it, so no folder with pictures can "
    "be closed. Move them to an open folder first, under Images."
)


def below(collection: Collection) -> QuerySet[AbstractImage]:
    """Those in the folder and in all below it."""
    found: QuerySet[AbstractImage] = get_image_model().objects.filter(collection__path__startswith=collection.path)
    return found


def misplaced() -> QuerySet[AbstractImage]:
    """Those in closed folders, from before this rule or past the administration."""
    found: QuerySet[AbstractImage] = get_image_model().objects.exclude(
        collection__in=access.open_collections(None).values("pk")
    )
    return found


def refuse_to_close(collection: Collection) -> None:
    """Raises ValidationError with a sentence where there are pictures."""
    if count := below(collection).count():
        lie = "1 picture lies" if count == 1 else f"{count} pictures lie"
        raise ValidationError(IN_THE_WAY.format(count=lie))
