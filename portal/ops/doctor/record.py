"""Whether the access record is held by the database itself, and what the site's own role could do to it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from members import chain, record_heads
from members.append_only import TABLES, missing_triggers
from members.models import AccessLink, RecordHead
from portal.ops.doctor.finding import Finding, act, look, right

LATE = datetime.timedelta(hours=2)  # a head is signed each hour


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


def heads() -> Iterator[Finding]:
    about, now = "record's heads", timezone.now()
    if not settings.RECORD_HEADS:
        yield look(
            about, "They are kept in the database alone: whoever has that can cut rows off unseen. Set RECORD_HEADS to "
            "a place that this machine cannot change afterwards.",
        )  # fmt: skip
    inside = [place for place in settings.RECORD_HEADS if Path(place).is_relative_to(settings.DATA_DIR)]
    if inside:
        yield look(about, f"{inside[0]} lies in DATA_DIR: whoever has the one has the other. Choose another machine.")
    away = record_heads.places_away(since=now - LATE)
    if away:
        yield act(
            about,
            f"They could not be left in {', '.join(away)} for two hours. Look at the timer's log and RECORD_HEADS.",
        )
    reached = RecordHead.objects.order_by("-place").values_list("place", flat=True).first() or 0
    waits = AccessLink.objects.filter(place__gt=reached).order_by("place").values_list("at", flat=True).first()
    if waits and waits < chain.moment(now - LATE):
        yield act(about, f"Row {reached + 1} of {waits} is not signed for. Look at the timer's log and RECORD_HEADS.")
    elif settings.RECORD_HEADS and not inside and not away:
        yield right(about, "All rows but those of the last hours are signed for, and the heads are kept elsewhere.")


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
