"""The mail server. Each fault yields the mails that it took, as far as anybody outside can know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.test import override_settings

from deploy.processes import free_port
from tests.drills.faults import AT_ONCE, servers


@contextmanager
def _mail_server_at(port: int) -> Iterator[None]:
    with override_settings(
        EMAIL_BACKEND="members.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=port, EMAIL_TIMEOUT=AT_ONCE
    ):
        yield


@contextmanager
def mail_away() -> Iterator[list[bytes]]:
    with _mail_server_at(free_port()):
        yield []


@contextmanager
def mail_hangs() -> Iterator[list[bytes]]:
    with servers.silent() as port, _mail_server_at(port):
        yield []


def _saying(**says: str | None) -> Callable[[], Any]:
    """By the client's word; `greeting` before any, `dot` after the mail."""
    words = {{"greeting": "", "dot": "."}.get(word, word): answer for word, answer in says.items()}

    @contextmanager
    def fault() -> Iterator[list[bytes]]:
        taken: list[bytes] = []
        with servers.talking(servers.mail_server(words, taken)) as port, _mail_server_at(port):
            yield taken

    return fault


mail_is_busy = _saying(greeting="421 too many connections")
mail_has_no_service = _saying(greeting="554 no service here")
mail_is_something_else = _saying(greeting="HTTP/1.1 400 Bad Request")
mail_wants_a_password = _saying(MAIL="530 authentication required")
mail_hangs_up = _saying(MAIL=None)
mail_refuses_the_address = _saying(RCPT="550 nobody here")
mail_asks_for_patience = _saying(RCPT="451 greylisted")
mail_has_no_room = _saying(MAIL="452 disk full")
mail_refuses_the_words = _saying(dot="554 not these words")
mail_would_take_it_later = _saying(dot="451 try again")
mail_breaks_off_after_the_words = _saying(dot=None)
mail_hangs_after_the_words = _saying(dot="")
