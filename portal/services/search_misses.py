"""What was looked for in vain: the words and the day, so that editors see what is missing. Never who it was."""

from __future__ import annotations

import datetime
import re
import unicodedata

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from portal.models import SearchMiss
from portal.search.query import Query

KEEP = datetime.timedelta(days=90)
LONGEST = 100
PRIVATE = re.compile(r"@|\d[\d\s-]{5,}\d")  # an address, or the number of a telephone


def note(*, query: Query) -> None:
    """Count it. Addresses of e-mail and telephones are nobody's business, and one letter nothing that could be
    missing."""
    words = query.normal[:LONGEST]
    if PRIVATE.search(unicodedata.normalize("NFKD", query.typed)) or len(words) < 2:
        return
    today = timezone.localdate()
    with transaction.atomic():
        if not SearchMiss.objects.filter(words=words, day=today).update(count=F("count") + 1):
            SearchMiss.objects.bulk_create([SearchMiss(words=words, day=today)], ignore_conflicts=True)


def forget_old() -> None:
    SearchMiss.objects.filter(day__lt=timezone.localdate() - KEEP).delete()
