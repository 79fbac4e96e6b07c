"""Decisions about several memberships at once."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from members.enums import Action
from members.forms import in_a_year
from members.models import AccessRecord, Membership, MembershipLevel
from tests.members.secretary import person, until

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(secretary, signed_in):
    return signed_in(secretary)


def bulk(client, action, *memberships, **data):
    keys = "&".join(f"id={each if isinstance(each, str) else each.pk}" for each in memberships)
    address = f"/admin/bulk/members/membership/{action}/?{keys}&next=/admin/memberships/"
    return client.post(address, data, follow=True) if data else client.get(address, follow=True)


def test_several_are_extended_and_those_whom_it_does_not_fit_are_named(client):
    first, second = until(person("current"), 10), until(person("current"), 500)
    applicant = person("applicant", last_name="Applicant")
    day = timezone.localdate() + datetime.timedelta(days=100)
    assert "3 people" in bulk(client, "extend", first, second, applicant).content.decode()
    page = bulk(client, "extend", first, second, applicant, expires_on=day.isoformat()).content.decode()
    assert "Extended: 1 person." in page
    assert "Passed over: 2." in page
    assert "Pat Applicant: Approve the application first." in page
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.expires_on == day < second.expires_on
    assert AccessRecord.objects.filter(action=Action.MEMBERSHIP_EXTENDED).count() == 1


def test_several_are_extended_by_a_year_each(client):
    today = timezone.localdate()
    soon, lapsed, endless = until(person("current"), 10), until(person("current"), -10), person("current")
    page = bulk(client, "extend", soon, lapsed, endless, expires_on="").content.decode()
    assert "The membership has no end." in page
    ends = [Membership.objects.get(pk=each.pk).expires_on for each in (soon, lapsed)]
    assert ends == [in_a_year(today + datetime.timedelta(days=10)), in_a_year(None)]


def test_several_get_another_level_and_several_are_suspended(client):
    level = MembershipLevel.objects.create(name="Fellow")
    both = [person("current") for _ in range(2)]
    assert "Changed the level: 2 people." in bulk(client, "change_level", *both, level=level.pk).content.decode()
    assert "Please say why in a sentence" in bulk(client, "suspend", *both, reason=" ").content.decode()
    assert "Suspended: 2 people." in bulk(client, "suspend", *both, reason="Fees are open.").content.decode()
    for each in both:
        each.refresh_from_db()
        assert (each.level, each.decision, each.reason) == (level, "suspended", "Fees are open.")


def test_everybody_in_the_list_is_everybody_whom_the_filters_show(client):
    kept, chosen = person("current"), until(person("current"), 5)
    address = "/admin/bulk/members/membership/suspend/?id=all&expires_within=7&next=/admin/memberships/"
    client.post(address, {"reason": "x"})
    kept.refresh_from_db()
    chosen.refresh_from_db()
    assert (kept.decision, chosen.decision) == ("approved", "suspended")


@pytest.mark.parametrize("query", ["id=all&expires_within=nonsense", "id=999999", ""])
def test_nobody_is_decided_about_where_nobody_was_chosen(client, query):
    current = person("current")
    page = client.post(f"/admin/bulk/members/membership/suspend/?{query}", {"reason": "x"}, follow=True)
    assert "Nobody was chosen." in page.content.decode()
    current.refresh_from_db()
    assert current.decision == "approved"


def test_too_many_at_once_are_refused_in_a_sentence(client, monkeypatch):
    monkeypatch.setattr("members.wagtail_decide_many.MOST", 2)
    people = [person("current") for _ in range(3)]
    address = "/admin/bulk/members/membership/suspend/?id=all&next=/admin/memberships/"
    page = client.post(address, {"reason": "x"}, follow=True)
    assert "Please narrow the list: at most 2 people can be decided about at once." in page.content.decode()
    assert Membership.objects.filter(pk__in=[each.pk for each in people], decision="approved").count() == 3


@pytest.mark.parametrize("action", ["extend", "change_level", "suspend"])
def test_auditor_decides_about_nobody_in_bulk(signed_in, auditor, action):
    membership = person("current")
    bulk(signed_in(auditor), action, membership, reason="x", expires_on="", level="")
    membership.refresh_from_db()
    assert membership.decision == "approved"
    assert not AccessRecord.objects.filter(object_kind="membership").exists()
