"""The site's one style sheet, put together from its parts, so that a first visit fetches one file and not forty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseStorageFinder
from django.core.files.storage import FileSystemStorage

SOURCES = settings.BASE_DIR / "static" / "css"
FIRST = ("tokens.css", "base.css", "layout.css")  # the tokens name the layers, which give each rule its weight
MADE = settings.DATA_DIR / "styles"
NAME = "css/site.css"


def put_together() -> str:
    """The parts in order; whatever lies among the components belongs to it."""
    parts = [*(SOURCES / name for name in FIRST), *sorted((SOURCES / "components").glob("*.css"))]
    return "\n".join(part.read_text() for part in parts)


def write() -> None:
    """Write the sheet where it is missing or its parts have changed; several processes may do so at once."""
    made, content = MADE / NAME, put_together()
    if made.exists() and made.read_text() == content:
        return
    made.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=made.parent, delete=False) as file:
        file.write(content)
    Path(file.name).chmod(0o644)
    Path(file.name).replace(made)


class SiteStyleSheetFinder(BaseStorageFinder):
    """Shows the sheet to `collectstatic`, and to whatever serves static files without collecting them."""

    storage = FileSystemStorage(location=MADE)

    def find(self, path: str, find_all: Any = False) -> Any:
        if path == NAME:
            write()
        return super().find(path, find_all=find_all)

    def list(self, ignore_patterns: Any) -> Iterator[Any]:
        write()
        yield NAME, self.storage
