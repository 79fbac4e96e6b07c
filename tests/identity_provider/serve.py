"""`python -m tests.identity_provider.serve PORT CALLBACK`: people, one client, and the provider on the loopback."""

from __future__ import annotations

import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

CLIENT, SECRET, PASSWORD = "gatehouse", "a secret of the test", "at the other service"
PEOPLE = {  # name: (address, whether the provider has confirmed it)
    "pat": ("pat@example.org", True),
    "claims": ("pat@example.org", False),
    "stranger": ("stranger@example.org", True),
}


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


def main(port: int, callback: str) -> None:
    django.setup()
    call_command("migrate", verbosity=0)
    from allauth.account.models import EmailAddress
    from allauth.idp.oidc.models import Client
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.models import User

    for name, (address, is_confirmed) in PEOPLE.items():
        user = User.objects.create_user(name, address, PASSWORD)
        EmailAddress.objects.create(user=user, email=address, verified=is_confirmed, primary=True)
    Client.objects.create(
        id=CLIENT, name="Gatehouse", secret=make_password(SECRET), scopes="openid\nprofile\nemail",
        redirect_uris=callback, skip_consent=True,
    )  # fmt: skip
    server = make_server("127.0.0.1", port, get_wsgi_application(), handler_class=Quiet)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
