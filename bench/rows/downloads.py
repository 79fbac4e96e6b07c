"""Downloads by the web process itself, as the embedded default sends them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

from bench import ours
from bench.clients import Slow, Visitor, slow_readers, wrk
from bench.inside import MEMBER, Inside
from bench.rows import Bench, cookie_of
from bench.servers import served
from bench.table import Line, at_least, at_most, compare, left_out
from deploy.processes import free_port


def small(bench: Bench) -> list[Line]:
    """50 KB, with policy and record: how many a second, how soon the first byte comes, how many queries."""
    what = "download of 50 KB, no proxy"
    path, their_path = bench.content["small"], bench.stock_content["small"]
    lines = []
    with bench.both(processes=2) as (mine, other):
        member, reader = bench.member_of_ours(mine), bench.member_of_stock(other)
        if bench.machine.wrk:
            found = compare(
                lambda: wrk(mine.url + path, seconds=bench.seconds, headers={"Cookie": cookie_of(member)}),
                lambda: wrk(other.url + their_path, seconds=bench.seconds, headers={"Cookie": cookie_of(reader)}),
                bench.rounds,
            )
            rates = {"a second": found.ours, "stock": found.theirs}
            lines.append(at_least(f"{what}, requests a second", "stock wagtaildocs_serve", found.ratio, 1.2, **rates))
        else:
            lines.append(left_out(f"{what}, requests a second", "There is no wrk."))
        found = compare(_first_byte(member, path), _first_byte(reader, their_path), bench.rounds)
        times = {"ms": found.ours * 1000, "stock ms": found.theirs * 1000}
        lines.append(at_most(f"{what}, first byte", "stock wagtaildocs_serve", found.ratio, 1, **times))
    with Inside(bench.ours) as inside:
        queries = inside.ask(do="page", path=path, who=MEMBER)["queries"]
    return [*lines, at_most("the same, queries", "–", queries, 8)]


def _first_byte(visitor: Visitor, path: str) -> Callable[[], float]:
    def measured() -> float:
        return statistics.median(visitor.get(path).first for _ in range(30))

    measured()
    return measured


def slow(bench: Bench) -> list[Line]:
    """50 readers at 64 KB/s of a large file, and one visitor of a public page meanwhile."""
    what, seconds = "50 slow downloads, no proxy", 6 if bench.machine.quick else 12
    with served(bench.ours, free_port(), processes=2) as mine, ProcessPoolExecutor(1) as others:
        member, visitor = bench.member_of_ours(mine), Visitor(mine.url)
        visitor.get(ours.POST)
        calm, before = median_answer(visitor, 3), mine.memory_of_all()
        reading = others.submit(
            slow_readers, mine.port, bench.content["large"], cookie=cookie_of(member), seconds=seconds
        )
        time.sleep(1)
        busy, during = median_answer(visitor, seconds - 3), mine.memory_of_all()
        fared = reading.result()
    return lines_of_slow(what, fared, calm, busy, during - before)


def lines_of_slow(what: str, fared: Slow, calm: float, busy: float, more: float) -> list[Line]:
    """`calm` and `busy`: seconds of another visitor's answer, before and meanwhile; `more`: megabytes of memory."""
    slowest = max(fared.firsts, default=0.0)
    without = f", {fared.without} had none" if fared.without else ""
    facts = {"without": fared.without, "slowest first byte, s": slowest, "MB received": fared.received / 1e6}
    first = Line(
        f"{what}: all 50 have a first byte", "–", f"{slowest:.2f} s{without}", "≤ 1 s",
        not fared.without and slowest <= 1, slowest, facts,
    )  # fmt: skip
    ms = {"calm ms": calm * 1000, "during ms": busy * 1000}
    return [
        first,
        at_most(f"{what}: another visitor's answer", "before them", busy / calm, 2, **ms),
        at_most(f"{what}: memory more", "before them", more, 10, unit=" MB"),
    ]


def median_answer(visitor: Visitor, seconds: float) -> float:
    """Of a visitor's public page, asked for twenty times a second."""
    until, answers = time.perf_counter() + seconds, []
    while time.perf_counter() < until:
        answers.append(visitor.get(ours.POST).whole)
        time.sleep(0.05)
    return statistics.median(answers)
