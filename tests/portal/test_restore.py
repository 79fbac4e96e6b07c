"""`manage.py restore`: the whole site, or nothing and a sentence."""

from __future__ import annotations

import errno
import io
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tarfile
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from django.conf import settings as site_settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.db import DatabaseError, connection

from fileshare.models import DocumentVersion
from members.models import AccessRecord, User
from portal.ops import archive, restore, tables
from tests.factories import make_paper, minimal_pdf
from tests.portal.moving import back_up, emptied, everything, files, members_of, nothing_here, run

ROOT = Path(__file__).resolve().parents[2]


# --- What is wrong with the archive -------------------------------------------------------------------------------
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
    start, size = [place for name, place in members_of(data).items() if name.startswith(part)][-1]
    middle = start + size // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def _without(data: bytes, part: str) -> bytes:
    """Without the first member whose name begins like this."""
    start, size = next(place for name, place in members_of(data).items() if name.startswith(part))
    return data[: start - 512] + data[start + -(-size // 512) * 512 :]


def _spoilt(data: bytes) -> dict[str, tuple[bytes, str]]:
    """Each way to spoil an archive: what it becomes, and how the sentence begins."""
    members = members_of(data)
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
        said = run("restore", str(file), "--erased", "none")
        with subtests.test(how):
            assert said.startswith(f"! {sentence}")
            assert said.endswith((".", "then.", "there.")) or how == "rows altered"
            assert nothing_here(there)
    file.write_bytes(whole)
    assert "is restored" in run("restore", str(file), "--erased", "none")


def test_site_that_is_not_empty_is_left_as_it_is(things, place, tmp_path):
    file = back_up(tmp_path)
    there = place("there")
    rows = everything()
    people, record = User.objects.count(), AccessRecord.objects.count()
    assert run("restore", str(file), "--erased", "none") == (
        f"! This site is not empty: it has {people} accounts and {record} rows in its access record. Restore into a "
        "new database, after “manage.py migrate”."
    )
    assert everything() == rows
    assert files(there) == {}


@pytest.mark.parametrize(("arguments", "sentence"), [
    (["nowhere.tar", "--erased", "none"], "! nowhere.tar cannot be read: No such file or directory."),
    ([".", "--erased", "none"], "! . cannot be read: Is a directory."),
    ([__file__],
     ("! No list of erased people is named, and there is none in DATA_DIR: name the newest with “--erased LIST”, "
      "or say “--erased none” where nobody was ever erased.")),
    ([__file__, "--erased", "nowhere.jsonl"], "! There is no file nowhere.jsonl."),
    ([__file__, "--erased", __file__], "! Line 1 of test_restore.py cannot be understood."),
])  # fmt: skip
def test_file_that_cannot_be_read_is_named(place, arguments, sentence):
    assert run("restore", *arguments) == sentence


def test_cache_that_does_not_answer_is_told_of_before_anything_is_done(place, monkeypatch):
    def away(key: str):
        raise DatabaseError("no such table: cache")

    monkeypatch.setattr(restore, "cache", SimpleNamespace(get=away))
    assert run("restore", __file__, "--erased", "none") == (
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
        said = run("restore", str(file), "--erased", "none")
    assert said.startswith("! The file ")
    assert said.endswith(" cannot be stored: [Errno 28] No space left on device")
    assert nothing_here(there)
    assert "is restored" in run("restore", str(file), "--erased", "none")


def test_files_of_a_restore_that_was_broken_off_are_taken_over_or_replaced(things, place, tmp_path):
    file, whole = back_up(tmp_path), files(Path(site_settings.DATA_DIR))
    first, second = (version.file.name for version in things.paper.versions.order_by("number"))
    emptied()
    there = place("there")
    default_storage.save(first, ContentFile(minimal_pdf("First")))
    default_storage.save(second, ContentFile(minimal_pdf("Second")[:100]))
    assert "is restored" in run("restore", str(file), "--erased", "none")
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
        assert (
            run("restore", str(file), "--erased", "none")
            == "! Somebody else is writing to this site: stop its processes first."
        )


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

    killed = manage("restore", "-", "--erased", "none", stdin=subprocess.PIPE)
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
        assert manage("restore", "-", "--erased", "none", stdin=source).wait() == 0
    with (tmp_path / "again.tar").open("wb") as out:
        assert manage("backup", "-", stdout=out, stderr=subprocess.DEVNULL).wait() == 0
    again = _sums((tmp_path / "again.tar").read_bytes())
    assert again == _sums(whole)
    assert any(name.startswith("files/public/") for name in again)


def _sums(data: bytes) -> dict[str, str]:
    start, size = members_of(data)["SHA256SUMS"]
    lines = (line.split("  ") for line in data[start : start + size].decode().splitlines())
    return {name: sha256 for sha256, name in lines if name != "gatehouse.json"}
