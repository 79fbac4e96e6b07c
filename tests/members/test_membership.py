"""Who is a current member, and when."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from members.auth_backends import AuthenticationBackend
from members.enums import Decision, Standing
from members.models import Membership, User
from tests.factories import make_member, make_user

pytestmark = pytest.mark.django_db

DAY = datetime.date
NEW_YEAR = DAY(2025, 1, 1)
LONDON = ZoneInfo("Europe/London")


def make(decision=Decision.APPROVED, starts_on=NEW_YEAR, expires_on=None):
    number = None if decision == Decision.PENDING else (Membership.objects.count() + 1)
    starts_on = None if decision == Decision.PENDING else starts_on
    return Membership.objects.create(
        user=make_user(), decision=decision, number=number, starts_on=starts_on, expires_on=expires_on
    )


def standing_of(membership):
    return Membership.objects.with_standing().get(pk=membership.pk).standing


# decision, first day, last day: standing on 15 July 2026
TABLE = [
    (Decision.PENDING, None, None, Standing.APPLICANT),
    (Decision.APPROVED, DAY(2025, 1, 1), None, Standing.CURRENT),
    (Decision.APPROVED, DAY(2025, 1, 1), DAY(2026, 7, 16), Standing.CURRENT),
    (Decision.APPROVED, DAY(2025, 1, 1), DAY(2026, 7, 15), Standing.CURRENT),
    (Decision.APPROVED, DAY(2025, 1, 1), DAY(2026, 7, 14), Standing.LAPSED),
    (Decision.APPROVED, DAY(2026, 7, 15), None, Standing.CURRENT),
    (Decision.APPROVED, DAY(2026, 7, 15), DAY(2026, 7, 15), Standing.CURRENT),
    (Decision.APPROVED, DAY(2026, 7, 16), None, Standing.LAPSED),
    (Decision.SUSPENDED, DAY(2025, 1, 1), None, Standing.SUSPENDED),
    (Decision.SUSPENDED, DAY(2025, 1, 1), DAY(2026, 7, 14), Standing.SUSPENDED),
]


@pytest.mark.parametrize(("decision", "starts_on", "expires_on", "standing"), TABLE)
@time_machine.travel(datetime.datetime(2026, 7, 15, 12, 0, tzinfo=LONDON), tick=False)
def test_standing_follows_from_decision_and_dates(decision, starts_on, expires_on, standing):
    membership = make(decision, starts_on, expires_on)
    assert standing_of(membership) == standing
    assert Membership.objects.current().filter(pk=membership.pk).exists() == (standing == Standing.CURRENT)
    user = User.objects.get(pk=membership.user_id)
    assert user.standing == standing
    assert user.is_current_member == (standing == Standing.CURRENT)
    assert AuthenticationBackend().get_user(user.pk).standing == standing  # as a request has it
    assert membership.standing_label == standing.label


@pytest.mark.parametrize(
    ("moment", "current"),
    [
        # Summer time: London's midnight is 23:00 of the day before in UTC.
        (datetime.datetime(2026, 7, 15, 22, 59, 59, tzinfo=datetime.UTC), True),
        (datetime.datetime(2026, 7, 15, 23, 0, 0, tzinfo=datetime.UTC), False),
        (datetime.datetime(2026, 7, 15, 0, 0, 0, tzinfo=LONDON), True),
        (datetime.datetime(2026, 7, 15, 23, 59, 59, tzinfo=LONDON), True),
        (datetime.datetime(2026, 7, 16, 0, 0, 0, tzinfo=LONDON), False),
    ],
)
def test_last_day_ends_at_londons_midnight(moment, current):
    membership = make(expires_on=DAY(2026, 7, 15))
    with time_machine.travel(moment, tick=False):
        assert Membership.objects.current().exists() is current
        assert standing_of(membership) == (Standing.CURRENT if current else Standing.LAPSED)


@pytest.mark.parametrize(
    ("moment", "current"),
    [
        (datetime.datetime(2026, 7, 14, 22, 59, 59, tzinfo=datetime.UTC), False),
        (datetime.datetime(2026, 7, 14, 23, 0, 0, tzinfo=datetime.UTC), True),
    ],
)
def test_first_day_begins_at_londons_midnight(moment, current):
    make(starts_on=DAY(2026, 7, 15))
    with time_machine.travel(moment, tick=False):
        assert Membership.objects.current().exists() is current


def test_access_ends_with_the_day_and_without_a_job(signed_in):
    user = make_member()
    user.membership.expires_on = DAY(2026, 7, 15)
    user.membership.starts_on = DAY(2026, 1, 1)
    user.membership.save()
    with time_machine.travel(datetime.datetime(2026, 7, 15, 23, 59, 58, tzinfo=LONDON), tick=False) as clock:
        client = signed_in(user)
        assert "no_access" not in str([template.name for template in client.get("/files/").templates])
        clock.shift(2)
        assert "Your membership has lapsed" in client.get("/files/").content.decode()


def test_waiting_are_those_not_decided():
    pending = make(Decision.PENDING)
    make()
    assert list(Membership.objects.waiting()) == [pending]


def test_person_without_a_membership_has_none():
    user = make_user()
    assert (user.standing, user.is_current_member, user.current_membership) == (Standing.NONE, False, None)


def test_standing_is_asked_for_once_in_a_request(django_assert_num_queries):
    user = User.objects.get(pk=make_member().pk)
    with django_assert_num_queries(1):
        assert user.is_current_member
        assert user.standing == Standing.CURRENT
        assert user.current_membership.level is None


def test_membership_cannot_end_before_it_starts():
    with pytest.raises(IntegrityError), transaction.atomic():
        make(starts_on=DAY(2026, 7, 15), expires_on=DAY(2026, 7, 14))
    membership = make()
    membership.expires_on = membership.starts_on - datetime.timedelta(days=1)
    with pytest.raises(ValidationError, match="A membership cannot end before it starts"):
        membership.full_clean()


@pytest.mark.parametrize("decision", [Decision.APPROVED, Decision.SUSPENDED])
@pytest.mark.parametrize("missing", ["number", "starts_on"])
def test_decided_membership_has_number_and_start(decision, missing):
    fields = {"number": 5, "starts_on": DAY(2026, 1, 1)} | {missing: None}
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=make_user(), decision=decision, **fields)


def test_number_is_unique():
    first, second = make(), make()
    second.number = first.number
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()


def test_person_has_one_membership():
    membership = make()
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=membership.user)


@pytest.mark.parametrize(("number", "label"), [(7, "00007"), (123456, "123456"), (None, "no number yet")])
def test_number_is_shown_with_five_digits(number, label):
    assert Membership(number=number).number_label == label
