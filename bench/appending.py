"""The access record under load, in the site that the environment names.

    python -m bench.appending write 8 5         rows a second that 8 writers append in 5 seconds
    python -m bench.appending import 50000      how long a writer waits while so many rows come in together
    python -m bench.appending verify 1000000    seconds to check so many rows, here and from a file

Each prints one line of JSON. A writer is a process with its own connection, and each row a transaction, as downloads
are.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import django

AT_ONCE = 50_000  # rows
VERIFIER = Path(__file__).resolve().parent.parent / "deploy" / "verify_record.py"


def _append(until: float) -> list[float]:
    """Seconds that each row took, from the moment `until` less the duration on."""
    from members import audit
    from members.enums import Action

    took = []
    while (begun := time.time()) < until:
        audit.record(Action.DOWNLOADED, actor=None, object_kind="document", object_id="bench", version=1)
        took.append(time.time() - begun)
    return took


def _together(writers: int, seconds: float) -> list[float]:
    """What each row took; the writers have loaded the site before they begin."""
    with ProcessPoolExecutor(writers, initializer=django.setup) as pool:
        list(pool.map(_append, [time.time() + 0.3] * writers))
        until = time.time() + seconds
        return [each for took in pool.map(_append, [until] * writers) for each in took]


def write(writers: int, seconds: float) -> dict[str, Any]:
    took = sorted(_together(writers, seconds))
    return {
        "rows a second": len(took) / seconds,
        "median ms": statistics.median(took) * 1000,
        "99 % ms": took[len(took) * 99 // 100] * 1000,
    }


def import_(rows: int) -> dict[str, Any]:
    """Rows of one decision, and how long another writer waited for one of its own meanwhile, at the longest."""
    from django.db import transaction

    from members import audit
    from members.enums import Action

    with ProcessPoolExecutor(1, initializer=django.setup) as pool:
        pool.submit(_append, time.time() + 0.3).result()
        waiting = pool.submit(_append, time.time() + 3 + rows / 1000)
        begun = time.time()
        with transaction.atomic():
            facts = ((number, {"line": number}) for number in range(rows))
            audit.record_many(Action.MEMBERSHIP_IMPORTED, actor=None, object_kind="membership", facts=facts)
            written = time.time()
        ended = time.time()
        took = waiting.result()
    return {"statement s": written - begun, "commit s": ended - written, "longest wait of another s": max(took)}


def verify(rows: int) -> dict[str, Any]:
    from members import audit, record_check, record_file, signing
    from members.enums import Action
    from members.models import AccessRecord

    for first in range(AccessRecord.objects.count(), rows, AT_ONCE):
        facts = ((number, {"version": 1}) for number in range(first, min(first + AT_ONCE, rows)))
        audit.record_many(Action.DOWNLOADED, actor=None, object_kind="document", facts=facts)
    begun = time.perf_counter()
    for place in record_check.check_rows():
        checked = place.place
    live = time.perf_counter() - begun
    with tempfile.TemporaryDirectory() as folder:
        file, begun = Path(folder) / "record.jsonl", time.perf_counter()
        with file.open("wb") as opened:
            opened.writelines(record_file.written())
        exported, begun = time.perf_counter() - begun, time.perf_counter()
        subprocess.run(
            [sys.executable, str(VERIFIER), str(file), signing.public_key()], check=True, capture_output=True
        )
        alone = time.perf_counter() - begun
        size = file.stat().st_size
    return {"rows": checked, "live s": live, "export s": exported, "alone s": alone, "MB": size / 1e6}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.dev")
    django.setup()
    what, *numbers = sys.argv[1:]
    if what == "write":
        found = write(int(numbers[0]), float(numbers[1]))
    else:
        found = {"import": import_, "verify": verify}[what](int(numbers[0]))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
