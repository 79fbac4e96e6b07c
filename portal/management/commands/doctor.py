"""`manage.py doctor`: what is right with this installation, and what to do."""

from __future__ import annotations

import dataclasses
import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.ops.doctor import State, examine
from portal.ops.owner import wrong_user


class Command(BaseCommand):
    help = "Look at this installation, and say what is right and what to do. Ends with 1 when something must be done."
    requires_system_checks: list[str] = []  # it tells of them itself, beside everything else

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--mail", metavar="ADDRESS", default="", help="Send a mail there; otherwise none is sent.")
        parser.add_argument("--json", action="store_true", help="For machines.")

    def handle(self, *args: Any, **options: Any) -> None:
        if reason := wrong_user():
            raise CommandError(reason)  # what it tries out would become that user's
        found = []
        for each in examine(mail_to=options["mail"]):
            found.append(each)
            if not options["json"]:
                self.stdout.write(f"{each.state:<6}{each.about}: {each.says}")
        to_do = sum(each.state == State.ACT for each in found)
        if options["json"]:
            self.stdout.write(json.dumps({"to_do": to_do, "findings": [dataclasses.asdict(each) for each in found]}))
        else:
            self.stdout.write(f"{to_do} to do." if to_do else "Nothing to do.")
        if to_do:
            sys.exit(1)
