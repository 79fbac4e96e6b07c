"""The first page of a PDF, or a picture, in two sizes as WebP."""

from __future__ import annotations

import base64
import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fileshare.inspection import child

if TYPE_CHECKING:
    from PIL.Image import Image

KINDS = frozenset({"pdf", "png", "jpeg", "webp"})
SECONDS = 20
MEMORY = 1024**3  # bytes
# Boxes in pixels that the picture is fitted into. In the small one a page's running text can hardly be read.
LARGE, SMALL = (800, 1131), (200, 283)
MOST_PIXELS = 100_000_000  # of a picture; it needs three or four bytes for each
QUALITY = 75


@dataclass(frozen=True)
class Preview:
    """Two WebP pictures, and the pixels of the large one."""

    small: bytes
    large: bytes
    width: int
    height: int


def make(path: str | Path, kind: str) -> Preview:
    """The preview of a file of one of KINDS. Raises child.Defeated."""
    made = child.run(__name__, str(path), kind, seconds=SECONDS)
    small, large = (base64.b64decode(made[size]) for size in ("small", "large"))
    return Preview(small, large, int(made["width"]), int(made["height"]))


def fitted(width: int, height: int, box: tuple[int, int] = SMALL) -> tuple[int, int]:
    """The size of a picture in a box, never larger than it is."""
    scale = min(1.0, box[0] / width, box[1] / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _page_of_pdf(path: str) -> Image:
    import pypdfium2  # noqa: PLC0415 -- heavy, and wanted in the child alone

    page = pypdfium2.PdfDocument(path)[0]
    width, height = page.get_size()
    scale = min(LARGE[0] / width, LARGE[1] / height)
    return page.render(scale=scale).to_pil()


def _picture(path: str) -> Image:
    import PIL.Image  # noqa: PLC0415 -- as above
    import PIL.ImageOps  # noqa: PLC0415 -- as above

    PIL.Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2  # Pillow refuses from twice as many
    image = PIL.Image.open(path)
    image.draft("RGB", LARGE)  # a JPEG need not be read whole
    image.thumbnail(LARGE)
    return PIL.ImageOps.exif_transpose(image)


def _on_white(image: Image) -> Image:
    import PIL.Image  # noqa: PLC0415 -- as above

    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    white = PIL.Image.new("RGBA", layer.size, "white")
    return PIL.Image.alpha_composite(white, layer).convert("RGB")


def _draw(path: str, kind: str) -> dict[str, Any]:
    """Only pixels go into the new files: whatever else the old one holds stays there."""
    image = _on_white(_page_of_pdf(path) if kind == "pdf" else _picture(path))
    made: dict[str, Any] = {}
    for name, box in (("large", LARGE), ("small", SMALL)):
        image.thumbnail(box)
        if name == "large":
            made |= {"width": image.width, "height": image.height}
        out = io.BytesIO()
        image.save(out, "WEBP", quality=QUALITY)
        made[name] = base64.b64encode(out.getvalue()).decode()
    return made


if __name__ == "__main__":
    child.answer(lambda: _draw(*sys.argv[1:]), seconds=SECONDS, memory=MEMORY)
