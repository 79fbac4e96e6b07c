"""The surface on which the demo's pictures are drawn: flat shapes in the site's colours.

A scene draws on any sheet, so that the same one serves as a picture of the site and as the cover of a paper.
Coordinates are those of the finished picture, 1600 by 1100, with y pointing down.
"""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Iterable
from math import cos, pi, sin

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1600, 1100
FINENESS = 3

PITCH = "#0f1a22"
NIGHT = "#14222c"
DUSK = "#1d313d"
MIST = "#2b4552"
GREEN = "#0c5a48"
FERN = "#1f6f5c"
SAGE = "#4b9480"
BRASS = "#d9a54a"
AMBER = "#b47f2a"
STRAW = "#f0d9a8"
STONE = "#f4f0e8"
CHALK = "#e4decf"
SAND = "#d9d2c4"

Point = tuple[float, float]


class Sheet(ABC):
    """What a scene may use. Angles are degrees, clockwise from three o’clock; an arc runs between two of them."""

    @abstractmethod
    def rect(self, x: float, y: float, width: float, height: float, colour: str) -> None: ...

    @abstractmethod
    def disc(self, x: float, y: float, radius: float, colour: str) -> None: ...

    @abstractmethod
    def shape(self, points: Iterable[Point], colour: str) -> None: ...

    @abstractmethod
    def line(self, points: Iterable[Point], colour: str, width: float) -> None: ...

    @abstractmethod
    def arc(self, centre: Point, radius: float, angles: Point, *, colour: str, width: float) -> None: ...

    def ground(self, colour: str) -> None:
        self.rect(0, 0, WIDTH, HEIGHT, colour)

    def arch(self, x: float, width: float, top: float, foot: float, colour: str) -> None:
        """An opening with a round head; `x` is its middle, `top` the crown."""
        radius = width / 2
        self.disc(x, top + radius, radius, colour)
        self.rect(x - radius, top + radius, width, foot - top - radius, colour)

    def ground_lines(self, colour: str = SAGE, top: float = 1005) -> None:
        """Three fine lines along the foot: the mark of the series."""
        for step in range(3):
            self.rect(0, top + step * 30, WIDTH, 2.5, colour)


class RasterSheet(Sheet):
    """Draws three times as large and reduces, which smooths the edges."""

    def __init__(self) -> None:
        self.image = Image.new("RGB", (WIDTH * FINENESS, HEIGHT * FINENESS))
        self.pen = ImageDraw.Draw(self.image)

    def rect(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        f = FINENESS
        self.pen.rectangle((x * f, y * f, (x + width) * f - 1, (y + height) * f - 1), fill=colour)

    def disc(self, x: float, y: float, radius: float, colour: str) -> None:
        f = FINENESS
        self.pen.ellipse(((x - radius) * f, (y - radius) * f, (x + radius) * f, (y + radius) * f), fill=colour)

    def shape(self, points: Iterable[Point], colour: str) -> None:
        self.pen.polygon([(x * FINENESS, y * FINENESS) for x, y in points], fill=colour)

    def line(self, points: Iterable[Point], colour: str, width: float) -> None:
        scaled = [(x * FINENESS, y * FINENESS) for x, y in points]
        self.pen.line(scaled, fill=colour, width=max(1, round(width * FINENESS)), joint="curve")

    def arc(self, centre: Point, radius: float, angles: Point, *, colour: str, width: float) -> None:
        (x, y), f, outer = centre, FINENESS, radius + width / 2
        box = ((x - outer) * f, (y - outer) * f, (x + outer) * f, (y + outer) * f)
        self.pen.arc(box, *angles, fill=colour, width=max(1, round(width * f)))

    def png(self) -> bytes:
        """The finished picture; the same drawing always gives the same bytes."""
        out = io.BytesIO()
        self.image.reduce(FINENESS).save(out, "PNG")
        return out.getvalue()


def around(x: float, y: float, radius: float, degrees: float) -> Point:
    """The point at that distance and angle."""
    return x + radius * cos(degrees * pi / 180), y + radius * sin(degrees * pi / 180)
