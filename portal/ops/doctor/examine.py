"""All checks, in the order in which one would look: what the others rest on comes first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from portal.ops.doctor import inside, outside, parts, record, scanner, work
from portal.ops.doctor.finding import Finding, act, look
from portal.ops.log import redact

Check = Callable[[], Iterable[Finding]]
CHECKS: dict[str, Check] = {
    "settings": inside.configuration,
    "folders": inside.folders,
    "database": parts.database,
    "names in settings": inside.against_the_database,
    "migrations": inside.migrations,
    "cache": parts.shared_cache,
    "store": parts.store,
    "static files": inside.collected,
    "mail": parts.mail,
    "scanner": scanner.answers,
    "public address": outside.address,
    "TLS": outside.tls,
    "private files": outside.leaks,
    "worker and timer": work.processes,
    "tasks": work.tasks,
    "mails": work.mails,
    "files": work.files,
    "scans": scanner.behind,
    "backup": work.last_backup,
    "administrators": work.administrators,
    "access record": record.held,
    "record's heads": record.heads,
}


# Each would wait for it as long again, and say the same.
REST_ON_DATABASE = {
    "names in settings", "migrations", "worker and timer", "tasks", "mails", "files", "scans", "administrators",
    "access record", "record's heads",
}  # fmt: skip


def examine(*, mail_to: str = "") -> Iterator[Finding]:
    """Every finding of every check. What a check cannot look at is a finding too."""
    checks = CHECKS | {"mail": partial(parts.mail, mail_to)} if mail_to else CHECKS
    left_out: set[str] = set()
    for about, check in checks.items():
        if about in left_out:
            continue
        try:
            yield from check()
        except Exception as error:  # noqa: BLE001 -- whatever a part that is away raises, and the rest is looked at still
            said = " ".join(redact(str(error)).split())[:300]
            yield act(about, f"It cannot be looked at: {type(error).__name__}{f': {said}' if said else ''}.")
            if about == "database":
                left_out = REST_ON_DATABASE & set(checks)
                yield look(about, f"Without it, nobody can look at: {', '.join(sorted(left_out))}.")
