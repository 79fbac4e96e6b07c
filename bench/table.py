"""The rows of the table: what was measured, against what, and whether the aim was reached."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Line:
    """One figure. `reached` is None for what was left out, and for figures that have no aim."""

    what: str
    against: str
    figure: str
    reach: str = ""
    reached: bool | None = None
    value: float | None = None
    details: dict[str, Any] = field(default_factory=dict)


def left_out(what: str, why: str) -> Line:
    """`why` is a sentence about this machine."""
    return Line(what, "", "left out", details={"why": why})


def at_least(what: str, against: str, value: float, aim: float, **details: Any) -> Line:
    return Line(what, against, f"{value:.2f}", f"≥ {aim:g}", value >= aim, value, details)


def at_most(what: str, against: str, value: float, aim: float, *, unit: str = "", **details: Any) -> Line:
    figure = f"{value:.2f}" if value < 100 else f"{value:.0f}"
    return Line(what, against, f"{figure}{unit}", f"≤ {aim:g}{unit}", value <= aim, value, details)


def figure(what: str, against: str, value: float, *, unit: str = "", **details: Any) -> Line:
    """What has no aim and stands beside others."""
    return Line(
        what, against, f"{value:.2f}{unit}" if value < 100 else f"{value:.0f}{unit}", value=value, details=details
    )


@dataclass(frozen=True)
class Compared:
    """Two things measured in turns. `ratio` is the median of the rounds' own ratios, which bear a busy machine best."""

    ours: float
    theirs: float
    ratio: float


def compare(ours: Callable[[], float], theirs: Callable[[], float], rounds: int) -> Compared:
    """One after the other, so many times, the second one first in each other round."""
    pairs: list[tuple[float, float]] = []
    for number in range(rounds):
        if number % 2:
            second = theirs()
            pairs.append((ours(), second))
        else:
            pairs.append((ours(), theirs()))
    mine, others = zip(*pairs, strict=True)
    ratios = [a / b for a, b in pairs if b]
    return Compared(statistics.median(mine), statistics.median(others), statistics.median(ratios))


HEADS = ("what", "against", "figure", "reach", "reached")


def printed(lines: list[Line]) -> str:
    rows = [HEADS, *(_cells(line) for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    rule = "|".join("-" * (width + 2) for width in widths)
    table = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    table.insert(1, f"|{rule}|")
    why = [f"{line.what}: {line.details['why']}" for line in lines if "why" in line.details]
    return "\n".join([*table, *dict.fromkeys(why)])


def _cells(line: Line) -> tuple[str, ...]:
    reached = {True: "yes", False: "NO", None: "–"}[line.reached]
    return line.what, line.against, line.figure, line.reach, reached


def write(lines: list[Line], about: dict[str, Any], file: Path) -> None:
    file.write_text(
        json.dumps({"about": about, "rows": [asdict(line) for line in lines]}, indent=2, ensure_ascii=False)
    )
