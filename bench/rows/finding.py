"""Searching 100,000 papers of 20 KB (10,000 in a quick run) as a member, with rights and filters."""

from __future__ import annotations

import statistics

from bench.fill.words import EVERYWHERE, MIDDLING, RARE, VOCABULARY
from bench.inside import Inside
from bench.rows import Bench
from bench.table import Line, at_least, at_most

PAGES = 5  # of 4 KB
ONE = 1_000
ASKED = {
    "a rare word": [RARE, f"{RARE} {VOCABULARY[3]}"],
    "a middling word": [MIDDLING, f"{MIDDLING} {VOCABULARY[9]}", f"-{RARE} {MIDDLING}"],
    "a word in every paper": [EVERYWHERE, f"{EVERYWHERE} {VOCABULARY[0]}"],
}
# Milliseconds with 100,000 papers; with 10,000 a third of them.
AIMS = {"PostgreSQL": (60, 60, 200), "SQLite": (150, 150, 150)}
SUGGESTED_IN = 30
BEGINNINGS = ("ass", "lant", "zeph", "ba", f"{EVERYWHERE} co")


def search(bench: Bench) -> list[Line]:
    count = 10_000 if bench.machine.quick else 100_000
    database = "PostgreSQL" if bench.machine.postgresql else "SQLite"
    share = 1 / 3 if bench.machine.quick else 1
    lines = []
    with Inside(bench.filled(count, PAGES)) as many, Inside(bench.filled(ONE, PAGES)) as few:
        for (name, words), aim in zip(ASKED.items(), AIMS[database], strict=True):
            lines += _asked(bench, many, f"{name}, {count:,} papers", words, aim * share)
        answers = [many.ask(do="suggest", typed=each) for _ in range(4 * bench.rounds) for each in BEGINNINGS]
        offered = _p95([answer["seconds"] for answer in answers])
        facts = {"processor ms": statistics.median(answer["cpu"] for answer in answers) * 1000}
        aim = SUGGESTED_IN * share
        lines.append(at_most(f"suggestions, {count:,} papers, p95", "–", offered, aim, unit=" ms", **facts))
        lines += _written(bench, many, few, count)
    return lines


def _asked(bench: Bench, inside: Inside, name: str, words: list[str], aim: float) -> list[Line]:
    for each in words:
        inside.ask(do="search", words=each)  # the first time reads what the others find read
    answers = [inside.ask(do="search", words=each) for _ in range(4 * bench.rounds) for each in words]
    times = [answer["seconds"] for answer in answers]
    ratio = statistics.median(answer["seconds"] / answer["plain"] for answer in answers)
    facts = {"median ms": statistics.median(times) * 1000, "found": answers[0]["found"]}
    facts["processor ms"] = statistics.median(answer["cpu"] for answer in answers) * 1000
    facts["plain ms"] = statistics.median(answer["plain"] for answer in answers) * 1000
    return [
        at_most(f"search, {name}, p95", "–", _p95(times), aim, unit=" ms", **facts),
        at_most(f"search, {name}", "plain ranked SQL", ratio, 2, **facts),
    ]


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1] * 1000


def _written(bench: Bench, many: Inside, few: Inside, count: int) -> list[Line]:
    rates, costs, ones = [], [], []
    for _ in range(bench.rounds):
        answer, other = many.ask(do="index", count=400), few.ask(do="index", count=400)
        rates.append(answer["papers"] / answer["seconds"])
        costs.append(answer["cpu"] / answer["papers"] * 1000)
        ones.append(answer["one"] / other["one"])
    facts = {"processor ms each": statistics.median(costs)}
    return [
        at_least(f"papers a second into the index, at {count:,}", "–", statistics.median(rates), 300, **facts),
        at_most(f"one paper into the index at {count:,}", f"at {ONE:,}", statistics.median(ones), 1.5),
    ]
