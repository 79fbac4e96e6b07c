"""`manage.py restore FILE`: a backup into an empty site."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from members.services import erased_list
from portal.ops import restore


class Command(BaseCommand):
    help = "Bring a backup into an empty site, after “manage.py migrate”: all of it, or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="The backup; “-” is standard input.")
        parser.add_argument(
            "--erased",
            type=Path,
            metavar="LIST",
            help=f"The newest list of erased people; DATA_DIR/{erased_list.NAME} if none is named.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        erased: Path | None = options["erased"]
        if erased and not erased.exists():
            raise CommandError(f"There is no file {erased}.")
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
