"""The access record: how fast rows are appended to the chain, and how fast it is checked."""

from __future__ import annotations

import json
import statistics
import sys
from typing import Any

from bench.rows import Bench
from bench.table import Line, at_least, at_most

WRITERS, ROWS_A_SECOND = 8, 500
ROWS, SECONDS = 1_000_000, 60
IMPORTED, WAIT = 50_000, 10  # rows, seconds


def _asked(bench: Bench, *arguments: object) -> dict[str, Any]:
    """In a copy of the demonstration that nothing else is measured with."""
    said = bench.filled(1).run(sys.executable, "-m", "bench.appending", *map(str, arguments))
    found: dict[str, Any] = json.loads(said.strip().splitlines()[-1])
    return found


def record(bench: Bench) -> list[Line]:
    rounds = [_asked(bench, "write", WRITERS, bench.seconds) for _ in range(min(bench.rounds, 5))]
    facts = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
    imported = _asked(bench, "import", IMPORTED)
    rows = ROWS // 10 if bench.machine.quick else ROWS
    checked = _asked(bench, "verify", rows)
    a_million = 1_000_000 / checked["rows"]
    lines = [
        at_least(f"rows of the record a second, {WRITERS} writers", "–", facts["rows a second"], ROWS_A_SECOND, **facts)
    ]
    wait = imported["longest wait of another s"]
    lines.append(at_most(f"wait for {IMPORTED:,} rows that come in together", "–", wait, WAIT, unit=" s", **imported))
    for name, what in (("live s", "in the site"), ("alone s", "from an export, alone")):
        value = checked[name] * a_million
        lines.append(at_most(f"checking a million rows {what}", "–", value, SECONDS, unit=" s", **checked))
    return lines
