"""Diagrams for the sample papers, and a sheet that draws the site's scenes on their covers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from math import cos, pi, sin
from typing import Any

from reportlab.graphics.shapes import Circle, Drawing, Line, Polygon, PolyLine, Rect, String
from reportlab.lib.colors import HexColor

from portal.demo.sheet import BRASS, FERN, GREEN, HEIGHT, NIGHT, SAGE, SAND, STONE, Point, Sheet, around

FIGURE_WIDTH = 471.0
FIGURE_HEIGHT = 132.0
INK_SOFT = "#4d5963"

CAPTIONS: dict[str, str] = {
    "density": "From left to right the same square metres hold more people. From the third on, nobody chooses a way.",
    "routes": "Two ways out in different directions, one way in to shelter, and a refuge with somebody to speak to.",
    "network": "Few lines carry most of the traffic. The dashed ones exist on paper and should be tried out.",
    "rings": "The nearer the circle, the better people know each other, and the earlier they notice.",
    "layers": "Layers stand behind one another, so that none of them has to be perfect.",
    "timeline": "What is prepared before the day decides most of what happens on it and after it.",
    "cycle": "Plan, try, talk, change: the round matters more than the size of each step.",
}


def figure(key: str) -> Any:
    """A diagram as wide as the page's text; a `KeyError` when there is none of that name."""
    drawing = Drawing(FIGURE_WIDTH, FIGURE_HEIGHT)
    drawing.add(Rect(0, 0, FIGURE_WIDTH, FIGURE_HEIGHT, fillColor=HexColor(STONE), strokeColor=None))
    _FIGURES[key](drawing)
    return drawing


def _label(drawing: Any, at: Point, text: str, colour: str = INK_SOFT) -> None:
    drawing.add(
        String(*at, text, fontName="Helvetica", fontSize=8, fillColor=HexColor(colour), textAnchor="middle"),
    )


def _dot(drawing: Any, at: Point, radius: float, colour: str) -> None:
    drawing.add(Circle(*at, radius, fillColor=HexColor(colour), strokeColor=None))


def _stroke(drawing: Any, start: Point, end: Point, *, colour: str = NIGHT, dashed: bool = False) -> None:
    drawing.add(
        Line(*start, *end, strokeColor=HexColor(colour), strokeWidth=1.2, strokeDashArray=[3, 3] if dashed else None),
    )


def _density(drawing: Any) -> None:
    for index, people in enumerate((5, 12, 26, 48)):
        left, bottom, side = 33 + index * 108, 30, 84
        drawing.add(
            Rect(left, bottom, side, side, fillColor=HexColor("#fffdf9"), strokeColor=HexColor(SAND), strokeWidth=1)
        )
        for person in range(people):
            # The golden ratio and its square spread the dots evenly without a pattern.
            x = left + 6 + (side - 12) * ((person * 0.754877 + 0.2 * index) % 1)
            y = bottom + 6 + (side - 12) * ((person * 0.569840 + 0.1) % 1)
            _dot(drawing, (x, y), 3.4, (GREEN, FERN, NIGHT, BRASS)[person % 4] if index < 3 else NIGHT)
        _label(drawing, (left + side / 2, 14), ("Free", "Some detours", "Shuffling", "Stop the inflow")[index])


def _routes(drawing: Any) -> None:
    drawing.add(Rect(146, 26, 180, 82, fillColor=HexColor(NIGHT), strokeColor=None))
    for x, y in ((166, 44), (196, 44), (166, 74), (196, 74), (276, 44), (306, 44), (276, 74), (306, 74)):
        drawing.add(Rect(x - 8, y - 6, 20, 16, fillColor=HexColor(FERN), strokeColor=None))
    for start, end in (((146, 62), (70, 62)), ((326, 62), (402, 62))):
        _stroke(drawing, start, end, colour=GREEN)
        side = 1 if end[0] > start[0] else -1
        drawing.add(
            Polygon(
                [end[0], end[1] + 5, end[0] + side * 9, end[1], end[0], end[1] - 5],
                fillColor=HexColor(GREEN),
                strokeColor=None,
            )
        )
    for x, text in ((46, "Assembly A"), (426, "Assembly B")):
        _dot(drawing, (x, 62), 11, BRASS)
        _label(drawing, (x, 36), text)
    _stroke(drawing, (236, 124), (236, 96), colour=BRASS)
    _label(drawing, (292, 116), "in to shelter")
    _dot(drawing, (236, 62), 8, BRASS)
    _label(drawing, (236, 14), "Refuge")


def _network(drawing: Any) -> None:
    centre = (235.0, 66.0)
    names = ("Police", "Ambulance", "Council", "Transport", "Neighbours", "Venue")
    posts = [(centre[0] + 170 * cos(i * pi / 3 + 0.5), centre[1] + 42 * sin(i * pi / 3 + 0.5)) for i in range(6)]
    for start, end in pairwise([*posts, posts[0]]):
        _stroke(drawing, start, end, colour=SAGE, dashed=True)
    for post, name in zip(posts, names, strict=True):
        _stroke(drawing, centre, post, colour=GREEN)
        _dot(drawing, post, 8, GREEN)
        _label(drawing, (post[0], post[1] + (13 if post[1] > centre[1] else -18)), name)
    _dot(drawing, centre, 19, NIGHT)
    _label(drawing, (centre[0], centre[1] - 3), "Control", STONE)


def _rings(drawing: Any) -> None:
    for radius, colour in ((58, SAND), (44, SAGE), (30, FERN), (16, NIGHT)):
        _dot(drawing, (120, 66), radius, colour)
    for index, text in enumerate(("One person", "Family and friends", "School, work, club", "City and services")):
        y = 104 - index * 26
        _dot(drawing, (236, y), 5, (NIGHT, FERN, SAGE, SAND)[index])
        drawing.add(
            String(250, y - 3, text, fontName="Helvetica", fontSize=8.5, fillColor=HexColor(INK_SOFT)),
        )


def _layers(drawing: Any) -> None:
    for index, (text, colour) in enumerate((("Journey", SAND), ("Street", SAGE), ("Edge", FERN), ("Inside", NIGHT))):
        inset = index * 46
        drawing.add(
            Rect(40 + inset, 26, 391 - inset * 2, 34 + index * 16, fillColor=HexColor(colour), strokeColor=None)
        )
        _label(drawing, (64 + inset, 14), text)
    _dot(drawing, (235, 84), 10, BRASS)


def _timeline(drawing: Any) -> None:
    _stroke(drawing, (30, 62), (441, 62))
    stations = ("Months before", "The week", "The day", "First hours", "Ten days", "A year")
    for index, text in enumerate(stations):
        x = 56 + index * 72
        _dot(drawing, (x, 62), 11 if index == 2 else 7, BRASS if index == 2 else GREEN)
        _label(drawing, (x, 34), text)
        height = (40, 28, 16, 22, 27, 33)[index]
        drawing.add(Rect(x - 9, 78, 18, height, fillColor=HexColor(SAGE if index != 2 else FERN), strokeColor=None))


def _cycle(drawing: Any) -> None:
    steps = ("Plan", "Try", "Talk", "Change")
    for index, text in enumerate(steps):
        x = 74 + index * 108
        _dot(drawing, (x, 70), 30, (NIGHT, GREEN, FERN, SAGE)[index])
        _label(drawing, (x, 67), text, STONE)
        if index < 3:
            _stroke(drawing, (x + 35, 70), (x + 70, 70), colour=BRASS)
    corners = (398, 36, 398, 16, 74, 16, 74, 36)
    drawing.add(PolyLine(corners, strokeColor=HexColor(BRASS), strokeWidth=1.2, strokeDashArray=[3, 3]))


_FIGURES: dict[str, Callable[[Any], None]] = {
    "density": _density,
    "routes": _routes,
    "network": _network,
    "rings": _rings,
    "layers": _layers,
    "timeline": _timeline,
    "cycle": _cycle,
}


class CanvasSheet(Sheet):
    """A sheet that draws on a PDF's canvas, whose y points up; the caller moves, scales and clips it."""

    def __init__(self, canvas: Any) -> None:
        self.canvas = canvas

    def rect(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        self.canvas.setFillColor(HexColor(colour))
        self.canvas.rect(x, HEIGHT - y - height, width, height, stroke=0, fill=1)

    def disc(self, x: float, y: float, radius: float, colour: str) -> None:
        self.canvas.setFillColor(HexColor(colour))
        self.canvas.circle(x, HEIGHT - y, radius, stroke=0, fill=1)

    def shape(self, points: Iterable[Point], colour: str) -> None:
        path = self._path(points)
        path.close()
        self.canvas.setFillColor(HexColor(colour))
        self.canvas.drawPath(path, stroke=0, fill=1)

    def line(self, points: Iterable[Point], colour: str, width: float) -> None:
        self._pen(colour, width)
        self.canvas.drawPath(self._path(points), stroke=1, fill=0)

    def arc(self, centre: Point, radius: float, angles: Point, *, colour: str, width: float) -> None:
        self._pen(colour, width)
        start, end = angles
        steps = max(8, round((end - start) / 3))
        points = (around(*centre, radius, start + (end - start) * step / steps) for step in range(steps + 1))
        self.canvas.drawPath(self._path(points), stroke=1, fill=0)

    def _pen(self, colour: str, width: float) -> None:
        self.canvas.setStrokeColor(HexColor(colour))
        self.canvas.setLineWidth(width)
        self.canvas.setLineJoin(1)

    def _path(self, points: Iterable[Point]) -> Any:
        path = self.canvas.beginPath()
        for index, (x, y) in enumerate(points):
            (path.lineTo if index else path.moveTo)(x, HEIGHT - y)
        return path
