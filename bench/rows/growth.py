"""Whether anything grows slow with 100,000 posts, papers, members, comments and rows of the record."""

from __future__ import annotations

import statistics
from contextlib import ExitStack
from typing import Any

from bench.inside import MEMBER, Inside
from bench.rows import Bench
from bench.table import Line, at_most, compare

SIZES = (100, 10_000, 100_000)
OF_VISITORS = ("news list", "news list, last page", "front page", "post")


def _median(inside: Inside, name: str, path: str, rounds: int) -> tuple[float, int]:
    """Seconds and queries."""
    who = "" if name in OF_VISITORS else MEMBER
    answers = [inside.ask(do="page", path=path, who=who) for _ in range(rounds)]
    return statistics.median(each["seconds"] for each in answers), answers[-1]["queries"]


def lists(bench: Bench) -> list[Line]:
    """The table of page times and query counts, and the rows that follow from it."""
    with ExitStack() as stack:
        insides = {size: stack.enter_context(Inside(bench.filled(size))) for size in SIZES}
        places = {size: inside.ask(do="places") for size, inside in insides.items()}
        found: dict[str, dict[int, list[tuple[float, int]]]] = {}
        for _ in range(bench.rounds):  # in turns, so that a busy moment falls on each
            for name in places[100]:
                for size, inside in insides.items():
                    measured = _median(inside, name, places[size][name], 3)
                    found.setdefault(name, {}).setdefault(size, []).append(measured)
    lines = []
    for name, sizes in found.items():
        lines += _lines(name, sizes)
    for name in ("news list", "folder page"):
        ratio = _ratio(found[f"{name}, last page"][100_000], found[name][100_000])
        lines.append(at_most(f"{name} at 100,000: last page", "its first page", ratio, 1.2))
    return lines


def _ratio(those: list[tuple[float, int]], these: list[tuple[float, int]]) -> float:
    return statistics.median(a / b for (a, _), (b, _) in zip(those, these, strict=True))


def _lines(name: str, sizes: dict[int, list[tuple[float, int]]]) -> list[Line]:
    aim = 1.3 if name in ("news list", "folder page") else 1.5
    facts: dict[str, Any] = {f"ms at {size:,}": statistics.median(s for s, _ in sizes[size]) * 1000 for size in SIZES}
    counts = [sizes[size][-1][1] for size in SIZES]
    what = f"{name} at 100,000 ({' → '.join(f'{each:.0f}' for each in facts.values())} ms)"
    same = Line(
        f"{name}: queries at 100, 10,000, 100,000", "–", " ".join(map(str, counts)), "the same", len(set(counts)) == 1
    )
    return [at_most(what, "itself at 100", _ratio(sizes[100_000], sizes[100]), aim, **facts), same]


def saving(bench: Bench) -> list[Line]:
    """One post and one paper, with all that the worker does after it."""
    lines = []
    with Inside(bench.filled(1_000)) as few, Inside(bench.filled(100_000)) as many:
        for what in ("post", "paper"):
            parts: dict[str, list[float]] = {}

            def seconds(inside: Inside, size: str, what: str = what, parts: Any = parts) -> float:
                answer = inside.ask(do="save", what=what)
                for part in ("request", "worker"):
                    parts.setdefault(f"{part} ms at {size}", []).append(answer[part] * 1000)
                return float(answer["seconds"])

            for inside in (few, many):
                inside.ask(do="save", what=what)  # the first one loads what the others find loaded
            found = compare(lambda: seconds(many, "100,000"), lambda: seconds(few, "1,000"), 2 * bench.rounds)
            facts = {name: statistics.median(times) for name, times in parts.items()}
            name = f"saving a {what} at 100,000, the worker's part included"
            lines.append(at_most(name, "at 1,000", found.ratio, 1.5, **facts))
    return lines
