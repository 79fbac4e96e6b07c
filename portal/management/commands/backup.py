"""`manage.py backup FILE`: the whole site as one file, while it runs."""

from __future__ import annotations

import fcntl
import glob
import os
import sys
import tempfile
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from portal.ops import backup, backups
from portal.ops.owner import wrong_user
from portal.ops.stored import StoreTrouble
from portal.ops.tables import OtherSchema


class Command(BaseCommand):
    help = "Write the whole site (database, private and public files, access record) into one file, while it runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="Where to; “-” is standard output.")

    def handle(self, *args: Any, **options: Any) -> None:
        if reason := wrong_user():
            raise CommandError(reason)
        path = None if options["file"] == "-" else Path(options["file"]).absolute()
        try:
            made, kept = _to_file(path) if path else (_to_standard_output(), None)
        except (OtherSchema, StoreTrouble) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"The backup cannot be written: {error.strerror or error}.") from error
        except DatabaseError as error:
            raise CommandError(f"The database cannot be read: {str(error).strip()}") from error
        say = self.stdout if path else self.stderr
        size = f"{made.rows} rows and {made.files} files of {made.file_bytes} bytes"
        say.write(f"The backup has {size}: {made.bytes} bytes.", str)  # `str`: not in the colour of errors
        if made.gone:
            say.write(f"{len(made.gone)} files went while it was made; a restore leaves them out.", str)
        if made.lost or made.damaged:
            raise CommandError(_troubles(made, kept))
        backups.note(made.bytes)


def _to_file(path: Path) -> tuple[backup.Made, Path]:
    """Whole or not at all: under a name of its own until it is finished, and readable by its owner alone.

    Returns where it is, too: beside the former one where files of the site are missing, since that one may have them.
    """
    for public in (settings.PUBLIC_ROOT, settings.STATIC_ROOT):
        if path.is_relative_to(Path(public).resolve()):
            raise CommandError(f"{path} would be handed out by the web server: choose another folder.")
    _forget_broken_off(path)
    descriptor, partial = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".partial", dir=path.parent)
    with suppress(OSError):  # where a file system knows no locks, nothing is taken for broken off either
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        with os.fdopen(descriptor, "wb") as file:
            made = backup.make(file)
            file.flush()
            os.fsync(file.fileno())
        kept = path.with_name(f"{path.name}.incomplete") if made.lost or made.damaged else path
        Path(partial).replace(kept)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
    _keep_name(path.parent)
    return made, kept


def _forget_broken_off(path: Path) -> None:
    """Halves that a killed backup left under this name, each as large as the site: nobody holds their lock any more."""
    for partial in path.parent.glob(f"{glob.escape(path.name)}.*.partial"):
        with suppress(OSError), partial.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            partial.unlink()


def _keep_name(folder: Path) -> None:
    """Have the new name outlive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _to_standard_output() -> backup.Made:
    if sys.stdout.isatty():
        raise CommandError("Standard output is a terminal: give a file, or lead it to a program.")
    try:
        return backup.make(sys.stdout.buffer)
    except BrokenPipeError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains once more at its end
        raise CommandError("The program that was to read the backup has ended.") from error


def _troubles(made: backup.Made, kept: Path | None) -> str:
    said = [
        f"{len(keys)} {what} ({', '.join(keys[:3])}{' …' if keys[3:] else ''})"
        for keys, what in ((made.lost, "files are lost"), (made.damaged, "files are damaged"))
        if keys
    ]
    where = f"The backup is kept as {kept}, and the former one stays" if kept else "The backup is written"
    return f"{where}, but the site is not whole: {' and '.join(said)}. “manage.py orphans” names their papers."
