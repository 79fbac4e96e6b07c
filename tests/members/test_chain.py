"""The access record hangs together: the database refuses what the models refuse, and what was bent is named."""

from __future__ import annotations

import datetime
import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models.signals import post_save
from django.test.utils import CaptureQueriesContext

from members import audit, chain
from members.enums import Action
from members.models import AccessLink, AccessRecord, MembershipLevel, RecordedWords
from members.services import erase
from tests.bending import bend
from tests.factories import make_user

ROOT = Path(__file__).resolve().parents[2]


def verify(*arguments: str) -> str:
    out = StringIO()
    call_command("verify_audit", *arguments, stdout=out)
    return out.getvalue()


def settle() -> list[AccessLink]:
    """Have the rows of a test that never commits their links, which PostgreSQL makes at the commit."""
    connection.check_constraints()
    return list(AccessLink.objects.order_by("place"))


@pytest.fixture
def rows(db):
    """Six rows of four kinds, with what JSON can have."""
    user = make_user()
    odd = {
        "none": None,
        "list": [1, 2.0, 1e16, 1.5e-7, -0.0],
        "words in “quotes”": {"ü": True, "a": "\u2028"},
        "n": {7: 1},
    }
    made = [
        audit.record(Action.OPENED, actor=user, object_kind="document", object_id="x", reason="because"),
        audit.record(Action.DOWNLOADED, actor=None, **odd),
        audit.record(Action.MEMBERSHIP_SUSPENDED, actor=user, words="He said “no”.", about=user),
    ]
    audit.record_many(
        Action.MEMBERSHIP_IMPORTED, actor=user, object_kind="membership", facts=((n, {"line": n}) for n in (1, 2, 3))
    )
    settle()
    return [row.pk for row in made]


def test_chain_of_all_kinds_of_rows_is_whole(rows):
    links = settle()
    assert [(link.place, link.row_id) for link in links] == [
        (place, row) for place, row in enumerate(AccessRecord.objects.order_by("pk").values_list("pk", flat=True), 1)
    ]
    assert verify().startswith(f"All 6 rows are what was written. The last link is {links[-1].hash}.\n")


def test_link_is_the_hash_of_the_one_before_and_of_the_row(rows):
    """As the documentation says it, by hand."""
    first, second = settle()[:2]
    row = AccessRecord.objects.get(pk=second.row_id)
    details = (
        '{"list":[1,2,10000000000000000,1.5e-07,0],"n":{"7":1},"none":null,'
        '"words in \\u201cquotes\\u201d":{"a":"\\u2028","\\u00fc":true}}'
    )
    at = row.at.astimezone(datetime.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    said = (
        f'{{"action":"downloaded","actor":null,"at":"{at}","details":{details},'
        '"object_id":"","object_kind":"","reason":""}'
    )
    content = hashlib.sha256(said.encode()).hexdigest()
    assert row.content == content
    said = f'{first.hash}{{"at":"{second.at}","content":"{content}","place":2,"row":{row.pk}}}'
    assert second.hash == hashlib.sha256(said.encode()).hexdigest()


def test_what_json_does_not_have_is_not_recorded(db):
    for details in ({"n": float("nan")}, {"n": {None: 1}}, {"n": object()}):
        with pytest.raises((TypeError, ValueError)), transaction.atomic():
            audit.record(Action.OPENED, actor=None, **details)
    assert not AccessRecord.objects.exists()


def test_moments_of_the_chain_never_go_back(rows):
    """Where the machine's clock was put back, the moment of the row before counts."""
    later = "2999-01-01T00:00:00.000000Z"
    last = settle()[-1]
    bend("UPDATE members_accesslink SET at = %s WHERE place = %s", later, last.place)
    audit.record(Action.OPENED, actor=None)
    assert settle()[-1].at == later


REFUSED = {
    "a row changed": "UPDATE members_accessrecord SET reason = 'x' WHERE id = {row}",
    "a row removed": "DELETE FROM members_accessrecord WHERE id = {row}",
    "a link changed": "UPDATE members_accesslink SET hash = 'x' WHERE row_id = {row}",
    "a link removed": "DELETE FROM members_accesslink WHERE row_id = {row}",
    "all rows": "{everything} members_accessrecord",
    "all links": "{everything} members_accesslink",
    "a row replaced": (
        "{replace} INTO members_accessrecord (id, at, action, object_kind, object_id, reason, details, content) "
        "VALUES ({row}, '2026-01-01', 'opened', '', '', '', '{{}}', ''){conflict}"
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_database_refuses(rows, what):
    is_sqlite = connection.vendor == "sqlite"
    sql = REFUSED[what].format(
        row=rows[1],
        everything="DELETE FROM" if is_sqlite else "TRUNCATE",
        replace="INSERT OR REPLACE" if is_sqlite else "INSERT",
        conflict="" if is_sqlite else " ON CONFLICT (id) DO UPDATE SET reason = 'x'",
    )
    before = list(AccessRecord.objects.values()), list(AccessLink.objects.values())
    refusal = pytest.raises(IntegrityError, match="Rows of the access record can be neither changed nor removed")
    with refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert (list(AccessRecord.objects.values()), list(AccessLink.objects.values())) == before


ROW, LINK = "UPDATE members_accessrecord SET", "UPDATE members_accesslink SET"
WRITTEN = "Row {0} of the chain (no. {{{0}}} of the record) is not what was written."
FOLLOWS = "Row {0} of the chain (no. {{{0}}} of the record) does not follow from the row before it."
MISSING = "Row {0} of the chain is missing: after row {1} comes row {2}."
# What was done with six rows, and what is said of it; {1} is the number of the first row.
BENT = {
    "reason": (f"{ROW} reason = 'x' WHERE id = {{2}}", WRITTEN.format(2)),
    "actor": (f"{ROW} actor_id = NULL WHERE id = {{1}}", WRITTEN.format(1)),
    "moment": (f"{ROW} at = '2020-01-01 00:00:00+00:00' WHERE id = {{3}}", WRITTEN.format(3)),
    "details": (f"{ROW} details = '{{{{}}}}' WHERE id = {{4}}", WRITTEN.format(4)),
    "content": (f"{ROW} content = '0' WHERE id = {{2}}", WRITTEN.format(2)),
    "hash": (f"{LINK} hash = '0' WHERE row_id = {{2}}", FOLLOWS.format(2)),
    "link's moment": (f"{LINK} at = '2020' WHERE row_id = {{2}}", FOLLOWS.format(2)),
    "row away": ("DELETE FROM members_accessrecord WHERE id = {2}", MISSING.format(2, 1, 3)),
    "last row away": (
        "DELETE FROM members_accessrecord WHERE id = {6}", "Row 6 of the chain (no. {6} of the record) was removed.",
    ),
    "link away": ("DELETE FROM members_accesslink WHERE row_id = {1}", MISSING.format(1, 0, 2)),
    "last link away": (
        "DELETE FROM members_accesslink WHERE row_id = {6}", "No. {6} of the record has no place in the chain.",
    ),
    "words": (
        "UPDATE members_recordedwords SET text = 'x'",
        "The words beside no. {3} of the record are not those that were written.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BENT)
def test_bent_row_is_named(rows, what):
    sql, sentence = BENT[what]
    numbers = [0, *(link.row_id for link in settle())]
    bend(sql.format(*numbers))
    with pytest.raises(CommandError) as refusal:
        verify()
    assert str(refusal.value) == sentence.format(*numbers)


def test_rows_that_changed_places_are_named(rows):
    first, second = (link.row_id for link in settle()[:2])
    bend("UPDATE members_accesslink SET row_id = -1 WHERE row_id = %s", first)
    bend("UPDATE members_accesslink SET row_id = %s WHERE row_id = %s", first, second)
    bend("UPDATE members_accesslink SET row_id = %s WHERE row_id = -1", second)
    with pytest.raises(CommandError, match=rf"^Row 1 of the chain \(no. {second} of the record\) does not follow"):
        verify()


def test_row_with_a_content_of_its_own_is_named(rows):
    """Whoever makes the digest of a changed row anew has the link against them."""
    row = AccessRecord.objects.get(pk=rows[0])
    content = chain.content_of(chain.facts(row.at, "read", row.actor_id, "document", "x", "because", {}))
    bend("UPDATE members_accessrecord SET action = 'read', content = %s WHERE id = %s", content, row.pk)
    with pytest.raises(CommandError, match=rf"^Row 1 of the chain \(no. {row.pk} of the record\) does not follow"):
        verify()


def test_words_that_went_with_a_person_leave_the_chain_whole(rows):
    RecordedWords.objects.all().delete()
    assert verify().startswith("All 6 rows are what was written.")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_rows_of_many_at_once_hang_together():
    """Each in a transaction of its own, one in four of which comes to nothing, and after it one without."""

    def write(number: int) -> None:
        with transaction.atomic():
            for _ in range(3):
                audit.record(Action.OPENED, actor=None, object_id=number)
            transaction.set_rollback(number % 4 == 0)
        audit.record(Action.READ, actor=None, object_id=number)
        connection.close()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(40)))
    assert verify().startswith("All 130 rows are what was written.")
    moments = list(AccessLink.objects.order_by("place").values_list("at", flat=True))
    assert moments == sorted(moments)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one lock: run on PostgreSQL")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_commit_with_the_chain_in_hand_waits_for_no_lock_of_a_person():
    """A row with words about somebody takes the chain first, and then looks whether the person is still there."""
    user = make_user()

    def write() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '500ms'")  # half of what finds a deadlock
                audit.record(Action.MEMBERSHIP_SUSPENDED, actor=None, words="No.", about=user)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other, transaction.atomic():
        erase.leave(user=user, by=user, keeps_name=False)
        other.submit(write).result()
    assert [(link.place, link.row.action) for link in AccessLink.objects.order_by("place").select_related("row")] == [
        (1, Action.MEMBERSHIP_SUSPENDED), (2, Action.LEAVING_ASKED),
    ]  # fmt: skip


@pytest.mark.skipif(connection.vendor != "postgresql", reason="asks PostgreSQL how far its log is on the disk")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_row_with_a_transaction_of_its_own_is_on_the_disk_when_it_is_said_to_be_recorded(monkeypatch):
    flush, written = audit.flush, []
    with connection.cursor() as cursor:

        def told(sql: str, *values: str) -> object:
            cursor.execute(f"SELECT {sql}", values)
            return cursor.fetchone()[0]

        def noting() -> None:
            written.append(told("pg_current_wal_insert_lsn()::text"))
            assert AccessRecord.objects.count() == len(written)
            flush()

        monkeypatch.setattr(audit, "flush", noting)
        cursor.execute("SET synchronous_commit = on")
        try:
            for _ in range(3):
                audit.record(Action.OPENED, actor=None)
                assert told("pg_current_wal_flush_lsn() >= %s::pg_lsn", written[-1])
            # One that does not wait is there when whatever is committed after it is.
            audit.record(Action.OPENED, actor=None, waits=False)
            until = told("pg_current_wal_insert_lsn()::text")
            MembershipLevel.objects.create(name="Later")
            assert told("pg_current_wal_flush_lsn() >= %s::pg_lsn", until)
        finally:
            cursor.execute("RESET synchronous_commit")
    assert len(written) == 3


@pytest.mark.skipif(connection.vendor != "postgresql", reason="each message is a way there and back")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_row_by_itself_is_one_message_and_one_transaction():
    begin = 'SET LOCAL synchronous_commit = off; INSERT INTO "members_accessrecord" '
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
        try:
            with CaptureQueriesContext(connection) as asked:
                row = audit.record(Action.OPENED, actor=None, waits=False)
            cursor.execute("SHOW synchronous_commit")
            assert cursor.fetchone() == ("on",)  # again, for whatever comes after it
        finally:
            cursor.execute("RESET synchronous_commit")
        assert [query["sql"][: len(begin)] for query in asked] == [begin]
        assert AccessLink.objects.get().row == row == AccessRecord.objects.get()
        cursor.execute("ALTER TABLE members_accesslink RENAME TO elsewhere")
        try:
            with pytest.raises(DatabaseError):
                audit.record(Action.OPENED, actor=None, waits=False)
        finally:
            cursor.execute("ALTER TABLE elsewhere RENAME TO members_accesslink")
    assert AccessRecord.objects.count() == 1  # no row without its link


@pytest.mark.skipif(connection.vendor != "postgresql", reason="as above")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_what_a_receiver_of_a_row_writes_waits_for_the_disk():
    def writes(**kwargs):
        MembershipLevel.objects.update(order=1)

    post_save.connect(writes, sender=AccessRecord)
    try:
        with CaptureQueriesContext(connection) as asked:
            audit.record(Action.OPENED, actor=None, waits=False)
    finally:
        post_save.disconnect(writes, sender=AccessRecord)
    assert [query["sql"].split()[0] for query in asked] == ["SET", "UPDATE"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL is asked by the test before")
def test_log_of_sqlite_is_brought_to_the_disk(monkeypatch, tmp_path):
    log = tmp_path / "db.sqlite3-wal"
    log.touch()
    synced = []
    monkeypatch.setitem(connection.settings_dict, "NAME", tmp_path / "db.sqlite3")
    monkeypatch.setattr(audit.os, "fsync", lambda file: synced.append(os.fstat(file).st_ino))
    audit.flush()
    assert synced == [log.stat().st_ino]


def test_locks_of_rows_let_others_refer_to_them():
    """All but those of rows that are about to go."""
    whole = [
        f"{path.relative_to(ROOT)}: {line.split('.select_for_update')[0].split()[-1]}"
        for app in ("members", "fileshare", "portal")
        for path in sorted((ROOT / app).rglob("*.py"))
        for line in path.read_text().splitlines()
        if "select_for_update(" in line and "select_for_update(no_key=True" not in line
    ]
    assert whole == [
        *["members/services/erase.py: User.objects"] * 2,
        "fileshare/wagtail_folders.py: get_object_or_404(Collection.objects",
    ]
