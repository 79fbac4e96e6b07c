"""`manage.py orphans`: stored files that belong to nothing, and papers whose file is not stored."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat

from fileshare.services import orphans


class Command(BaseCommand):
    help = (
        "List what lies in the private store and belongs to nothing, and papers whose file is not there. Without "
        "--delete it only says what it would do. Nothing younger than a day is touched. Ends with 1 when a file is "
        "missing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--delete", action="store_true", help="Delete what belongs to nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        found, size = 0, 0
        delete: bool = options["delete"]
        for orphan in orphans.remove(orphans.find()) if delete else orphans.find():
            found, size = found + 1, size + orphan.size
            word = "deleted" if delete else "orphan"
            self.stdout.write(
                f"{word}: {orphan.key}, {filesizeformat(orphan.size)}, stored {orphan.stored_at:%Y-%m-%d %H:%M}"
            )
        lost = 0
        for version in orphans.missing():
            lost += 1
            self.stderr.write(f"missing: paper {version.document.uuid}, version {version.number}")
        done = "were deleted" if delete else "would be deleted; run it again with --delete"
        self.stdout.write(f"{found} stored files ({filesizeformat(size)}) belong to nothing and {done}." if found else
                          "Every stored file belongs to something, or is younger than a day.")  # fmt: skip
        if lost:
            raise CommandError(
                f"{lost} versions name a file that the store does not have; see above. Bring them back from a backup."
            )
