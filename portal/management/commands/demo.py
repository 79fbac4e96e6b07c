"""`manage.py demo`: seed or complete the demonstration site."""

from __future__ import annotations

import gc
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from members.models import User


class Command(BaseCommand):
    help = "Seed or complete the demonstration site. Twice changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--prepare", action="store_true", help="Bring the database up to date first.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO_ALLOWED:
            raise CommandError("This is a production site: the demonstration has known passwords and stays away.")
        if options["prepare"]:
            gc.freeze()  # else the collector walks all of Django, over and over, for a quarter of the migrations' time
            call_command("migrate", interactive=False, verbosity=0)
            call_command("createcachetable", verbosity=0)
        from portal.demo import people, seed  # noqa: PLC0415 -- heavy, and needed here alone

        seed.seed()
        self.stdout.write(f"The demonstration site is ready: {settings.BASE_URL}")
        self.stdout.write(f"Sign in with the password “{settings.DEMO_PASSWORD}” as:")
        known = User.objects.in_bulk([person.email for person in people.ACCOUNTS], field_name="email")
        for person in people.ACCOUNTS:
            self.stdout.write(f"  {person.email:<26} {known[person.email].get_full_name()}")
