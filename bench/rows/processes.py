"""The web process itself: its start, its memory, and many who sign in at once."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress

from bench import ours
from bench.clients import Visitor, WrongAnswer
from bench.rows import Bench
from bench.rows.pages import FOLDER, PAST_THE_CACHE
from bench.servers import Server, served
from bench.table import Line, at_most, compare
from deploy.processes import free_port

MANY = 50
# Half of the requests come from the page cache, as most do; the others are made.
OURS_VISITED = (ours.POST, ours.POST, "/news/", "/news/", "/", ours.POST + PAST_THE_CACHE, f"/news/{PAST_THE_CACHE}")
OURS_SIGNED_IN = (ours.POST, FOLDER, "/files/")


def start(bench: Bench) -> list[Line]:
    """From the command to the first page."""

    def ours_starts() -> float:
        with served(bench.ours, free_port(), path=ours.POST) as server:
            return server.started_in

    def stock_starts() -> float:
        with served(bench.stock, free_port(), path=bench.stock_content["post"]) as server:
            return server.started_in

    found = compare(ours_starts, stock_starts, 2 if bench.machine.quick else 5)
    facts = {"s": found.ours, "stock s": found.theirs}
    return [at_most("start to first answer", "stock", found.ratio, 1, **facts)]


def memory(bench: Bench) -> list[Line]:
    count = 1_000 if bench.machine.quick else 10_000
    paths = bench.stock_content
    with bench.both() as (mine, other):
        member, reader = bench.member_of_ours(mine), bench.member_of_stock(other)
        visited = _asking(Visitor(mine.url), OURS_VISITED) + _asking(member, OURS_SIGNED_IN)
        stock_visited = _asking(Visitor(other.url), (paths["post"], paths["list"])) + _asking(
            reader, (paths["folder"],)
        )
        half = _after(mine, visited, count // 2)
        whole = _after(mine, visited, count // 2)
        # Stock has no page cache, and grows no more after the first thousand.
        theirs = _after(other, stock_visited, count // 5)
    facts = {"MB": whole, "MB after half of them": half, "stock MB": theirs, "requests": count}
    return [
        at_most(f"memory of one web process after {count:,} requests", "stock", whole / theirs, 1, **facts),
        at_most("the same", "itself after half of them", whole / half, 1.05),
    ]


def _asking(visitor: Visitor, paths: tuple[str, ...]) -> list[tuple[Visitor, str]]:
    return [(visitor, path) for path in paths]


def _after(server: Server, visited: list[tuple[Visitor, str]], count: int) -> float:
    for number in range(count):
        visitor, path = visited[number % len(visited)]
        visitor.get(path)
    return server.memory()


def sign_ins(bench: Bench) -> list[Line]:
    """50 people send the form at the same moment; a visitor reads on."""
    with served(bench.filled(100), free_port(), processes=2) as server, ProcessPoolExecutor(1) as others:
        visitor = Visitor(server.url)
        visitor.get(ours.POST)
        calm = _answers_while(visitor, lambda: False, 3)
        burst = others.submit(_sign_in_at_once, server.url)
        while not burst.running():
            time.sleep(0.01)
        busy = _answers_while(visitor, burst.done, 60)
        seconds, failed = burst.result()
    facts = {"calm ms": calm * 1000, "during ms": busy * 1000, "seconds for all": seconds, "failed": failed}
    line = at_most(f"burst of {MANY} sign-ins: another visitor's answer", "before it", busy / calm, 2, **facts)
    done = Line(
        f"burst of {MANY} sign-ins: all are in", "–", f"{seconds:.1f} s, {failed} failed", "0 failed", not failed
    )
    return [line, done]


def _answers_while(visitor: Visitor, is_over: Callable[[], bool], seconds: float) -> float:
    until, answers = time.perf_counter() + seconds, [visitor.get(ours.POST).whole]
    while time.perf_counter() < until and not is_over():
        answers.append(visitor.get(ours.POST).whole)
        time.sleep(0.01)
    return statistics.median(answers)


def _sign_in_at_once(url: str) -> tuple[float, int]:
    """Seconds until the last one is in, and how many were not let in."""
    from bench.fill.credentials import ADDRESS, PASSWORD

    people = [Visitor(url, headers={"X-Forwarded-For": f"198.51.100.{number}"}) for number in range(MANY)]
    for person in people:
        person.get("/account/login/")
    gate, entered = threading.Barrier(MANY + 1), []

    def come(number: int) -> None:
        gate.wait()
        with suppress(WrongAnswer, OSError):
            people[number].sign_in(ADDRESS.format(number), PASSWORD)
            entered.append(number)

    threads = [threading.Thread(target=come, args=(number,)) for number in range(MANY)]
    for thread in threads:
        thread.start()
    gate.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begun, MANY - len(entered)
