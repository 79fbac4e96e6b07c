"""`manage.py restore FILE`: a backup into an empty site."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from members.services import erased_list
from portal.ops import restore
from portal.ops.owner import wrong_user

NO_LIST = "none"


class Command(BaseCommand):
    help = "Bring a backup into an empty site, after “manage.py migrate”: all of it, or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="The backup; “-” is standard input.")
        parser.add_argument(
            "--erased",
            metavar="LIST",
            help=f"The newest list of erased people, or “{NO_LIST}” where there never was one; "
            f"DATA_DIR/{erased_list.NAME} if none is named.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if reason := wrong_user():
            raise CommandError(reason)
        erased = _list_of(options["erased"])
        try:
            entries = erased_list.read(erased)
            if options["file"] == "-":
                restored = restore.bring_back(sys.stdin.buffer, erased=entries)
            else:
                with Path(options["file"]).open("rb") as file:
                    restored = restore.bring_back(file, erased=entries)
        except (restore.Refused, erased_list.ListBroken) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror or error}.") from error
        self.stdout.write(
            f"The backup of {restored.made_at} is restored: {restored.rows} rows and {restored.files} files."
        )
        if restored.erased:
            self.stdout.write(f"{len(restored.erased)} people who had been erased since are gone again.")


def _list_of(named: str | None) -> Path | None:
    """None for the one in DATA_DIR, which counts also where “none” is said and it is there after all."""
    if named is None and not erased_list.path().exists():
        raise CommandError(
            f"No list of erased people is named, and there is none in DATA_DIR: name the newest with “--erased LIST”, "
            f"or say “--erased {NO_LIST}” where nobody was ever erased."
        )
    if named in (None, NO_LIST):
        return None
    if not Path(named).exists():
        raise CommandError(f"There is no file {named}.")
    return Path(named)
