"""The parts that the site rests on: something is written to each, read back, and removed."""

from __future__ import annotations

import contextlib
import datetime
import secrets
import time
from collections.abc import Iterator
from http import HTTPStatus

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import EmailMessage, get_connection
from django.db import connection

from fileshare.storage import new_key
from portal.ops.doctor.asking import Unreachable, ask
from portal.ops.doctor.finding import Finding, act, look, right

OFF_BY = 30  # seconds: codes of authenticator apps are good for half a minute
NOWHERE = ("console", "locmem", "dummy", "filebased")


def database() -> Iterator[Finding]:
    about, word = "database", secrets.token_hex(8)
    session = SessionStore()
    session["doctor"] = word
    session.set_expiry(60)
    session.create()
    key = str(session.session_key)
    kept = SessionStore(key).get("doctor")
    SessionStore(key).delete()
    if kept != word or SessionStore(key).exists(key):
        yield act(about, "It does not keep, or does not remove, what is written. Look at its log.")
        return
    yield right(about, f"{connection.display_name} writes, reads and removes.")
    if connection.vendor == "sqlite":
        yield look(about, "SQLite serves one machine. For more than one, move to PostgreSQL (docs/operator.md).")
        return
    began = time.time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        theirs: datetime.datetime = cursor.fetchone()[0]
    yield from clocks("the database's", theirs.timestamp(), began, time.time())


def clocks(whose: str, theirs: float, began: float, ended: float) -> Iterator[Finding]:
    """Compare another clock, asked between two moments of this one, in seconds since the epoch."""
    off = theirs - min(max(theirs, began), ended)
    if abs(off) > OFF_BY:
        way = "ahead of" if off > 0 else "behind"
        yield act(
            "clock", f"{whose.capitalize()} clock is {abs(off):.0f} seconds {way} this machine's: codes, links and "
            "embargoes go wrong. Have both machines keep time by NTP.",
        )  # fmt: skip
    else:
        yield right("clock", f"This machine's clock and {whose} agree.")


def shared_cache() -> Iterator[Finding]:
    key, word = f"doctor-{secrets.token_hex(8)}", secrets.token_hex(8)
    cache.set(key, word, 60)
    kept = cache.get(key)
    cache.delete(key)
    if kept != word or cache.get(key) is not None:
        yield act("cache", "It does not keep, or does not remove, what is written: no limit holds. Look at CACHE_URL.")
    else:
        yield right("cache", "It writes, reads and removes.")


@contextlib.contextmanager
def probe() -> Iterator[tuple[str, bytes]]:
    """An object in the private store for as long as it is looked for: its key and what is in it."""
    word = f"gatehouse doctor {secrets.token_hex(16)}".encode()
    key = default_storage.save(new_key(), ContentFile(word))
    try:
        yield key, word
    finally:
        default_storage.delete(key)


def store() -> Iterator[Finding]:
    about = "store"
    with probe() as (key, word):
        with default_storage.open(key) as file:
            kept = file.read()
        seen = _is_open_to_strangers(key)
    if kept != word or default_storage.exists(key):
        yield act(about, "The private store does not keep, or does not remove, what is written.")
    else:
        yield right(about, "The private store writes, reads and removes.")
    if seen:
        yield act(about, "The bucket gives its objects to anybody, without a signature. Make it private at once.")


def _is_open_to_strangers(key: str) -> bool:
    options = settings.STORAGES["default"]["OPTIONS"]
    if not options.get("endpoint_url"):
        return False
    try:
        answer = ask(options["endpoint_url"], f"/{options['bucket_name']}/{key}")
    except Unreachable:
        return False
    return answer.status == HTTPStatus.OK


def mail(address: str = "") -> Iterator[Finding]:
    """Connect to the mail server; to `address`, where there is one, a mail is sent."""
    about, kind = "mail", settings.EMAIL_BACKEND
    if kind.endswith("FolderAndConsoleBackend") or any(name in kind for name in NOWHERE):
        yield act(about, "Mails reach nobody: they are only written down on this machine. Set EMAIL_URL.")
        return
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        server = get_connection(timeout=10)
        server.open()
        if address:
            words = "This is the mail that “manage.py doctor” was asked to send."
            EmailMessage("A mail from the doctor", words, to=[address], connection=server).send()
        server.close()
    except OSError as trouble:
        yield act(about, f"The mail server at {where} did not take us: {trouble}. Look at EMAIL_URL.")
        return
    yield right(about, f"The mail server at {where} answers{', and took a mail' if address else ''}.")
