"""The picture that other sites show beside a link to a post (OpenGraph: 1200 × 630 pixels)."""

from __future__ import annotations

import hashlib
import io
from functools import cache
from typing import Any

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1200, 630
MARGIN = 84
NIGHT, INK, SOFT, BRASS = "#14222c", "#f4f0e8", "#b9c3c9", "#c8943c"  # as in static/css/tokens.css
SERIF, SANS = "source-serif-4-latin-600-normal.woff2", "atkinson-hyperlegible-next-latin-wght-normal.woff2"
TITLE_SIZES, MOST_LINES = (76, 64, 54, 46), 5
VERSION = 2  # of the drawing: a new one makes new addresses


@cache
def _font(name: str, size: int, weight: int | None = None) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(str(settings.BASE_DIR / "static" / "fonts" / name), size)
    if weight:
        font.set_variation_by_axes([weight])
    return font


def digest(*, organisation: str, topic: str, title: str) -> str:
    """Changes with whatever the picture shows, so that its address may be kept for ever."""
    return hashlib.sha256("\0".join([str(VERSION), organisation, topic, title]).encode()).hexdigest()[:16]


def draw(*, organisation: str, topic: str, title: str) -> bytes:
    """A PNG of the title, the topic above it and the association below."""
    image = Image.new("RGB", (WIDTH, HEIGHT), NIGHT)
    canvas = ImageDraw.Draw(image)
    canvas.rectangle((0, 0, 16, HEIGHT), fill=BRASS)
    small = _font(SANS, 32, 600)
    if topic:
        canvas.text((MARGIN, 72), _cut(topic, small), font=small, fill=BRASS)
    font, lines = _fitting(title)
    canvas.multiline_text((MARGIN, 136), "\n".join(lines), font=font, fill=INK, spacing=round(font.size * 0.22))
    canvas.line((MARGIN, HEIGHT - 118, WIDTH - MARGIN, HEIGHT - 118), fill="#3a4a55", width=2)
    canvas.text((MARGIN, HEIGHT - 92), _cut(organisation, small), font=small, fill=SOFT)
    made = io.BytesIO()
    image.quantize(64).save(made, "PNG", optimize=True)
    return made.getvalue()


def _fitting(title: str) -> tuple[Any, list[str]]:
    """The largest type in which the title fits, and its lines; the smallest ends in an ellipsis."""
    for size in TITLE_SIZES:
        font = _font(SERIF, size)
        lines = _lines(title, font)
        if len(lines) * size * 1.35 <= HEIGHT - 136 - 140 and len(lines) <= MOST_LINES:
            return font, lines
    return font, [*lines[: MOST_LINES - 1], _cut(lines[MOST_LINES - 1] + " …", font)]


def _lines(text: str, font: Any) -> list[str]:
    lines, line = list[str](), ""
    for word in (_cut(each, font) for each in text.split()):
        longer = f"{line} {word}".strip()
        if line and font.getlength(longer) > WIDTH - 2 * MARGIN:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]


def _cut(text: str, font: Any) -> str:
    """The text, or as much of it as one line holds."""
    if font.getlength(text) <= WIDTH - 2 * MARGIN:
        return text
    while text and font.getlength(f"{text}…") > WIDTH - 2 * MARGIN:
        text = text[:-1].rstrip(" …")
    return f"{text}…"
