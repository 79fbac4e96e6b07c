"""Pages: from the page cache, and made for each reader."""

from __future__ import annotations

from collections.abc import Callable

from bench import ours
from bench.clients import Visitor, wrk
from bench.inside import MEMBER, Inside
from bench.rows import Bench
from bench.servers import Server, served
from bench.table import Line, at_least, at_most, compare, left_out
from deploy.processes import free_port

PAST_THE_CACHE = "?x=1"  # a question that the page cache does not know
FOLDER = "/files/guidance/ctpn-reports/"


def cpu_of(server: Server, visitor: Visitor, path: str, count: int) -> Callable[[], float]:
    """Milliseconds of processor time for each of so many requests."""

    def measured() -> float:
        begun = server.cpu()
        for _ in range(count):
            visitor.get(path)
        return (server.cpu() - begun) / count * 1000

    visitor.get(path)
    measured()
    return measured


def cache(bench: Bench) -> list[Line]:
    what, against = "public post from the page cache", "empty Django view"
    if not bench.machine.wrk:
        return [left_out(what, "There is no wrk.")]
    with (
        served(bench.ours, free_port(), processes=2) as mine,
        served(bench.empty, free_port(), processes=2) as other,
    ):
        found = compare(
            lambda: wrk(f"{mine.url}{ours.POST}", seconds=bench.seconds),
            lambda: wrk(f"{other.url}/", seconds=bench.seconds),
            bench.rounds,
        )
    rates = {"requests a second": found.ours, "empty view": found.theirs}
    return [at_least(what, against, found.ratio, 1.2, **rates)]


def post(bench: Bench) -> list[Line]:
    what, count = "public post, past the page cache, CPU", 30 if bench.machine.quick else 100
    with bench.both() as (mine, other):
        found = compare(
            cpu_of(mine, Visitor(mine.url), ours.POST + PAST_THE_CACHE, count),
            cpu_of(other, Visitor(other.url), bench.stock_content["post"], count),
            bench.rounds,
        )
    facts = {"ms": found.ours, "stock ms": found.theirs}
    lines = [at_most(what, "stock blog page", found.ratio, 0.6, **facts)]
    return [*lines, at_most(what, "–", found.ours, 11, unit=" ms"), _anew(bench, found.theirs)]


def _anew(bench: Bench, theirs: float) -> Line:
    """The first making after a change, when the process remembers nothing."""
    with Inside(bench.ours) as inside:
        answers = [inside.ask(do="page", path=ours.POST, forget=True) for _ in range(5 * bench.rounds)]
    milliseconds = sorted(answer["cpu"] * 1000 for answer in answers)[len(answers) // 2]
    what = "the same, first after a change (nothing remembered), CPU"
    queries = answers[-1]["queries"]
    return Line(
        what, "stock blog page", f"{milliseconds / theirs:.2f}", details={"ms": milliseconds, "queries": queries}
    )


def signed_in(bench: Bench) -> list[Line]:
    count = 30 if bench.machine.quick else 100
    lines = []
    with bench.both() as (mine, other):
        member, reader = bench.member_of_ours(mine), bench.member_of_stock(other)
        pages = (
            ("post", ours.POST, bench.stock_content["post"]),
            ("folder page", FOLDER, bench.stock_content["folder"]),
        )
        for name, path, their_path in pages:
            found = compare(cpu_of(mine, member, path, count), cpu_of(other, reader, their_path, count), bench.rounds)
            facts = {"ms": found.ours, "stock ms": found.theirs}
            what = f"signed-in {name}, CPU"
            lines.append(at_most(what, "the same page of stock", found.ratio, 0.6, **facts))
    return lines


def queries(bench: Bench) -> list[Line]:
    """How often each page asks the database, of a member and of a visitor."""
    pages = {"/": "", "/news/": "", ours.POST: "", FOLDER: MEMBER, "/files/": MEMBER}
    with Inside(bench.ours) as inside:
        asked = {path: inside.ask(do="page", path=path, who=who)["queries"] for path, who in pages.items()}
    return [Line(f"queries of {path}", "–", str(count)) for path, count in asked.items()]
