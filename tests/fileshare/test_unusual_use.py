"""Many papers in an hour by one person are told to the administrators, with counts, hours and devices alone."""

from __future__ import annotations

import datetime

import pytest
import time_machine

from fileshare.services import unusual_use
from members import audit
from members.enums import Action
from members.models import OutgoingMail
from portal.ops import due
from tests.factories import make_administrator, make_member

pytestmark = pytest.mark.django_db
START = datetime.datetime(2026, 11, 30, 14, 10, tzinfo=datetime.UTC)


@pytest.fixture
def pat(settings):
    settings.UNUSUAL_PAPERS = 3
    return make_member("pat@example.org", last_name="Ashworth")


def had(person, papers: str, action: Action = Action.READ) -> None:
    """Each letter is a paper."""
    for paper in papers:
        audit.record(action, actor=person, object_kind="document", object_id=f"paper {paper}", version=1)


def told_at(minutes: int) -> list[str]:
    """Who has been told what by then, in the order of the mails."""
    with time_machine.travel(START + datetime.timedelta(minutes=minutes), tick=False):
        unusual_use.tell()
    return [f"{mail.address}: {mail.subject}" for mail in OutgoingMail.objects.order_by("pk")]


def test_administrators_are_told_with_numbers_alone(pat, settings):
    assert unusual_use.tell in due.JOBS
    make_administrator("first@example.org")
    make_administrator("second@example.org")
    with time_machine.travel(START, tick=False):
        for device in ("Firefox on Windows", "Safari on an iPhone", "Firefox on Windows"):
            audit.record(Action.SIGNED_IN, actor=pat, object_kind="user", object_id=pat.pk, device=device, new=False)
        had(pat, "ab")
        had(pat, "bc", Action.DOWNLOADED)
    subject = f"Many papers in an hour: account no. {pat.pk}"
    assert told_at(20) == [f"first@example.org: {subject}", f"second@example.org: {subject}"]
    text = OutgoingMail.objects.first().text
    assert (
        f"Between 13:30 and 14:30 on 30 November 2026, account no. {pat.pk} had 3 different papers: 2 readings and 2 "
        "downloads.\n\nThe account has signed in from: Firefox on Windows, Safari on an iPhone.\n"
    ) in text
    assert f"{settings.BASE_URL}/admin/access-record/?story=user:{pat.pk}\n" in text
    assert not any(word in text for word in ("Ashworth", "pat@", "paper a"))


@pytest.mark.parametrize(
    ("done", "minutes"),
    [
        (lambda pat: had(pat, "ab"), 20),  # too few
        (lambda pat: had(pat, "aaabbb"), 20),  # of the same papers again and again
        (lambda pat: had(pat, "abc", Action.OPENED), 20),  # only looked at
        (lambda pat: had(pat, "abc"), 61),  # more than an hour ago
        (lambda pat: (had(pat, "ab"), had(make_member("sam@example.org"), "cd")), 20),  # by two
        (lambda pat: had(None, "abc"), 20),  # by the site
    ],
)
def test_usual_use_is_told_to_nobody(pat, done, minutes):
    make_administrator("chief@example.org")
    with time_machine.travel(START, tick=False):
        done(pat)
    assert told_at(minutes) == []


def test_same_hour_is_told_once_and_the_next_again(pat):
    make_administrator("chief@example.org")
    with time_machine.travel(START, tick=False):
        had(pat, "abc")
    assert [len(told_at(minutes)) for minutes in (1, 2, 49, 51, 52, 70)] == [1, 1, 1, 2, 2, 2]
