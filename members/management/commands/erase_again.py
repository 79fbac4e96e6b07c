"""`manage.py erase_again [FILE]`: after a restore, erase those who had been erased since the backup was made."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from members.services import erase, erased_list


class Command(BaseCommand):
    help = "Erase again whoever a restored database has brought back. Run it before the site is opened."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file",
            nargs="?",
            type=Path,
            help=f"The list of erased people; DATA_DIR/{erased_list.NAME} if none is named.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"] or erased_list.path()
        if not file.exists():
            raise CommandError(f"There is no file {file}.")
        try:
            entries = erased_list.read(file)
        except erased_list.ListBroken as error:
            raise CommandError(str(error)) from error
        again = erase.apply_list(entries)
        self.stdout.write(
            f"{len(entries)} people are on the list; {len(again)} of them were there again, and are gone."
        )
