"""The access record: rows are added and never touched again."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction

from members import audit
from members.enums import Action
from members.models import AccessRecord
from members.models.audit import AppendOnly
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def row():
    return audit.record(Action.OPENED, actor=make_user(), object_kind="document", object_id="x", reason="because")


def test_record_writes_one_whole_row():
    user = make_user()
    moment = datetime.datetime(2026, 7, 15, 12, tzinfo=datetime.UTC)
    with time_machine.travel(moment, tick=False):
        audit.record(Action.DOWNLOADED, actor=user, object_kind="document", object_id=7, reason="r", version=3)
    row = AccessRecord.objects.get()
    assert (row.at, row.action, row.actor, row.object_kind, row.object_id, row.reason, row.details) == (
        moment, "downloaded", user, "document", "7", "r", {"version": 3},
    )  # fmt: skip


@pytest.mark.parametrize("actor", [None, AnonymousUser()])
def test_row_of_nobody_has_no_actor(actor):
    assert audit.record(Action.INSPECTED, actor=actor).actor_id is None


def test_long_reason_is_cut():
    assert len(audit.record(Action.CHANGED, actor=None, reason="x" * 5000).reason) == 200


def test_strange_and_long_names_are_kept_as_far_as_they_go():
    row = audit.record(Action.REFUSED, actor=None, object_kind="folder", object_id="a\0b" + "x" * 100, reason="\0")
    row.refresh_from_db()
    assert (row.object_id, row.reason) == ("a\N{REPLACEMENT CHARACTER}b" + "x" * 61, "\N{REPLACEMENT CHARACTER}")


def test_row_is_not_changed(row):
    row.reason = "another"
    with pytest.raises(AppendOnly):
        row.save()
    with pytest.raises(AppendOnly):
        row.save(update_fields=["reason"])
    with pytest.raises(AppendOnly):
        AccessRecord(pk=row.pk, action="opened", details={}).save(force_update=True)
    assert AccessRecord.objects.get().reason == "because"


def test_row_is_not_overwritten_by_one_with_its_number(row):
    """A new object with the number of a row that stands would be saved as an update."""
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessRecord(pk=row.pk, action="opened", details={}, reason="another").save()
    assert AccessRecord.objects.values_list("reason", flat=True).get(pk=row.pk) == "because"


def test_row_is_not_removed(row):
    with pytest.raises(AppendOnly):
        row.delete()
    assert AccessRecord.objects.count() == 1


@pytest.mark.parametrize(
    "attempt",
    [
        lambda rows: rows.update(reason="another"),
        lambda rows: rows.delete(),
        lambda rows: rows.filter(action="opened").delete(),
        lambda rows: rows.bulk_update(list(rows), ["reason"]),
        lambda rows: rows.bulk_create(
            [AccessRecord(pk=rows.get().pk, action="opened", reason="another", details={})],
            update_conflicts=True, unique_fields=["pk"], update_fields=["reason"],
        ),
        lambda rows: rows.update_or_create(pk=rows.get().pk, defaults={"reason": "another"}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("manager", ["objects", "_base_manager", "_default_manager"])
def test_rows_are_neither_changed_nor_removed_in_bulk(row, attempt, manager):
    with pytest.raises(AppendOnly):
        attempt(getattr(AccessRecord, manager).all())
    assert AccessRecord.objects.get().reason == "because"


def test_row_outlives_the_person(row):
    number = row.actor_id
    row.actor.delete()
    again = AccessRecord.objects.get()
    assert again.actor_id == number
    assert str(again).endswith("opened document x")
