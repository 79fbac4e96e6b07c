"""Searching 100,000 papers of 20 KB (10,000 in a quick run) as a member, with rights and filters."""

from __future__ import annotations

import statistics
from typing import Any

from bench import stock_papers
from bench.fill.words import EVERYWHERE, MIDDLING, RARE, VOCABULARY
from bench.inside import Inside
from bench.rows import Bench
from bench.servers import Site
from bench.table import Line, at_least, at_most, figure, left_out

PAGES = 5  # of 4 KB
ONE = 1_000
WRITTEN = 400  # papers into the index, each round
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
    site, lines = bench.filled(count, PAGES), list[Line]()
    with Inside(site) as many, Inside(bench.filled(ONE, PAGES)) as few:
        for (name, words), aim in zip(ASKED.items(), AIMS[database], strict=True):
            lines += _asked(bench, many, f"{name}, {count:,} papers", words, round(aim * share))
        answers = [many.ask(do="suggest", typed=each) for _ in range(4 * bench.rounds) for each in BEGINNINGS]
        offered = _p95([answer["seconds"] for answer in answers])
        cpu = _median(answers, "cpu")
        aim = round(SUGGESTED_IN * share)
        lines.append(at_most(f"suggestions, {count:,} papers, p95", _of_processor(cpu), offered, aim, unit=" ms"))
        lines += _written(bench, many, few, count)
    return lines + _of_stock(bench, site, count)


def _asked(bench: Bench, inside: Inside, name: str, words: list[str], aim: float) -> list[Line]:
    for each in words:
        inside.ask(do="search", words=each)  # the first time reads what the others find read
    answers = [inside.ask(do="search", words=each) for _ in range(4 * bench.rounds) for each in words]
    ratio = statistics.median(answer["seconds"] / answer["plain"] for answer in answers)
    cpu, plain_cpu = _median(answers, "cpu"), _median(answers, "plain_cpu")
    facts = {"median ms": _median(answers, "seconds"), "plain ms": _median(answers, "plain")}
    facts |= {"processor ms": cpu, "plain processor ms": plain_cpu}
    ours, plain = (_p95([answer[what] for answer in answers]) for what in ("seconds", "plain"))
    return [
        at_most(f"search, {name}, p95", _of_processor(cpu), ours, aim, unit=" ms", **facts),
        figure(f"plain ranked SQL, {name}, p95", _of_processor(plain_cpu), plain, unit=" ms"),
        at_most(f"search, {name}", "plain ranked SQL", ratio, 2, **facts),
    ]


def _of_processor(milliseconds: float) -> str:
    return f"{milliseconds:.1f} ms of processor"


def _median(answers: list[dict[str, Any]], what: str) -> float:
    """In milliseconds."""
    return statistics.median(answer[what] for answer in answers) * 1000


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1] * 1000


def _written(bench: Bench, many: Inside, few: Inside, count: int) -> list[Line]:
    """Beside what the database alone takes for the same text, which no index in it can go below."""
    ours, floor, ones = [], [], []
    for _ in range(bench.rounds):
        ours.append(many.ask(do="index", count=WRITTEN))
        other = few.ask(do="index", count=WRITTEN)
        floor.append(many.ask(do="floor", count=WRITTEN))
        ones.append(ours[-1]["one"] / other["one"])
    rate, plain = (statistics.median(each["papers"] / each["seconds"] for each in rows) for rows in (ours, floor))
    cpu, plain_cpu = (statistics.median(each["cpu"] / each["papers"] for each in rows) * 1000 for rows in (ours, floor))
    return [
        at_least(f"papers a second into the index, at {count:,}", _of_processor(cpu), rate, 300),
        figure("the same text by to_tsvector and an index alone", _of_processor(plain_cpu), plain),
        at_most(f"one paper into the index at {count:,}", f"at {ONE:,}", statistics.median(ones), 1.5),
    ]


def _of_stock(bench: Bench, site: Site, count: int) -> list[Line]:
    if not bench.machine.postgresql:
        return [left_out("stock Wagtail's search", "Stock Wagtail is filled with papers on PostgreSQL alone.")]
    stock_papers.fill(bench.stock, site, count)
    lines = []
    for name, (words, *_) in ASKED.items():
        seconds = stock_papers.searched(bench.stock, words, rounds=bench.rounds)
        lines.append(figure(f"stock Wagtail, {name}, {count:,} documents, p95", "4 KB each", _p95(seconds), unit=" ms"))
    return lines
