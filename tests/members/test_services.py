"""Decisions about a membership: one transaction and one row of the record each."""

from __future__ import annotations

import datetime
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.utils import timezone

from members import audit
from members.enums import Decision
from members.models import AccessRecord, Membership, MembershipLevel, RecordedWords
from members.services import membership as services
from tests.factories import make_member, make_user

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 7, 15)


@pytest.fixture(autouse=True)
def _on_a_day_in_july():
    with time_machine.travel(datetime.datetime(2026, 7, 15, 12, tzinfo=datetime.UTC), tick=False):
        yield


@pytest.fixture
def secretary():
    return make_user("secretary@example.org")


def rows():
    return [
        (row.action, row.actor_id, row.object_kind, row.object_id, said_beside(row), without_digest(row))
        for row in AccessRecord.objects.order_by("pk")
    ]


def without_digest(row):
    return {name: value for name, value in row.details.items() if name != "words"}


def said_beside(row):
    """The words beside a row, which the row's digest vouches for; the row itself never has them."""
    said = RecordedWords.objects.filter(row=row).first()
    assert row.reason == ""
    assert row.details.get("words") == (said.digest if said else None)
    return said.text if said else ""


def member(standing="current"):
    return make_member(standing=standing).membership


def test_approval_makes_a_member_from_today_with_the_next_number(secretary):
    last = Membership.objects.create(user=make_user(), number=41, decision=Decision.APPROVED, starts_on=TODAY)
    level = MembershipLevel.objects.create(name="Fellow")
    applicant = member("applicant")
    approved = services.approve(membership=applicant, by=secretary, expires_on=datetime.date(2027, 7, 14), level=level)
    approved.refresh_from_db()
    assert (approved.decision, approved.number, approved.level) == ("approved", last.number + 1, level)
    assert (approved.starts_on, approved.expires_on) == (TODAY, datetime.date(2027, 7, 14))
    assert rows() == [
        (
            "membership_approved", secretary.pk, "membership", "42", "",
            {"user": applicant.user_id, "expires_on": "2027-07-14", "level": "Fellow"},
        )
    ]  # fmt: skip


def test_first_number_is_one(secretary):
    assert services.approve(membership=member("applicant"), by=secretary, expires_on=None).number == 1


def test_approval_keeps_the_level_where_none_is_given(secretary):
    applicant = member("applicant")
    applicant.level = MembershipLevel.objects.create(name="Fellow")
    applicant.save()
    assert services.approve(membership=applicant, by=secretary, expires_on=None).level == applicant.level


@pytest.mark.parametrize("standing", ["current", "lapsed", "suspended"])
def test_decided_membership_is_not_approved_again(secretary, standing):
    with pytest.raises(ValidationError, match="This application has already been decided"):
        services.approve(membership=member(standing), by=secretary, expires_on=None)
    assert rows() == []


def test_approval_that_would_end_before_today_is_refused_whole(secretary):
    applicant = member("applicant")
    with pytest.raises(ValidationError, match="A membership cannot end before it starts"):
        services.approve(membership=applicant, by=secretary, expires_on=TODAY - datetime.timedelta(days=1))
    applicant.refresh_from_db()
    assert (applicant.decision, applicant.number) == ("pending", None)
    assert rows() == []


def test_suspension_closes_at_once_and_keeps_the_reason(secretary):
    current = member()
    services.suspend(membership=current, by=secretary, reason="Fees are open.")
    current.refresh_from_db()
    assert (current.decision, current.reason) == ("suspended", "Fees are open.")
    assert not Membership.objects.current().filter(pk=current.pk).exists()
    assert rows() == [
        ("membership_suspended", secretary.pk, "membership", str(current.number), "Fees are open.",
         {"user": current.user_id}),
    ]  # fmt: skip


def test_reason_is_no_longer_than_the_record_holds(secretary):
    current = member()
    with pytest.raises(ValidationError, match="at most 200 characters"):
        services.suspend(membership=current, by=secretary, reason="x" * 201)
    services.suspend(membership=current, by=secretary, reason="x" * 200)
    current.refresh_from_db()
    assert current.reason == rows()[0][4] == "x" * 200


@pytest.mark.parametrize("standing", ["applicant", "suspended"])
def test_only_an_approved_membership_is_suspended(secretary, standing):
    with pytest.raises(ValidationError, match="Only an approved membership can be suspended"):
        services.suspend(membership=member(standing), by=secretary, reason="x")
    assert rows() == []


def test_reinstatement_ends_the_suspension_and_keeps_the_dates(secretary):
    suspended = member("suspended")
    Membership.objects.filter(pk=suspended.pk).update(reason="Fees", expires_on=datetime.date(2027, 1, 1))
    before = suspended.starts_on
    services.reinstate(membership=suspended, by=secretary)
    suspended.refresh_from_db()
    assert (suspended.decision, suspended.reason) == ("approved", "")
    assert (suspended.starts_on, suspended.expires_on) == (before, datetime.date(2027, 1, 1))
    assert [row[:2] for row in rows()] == [("membership_reinstated", secretary.pk)]


@pytest.mark.parametrize("standing", ["applicant", "current", "lapsed"])
def test_only_a_suspended_membership_is_reinstated(secretary, standing):
    with pytest.raises(ValidationError, match="This membership is neither suspended nor given up"):
        services.reinstate(membership=member(standing), by=secretary)


def test_extension_opens_a_lapsed_membership_again(secretary):
    lapsed = member("lapsed")
    before = lapsed.expires_on.isoformat()
    services.extend(membership=lapsed, by=secretary, expires_on=datetime.date(2027, 7, 14))
    assert Membership.objects.current().filter(pk=lapsed.pk).exists()
    assert rows() == [
        ("membership_extended", secretary.pk, "membership", str(lapsed.number), "",
         {"user": lapsed.user_id, "before": before, "expires_on": "2027-07-14"}),
    ]  # fmt: skip


def test_extension_without_end_is_without_end(secretary):
    lapsed = member("lapsed")
    services.extend(membership=lapsed, by=secretary, expires_on=None)
    assert Membership.objects.current().filter(pk=lapsed.pk, expires_on=None).exists()
    assert rows()[0][5]["expires_on"] is None


def test_application_is_not_extended(secretary):
    with pytest.raises(ValidationError, match="Approve the application first"):
        services.extend(membership=member("applicant"), by=secretary, expires_on=None)


@pytest.mark.parametrize("last", [datetime.date(2000, 1, 1), TODAY - datetime.timedelta(days=1)])
def test_extension_to_a_day_that_has_passed_is_refused(secretary, last):
    current = member()
    with pytest.raises(ValidationError, match="That day has passed"):
        services.extend(membership=current, by=secretary, expires_on=last)
    current.refresh_from_db()
    assert current.expires_on is None


@pytest.mark.parametrize("days", [0, -1])
def test_extension_that_is_none_is_refused(secretary, days):
    lapsed = member("lapsed")
    before = lapsed.expires_on
    with pytest.raises(ValidationError, match="not later than the present last day"):
        services.extend(membership=lapsed, by=secretary, expires_on=before + datetime.timedelta(days=days))
    lapsed.refresh_from_db()
    assert (lapsed.expires_on, rows()) == (before, [])


def test_suspension_without_a_reason_is_refused(secretary):
    with pytest.raises(ValidationError, match="Please give the reason"):
        services.suspend(membership=member(), by=secretary, reason=" ")


@pytest.mark.parametrize("decision", ["approve", "suspend", "reinstate", "extend"])
def test_decision_that_cannot_be_recorded_does_not_happen(secretary, monkeypatch, decision):
    made = {
        "approve": lambda: services.approve(membership=applicant, by=secretary, expires_on=None),
        "suspend": lambda: services.suspend(membership=current, by=secretary, reason="x"),
        "reinstate": lambda: services.reinstate(membership=suspended, by=secretary),
        "extend": lambda: services.extend(membership=lapsed, by=secretary, expires_on=None),
    }
    applicant, current, suspended, lapsed = (member(each) for each in ("applicant", "current", "suspended", "lapsed"))
    before = list(Membership.objects.order_by("pk").values())

    def full(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(audit, "record", full)
    with pytest.raises(OSError, match="disk full"):
        made[decision]()
    assert list(Membership.objects.order_by("pk").values()) == before


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_approvals_at_once_give_two_numbers_and_one_application_one():
    secretary = make_user()
    first, second = member("applicant"), member("applicant")
    together = Barrier(4)

    def approve(membership):
        try:
            together.wait()
            services.approve(membership=membership, by=secretary, expires_on=None)
        except (ValidationError, IntegrityError):
            return 0
        finally:
            connection.close()
        return 1

    with ThreadPoolExecutor(4) as pool:
        done = sum(pool.map(approve, [first, first, second, second]))
    numbers = list(Membership.objects.exclude(number=None).values_list("number", flat=True))
    assert done == len(numbers) == len(set(numbers))
    assert AccessRecord.objects.count() == done
    assert timezone.localdate() == TODAY
