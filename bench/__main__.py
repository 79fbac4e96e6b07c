"""`make bench`: measures the rows that are asked for, all of them by default, and prints the table."""

from __future__ import annotations

import os
import sys
import time

from bench import table
from bench.machine import look_round
from bench.rows import Bench, Row, downloads, finding, growth, news, pages, processes, proxied, reading, record, stored
from deploy.processes import CannotStart

ROWS: dict[str, Row] = {
    "cache": pages.cache,
    "post": pages.post,
    "signed-in": pages.signed_in,
    "queries": pages.queries,
    "download": downloads.small,
    "slow": downloads.slow,
    "proxied-post": proxied.post,
    "proxied-download": proxied.downloads,
    "stored-download": stored.downloads,
    "proxied-slow": proxied.slow,
    "reading": reading.opening,
    "sign-ins": processes.sign_ins,
    "start": processes.start,
    "memory": processes.memory,
    "growth": growth.lists,
    "saving": growth.saving,
    "record": record.record,
    "search": finding.search,
    "digest": news.digest,
    "digest-killed": news.killed,
}


def main() -> None:
    wanted = os.environ.get("ROWS", "").split() or list(ROWS)
    if unknown := [name for name in wanted if name not in ROWS]:
        sys.exit(f"There is no row {unknown[0]}. There are: {', '.join(ROWS)}.")
    machine = look_round()
    for sentence in machine.lacks:
        print(sentence)
    bench, lines, took = Bench(machine), list[table.Line](), {}
    try:
        for name in wanted:
            print(f"{name} …", file=sys.stderr)
            begun = time.perf_counter()
            lines += ROWS[name](bench)
            took[name] = round(time.perf_counter() - begun, 1)
    except CannotStart as why:
        sys.exit(str(why))
    finally:  # what was measured before something failed
        print(table.printed(lines))
        file = machine.folder / "bench.json"
        table.write(lines, machine.about() | {"seconds": took}, file)
        print(f"Written to {file}.")


if __name__ == "__main__":
    main()
