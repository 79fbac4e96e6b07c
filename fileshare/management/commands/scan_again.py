"""Files have to be scanned once more: those that the virus scanner holds, or all of them."""

from __future__ import annotations

from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from fileshare.enums import Inspection
from fileshare.models import DocumentVersion
from fileshare.services import release, scan


class Command(BaseCommand):
    help = (
        "Has files scanned once more by the worker: those in quarantine by the scanner's word, for when it was wrong "
        "or its limits were raised; or, with --all, what members can read, for when it got signatures of your own."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--found", default="", help="only those in which it found what bears this name")
        parser.add_argument("--all", action="store_true", help="what members can read, one after the other")

    def handle(self, *args: Any, **options: Any) -> None:
        if not scan.is_wanted():
            raise CommandError("There is no virus scanner: CLAMD_URL is not set.")
        if options["all"]:
            count = DocumentVersion.objects.filter(inspection=Inspection.PASSED).update(scanned_with="")
            self.stdout.write(f"{count} files will be scanned again, as the timer runs.")
            return
        held = DocumentVersion.objects.filter(inspection=Inspection.QUARANTINED, destroyed_at=None)
        held = held.filter(scan_found=options["found"]) if options["found"] else held.exclude(scan_found="")
        count = 0
        for version in held.order_by("pk").iterator():
            with suppress(ValidationError):  # somebody else has decided about it meanwhile
                release.scan_again(version=version, by=None)
                count += 1
        self.stdout.write(f"{count} files in quarantine will be scanned again by the worker.")
