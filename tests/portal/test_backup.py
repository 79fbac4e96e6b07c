"""`manage.py backup` and `restore`: the same site elsewhere, or nothing and a sentence."""

from __future__ import annotations

import datetime
import errno
import hashlib
import io
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tarfile
import threading
import time
from contextlib import closing, nullcontext
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from django.conf import settings as site_settings
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.management import CommandError, call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.tasks import delete_file_from_storage_task

from fileshare.models import Derivation, DocumentVersion, SharedDocument
from fileshare.services import derive
from fileshare.tasks import derive_version, inspect_version
from members.models import AccessRecord, ErasedPerson, User
from members.services import erase, erased_list
from portal import freshness
from portal.models import Picture
from portal.ops import archive, heartbeat, restore, stored, tables
from tests.factories import add_version, make_folder, make_member, make_paper, make_post, minimal_pdf
from tests.fileshare.files import picture

ROOT = Path(__file__).resolve().parents[2]
FORTNIGHT = datetime.timedelta(days=15)


@pytest.fixture
def place(tmp_path, settings, monkeypatch, db):
    """Stores and a DATA_DIR of the test's own, and one transaction around everything, which its end takes back."""
    monkeypatch.setattr(tables, "one_moment", nullcontext)

    def move(name: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        settings.DATA_DIR = folder
        settings.STORAGES = {
            **settings.STORAGES,
            "default": {**settings.STORAGES["default"], "OPTIONS": {"location": str(folder / "private")}},
            "public": {**settings.STORAGES["public"], "OPTIONS": {"location": str(folder / "public")}},
        }
        monkeypatch.setattr(Picture._meta.get_field("file"), "storage", storages["public"])
        return folder

    move("here")
    yield move
    ContentType.objects.clear_cache()


@pytest.fixture
def things(place):
    """Some of everything: papers with former versions and a preview, a post, a picture, people, rows of the record."""
    folder = make_folder("Kept")
    paper = make_paper("Two versions", content=minimal_pdf("First"), collection=folder)
    add_version(paper, minimal_pdf("Second"))
    drawn = make_paper("Drawn", content=picture("PNG"), file_name="a.png", collection=folder)
    derive.derive(version_id=drawn.current_version.pk)
    make_post("Zephyr blows", slug="zephyr-blows", tags=["wind"])
    Picture.objects.create(title="Public", file=ContentFile(picture("PNG"), name="public.png"))
    member = make_member("pat@example.org")
    make_paper("Gone again", collection=folder).delete()
    return SimpleNamespace(paper=paper, drawn=drawn, member=member)


def everything() -> dict[str, list]:
    """Each row of each table, JSON as what it says."""
    found = {}
    for table in tables.tables():
        places = [n for n, field in enumerate(table.fields) if field.get_internal_type() == "JSONField"]
        rows = list(table.rows())
        for row in rows:
            for number in places:
                row[number] = json.loads(row[number]) if row[number] else row[number]
        found[table.name] = rows
    return found


def files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for part in ("private", "public")
        for path in (folder / part).rglob("*")
        if path.is_file()
    }


def run(*arguments) -> str:
    """What the command said, or the sentence with which it ended."""
    out = io.StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=out)
    except CommandError as error:
        return f"! {error}"
    return out.getvalue()


def back_up(tmp_path: Path) -> Path:
    file = tmp_path / "site.tar"
    assert run("backup", str(file)).startswith("The backup has ")
    return file


def emptied() -> None:
    """As a new site is, but for what `migrate` would put into it. It counts from 1."""
    tables.clear()
    ContentType.objects.clear_cache()
    models = [table.model for table in tables.tables()]
    with connection.cursor() as cursor:
        sqlite = ["DELETE FROM sqlite_sequence"]
        for sql in sqlite if connection.vendor == "sqlite" else connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(sql)


def nothing_here(folder: Path) -> bool:
    return not User.objects.exists() and not AccessRecord.objects.exists() and files(folder) == {}


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
        said = run("restore", str(file))
    assert "is restored" in said
    assert cache.get(freshness.KEY) not in (known, None)  # each process lets go of the pages that it keeps
    assert everything() == rows
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
    run("restore", str(file))
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
    run("restore", str(file))
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
    file = tmp_path / "site.tar"
    assert run("backup", str(file)) == (
        f"! The backup is whole, but the site is not: 1 files are lost ({first}) and 1 files are damaged ({second}). "
        "“manage.py orphans” names their papers."
    )
    emptied()
    there = place("there")
    assert "is restored" in run("restore", str(file))
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
    run("restore", str(tmp_path / "site.tar"))
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
def test_disk_that_is_full_ends_the_backup_with_a_sentence_and_the_former_one_stays(things, tmp_path):
    file = back_up(tmp_path)
    before = file.read_bytes()
    (tmp_path / "site.tar.partial").symlink_to("/dev/full")
    assert run("backup", str(file)) == "! The backup cannot be written: No space left on device."
    assert file.read_bytes() == before


def test_backup_is_not_put_where_the_web_server_hands_it_out(place, settings, tmp_path):
    settings.PUBLIC_ROOT = tmp_path / "public"
    file = tmp_path / "public" / "site.tar"
    assert run("backup", str(file)) == (f"! {file} would be handed out by the web server: choose another folder.")


# --- What is wrong with the archive -------------------------------------------------------------------------------
def _members(data: bytes) -> dict[str, tuple[int, int]]:
    with tarfile.open(fileobj=io.BytesIO(data)) as opened:
        return {member.name: (member.offset_data, member.size) for member in opened}


def _rewritten(data: bytes, also: str = "", **facts) -> bytes:
    """The archive with other facts at its beginning, with one more member, and with right sums."""
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(data)) as opened, archive.Writer(out) as writer:
        for member in opened:
            content = opened.extractfile(member).read()
            if member.name == "gatehouse.json":
                content = json.dumps({**json.loads(content), **facts}).encode()
            if member.name == "end.json":
                if also:
                    writer.put_bytes(also, b"more")
                writer.finish({name: value for name, value in json.loads(content).items() if name != "sums"})
            elif member.name != "SHA256SUMS":
                writer.put_bytes(member.name, content)
    return out.getvalue()


def _altered(data: bytes, part: str) -> bytes:
    """One byte in the middle of the last member whose name begins like this."""
    start, size = [place for name, place in _members(data).items() if name.startswith(part)][-1]
    middle = start + size // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def _without(data: bytes, part: str) -> bytes:
    """Without the first member whose name begins like this."""
    start, size = next(place for name, place in _members(data).items() if name.startswith(part))
    return data[: start - 512] + data[start + -(-size // 512) * 512 :]


def _spoilt(data: bytes) -> dict[str, tuple[bytes, str]]:
    """Each way to spoil an archive: what it becomes, and how the sentence begins."""
    members = _members(data)
    rows, file = ([place for name, place in members.items() if name.startswith(part)][-1] for part in ("rows", "files"))
    end = members["end.json"][0]
    head = json.loads(data[members["gatehouse.json"][0] :][: members["gatehouse.json"][1]])
    newer = {**head["schema"], "members": ["0999_from_the_future"]}
    older = {name: leaves for name, leaves in head["schema"].items() if name != "members"}
    cut, altered = "The backup is cut off", "The backup was altered"
    newer_version, older_version = (
        f"The backup was made by {which} version of Gatehouse" for which in ("a newer", "an older")
    )
    return {
        "empty": (b"", "This is no backup"),
        "another file": (minimal_pdf(), "This is no backup"),
        "zeros": (bytes(4096), "This is no backup"),
        "cut in the head": (data[:700], cut),
        "cut in rows": (data[: rows[0] + 5], cut),
        "cut in a file": (data[: file[0] + 5], cut),
        "cut between files": (data[: file[0] - 512], cut),
        "cut before the end": (data[: end - 512], cut),
        "cut in the end": (data[: end + 2], cut),
        "head altered": (data.replace(b'"made_at": "2', b'"made_at": "1', 1), f"{altered}: “gatehouse.json” is not"),
        "rows altered": (_altered(data, "rows/members_accessrecord"), ""),
        "file altered": (_altered(data, "files/private/papers"), f"{altered}: “files/private/papers/"),
        "sums altered": (_altered(data, "SHA256SUMS"), altered),
        "rows taken out": (_without(data, "rows/members_user/"), altered),
        "file taken out": (_without(data, "files/private/papers"), altered),
        "newer form": (_rewritten(data, format=2), newer_version),
        "newer schema": (_rewritten(data, schema=newer), f"{newer_version}, which has the migration members 0999"),
        "older schema": (_rewritten(data, schema=older), f"{older_version}, without the migration members "),
        "rows of another table": (_rewritten(data, "rows/auth_nothing/000001.jsonl"), altered),
        "file outside of the store": (_rewritten(data, "files/private/../../outside"), altered),
        "file of no store": (_rewritten(data, "files/static/one"), altered),
        "one file more": (_rewritten(data, "files/private/papers/one"), altered),
        "other columns": (_rewritten(data, tables={**head["tables"], "members_user": ["id"]}), "The backup has other"),
    }  # fmt: skip


def test_spoilt_archive_changes_nothing_and_says_why(things, place, tmp_path, subtests):
    whole = back_up(tmp_path).read_bytes()
    emptied()
    there = place("there")
    file = tmp_path / "spoilt.tar"
    for how, (data, sentence) in _spoilt(whole).items():
        file.write_bytes(data)
        said = run("restore", str(file))
        with subtests.test(how):
            assert said.startswith(f"! {sentence}")
            assert said.endswith((".", "then.", "there.")) or how == "rows altered"
            assert nothing_here(there)
    file.write_bytes(whole)
    assert "is restored" in run("restore", str(file))


def test_site_that_is_not_empty_is_left_as_it_is(things, place, tmp_path):
    file = back_up(tmp_path)
    there = place("there")
    rows = everything()
    people, record = User.objects.count(), AccessRecord.objects.count()
    assert run("restore", str(file)) == (
        f"! This site is not empty: it has {people} accounts and {record} rows in its access record. Restore into a "
        "new database, after “manage.py migrate”."
    )
    assert everything() == rows
    assert files(there) == {}


@pytest.mark.parametrize(("arguments", "sentence"), [
    (["nowhere.tar"], "! nowhere.tar cannot be read: No such file or directory."),
    (["."], "! . cannot be read: Is a directory."),
    ([__file__, "--erased", "nowhere.jsonl"], "! There is no file nowhere.jsonl."),
    ([__file__, "--erased", __file__], "! Line 1 of test_backup.py cannot be understood."),
])  # fmt: skip
def test_file_that_cannot_be_read_is_named(place, arguments, sentence):
    assert run("restore", *arguments) == sentence


def test_cache_that_does_not_answer_is_told_of_before_anything_is_done(place, monkeypatch):
    def away(key: str):
        raise DatabaseError("no such table: cache")

    monkeypatch.setattr(restore, "cache", SimpleNamespace(get=away))
    assert run("restore", __file__) == (
        "! The cache does not answer. Is it there, and was “manage.py createcachetable” run?"
    )


def test_store_that_is_full_leaves_nothing_behind(things, place, tmp_path, monkeypatch):
    file = back_up(tmp_path)
    emptied()
    there = place("there")
    save, saved = type(storages["default"]).save, []

    def full(self, name: str, *rest):
        if len(saved) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        saved.append(name)
        return save(self, name, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(type(storages["default"]), "save", full)
        said = run("restore", str(file))
    assert said.startswith("! The file ")
    assert said.endswith(" cannot be stored: [Errno 28] No space left on device")
    assert nothing_here(there)
    assert "is restored" in run("restore", str(file))


def test_files_of_a_restore_that_was_broken_off_are_taken_over_or_replaced(things, place, tmp_path):
    file, whole = back_up(tmp_path), files(Path(site_settings.DATA_DIR))
    first, second = (version.file.name for version in things.paper.versions.order_by("number"))
    emptied()
    there = place("there")
    default_storage.save(first, ContentFile(minimal_pdf("First")))
    default_storage.save(second, ContentFile(minimal_pdf("Second")[:100]))
    assert "is restored" in run("restore", str(file))
    assert files(there).items() <= whole.items()
    assert DocumentVersion.objects.get(file=first).sha256 == whole[f"private/{first}"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one lock: run on PostgreSQL")
def test_site_at_work_is_not_restored_into(place, tmp_path, monkeypatch):
    file = back_up(tmp_path)
    monkeypatch.setattr(tables, "WAIT_FOR_LOCKS", "50ms")
    facts = connection.get_connection_params()
    address = {name: facts[name] for name in ("dbname", "user", "password", "host", "port") if name in facts}
    with psycopg.connect(**address) as other:
        other.execute("LOCK TABLE members_user IN ROW EXCLUSIVE MODE")
        assert run("restore", str(file)) == "! Somebody else is writing to this site: stop its processes first."


# --- A machine of its own -----------------------------------------------------------------------------------------
@pytest.mark.skipif(connection.vendor != "sqlite", reason="copies the database's file: run on SQLite")
def test_restore_that_is_killed_leaves_an_empty_site_which_a_second_one_fills(things, tmp_path):
    """Over pipes, in processes of their own; the two sites' archives are the same but for their moment."""
    noise = random.Random(1).randbytes(1_500_000).hex()  # noqa: S311 -- more than one reading of the pipe takes
    make_paper("Large", content=noise.encode(), file_name="large.txt")
    file = back_up(tmp_path)
    data = tmp_path / "elsewhere"
    data.mkdir()
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as empty:
        empty.execute("VACUUM INTO ?", [str(data / "db.sqlite3")])
    kept = ("PATH", "HOME", "LANG", "TZ")
    environment = {name: os.environ[name] for name in kept if name in os.environ} | {
        "DJANGO_SETTINGS_MODULE": "portal.settings.dev",
        "DATA_DIR": str(data),
    }
    whole = file.read_bytes()

    def manage(*arguments: str, **options) -> subprocess.Popen:
        return subprocess.Popen([sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, **options)

    killed = manage("restore", "-", stdin=subprocess.PIPE)
    killed.stdin.write(whole[:-1_000_000])
    killed.stdin.flush()
    for _ in range(1200):
        if files(data):
            break
        time.sleep(0.05)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    killed.stdin.close()
    assert files(data)
    with closing(sqlite3.connect(data / "db.sqlite3")) as left:
        assert left.execute("SELECT count(*) FROM members_user").fetchone() == (0,)
    with file.open("rb") as source:
        assert manage("restore", "-", stdin=source).wait() == 0
    with (tmp_path / "again.tar").open("wb") as out:
        assert manage("backup", "-", stdout=out, stderr=subprocess.DEVNULL).wait() == 0
    again = _sums((tmp_path / "again.tar").read_bytes())
    assert again == _sums(whole)
    assert any(name.startswith("files/public/") for name in again)


def _sums(data: bytes) -> dict[str, str]:
    start, size = _members(data)["SHA256SUMS"]
    lines = (line.split("  ") for line in data[start : start + size].decode().splitlines())
    return {name: sha256 for sha256, name in lines if name != "gatehouse.json"}
