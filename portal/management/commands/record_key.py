"""`manage.py record_key`: the public key that proves the access record, to be noted where the site cannot reach it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from members import signing
from portal.ops.owner import wrong_user


class Command(BaseCommand):
    help = "Print the public key with which signed heads and exports of the access record are checked."

    def handle(self, *args: Any, **options: Any) -> None:
        if reason := wrong_user():
            raise CommandError(reason)  # the file that may be made would be that user's
        self.stdout.write(signing.public_key())
