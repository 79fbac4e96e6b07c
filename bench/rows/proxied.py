"""Through nginx, with the configuration of `deploy/nginx` and DELIVERY=accel."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from bench import ours
from bench.clients import Visitor, slow_readers, wrk, wrk_bytes
from bench.content import LARGE
from bench.proxy import Proxy, in_front_of
from bench.rows import Bench, cookie_of
from bench.rows.downloads import lines_of_slow, median_answer
from bench.servers import Server, served
from bench.table import Line, at_least, compare, left_out
from deploy.processes import free_port

NO_NGINX, NO_WRK = "There is no nginx.", "There is no wrk."


@contextmanager
def through_nginx(bench: Bench) -> Iterator[tuple[Server, Proxy, Visitor]]:
    """The web processes, nginx in front of them, and a member whose cookies are good at both."""
    with served(bench.ours, free_port(), processes=2, DELIVERY="accel") as mine:
        member = bench.member_of_ours(mine)
        page = bench.machine.folder / "post.html"
        page.write_bytes(Visitor(mine.url).get(ours.POST).body)
        files = {"post.html": page, "large": large_file(bench)}
        with in_front_of(mine, bench.machine.folder / "nginx", files) as proxy:
            yield mine, proxy, member


def large_file(bench: Bench) -> Path:
    """The large paper's own object."""
    private = bench.ours.data / "private"
    return next(file for file in private.rglob("*") if file.is_file() and file.stat().st_size > LARGE * 0.9)


def post(bench: Bench) -> list[Line]:
    what, against = "public post through nginx", "nginx static file of the same HTML"
    if not (bench.machine.nginx and bench.machine.wrk):
        return [left_out(what, NO_WRK if bench.machine.nginx else NO_NGINX)]
    with through_nginx(bench) as (_, proxy, _member):
        found = compare(
            lambda: wrk(proxy.url + ours.POST, seconds=bench.seconds),
            lambda: wrk(f"{proxy.plain_url}/post.html", seconds=bench.seconds),
            bench.rounds,
        )
    return [at_least(what, against, found.ratio, 0.9, **{"a second": found.ours, "static": found.theirs})]


def downloads(bench: Bench) -> list[Line]:
    """200 MB against a plain file, and 50 KB against stock's own way."""
    large, small = "download of 200 MB through nginx, from disk", "download of 50 KB through nginx, requests a second"
    if not (bench.machine.nginx and bench.machine.wrk):
        why = NO_WRK if bench.machine.nginx else NO_NGINX
        return [left_out(large, why), left_out(small, why)]
    stock, seconds = bench.stock_content["small"], max(bench.seconds, 4)
    with (
        through_nginx(bench) as (_, proxy, member),
        served(bench.stock, free_port(), processes=2, path=bench.stock_content["list"]) as other,
    ):
        cookie, reader = {"Cookie": cookie_of(member)}, {"Cookie": cookie_of(bench.member_of_stock(other))}
        of_large = compare(
            lambda: wrk_bytes(proxy.url + bench.content["large"], seconds=seconds, connections=4, headers=cookie),
            lambda: wrk_bytes(f"{proxy.plain_url}/large", seconds=seconds, connections=4),
            bench.rounds,
        )
        of_small = compare(
            lambda: wrk(proxy.url + bench.content["small"], seconds=bench.seconds, headers=cookie),
            lambda: wrk(other.url + stock, seconds=bench.seconds, headers=reader),
            bench.rounds,
        )
    facts = {"MB/s": of_large.ours / 1e6, "static MB/s": of_large.theirs / 1e6}
    rates = {"a second": of_small.ours, "stock": of_small.theirs}
    return [
        at_least(large, "nginx static", of_large.ratio, 0.95, **facts),
        at_least(small, "stock wagtaildocs_serve", of_small.ratio, 1.2, **rates),
    ]


def slow(bench: Bench) -> list[Line]:
    what, seconds = "50 slow downloads through nginx", 6 if bench.machine.quick else 12
    if not bench.machine.nginx:
        return [left_out(what, NO_NGINX)]
    with through_nginx(bench) as (mine, proxy, member), ProcessPoolExecutor(1) as others:
        visitor = Visitor(proxy.url)
        calm, before = median_answer(visitor, 3), mine.memory_of_all()
        reading = others.submit(
            slow_readers, proxy.port, bench.content["large"], cookie=cookie_of(member), seconds=seconds, tls=True
        )
        time.sleep(1)
        busy, during, aside = median_answer(visitor, seconds - 3), mine.memory_of_all(), proxy.temporary_bytes()
        fared = reading.result()
    lines = lines_of_slow(what, fared, calm, busy, during - before)
    return [*lines, Line(f"{what}: put aside on the disk", "–", f"{aside} bytes", "none", not aside)]
