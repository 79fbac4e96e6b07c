"""What can be seen from the inside: settings, folders, migrations, collected files."""

from __future__ import annotations

import filecmp
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestFilesMixin
from django.core import checks
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.module_loading import import_string

from portal.checks import NO_SCANNER
from portal.ops.doctor.finding import Finding, act, look, right

LEAST_FREE = 2 * 1024**3  # bytes: a large upload, and what the database writes meanwhile
SECRETS = ("private", "incoming", "db.sqlite3", "db.sqlite3-wal", "secret_key", "record_key", "erased.jsonl", "mail")


def configuration() -> Iterator[Finding]:
    """What would leak or lose: our own questions first, then those of `manage.py check --deploy`."""
    about, host = "settings", urlsplit(settings.BASE_URL).hostname or ""
    if settings.DEBUG:
        yield act(about, "DEBUG is on: errors show settings and data to whoever makes one. Switch it off.")
    if urlsplit(settings.BASE_URL).scheme != "https":
        yield act(
            about,
            f"BASE_URL is {settings.BASE_URL}: passwords travel in the clear. Give it https:// and a proxy with TLS.",
        )
    if settings.DEMO_ALLOWED:
        yield act(
            about, "These are the demonstration's settings, with known passwords. Set SECRET_KEY, and "
            "DJANGO_SETTINGS_MODULE to portal.settings.base.",
        )  # fmt: skip
    if "*" in settings.ALLOWED_HOSTS:
        yield act(about, "ALLOWED_HOSTS has “*”: mails can be made to lead elsewhere. Name the hosts.")
    elif host not in settings.ALLOWED_HOSTS:
        yield act(about, f"ALLOWED_HOSTS does not have {host}, the host of BASE_URL: nobody reaches the site. Add it.")
    messages = list(_messages(checks.run_checks(include_deployment_checks=True)))
    for message in messages:
        yield act(about, message)
    if not messages:
        yield right(about, "The checks for deployment have nothing to say.")


def against_the_database() -> Iterator[Finding]:
    """What settings say of the database's contents: groups that must have a second factor."""
    for message in _messages(checks.run_checks(tags=[checks.Tags.database], databases=["default"])):
        yield act("settings", message)


def _messages(found: Iterable[checks.CheckMessage]) -> Iterator[str]:
    for each in found:
        # Whether there is a scanner is a check of its own, which says more.
        if each.level >= checks.WARNING and not each.is_silenced() and each.id != NO_SCANNER:
            yield " ".join(f"{each.msg} {each.hint or ''} ({each.id})".split())


def folders() -> Iterator[Finding]:
    about, folder = "folders", Path(settings.DATA_DIR)
    owner = folder.stat().st_uid
    if os.geteuid() != owner:
        yield look(
            about, f"DATA_DIR belongs to user {owner}, and this runs as {os.geteuid()}: run it as the site's own user."
        )
    if not os.access(folder, os.W_OK):
        yield act(about, f"{folder} cannot be written to. Give it to the site's own user.")
    bare = [name for name in SECRETS if (folder / name).exists() and is_open_to_others(folder / name)]
    if bare:
        yield act(
            about, f"Everybody on this machine can read {', '.join(bare)} in {folder}. Run “chmod o-rwx {folder}”, "
            "and let the web server into it by its group.",
        )  # fmt: skip
    else:
        yield right(about, "Nobody else on this machine can read papers, uploads or the database file.")
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE:
        yield act(about, f"Only {free / 1024**3:.1f} GB are free where {folder} lies. Make room before uploads fail.")
    else:
        yield right(about, f"{free / 1024**3:.0f} GB are free.")


def is_open_to_others(path: Path) -> bool:
    """Whether any user of this machine can read it: by its own mode, and by those of all folders above."""
    path = path.resolve()
    return bool(path.stat().st_mode & 0o004) and all(each.stat().st_mode & 0o001 for each in path.parents)


def migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    waiting = [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    if waiting:
        names = ", ".join(str(each) for each in waiting[:3]) + (" …" if len(waiting) > 3 else "")
        yield act("migrations", f"{len(waiting)} migrations have not been applied ({names}). Run “manage.py migrate”.")
    else:
        yield right("migrations", "All migrations have been applied.")


def collected() -> Iterator[Finding]:
    about, root = "static files", Path(settings.STATIC_ROOT)
    if not issubclass(import_string(settings.STORAGES["staticfiles"]["BACKEND"]), ManifestFilesMixin):
        yield look(about, "They are served from their sources, which is for demonstrations.")
        return
    if not (root / "staticfiles.json").exists():
        yield act(about, "They have not been collected: no page can be shown. Run “manage.py collectstatic --noinput”.")
        return
    stale = [
        name for finder in get_finders() for name, storage in finder.list([])
        if not (root / name).exists() or not filecmp.cmp(storage.path(name), root / name, shallow=False)
    ]  # fmt: skip
    if stale:
        yield act(
            about, f"{len(stale)} are of another version than the program, {stale[0]} for one. Run “manage.py "
            "collectstatic --noinput”, and start the web processes anew.",
        )  # fmt: skip
    else:
        yield right(about, "They are collected, and those of this version.")
