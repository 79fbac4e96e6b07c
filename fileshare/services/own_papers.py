"""What a person does with papers: reads them, puts them aside, comes and goes.

These are the person's own lists and no part of the access record: reading is recorded by the views, saving is nobody
else's business.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from fileshare.models import ReadPaper, SavedPaper, SharedDocument, Visit

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from members.models import User

# After so long without a page of the file share the next one begins a new visit.
VISIT_ENDS = datetime.timedelta(minutes=30)
# How old a note of the present visit may grow before it is written again, so that not every page is a write.
NOTED_FOR = datetime.timedelta(minutes=5)


def note_reading(*, document: SharedDocument, by: User) -> bool:
    """Remember that the person has read the paper; the first time counts for the order of the most read. Returns
    whether this wrote anything: not where another request did so at the same moment."""
    if _is_noted_again(document, by):
        return True
    with transaction.atomic():
        _reading, is_first = ReadPaper.objects.get_or_create(user_id=by.pk, document_id=document.pk)
        if is_first:
            SharedDocument.objects.filter(pk=document.pk).update(readers=F("readers") + 1)
    return is_first


def _is_noted_again(document: SharedDocument, by: User) -> bool:
    """Worded by hand: Django takes six times as long over these words, which come with each download."""
    table, now = ReadPaper._meta.db_table, connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        words = f'UPDATE "{table}" SET last_at = %s WHERE user_id = %s AND document_id = %s'  # noqa: S608 -- no values
        cursor.execute(words, [now, by.pk, document.pk])
        return bool(cursor.rowcount)


def save_paper(*, document: SharedDocument, by: User) -> None:
    """Put the paper on the person's list; a second time changes nothing."""
    SavedPaper.objects.get_or_create(user_id=by.pk, document_id=document.pk)


def forget_paper(*, document: SharedDocument, by: User) -> None:
    """Take the paper off the person's list."""
    SavedPaper.objects.filter(user=by.pk, document=document.pk).delete()


def last_visit(*, of: User) -> datetime.datetime | None:
    """When the person's visit before this one ended, or None where there was none; notes nothing."""
    visit = _visits().filter(user=of.pk).first()
    return None if visit is None else _ended_before(visit, timezone.now())


def note_visit(*, by: User) -> datetime.datetime | None:
    """As `last_visit`; notes that the person is here."""
    now = timezone.now()
    visit, _created = _visits().get_or_create(user_id=by.pk, defaults={"last_at": now})
    before = _ended_before(visit, now)
    if now - visit.last_at > NOTED_FOR:
        # Of two pages at once the second finds the row changed and leaves it so.
        Visit.objects.filter(pk=visit.pk, last_at=visit.last_at).update(last_at=now, before_at=before)
    return before


def _visits() -> QuerySet[Visit]:
    """Each with `read_at`: when the person last read a paper."""
    newest = ReadPaper.objects.filter(user=OuterRef("pk")).order_by("-last_at").values("last_at")[:1]
    return Visit.objects.annotate(read_at=Subquery(newest))


def _ended_before(visit: Visit, now: datetime.datetime) -> datetime.datetime | None:
    """When the visit before the one that goes on now ended.

    Papers that were read since the last list belong to that visit, or began one of their own.
    """
    last, before = visit.last_at, visit.before_at
    for moment in (getattr(visit, "read_at", None) or last, now):
        if moment - last > VISIT_ENDS:
            before = last
        last = max(last, moment)
    return before
