"""`manage.py doctor`: each thing that can be wrong is made wrong, and the sentence says what to do."""

from __future__ import annotations

import datetime
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from fileshare.enums import Inspection
from fileshare.models import DocumentVersion
from fileshare.tasks import inspect_version
from members import audit
from members.append_only import TABLES
from members.enums import Action, MailState
from members.models import AccessLink, OutgoingMail
from portal.ops import due, heads, heartbeat
from portal.ops.doctor import CHECKS, Finding, examine, inside, parts, record, work
from tests.bending import without_triggers
from tests.factories import make_administrator, make_paper

NOW = datetime.datetime.now(datetime.UTC)


def told(check: Callable[[], Iterable[Finding]]) -> list[str]:
    """What a check finds, a line each, such as “act mail: …”."""
    return [f"{each.state} {each.about}: {each.says}" for each in check()]


# --- Inside -----------------------------------------------------------------------------------------------------


@pytest.fixture
def production(settings):
    """What the settings' check looks at, as production has it."""
    settings.BASE_URL, settings.ALLOWED_HOSTS = "https://members.example.org", ["members.example.org"]
    settings.DEMO_ALLOWED = False
    settings.SECRET_KEY = "a-key-of-many-different-characters-0123456789-and-more"
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 1000
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    return settings


def test_settings_of_production_are_right(production, monkeypatch):
    monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE", raising=False)  # what the browser's tests ask for
    assert told(inside.configuration) == ["right settings: The checks for deployment have nothing to say."]


@pytest.mark.parametrize(("changes", "says"), [
    ({"DEBUG": True}, "DEBUG is on: errors show settings and data to whoever makes one. Switch it off."),
    ({"BASE_URL": "http://members.example.org"}, "BASE_URL is http://members.example.org: passwords travel in"),
    ({"DEMO_ALLOWED": True}, ("These are the demonstration's settings, with known passwords. Set SECRET_KEY, and "
     "DJANGO_SETTINGS_MODULE to portal.settings.base.")),
    ({"ALLOWED_HOSTS": ["*"]}, "ALLOWED_HOSTS has “*”: mails can be made to lead elsewhere. Name the hosts."),
    ({"ALLOWED_HOSTS": ["other.example.org"]}, "ALLOWED_HOSTS does not have members.example.org, the host"),
    ({"SESSION_COOKIE_SECURE": False}, "SESSION_COOKIE_SECURE is not set to True."),
], ids=str)  # fmt: skip
def test_setting_that_is_wrong_is_named(production, changes, says):
    for name, value in changes.items():
        setattr(production, name, value)
    assert any(line.startswith(f"act settings: {says}") for line in told(inside.configuration))


def test_group_that_must_have_a_second_factor_and_does_not_exist_is_named(db, settings):
    assert told(inside.against_the_database) == []
    settings.MFA_GROUPS = ["Bord"]
    (line,) = told(inside.against_the_database)
    assert line.startswith("act settings: MFA_GROUPS names “Bord”, and there is no group of this name.")


@pytest.fixture
def data_dir(settings) -> Iterator[Path]:
    """A folder that other users of the machine could come to."""
    with tempfile.TemporaryDirectory() as name:
        settings.DATA_DIR = folder = Path(name)
        folder.chmod(0o755)
        (folder / "private").mkdir(mode=0o700)
        yield folder


def test_folder_that_everybody_on_the_machine_can_read_is_named(data_dir, monkeypatch):
    private = "right folders: Nobody else on this machine can read papers, uploads or the database file."
    monkeypatch.setattr(inside.shutil, "disk_usage", lambda folder: type("Usage", (), {"free": 50 * 1024**3}))
    assert told(inside.folders) == [private, "right folders: 50 GB are free."]
    (data_dir / "private").chmod(0o755)
    (data_dir / "db.sqlite3").touch(0o644)
    assert told(inside.folders)[0] == (
        f"act folders: Everybody on this machine can read private, db.sqlite3 in {data_dir}. Run “chmod o-rwx "
        f"{data_dir}”, and let the web server into it by its group."
    )
    data_dir.chmod(0o750)
    assert told(inside.folders)[0] == private


def test_disk_that_is_nearly_full_and_folder_of_another_are_named(data_dir, monkeypatch):
    monkeypatch.setattr(inside.shutil, "disk_usage", lambda folder: type("Usage", (), {"free": 1024**3}))
    assert told(inside.folders)[-1] == (
        f"act folders: Only 1.0 GB are free where {data_dir} lies. Make room before uploads fail."
    )
    monkeypatch.setattr(inside.os, "geteuid", lambda: 12345)
    monkeypatch.setattr(inside.os, "access", lambda folder, mode: False)
    assert [line.rpartition(": ")[2] for line in told(inside.folders)[:2]] == [
        "run it as the site's own user.", f"{data_dir} cannot be written to. Give it to the site's own user.",
    ]  # fmt: skip


def test_migration_that_is_not_applied_is_named(db):
    assert told(inside.migrations) == ["right migrations: All migrations have been applied."]
    MigrationRecorder(connection).record_unapplied("portal", "0003_search")
    assert told(inside.migrations) == [
        "act migrations: 1 migrations have not been applied (portal.0003_search). Run “manage.py migrate”."
    ]


def test_static_files_are_looked_at_one_by_one(settings, tmp_path):
    assert told(inside.collected) == [
        "look static files: They are served from their sources, which is for demonstrations."
    ]
    source = tmp_path / "source" / "a.css"
    source.parent.mkdir()
    source.write_text("a {}")
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "portal.static_files.HashedStaticFiles"}}
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [source.parent], str(tmp_path / "collected")
    assert told(inside.collected) == [
        "act static files: They have not been collected: no page can be shown. Run “manage.py collectstatic --noinput”."
    ]
    call_command("collectstatic", "--noinput", verbosity=0)
    assert told(inside.collected) == ["right static files: They are collected, and those of this version."]
    source.write_text("b {}")
    assert told(inside.collected) == [
        (
            "act static files: 1 are of another version than the program, a.css for one. Run “manage.py collectstatic "
            "--noinput”, and start the web processes anew."
        )
    ]


# --- Work -------------------------------------------------------------------------------------------------------


def test_worker_and_timer_that_stand_still_are_named(db, monkeypatch):
    assert told(work.processes) == [
        (
            "act timer: It has not run, as far as anybody knows: nothing that is due happens. Start “manage.py run_due "
            "--every 60”."
        ),
        "act worker: None answers: no mail goes out, no file is inspected. Start “manage.py db_worker”.",
    ]
    monkeypatch.setattr(due, "JOBS", ())
    due.run_all()
    beat = heartbeat.beat.enqueue()
    moment = timezone.now()
    DBTaskResult.objects.filter(pk=beat.id).update(status="SUCCESSFUL", finished_at=moment)
    assert told(work.processes) == [
        "right timer: It has run within the last minutes.", "right worker: It has answered within the last minutes.",
    ]  # fmt: skip
    with time_machine.travel(moment + datetime.timedelta(minutes=6), tick=False):
        assert [line.partition(":")[0] for line in told(work.processes)] == ["act timer", "act worker"]
    monkeypatch.setattr(due, "JOBS", (lambda: 1 / 0,))
    due.run_all()
    assert told(work.processes)[0] == "act timer: 1 of its jobs failed in its last run. Its log says which and why."


def test_tasks_that_failed_or_wait_are_named(db):
    assert told(work.tasks) == ["right tasks: None was given up, and none waits for long."]
    failed, given_up, waiting = (inspect_version.enqueue(number).id for number in range(3))
    now = timezone.now()
    for each, tries in ((failed, 1), (given_up, 9)):
        DBTaskResult.objects.filter(pk=each).update(
            status="FAILED", finished_at=now, exception_class_path="builtins.OSError", worker_ids=["x"] * tries
        )
    assert told(work.tasks) == [
        (
            "act tasks: 1 of fileshare.tasks.inspect_version were given up, the last with builtins.OSError. In the "
            "administration, Reports → Work that failed has the rest."
        ),
        "look tasks: 1 of fileshare.tasks.inspect_version failed, the last with builtins.OSError, and are tried again.",
    ]
    DBTaskResult.objects.filter(pk=given_up).delete()
    DBTaskResult.objects.filter(pk=waiting).update(enqueued_at=now - datetime.timedelta(minutes=31))
    assert told(work.tasks)[1:] == [
        "act tasks: The oldest has waited for 31 minutes. Start more workers, or look at their log."
    ]


def test_mails_and_files_that_somebody_should_look_at_are_told(db):
    assert (told(work.mails), told(work.files)) == ([], [])
    for number, state in enumerate((MailState.REFUSED, MailState.SENDING)):
        OutgoingMail.objects.create(occasion=str(number), address="a@example.org", subject="x", state=state)
    make_paper()
    DocumentVersion.objects.update(inspection=Inspection.QUARANTINED)
    assert told(work.mails) == [
        "look mail: The mail server refused 1 mails of the last day.",
        "look mail: 1 mails are being sent, or were broken off; those are not sent again.",
    ]
    assert told(work.files) == [
        "look quarantine: 1 files are held in quarantine. Their papers' pages in the administration say why."
    ]


@pytest.mark.parametrize(("hours", "size", "says"), [
    (3, 5 * 1024**2, "right backup: The last is of DAY UTC, 5 MB."),
    (72, 5 * 1024**2, "act backup: The last is of DAY UTC, 5 MB, and 3 days old. Look at what should make them."),
    (3, 0, "act backup: The last is of DAY UTC, 0 MB: there is nothing in it. Make another one."),
    (None, 0, "act backup: None is known. Run “manage.py backup FILE” each night, and keep the files elsewhere."),
])  # fmt: skip
def test_backup_that_is_old_empty_or_missing_is_named(settings, tmp_path, hours, size, says):
    settings.DATA_DIR = tmp_path
    made_at = NOW - datetime.timedelta(hours=hours or 0)
    if hours is not None:
        (tmp_path / "last_backup.json").write_text(json.dumps({"made_at": made_at.isoformat(), "bytes": size}))
    assert told(work.last_backup) == [says.replace("DAY", f"{made_at:%-d %B %Y, %H:%M}")]


def test_administrators_are_counted(db):
    assert told(work.administrators) == ["act administrators: There is none. Run “manage.py createsuperuser”."]
    make_administrator()
    assert told(work.administrators)[0].startswith("look administrators: There is one alone.")
    make_administrator(is_active=False)
    assert told(work.administrators)[0].startswith("look administrators: There is one alone.")
    make_administrator()
    assert told(work.administrators) == ["right administrators: There are 2."]


def test_record_that_nothing_holds_is_named(db):
    could = "DELETE, TRIGGER, TRUNCATE, UPDATE" if connection.vendor == "postgresql" else "do everything"
    (found,) = told(record.held)
    assert found == (
        "look access record: The database refuses changes by triggers. Its role for this site could still take them "
        f"away: it may {could} on these tables. docs/operator.md has a role that cannot."
    )
    with connection.cursor() as cursor:
        for statement in without_triggers():
            cursor.execute(statement)
    (found,) = told(record.held)
    assert found.startswith("act access record: The database lets rows be changed: it lacks members_accesslink_keeps, ")
    assert found.endswith(
        "Run “manage.py migrate members 0001” and “manage.py migrate”, and then “manage.py verify_audit”."
    )


def test_heads_that_are_kept_nowhere_or_are_late_are_named(db, settings, tmp_path):
    (alone,) = told(record.heads)
    assert alone.startswith(
        "look record's heads: They are kept in the database alone: whoever has that can cut rows off"
    )
    settings.RECORD_HEADS = [f"{settings.DATA_DIR}/heads"]
    (inside,) = told(record.heads)
    assert inside.startswith(f"look record's heads: {settings.DATA_DIR}/heads lies in DATA_DIR: ")
    settings.RECORD_HEADS = [str(tmp_path)]
    fine = (
        "right record's heads: All rows but those of the last hours are signed for, and the heads are kept elsewhere."
    )
    assert told(record.heads) == [fine]
    audit.record(Action.OPENED, actor=None)
    connection.check_constraints()
    assert told(record.heads) == [fine]
    with time_machine.travel(timezone.now() + datetime.timedelta(hours=3), tick=False):
        (late,) = told(record.heads)
        assert late.startswith("act record's heads: Row 1 of 20")
        settings.RECORD_HEADS = [str(tmp_path / "away")]
        with pytest.raises(OSError, match="away"):
            heads.sign()
        assert told(record.heads) == [fine]
    with time_machine.travel(timezone.now() + datetime.timedelta(hours=6), tick=False):
        (late,) = told(record.heads)
        assert late == (
            f"act record's heads: They could not be left in {tmp_path}/away for two hours. "
            "Look at the timer's log and RECORD_HEADS."
        )
        (tmp_path / "away").mkdir()
        heads.sign()
        assert told(record.heads) == [fine]


def test_role_that_may_only_add_rows_is_right(db):
    """As docs/operator.md has an operator make it."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no roles.")
    with connection.cursor() as cursor:
        cursor.execute(f"REVOKE ALL ON {', '.join(TABLES)} FROM CURRENT_USER")
        cursor.execute(f"GRANT SELECT, INSERT ON {', '.join(TABLES)} TO CURRENT_USER")
    assert told(record.held) == [
        "right access record: The database refuses changes by triggers, and this role may only add rows."
    ]
    audit.record(Action.OPENED, actor=None)
    connection.check_constraints()
    assert AccessLink.objects.count() == 1


# --- The command ------------------------------------------------------------------------------------------------


AWAY = "It cannot be looked at: DatabaseError: no answer for [address] at 5432."


def fail() -> Iterator[Finding]:
    raise DatabaseError("no answer for ann@example.org\n at 5432")


@pytest.fixture
def three_checks(monkeypatch):
    checks = {"one": lambda: [parts.right("one", "Well.")], "two": fail, "three": lambda: [parts.look("three", "So.")]}
    for name in list(CHECKS):
        monkeypatch.delitem(CHECKS, name)
    for name, check in checks.items():
        monkeypatch.setitem(CHECKS, name, check)


def test_command_says_all_and_ends_with_one_when_something_is_to_do(three_checks, capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("doctor")
    assert ended.value.code == 1
    assert capsys.readouterr().out.splitlines() == [
        "right one: Well.",
        f"act   two: {AWAY}",
        "look  three: So.",
        "1 to do.",
    ]
    del CHECKS["two"]
    call_command("doctor")
    assert capsys.readouterr().out.splitlines() == ["right one: Well.", "look  three: So.", "Nothing to do."]


def test_command_tells_machines_the_same(three_checks, capsys):
    with pytest.raises(SystemExit):
        call_command("doctor", "--json")
    said = json.loads(capsys.readouterr().out)
    assert said == {"to_do": 1, "findings": [
        {"about": "one", "state": "right", "says": "Well."},
        {"about": "two", "state": "act", "says": AWAY},
        {"about": "three", "state": "look", "says": "So."},
    ]}  # fmt: skip


def test_every_check_is_asked(db, monkeypatch, settings, tmp_path):
    """What each finds is tested above; here, that none is forgotten and none breaks off the others."""
    settings.DATA_DIR, settings.BASE_URL = tmp_path, "http://127.0.0.1:9"
    abouts = {each.about for each in examine()}
    assert abouts >= {"settings", "folders", "database", "migrations", "cache", "store", "static files", "mail",
                      "public address", "private files", "timer", "worker", "tasks", "scanner", "backup",
                      "administrators", "access record", "record's heads"}  # fmt: skip
