"""What a stranger gets from the public address: an answer, in time, over good TLS, and nobody's papers."""

from __future__ import annotations

import contextlib
import datetime
import json
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.utils import timezone

from portal.ops.doctor.asking import Unreachable, ask, certificate_ends
from portal.ops.doctor.finding import Finding, act, look, right
from portal.ops.doctor.parts import clocks, probe

RENEW = 14  # days before the end
# Where web servers that were told too little hand out the private store; {key} is an object in it.
DOORS = (
    "/{key}", "/private/{key}", "/media/{key}", "/media/private/{key}", "/static/{key}", "/static/../private/{key}",
    "/media/../private/{key}", "/media/..%2fprivate/{key}", "/media../private/{key}", "/static../private/{key}",
    "/_private/{key}", "/protected/{key}", "/internal/{key}",
)  # fmt: skip
# What no address may give, and how a listing of a folder is known: by what lies in it.
FILES = (
    "/db.sqlite3",
    "/secret_key",
    "/record_key",
    "/erased.jsonl",
    "/.env",
    "/.git/HEAD",
    "/media/../db.sqlite3",
    "/media../db.sqlite3",
)
LISTINGS = ("/private/", "/media/private/", "/media/", "/static/")
LISTED = (b"Index of ", b"Directory listing for ")


def address() -> Iterator[Finding]:
    """Whether the site answers there, to whom it believes, and by which clock."""
    about, base = "public address", settings.BASE_URL
    began = time.time()
    try:
        answer = ask(base, "/health/live/")
    except Unreachable as why:
        yield act(about, f"{base} cannot be reached from here: {why}. Look at DNS, the proxy, and the web processes.")
        return
    ended = time.time()
    if answer.status != HTTPStatus.OK or not _is_live(answer.body):
        yield act(about, f"{base}/health/live/ is not this site's: it answers {answer.status}. Look at the proxy.")
        return
    first = ask(base, "/")
    if urljoin(f"{base}/", first.headers.get("Location", "")) == f"{base}/" and first.status in (301, 302, 307, 308):
        yield act(
            about, f"{base}/ leads to itself for ever: TLS ends at a proxy that the site does not trust. Set "
            "TRUSTED_PROXY_COUNT to the number of proxies, and have them set X-Forwarded-Proto and X-Forwarded-For.",
        )  # fmt: skip
    elif first.status != HTTPStatus.OK:
        yield act(about, f"{base}/ answers {first.status}. Look at the web processes' log.")
    else:
        yield right(about, f"{base} answers.")
    with contextlib.suppress(TypeError, ValueError):  # a server without a clock, RFC 9110, 6.6.1
        theirs = parsedate_to_datetime(answer.headers["Date"]).timestamp()
        yield from clocks("the web server's", theirs, began - 1, ended)


def _is_live(body: bytes) -> bool:
    try:
        return bool(json.loads(body) == {"status": "live"})
    except ValueError:
        return False


def tls() -> Iterator[Finding]:
    about, base = "TLS", settings.BASE_URL
    if urlsplit(base).scheme != "https":
        return  # the settings' check has said it
    try:
        ends = certificate_ends(base)
    except Unreachable as why:
        yield act(about, f"No secure connection to {base}: {why}.")
        return
    days = (ends - timezone.now()) / datetime.timedelta(days=1)
    if days < RENEW:
        yield act(about, f"The certificate ends in {days:.0f} days, on {ends:%-d %B %Y}. Renew it.")
    else:
        yield right(about, f"The certificate is good until {ends:%-d %B %Y}.")


def leaks() -> Iterator[Finding]:
    """Ask for the file of an object that was just put there, by the ways in which it has leaked elsewhere."""
    about, base = "private files", settings.BASE_URL
    try:
        with probe() as (key, word):
            open_doors = [door.format(key="…") for door in DOORS if word in ask(base, door.format(key=key)).body]
        given = [file for file in FILES if ask(base, file).status in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT)]
        listed = [folder for folder in LISTINGS if any(word in ask(base, folder).body for word in LISTED)]
    except Unreachable as why:
        yield look(about, f"Whether they can be reached through {base} is not known: {why}.")
        return
    for path in open_doors:
        yield act(
            about, f"Anybody gets papers at {base}{path}. Have the web server hand out static/ and public/ alone."
        )
    for path in given:
        yield act(about, f"Anybody gets {base}{path}. Have the web server hand out static/ and public/ alone.")
    for path in listed:
        yield act(about, f"{base}{path} lists its files to everybody. Switch the web server's listings off.")
    if not (open_doors or given or listed):
        yield right(
            about, f"None of {len(DOORS) + len(FILES) + len(LISTINGS)} addresses gives or lists what is private."
        )
