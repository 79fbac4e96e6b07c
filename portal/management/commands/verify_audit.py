"""`manage.py verify_audit [FILE]`: whether the access record is what was written, here or in an exported file."""

from __future__ import annotations

from argparse import ArgumentParser
from itertools import chain
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from members import record_check, record_file, record_heads, signing
from portal.ops import heads


class Command(BaseCommand):
    help = "Check the access record, and name the first row that is not what was written. Ends with 1 when one is not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", nargs="?", help="An exported record, instead of the live one.")
        parser.add_argument("--key", action="append", default=[], help="Another public key that is to be trusted.")
        parser.add_argument(
            "--heads", action="append", default=[], metavar="FILE", help="Signed heads, kept elsewhere."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        keys = {*signing.known(), *options["key"]}
        further = chain.from_iterable(record_heads.read_file(Path(each)) for each in options["heads"])
        try:
            if options["file"]:
                signed = record_heads.Heads(further, keys=keys)
                with Path(options["file"]).open("rb") as lines:
                    place = _follow(record_file.check(lines, keys=keys), signed)
            else:
                signed = record_heads.Heads(chain(heads.everywhere(), further), keys=keys)
                place = _follow(record_check.check_rows(), signed)
            signed.end(place.place, before=place.ended)
        except record_check.Bent as bent:
            raise CommandError(str(bent)) from bent
        except OSError as error:
            raise CommandError(f"It cannot be read: {error}.") from error
        self.stdout.write(f"All {place.place} rows are what was written. The last link is {place.hash}.")
        self.stdout.write(f"They agree with all that was signed: {len(signed)} heads.")


def _follow(rows: Any, signed: record_heads.Heads) -> record_check.Place:
    """To the end. Raises Bent."""
    here = record_check.Place()
    for here in rows:
        signed.compare(here)
    return here
