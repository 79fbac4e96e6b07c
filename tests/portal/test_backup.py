"""`manage.py backup` and `restore`: the same site elsewhere."""

from __future__ import annotations

import datetime
import errno
import fcntl
import hashlib
import json
import os
import pwd
import tarfile
import tempfile
import threading
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.files.storage import default_storage, storages
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.tasks import delete_file_from_storage_task

from fileshare.models import Derivation, DocumentVersion, SharedDocument
from fileshare.tasks import derive_version, inspect_version
from members.models import AccessRecord, ErasedPerson, User
from members.services import erase, erased_list
from portal import freshness
from portal.ops import backup, heartbeat, stored, tables
from tests.factories import make_folder, make_member, make_paper, minimal_pdf
from tests.portal.moving import back_up, emptied, everything, files, nothing_here, run

FORTNIGHT = datetime.timedelta(days=15)


# --- The way out and in -------------------------------------------------------------------------------------------
def test_site_is_the_same_elsewhere(things, place, tmp_path, signed_in, client, django_capture_on_commit_callbacks):
    here = Path(site_settings.DATA_DIR)
    rows, bytes_before, given = everything(), files(here), tables.numbers_given()
    file = back_up(tmp_path)
    emptied()
    there = place("there")
    assert nothing_here(there)
    known = cache.get(freshness.KEY)
    connection.run_on_commit.clear()  # of what the making of the things has announced
    with django_capture_on_commit_callbacks(execute=True):
        said = run("restore", str(file), "--erased", "none")
    assert "is restored" in said
    assert cache.get(freshness.KEY) not in (known, None)  # each process lets go of the pages that it keeps
    assert everything() == rows
    assert run("verify_audit").startswith(f"All {len(rows['members_accessrecord'])} rows are what was written.")
    gone = set(bytes_before) - set(files(there))
    assert files(there).items() <= bytes_before.items()
    assert {path.split("/")[1] for path in gone} == {"papers"}  # the paper that was deleted: its file is on its way out
    assert len(gone) == 1
    assert {name: tables.numbers_given()[name] for name in given} == given
    answer = signed_in(User.objects.get(email="pat@example.org")).get(things.paper.download_url)
    assert b"".join(answer.streaming_content) == minimal_pdf("Second")
    assert "Zephyr" in client.get("/search/?q=zephyr").content.decode()
    note = json.loads((here / "last_backup.json").read_text())
    assert note["bytes"] == file.stat().st_size
    assert abs(datetime.datetime.fromisoformat(note["made_at"]) - timezone.now()) < datetime.timedelta(minutes=5)
    assert file.stat().st_mode & 0o077 == 0
    assert [each.name for each in tmp_path.glob("site*")] == ["site.tar"]


def test_number_of_what_was_deleted_is_not_given_again(things, place, tmp_path):
    highest = tables.numbers_given()["fileshare_shareddocument"]
    assert not SharedDocument.objects.filter(pk=highest).exists()
    file = back_up(tmp_path)
    emptied()
    place("there")
    run("restore", str(file), "--erased", "none")
    assert make_paper("Next").pk == highest + 1


def test_rows_are_written_the_same_way_by_each_database(place):
    """What SQLite writes PostgreSQL reads, and the other way round."""
    paper = make_paper("Facts", collection=make_folder("Folder"))
    version = paper.versions.get()
    AccessRecord(action="opened", object_kind="x", details={"a": "é"}).save()
    moment = datetime.datetime(2026, 3, 1, 12, 30, 0, 250000, tzinfo=datetime.UTC)
    DocumentVersion.objects.filter(pk=version.pk).update(created_at=moment)
    (row,) = tables.Table(DocumentVersion).rows()
    written = dict(zip(tables.Table(DocumentVersion).columns, row, strict=True))
    assert {name: written[name] for name in ("created_at", "token", "asks_again", "destroyed_at", "size")} == {
        "created_at": "2026-03-01T12:30:00.250000+00:00",
        "token": str(version.token),
        "asks_again": False,
        "destroyed_at": None,
        "size": version.size,
    }
    *_, last = tables.Table(AccessRecord).rows()
    assert json.loads(last[tables.Table(AccessRecord).columns.index("details")]) == {"a": "é"}


def test_archive_is_a_tar_whose_sums_any_machine_can_check(things, tmp_path):
    file = back_up(tmp_path)
    with tarfile.open(file) as opened:
        found = {member.name: opened.extractfile(member).read() for member in opened}
    names = list(found)
    assert (names[0], names[-2:]) == ("gatehouse.json", ["SHA256SUMS", "end.json"])
    sums = "".join(f"{hashlib.sha256(found[name]).hexdigest()}  {name}\n" for name in names[:-2])
    assert found["SHA256SUMS"].decode() == sums
    assert f"files/private/{things.paper.versions.get(number=1).file.name}" in names


def test_work_that_waits_comes_along_and_sessions_and_deletions_do_not(place, tmp_path):
    make_member("pat@example.org")
    Session.objects.create(session_key="x", session_data="y", expire_date=timezone.now() + FORTNIGHT)
    DBTaskResult.objects.all().delete()
    waits, runs, failed, done, beats = (
        task.enqueue(*arguments).id
        for task, *arguments in (
            (inspect_version, 1), (inspect_version, 2), (derive_version, 3), (derive_version, 4), (heartbeat.beat,),
        )
    )  # fmt: skip
    delete_file_from_storage_task.enqueue(default_storage.deconstruct(), "papers/aa/bb")
    for key, status in ((runs, "RUNNING"), (failed, "FAILED"), (done, "SUCCESSFUL")):
        DBTaskResult.objects.filter(pk=key).update(status=status, started_at=timezone.now())
    file = back_up(tmp_path)
    emptied()
    place("there")
    run("restore", str(file), "--erased", "none")
    found = {str(task.pk): task.status for task in DBTaskResult.objects.all()}
    assert found == {waits: "READY", runs: "READY", failed: "FAILED"}
    assert beats not in found
    assert not Session.objects.exists()


def test_erased_people_stay_erased_and_nobody_gets_their_number(things, place, tmp_path):
    file = back_up(tmp_path)
    later = make_member("later@example.org")
    for person in (things.member, later):
        User.objects.filter(pk=person.pk).update(leaves_at=timezone.now())
        erase.erase(user_id=person.pk)
    erased_list.keep()
    newest = erased_list.path().rename(tmp_path / "newest.jsonl")
    emptied()
    place("there")
    said = run("restore", str(file), "--erased", str(newest))
    assert said.endswith("1 people who had been erased since are gone again.\n")
    assert not User.objects.filter(email="pat@example.org").exists()
    assert set(ErasedPerson.objects.values_list("number", flat=True)) == {things.member.pk, later.pk}
    assert erased_list.path().read_text() == newest.read_text()
    assert make_member().pk > later.pk
    assert run("verify_audit").startswith("All ")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_backup_is_of_one_moment_and_keeps_nobody_waiting(tmp_path):
    make_member("before@example.org")
    rows = []

    def write() -> None:
        with closing(connection):
            User.objects.create(email="meanwhile@example.org")

    with tables.one_moment():
        first = User.objects.count()
        writer = threading.Thread(target=write)
        writer.start()
        writer.join(15)
        assert not writer.is_alive()
        rows = list(tables.Table(User).rows())
    assert len(rows) == first
    assert User.objects.count() == first + 1


# --- What is wrong with the site ----------------------------------------------------------------------------------
def test_files_that_are_lost_or_damaged_are_named_and_the_rest_is_kept(things, place, tmp_path):
    first, second = (version.file.name for version in things.paper.versions.order_by("number"))
    default_storage.delete(first)
    Path(default_storage.path(second)).write_bytes(b"another")
    file, kept = tmp_path / "site.tar", tmp_path / "site.tar.incomplete"
    file.write_bytes(b"the former one")
    assert run("backup", str(file)) == (
        f"! The backup is kept as {kept}, and the former one stays, but the site is not whole: 1 files are lost "
        f"({first}) and 1 files are damaged ({second}). “manage.py orphans” names their papers."
    )
    assert file.read_bytes() == b"the former one"
    assert not (Path(site_settings.DATA_DIR) / "last_backup.json").exists()
    emptied()
    there = place("there")
    assert "is restored" in run("restore", str(kept), "--erased", "none")
    assert (there / "private" / second).read_bytes() == b"another"


def test_file_that_the_site_lets_go_of_meanwhile_is_destroyed_after_a_restore(
    things, place, tmp_path, monkeypatch, signed_in
):
    version = things.paper.versions.get(number=2)
    key = version.file.name
    small = things.drawn.current_version.derivation.small.name
    opened = stored.opened

    def deleted_first(named: stored.Named):
        """As the running site does between the moment of the rows and their files."""
        if named.key in (key, small):
            default_storage.delete(named.key)
            DocumentVersion.objects.filter(file=key).update(destroyed_at=timezone.now())
            Derivation.objects.filter(small=small).update(small="", large="", width=None, height=None)
        return opened(named)

    monkeypatch.setattr(stored, "opened", deleted_first)
    said = run("backup", str(tmp_path / "site.tar"))
    assert "2 files went while it was made" in said
    emptied()
    place("there")
    run("restore", str(tmp_path / "site.tar"), "--erased", "none")
    restored = DocumentVersion.objects.get(pk=version.pk)
    assert (restored.file.name, restored.destroyed_at is None) == ("", False)
    assert signed_in(User.objects.get(email="pat@example.org")).get(things.paper.download_url).status_code == 410
    assert not DocumentVersion.objects.get(document=things.drawn).derivation.has_preview


def test_store_that_is_away_ends_the_backup_and_leaves_nothing(things, tmp_path, monkeypatch):
    def away(self, name: str, start: int, length: int):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(type(storages["default"]), "read_range", away)
    said = run("backup", str(tmp_path / "site.tar"))
    assert said.startswith("! The file ")
    assert said.endswith("cannot be read: [Errno 5] Input/output error")
    assert list(tmp_path.glob("site*")) == []
    assert not (Path(site_settings.DATA_DIR) / "last_backup.json").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_disk_that_is_full_ends_the_backup_with_a_sentence_and_the_former_one_stays(things, tmp_path, monkeypatch):
    file = back_up(tmp_path)
    before = file.read_bytes()
    full = tmp_path / "site.tar.full"
    full.symlink_to("/dev/full")
    monkeypatch.setattr(tempfile, "mkstemp", lambda **_: (os.open(full, os.O_WRONLY), str(full)))
    assert run("backup", str(file)) == "! The backup cannot be written: No space left on device."
    assert file.read_bytes() == before
    assert not full.is_symlink()


def test_two_backups_to_one_name_are_both_whole_and_no_planted_link_is_followed(things, place, tmp_path, monkeypatch):
    file, planted = tmp_path / "site.tar", tmp_path / "planted"
    planted.write_bytes(b"somebody's")
    (tmp_path / "site.tar.partial").symlink_to(planted)
    make, others = backup.make, []

    def after_another(stream):
        """The second begins and ends when the first has opened its file."""
        if not others:
            others.append(None)
            others.append(run("backup", str(file)))
        return make(stream)

    monkeypatch.setattr(backup, "make", after_another)
    assert run("backup", str(file)).startswith("The backup has ")
    assert others[1].startswith("The backup has ")
    assert planted.read_bytes() == b"somebody's"
    assert sorted(each.name for each in tmp_path.glob("site*")) == ["site.tar", "site.tar.partial"]
    emptied()
    place("there")
    assert "is restored" in run("restore", str(file), "--erased", "none")


def test_halves_of_backups_that_were_killed_go_and_that_of_a_running_one_stays(things, tmp_path):
    dead, running, other = (tmp_path / f"{name}.partial" for name in ("site.tar.a", "site.tar.b", "another.tar.c"))
    for half in (dead, running, other):
        half.write_bytes(b"half")
    with running.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        run("backup", str(tmp_path / "site.tar"))
    assert {each.name for each in tmp_path.iterdir()} >= {"site.tar", running.name, other.name}
    assert not dead.exists()


@pytest.mark.parametrize("command", [["backup", "site.tar"], ["restore", "site.tar"], ["doctor"]])
def test_only_the_owner_of_the_data_works_on_it(place, tmp_path, monkeypatch, command):
    folder = Path(site_settings.DATA_DIR)
    before = list(folder.iterdir())
    owner, other = folder.stat().st_uid, 54321
    monkeypatch.setattr(os, "geteuid", lambda: other)
    name = pwd.getpwuid(owner).pw_name
    assert run(*command) == f"! {folder} belongs to the user {name}, and you are {other}: run this as its owner."
    assert list(folder.iterdir()) == before


def test_backup_is_not_put_where_the_web_server_hands_it_out(place, settings, tmp_path):
    settings.PUBLIC_ROOT = tmp_path / "public"
    file = tmp_path / "public" / "site.tar"
    assert run("backup", str(file)) == (f"! {file} would be handed out by the web server: choose another folder.")
