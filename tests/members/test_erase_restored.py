"""A restored copy of the database does not bring back who was erased."""

from __future__ import annotations

import json

import pytest
from allauth.account.models import EmailAddress
from django.core import serializers
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from members.enums import Decision
from members.models import (
    AccessRecord,
    ErasedPerson,
    Membership,
    User,
)
from members.services import erase, erased_list
from portal.ops import due
from tests.factories import make_member
from tests.members import leaving
from tests.members.leaving import (
    ADDRESS,
    FORTNIGHT,
    after_the_fortnight,
    leave,
)

pytestmark = pytest.mark.django_db
list_of_its_own = leaving.list_of_its_own
pat = leaving.pat


def old_copy(user):
    """What a backup of an earlier day holds of the person, and how to bring it back."""
    membership = Membership.objects.get(user=user)
    rows = [user, membership, *EmailAddress.objects.filter(user=user)]
    kept = serializers.serialize("json", rows)

    def restore():
        ErasedPerson.objects.all().delete()
        for each in serializers.deserialize("json", kept):
            each.save()

    return restore


@pytest.mark.parametrize("by", ["command", "timer"])
def test_restore_does_not_bring_the_person_back(pat, signed_in, by, capsys):
    make_member("other@example.org")
    restore = old_copy(pat)
    leave(signed_in(pat))
    after_the_fortnight()
    restore()
    assert User.objects.filter(email=ADDRESS).exists()
    if by == "command":
        call_command("erase_again")
        assert "1 people are on the list; 1 of them were there again" in capsys.readouterr().out
    else:
        call_command("run_due")
    assert not User.objects.filter(email=ADDRESS).exists()
    assert not EmailAddress.objects.filter(email=ADDRESS).exists()
    assert User.objects.filter(email="other@example.org").exists()
    assert ErasedPerson.objects.get().number == pat.pk
    assert AccessRecord.objects.filter(action="person_erased").count() == 2
    call_command("erase_again")
    assert AccessRecord.objects.filter(action="person_erased").count() == 2


@pytest.mark.skipif(connection.vendor != "sqlite", reason="copies the database's file")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_old_copy_of_the_whole_database_does_not_bring_the_person_back(pat, signed_in, tmp_path):
    import sqlite3

    with sqlite3.connect(tmp_path / "backup.sqlite3") as backup:
        connection.connection.backup(backup)
        leave(signed_in(pat))
        after_the_fortnight()
        assert not User.objects.filter(email=ADDRESS).exists()
        backup.backup(connection.connection)
    backup.close()
    assert User.objects.filter(email=ADDRESS).exists()
    call_command("erase_again")
    assert not User.objects.filter(email=ADDRESS).exists()
    assert ErasedPerson.objects.get().mark == erased_list.read()[0].mark


def test_somebody_else_under_the_same_number_is_not_erased(pat, signed_in):
    leave(signed_in(pat))
    after_the_fortnight()
    ErasedPerson.objects.all().delete()
    another = User(pk=erased_list.read()[0].number, email=ADDRESS, date_joined=timezone.now() + FORTNIGHT)
    another.save()
    call_command("erase_again")
    assert User.objects.filter(pk=another.pk).exists()


def test_list_of_a_former_machine_is_applied_and_kept(pat, signed_in, tmp_path, settings):
    restore = old_copy(pat)
    leave(signed_in(pat))
    after_the_fortnight()
    restore()
    former = erased_list.path().rename(tmp_path / "former.jsonl")
    with pytest.raises(CommandError, match="There is no file"):
        call_command("erase_again")
    call_command("erase_again", str(former))
    assert not User.objects.filter(email=ADDRESS).exists()
    assert erased_list.path().read_text() == former.read_text()
    assert erased_list.path().stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"number": 1}',
        '{"number": "1", "mark": 2, "member_number": null, "keeps_name": true, "erased_at": ""}',
    ],
)
def test_list_that_cannot_be_understood_stops_with_the_line(tmp_path, line):
    (tmp_path / "list").write_text(f"{line}\n")
    with pytest.raises(CommandError, match="Line 1 of list cannot be understood"):
        call_command("erase_again", str(tmp_path / "list"))


def test_list_that_was_lost_is_written_again_from_the_database(pat, signed_in):
    leave(signed_in(pat))
    after_the_fortnight()
    line = erased_list.path().read_text()
    assert json.loads(line)["number"] == ErasedPerson.objects.get().number
    erased_list.path().unlink()
    call_command("run_due")
    assert erased_list.path().read_text() == line


def test_leaving_twice_and_coming_back_from_nowhere_are_refused(pat):
    erase.leave(user=pat, by=pat, keeps_name=False)
    with pytest.raises(ValidationError, match="asked for already"):
        erase.leave(user=pat, by=pat, keeps_name=True)
    erase.come_back(user=pat)
    with pytest.raises(ValidationError, match="You are not leaving"):
        erase.come_back(user=pat)


def test_a_leaving_member_is_nowhere_a_current_one(pat):
    assert Membership.objects.current().filter(user=pat).exists()
    User.objects.filter(pk=pat.pk).update(leaves_at=timezone.now() + FORTNIGHT)
    assert not Membership.objects.current().filter(user=pat).exists()
    assert Membership.objects.with_standing().get(user=pat).standing == "leaving"
    assert Membership.objects.get(user=pat).decision == Decision.APPROVED
    assert due.JOBS.index(erase.apply_list_after_restore) < due.JOBS.index(erase.erase_due)
