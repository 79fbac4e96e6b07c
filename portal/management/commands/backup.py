"""`manage.py backup FILE`: the whole site as one file, while it runs."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from portal.ops import backup
from portal.ops.stored import StoreTrouble
from portal.ops.tables import OtherSchema


class Command(BaseCommand):
    help = "Write the whole site (database, private and public files, access record) into one file, while it runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="Where to; “-” is standard output.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = _to_standard_output() if options["file"] == "-" else _to_file(Path(options["file"]).absolute())
        except (OtherSchema, StoreTrouble) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"The backup cannot be written: {error.strerror or error}.") from error
        except DatabaseError as error:
            raise CommandError(f"The database cannot be read: {str(error).strip()}") from error
        backup.note_success(made)
        say = self.stderr if options["file"] == "-" else self.stdout
        size = f"{made.rows} rows and {made.files} files of {made.file_bytes} bytes"
        say.write(f"The backup has {size}: {made.bytes} bytes.", str)  # `str`: not in the colour of errors
        if made.gone:
            say.write(f"{len(made.gone)} files went while it was made; a restore leaves them out.", str)
        if made.lost or made.damaged:
            raise CommandError(_troubles(made))


def _to_file(path: Path) -> backup.Made:
    """Whole or not at all: under another name until it is finished, and readable by its owner alone."""
    for public in (settings.PUBLIC_ROOT, settings.STATIC_ROOT):
        if path.is_relative_to(Path(public).resolve()):
            raise CommandError(f"{path} would be handed out by the web server: choose another folder.")
    partial = path.with_name(f"{path.name}.partial")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            made = backup.make(file)
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return made


def _to_standard_output() -> backup.Made:
    if sys.stdout.isatty():
        raise CommandError("Standard output is a terminal: give a file, or lead it to a program.")
    try:
        return backup.make(sys.stdout.buffer)
    except BrokenPipeError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains once more at its end
        raise CommandError("The program that was to read the backup has ended.") from error


def _troubles(made: backup.Made) -> str:
    said = [
        f"{len(keys)} {what} ({', '.join(keys[:3])}{' …' if keys[3:] else ''})"
        for keys, what in ((made.lost, "files are lost"), (made.damaged, "files are damaged"))
        if keys
    ]
    return f"The backup is whole, but the site is not: {' and '.join(said)}. “manage.py orphans” names their papers."
