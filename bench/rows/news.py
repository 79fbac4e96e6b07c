"""The weekly digest to everybody: how long it takes, how much memory, and that nobody gets two or none."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bench import ours
from bench.inside import Inside
from bench.rows import Bench
from bench.servers import ROOT, Site
from bench.table import Line, at_most
from deploy.processes import free_port

KILLS = 10


@contextmanager
def _with_sink(site: Site) -> Iterator[tuple[Site, Path]]:
    """The site with a mail server of its own, and the file in which that writes down what it took."""
    port, file = free_port(), site.data / "sink.txt"
    file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "bench.sink", str(port), str(file)]
    sink = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert sink.stdout is not None
        sink.stdout.readline()
        more = {"EMAIL_URL": f"smtp://127.0.0.1:{port}", "MAILS_A_MINUTE": "1000000"}
        yield replace(site, environment=site.environment | more), file
    finally:
        sink.terminate()
        sink.wait(20)


def _counted(file: Path) -> Counter[str]:
    return Counter(line.split()[0] for line in file.read_text().splitlines())


def digest(bench: Bench) -> list[Line]:
    """By the worker's own task, to 20,000 people (5,000 when quick), into a mail server on this machine."""
    count = 5_000 if bench.machine.quick else 20_000
    site = ours.filled(bench.machine, count, only="members")
    with _with_sink(site) as (mailing, file), Inside(mailing) as inside:
        before = os.getloadavg()[0]
        answer = inside.ask(do="digest")
        got, after = _counted(file), os.getloadavg()[0]
    what, facts = f"weekly digest to {len(got):,} members", {"queries": answer["queries"], "cpu": answer["cpu"]}
    return [
        at_most(what, "a clock", answer["seconds"], 300, unit=" s", mails=answer["mails"], **facts),
        Line(f"{what}: the worker's own processor time", "itself", f"{answer['cpu']:.1f} s", value=answer["cpu"]),
        Line(f"{what}: load of the machine", f"{os.cpu_count()} cores", f"{before:.1f} to {after:.1f}", value=after),
        at_most(f"{what}: memory", "itself", answer["megabytes"], 300, unit=" MB"),
        at_most(f"{what}: who got two, or none", "the list", _wrong(got, answer["mails"]), 0),
    ]


def _wrong(got: Counter[str], expected: int) -> int:
    return sum(count != 1 for count in got.values()) + abs(expected - len(got))


def killed(bench: Bench) -> list[Line]:
    """The same with a real worker that is killed ten times in the middle of it."""
    site = ours.filled(bench.machine, 2_000, only="members")
    with _with_sink(site) as (mailing, file):
        with Inside(mailing) as inside:
            expected = inside.ask(do="digest", only_begin=True)["mails"]
        for number in range(KILLS + 1):
            worker = subprocess.Popen(
                [sys.executable, "manage.py", "db_worker", "--batch", "--no-startup-delay"], cwd=ROOT,
                env=mailing.environment, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            enough = expected * (number + 1) // (KILLS + 1)
            while worker.poll() is None and (number == KILLS or _taken(file) < enough):
                time.sleep(0.02)
            worker.kill()
            worker.wait()
            with Inside(mailing) as inside:
                inside.ask(do="requeue")
        got = _counted(file)
    what = f"weekly digest to {expected:,} members, its worker killed {KILLS} times: who got two, or none"
    return [at_most(what, "the list", _wrong(got, expected), 0)]


def _taken(file: Path) -> int:
    return file.read_bytes().count(b"\n") if file.exists() else 0
