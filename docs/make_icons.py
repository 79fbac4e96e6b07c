"""Draws the site's icons for telephones' home screens from the gatehouse mark (static/icons/logo.svg)."""

from pathlib import Path

from PIL import Image, ImageDraw

ICONS = Path(__file__).resolve().parent.parent / "static" / "icons"
GREEN, PAPER = "#0c5a48", "#fffdf9"
OUTLINE = ((2, 30), (2, 8), (6, 8), (6, 4), (11, 4), (11, 8), (21, 8), (21, 4), (26, 4), (26, 8), (30, 8), (30, 30))
FINE = 4  # drawn so many times as large, for smooth edges


def draw(size: int) -> Image.Image:
    """The mark on green to every edge; systems that cut a circle out of an icon leave the mark whole."""
    large = size * FINE
    unit = large / 50.4  # the mark, 28 units wide, takes five ninths
    left, top = large / 2 - 16 * unit, large / 2 - 17 * unit

    def at(x: float, y: float) -> tuple[float, float]:
        return left + x * unit, top + y * unit

    image = Image.new("RGB", (large, large), GREEN)
    canvas = ImageDraw.Draw(image)
    canvas.polygon([at(x, y) for x, y in OUTLINE], fill=PAPER)
    canvas.ellipse((*at(11, 14), *at(21, 24)), fill=GREEN)
    canvas.rectangle((*at(11, 19), *at(21, 30.2)), fill=GREEN)
    return image.resize((size, size), Image.Resampling.LANCZOS)


for name, size in (("apple-touch-icon-180", 180), ("icon-192", 192), ("icon-512", 512)):
    draw(size).quantize(32).save(ICONS / f"{name}.png", optimize=True)
