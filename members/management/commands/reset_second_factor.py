"""`manage.py reset_second_factor ADDRESS`: for somebody who has lost passkeys, phone and recovery codes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from members.models import User
from members.services import sign_in


class Command(BaseCommand):
    help = (
        "Takes away a person's second factors and ends their sessions. Make sure first that it is the person who asks."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="the e-mail address with which the person signs in")

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        user = User.objects.filter(email=address.strip().lower()).first()
        if user is None:
            raise CommandError("Nobody has an account with this e-mail address.")
        count = sign_in.forget_second_factor(user=user)
        if not count:
            self.stdout.write("There was no second factor; all sessions are ended.")
            return
        self.stdout.write("The second factors are gone, all sessions are ended, and the person is told by mail.")
