"""`manage.py verify_audit [FILE]`: whether the access record is what was written."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from members import record_check


class Command(BaseCommand):
    help = "Check the access record, and name the first row that is not what was written. Ends with 1 when one is not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", nargs="?", help="An exported record, instead of the live one.")

    def handle(self, *args: Any, **options: Any) -> None:
        place = record_check.Place()
        try:
            for here in record_check.check_rows():
                place = here
        except record_check.Bent as bent:
            raise CommandError(str(bent)) from bent
        self.stdout.write(f"All {place.place} rows are what was written. The last link is {place.hash}.")
