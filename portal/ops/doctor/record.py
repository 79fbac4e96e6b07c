"""Whether the access record is held by the database itself, and what the site's own role could do to it."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from members.append_only import TABLES, missing_triggers
from portal.ops.doctor.finding import Finding, act, look, right


def held() -> Iterator[Finding]:
    about = "access record"
    if missing := missing_triggers():
        yield act(
            about, f"The database lets rows be changed: it lacks {', '.join(missing)}. Run “manage.py migrate members "
            "0001” and “manage.py migrate”, and then “manage.py verify_audit”.",
        )  # fmt: skip
        return
    if rights := _rights():
        yield look(
            about, "The database refuses changes by triggers. Its role for this site could still take them away: it "
            f"may {rights} on these tables. docs/operator.md has a role that cannot.",
        )  # fmt: skip
    else:
        yield right(about, "The database refuses changes by triggers, and this role may only add rows.")


def _rights() -> str:
    """What PostgreSQL lets this role do beside adding and reading; SQLite has no roles."""
    if connection.vendor != "postgresql":
        return "do everything"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT p FROM unnest(%s::text[]) t, unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) p"
            " WHERE has_table_privilege(current_user, t, p) ORDER BY p",
            [list(TABLES)],
        )
        return ", ".join(name for (name,) in cursor.fetchall())
