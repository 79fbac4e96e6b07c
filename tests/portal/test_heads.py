"""Heads of the access record: signed each hour, left elsewhere, and held against the record."""

from __future__ import annotations

import json
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from deploy import verify_record
from members import audit, record_file, record_heads, signing
from members.enums import Action
from members.models import AccessLink, HeadToLeave, OutgoingMail, RecordHead
from portal.ops import due, heads
from tests.bending import bend

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings, tmp_path):
    """Where heads go, beside a mailbox."""
    settings.RECORD_HEADS = [str(tmp_path), "mailto:auditor@example.org"]
    return tmp_path


def add(count: int = 1) -> None:
    for _ in range(count):
        audit.record(Action.OPENED, actor=None)
    connection.check_constraints()


def signed(folder) -> list[dict]:
    file = folder / "record-heads.jsonl"
    return [json.loads(line) for line in file.read_bytes().splitlines()] if file.exists() else []


def verify() -> str:
    out = StringIO()
    try:
        call_command("verify_audit", stdout=out)
    except CommandError as error:
        return f"! {error}"
    return out.getvalue()


def test_head_is_signed_each_hour_and_left_in_each_place(folder):
    assert heads.sign in due.JOBS
    start = timezone.now()
    heads.sign()
    assert signed(folder) == []  # of an empty record
    places = []
    for minutes, count in ((0, 2), (30, 1), (61, 1), (90, 1), (200, 0), (300, 0)):
        with time_machine.travel(start + timezone.timedelta(minutes=minutes), tick=False):
            add(count)
            heads.sign()
            places.append([each["place"] for each in signed(folder)])
    assert places == [[2], [2], [2, 4], [2, 4], [2, 4, 5], [2, 4, 5]]
    last = AccessLink.objects.get(place=5)
    assert signed(folder)[-1]["hash"] == last.hash
    for each in signed(folder):
        signing.check(each, keys={signing.public_key()}, what="head")
    assert list(RecordHead.objects.order_by("place").values_list("place", flat=True)) == [2, 4, 5]
    mails = OutgoingMail.objects.order_by("pk")
    assert [(mail.address, mail.subject) for mail in mails] == [
        ("auditor@example.org", f"The access record, row {place}") for place in (2, 4, 5)
    ]
    (line,) = [line for line in mails.last().text.splitlines() if line.startswith("{")]
    assert json.loads(line) == signed(folder)[-1]
    assert verify() == (
        f"All 5 rows are what was written. The last link is {last.hash}.\n"
        "They agree with all that was signed: 3 heads.\n"
    )


def test_place_that_is_away_gets_its_heads_later_and_floods_no_other(folder, settings):
    away = folder / "away"
    settings.RECORD_HEADS = [str(away), str(folder), "mailto:auditor@example.org", "/nowhere"]
    start = timezone.now()
    for minutes in (0, 1, 2, 61, 62):
        with time_machine.travel(start + timezone.timedelta(minutes=minutes), tick=False):
            add()
            with pytest.raises(OSError, match=rf"^Heads of the record have still to be left in {away}, /nowhere\.$"):
                heads.sign()
    heads_of_two_hours = [1, 4]
    assert list(RecordHead.objects.order_by("place").values_list("place", flat=True)) == heads_of_two_hours
    assert [each["place"] for each in signed(folder)] == heads_of_two_hours
    assert OutgoingMail.objects.count() == 2
    assert record_heads.places_away(since=start) == []
    assert record_heads.places_away(since=start + timezone.timedelta(seconds=1)) == ["/nowhere", str(away)]
    away.mkdir()
    settings.RECORD_HEADS.remove("/nowhere")
    for _ in range(2):
        heads.sign()
        assert signed(away) == signed(folder)
        assert len(signed(folder)) == OutgoingMail.objects.count() == 2
    assert not HeadToLeave.objects.exists()
    assert verify().endswith("They agree with all that was signed: 2 heads.\n")


def test_nothing_is_signed_for_that_was_not_read_before_the_disk_had_all(folder, monkeypatch):
    """What comes while the site waits for the disk could still be lost: it is not in the head or the export."""
    add(2)
    monkeypatch.setattr(audit, "flush", add)
    heads.sign()
    assert ([each["place"] for each in signed(folder)], AccessLink.objects.count()) == ([2], 3)
    lines = [json.loads(line) for line in record_file.written()]
    assert ([line["place"] for line in lines], AccessLink.objects.count()) == ([1, 2, 3, 3], 4)


def test_record_that_was_cut_off_at_its_end_is_found(folder):
    """Rows, links and the site's own heads all gone: what lies elsewhere knows."""
    add(4)
    heads.sign()
    for table, column in (("accessrecord", "id"), ("accesslink", "place"), ("recordhead", "place")):
        bend(f"DELETE FROM members_{table} WHERE {column} IN (SELECT max({column}) FROM members_{table})")  # noqa: S608
    assert verify() == "! Rows are missing at the end: 3 are there, and 4 were signed for."


def test_record_whose_links_were_all_made_anew_is_found(folder):
    add(3)
    heads.sign()
    lines = (folder / "record-heads.jsonl").read_bytes()
    bend("DELETE FROM members_accesslink")
    bend("DELETE FROM members_accessrecord")
    bend("DELETE FROM members_recordhead")
    add(3)
    assert verify() == "! Row 3 of the chain is not the one that was signed for when it was the last one."
    export = folder / "record.jsonl"
    export.write_bytes(b"".join(record_file.written()))
    assert verify_record.main([str(export), signing.public_key(), str(folder / "record-heads.jsonl")]) == 1
    (folder / "record-heads.jsonl").write_bytes(lines.replace(b'"place":3', b'"place":2'))
    assert verify().startswith("! The head of ")
    assert verify().endswith(" is not what was signed.")


def test_head_of_another_key_is_named_until_it_is_trusted(folder, settings):
    add()
    settings.RECORD_KEY = "11" * 32
    heads.sign()
    key = signing.public_key()
    settings.RECORD_KEY = "22" * 32
    assert verify().endswith(f" is signed with another key, {key}.")
    out = StringIO()
    call_command("verify_audit", "--key", key, stdout=out)
    assert out.getvalue().startswith("All 1 rows are what was written.")


def test_later_heads_say_nothing_of_an_earlier_export(folder, capsys):
    add(2)
    export = folder / "record.jsonl"
    export.write_bytes(b"".join(record_file.written()))
    add(2)
    heads.sign()
    file = folder / "record-heads.jsonl"
    assert verify_record.main([str(export), signing.public_key(), str(file)]) == 0
    assert capsys.readouterr().out.endswith("They agree with 0 of 1 signed heads.\n")
    out = StringIO()
    call_command("verify_audit", str(export), "--heads", str(file), stdout=out)
    assert out.getvalue().startswith("All 2 rows are what was written.")
