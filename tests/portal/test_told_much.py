"""When much comes out at once: each digest has its most entries, whatever else the site has for others."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from fileshare.models import SharedDocument
from portal.models import Announcement, Kind, Pace, Preference, Run
from portal.notifications import news
from tests.factories import make_member
from tests.portal.reading import make_note

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


def digest_of(*people):
    now = timezone.now()
    run = Run.objects.create(pace=Pace.DAILY, day=timezone.localdate(), since=now - DAY, until=now)
    return {key: [entry.path for entry in entries] for key, entries in news.digests(run, list(people)).items()}


def reader(name, kind):
    user = make_member(f"{name}@example.org")
    for each in Kind:
        Preference.objects.create(user=user, kind=each, pace=Pace.DAILY if each == kind else Pace.NEVER)
    return user


def test_what_others_may_read_takes_no_place_in_a_digest(monkeypatch):
    monkeypatch.setattr(news, "MOST", 2)
    monkeypatch.setattr(news, "MOST_TO_CONFIRM", 2)
    hearing, asked, named = reader("hearing", Kind.PAPERS), reader("asked", Kind.CONFIRM), reader("named", Kind.PAPERS)
    now, papers = timezone.now(), []
    for number in range(6):  # the first three are what everybody may read: the oldest, and those with the latest days
        paper = make_note(f"Paper {number}", publish_at=now - DAY)
        SharedDocument.objects.filter(pk=paper.pk).update(
            acknowledge_by=timezone.localdate() + (10 - number) * DAY,
            **({"marking": "TLP:RED"} if number > 2 else {}),
        )
        if number > 2:
            paper.recipients.add(named)
        Announcement.objects.create(paper=paper, at=now - DAY / 2 + number * DAY / 24)
        papers.append(paper.get_absolute_url())
    assert digest_of(hearing, asked, named) == {
        hearing.pk: [papers[2], papers[1]], asked.pk: [papers[2], papers[1]], named.pk: [papers[5], papers[4]],
    }  # fmt: skip
