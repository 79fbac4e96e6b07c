"""The triggers that keep the access record as it was written, by name. What they do stands in
`migrations/0003_record_is_append_only.py`."""

from __future__ import annotations

from django.db import connection

TABLES = ("members_accessrecord", "members_accesslink", "members_recordhead")


def missing_triggers() -> list[str]:
    """Those that the database does not have, or has switched off."""
    kinds = ("keeps", "stays") if connection.vendor == "postgresql" else ("keeps", "stays", "stands")
    wanted = {f"{table}_{kind}" for table in TABLES for kind in kinds} | {"members_accessrecord_links"}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A') AND NOT tgisinternal")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        return sorted(wanted - {name for (name,) in cursor.fetchall()})
