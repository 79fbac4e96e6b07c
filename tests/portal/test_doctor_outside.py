"""`manage.py doctor` and what lies around the site: parts, clocks, mail, the public address, TLS, leaks."""

from __future__ import annotations

import datetime
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.db import connection

from fileshare.storage import PrivateFolderStorage
from portal.ops.doctor import outside, parts
from tests.portal.test_doctor import NOW, told

# --- Parts ------------------------------------------------------------------------------------------------------


def test_parts_that_work_are_right(db):
    machine = ["look database: SQLite serves one machine. For more than one, move to PostgreSQL (docs/operator.md)."]
    if connection.vendor == "postgresql":
        machine = ["right clock: This machine's clock and the database's agree."]
    assert told(parts.database) == [f"right database: {connection.display_name} writes, reads and removes.", *machine]
    assert told(parts.shared_cache) == ["right cache: It writes, reads and removes."]
    assert told(parts.store) == ["right store: The private store writes, reads and removes."]


def test_part_that_forgets_or_never_forgets_is_named(db, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(parts.SessionStore, "delete", lambda *args: None)
        assert told(parts.database)[0].startswith(
            "act database: It does not keep, or does not remove, what is written."
        )
    for name, does in (("set", lambda *args: None), ("delete", lambda *args: None)):
        with monkeypatch.context() as patch:
            patch.setattr(parts.cache, name, does)
            assert told(parts.shared_cache) == [
                "act cache: It does not keep, or does not remove, what is written: no limit holds. Look at CACHE_URL."
            ]
    monkeypatch.setattr(PrivateFolderStorage, "delete", lambda *args: None)
    assert told(parts.store) == ["act store: The private store does not keep, or does not remove, what is written."]


@pytest.mark.parametrize(("theirs", "says"), [
    (1000.0, "right clock: This machine's clock and the database's agree."),
    (1032.0, "right clock: This machine's clock and the database's agree."),
    (1040.0, ("act clock: The database's clock is 35 seconds ahead of this machine's: codes, links and embargoes go "
     "wrong. Have both machines keep time by NTP.")),
    (-2600.0, ("act clock: The database's clock is 3600 seconds behind this machine's: codes, links and embargoes go "
     "wrong. Have both machines keep time by NTP.")),
])  # fmt: skip
def test_clock_that_is_wrong_is_named(theirs, says):
    """Asked between the seconds 1000 and 1005, however long the asking took."""
    assert told(lambda: parts.clocks("the database's", theirs, 1000.0, 1005.0)) == [says]


class Letterbox(socketserver.StreamRequestHandler):
    """As much of SMTP as a mail needs."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            said = line.strip().upper()
            if said == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                while (part := self.rfile.readline()) not in (b".\r\n", b""):
                    self.server.got.append(part.decode())
            self.wfile.write(b"250 well\r\n")


def test_mail_server_is_asked_and_gets_a_mail_only_when_told_to(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Letterbox) as server:
        server.got = []
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        where = f"127.0.0.1:{settings.EMAIL_PORT}"
        assert told(parts.mail) == [f"right mail: The mail server at {where} answers."]
        assert server.got == []
        assert told(partial(parts.mail, "ops@example.org")) == [
            f"right mail: The mail server at {where} answers, and took a mail."
        ]
        assert "To: ops@example.org\r\n" in server.got
        server.shutdown()
    (line,) = told(parts.mail)
    assert line.startswith(f"act mail: The mail server at {where} did not take us: ")
    assert line.endswith(" Look at EMAIL_URL.")


@pytest.mark.parametrize(
    "kind", ["django.core.mail.backends.console.EmailBackend", "portal.ops.mail_folder.FolderAndConsoleBackend"]
)
def test_mail_that_reaches_nobody_is_named(settings, kind):
    settings.EMAIL_BACKEND = kind
    assert told(parts.mail) == [
        "act mail: Mails reach nobody: they are only written down on this machine. Set EMAIL_URL."
    ]


# --- Outside ----------------------------------------------------------------------------------------------------


@contextmanager
def served(handler: Callable[..., BaseHTTPRequestHandler], context: ssl.SSLContext | None = None) -> Iterator[str]:
    """A web server of our own at an address of this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"{'https' if context else 'http'}://localhost:{server.server_port}"
        server.shutdown()


class Answering(BaseHTTPRequestHandler):
    """`pages`: status, further headers and body by path; everything else is 404."""

    pages: dict[str, tuple[int, dict[str, str], bytes]]
    off = 0  # seconds of its clock

    def do_GET(self) -> None:
        status, headers, body = self.pages.get(self.path, (404, {}, b"no"))
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string(datetime.datetime.now(datetime.UTC).timestamp() + self.off)

    def log_message(self, *args: object) -> None:
        """Quietly."""


LIVE = (200, {}, b'{"status": "live"}')
FRONT = (200, {}, b"front page")


def answering(pages: dict[str, Any], off: int = 0) -> type[Answering]:
    return type("Answering", (Answering,), {"pages": pages, "off": off})


@pytest.mark.parametrize(("pages", "off", "expected"), [
    ({"/health/live/": LIVE, "/": FRONT}, 0,
     ["right public address: BASE answers.", "right clock: This machine's clock and the web server's agree."]),
    ({"/health/live/": LIVE, "/": FRONT}, 3600,
     ["right public address: BASE answers.", ("act clock: The web server's clock is 3600 seconds ahead of this "
      "machine's: codes, links and embargoes go wrong. Have both machines keep time by NTP.")]),
    ({"/health/live/": LIVE, "/": (301, {"Location": "/"}, b"")}, 0,
     [("act public address: BASE/ leads to itself for ever: TLS ends at a proxy that the site does not trust. Set "
      "TRUSTED_PROXY_COUNT to the number of proxies, and have them set X-Forwarded-Proto and X-Forwarded-For."),
      "right clock: This machine's clock and the web server's agree."]),
    ({"/health/live/": LIVE, "/": (500, {}, b"")}, 0,
     ["act public address: BASE/ answers 500. Look at the web processes' log.",
      "right clock: This machine's clock and the web server's agree."]),
    ({"/health/live/": (200, {}, b"<h1>Welcome to nginx!</h1>")}, 0,
     ["act public address: BASE/health/live/ is not this site's: it answers 200. Look at the proxy."]),
    ({}, 0, ["act public address: BASE/health/live/ is not this site's: it answers 404. Look at the proxy."]),
], ids=["right", "clock", "loop", "error", "another", "nothing"])  # fmt: skip
def test_public_address_is_asked_as_a_stranger_would(settings, pages, off, expected):
    with served(answering(pages, off)) as base:
        settings.BASE_URL = base
        found = told(outside.address)
    # A second or two may pass between the server's clock and ours.
    assert [line.replace(base, "BASE").replace("3601", "3600").replace("3599", "3600") for line in found] == expected


def test_address_where_nobody_answers_is_named(db, settings):
    with served(answering({})) as base:
        settings.BASE_URL = base
    assert told(outside.address) == [
        (
            f"act public address: {base} cannot be reached from here: Connection refused. Look at DNS, the proxy, "
            "and the web processes."
        )
    ]
    assert told(outside.leaks) == [
        f"look private files: Whether they can be reached through {base} is not known: Connection refused."
    ]


def test_papers_that_a_web_server_hands_out_are_found_and_the_probe_is_gone_again(settings, tmp_path):
    """A web server that was given the whole of DATA_DIR, and one that was given nothing."""
    default = {"BACKEND": "fileshare.storage.PrivateFolderStorage", "OPTIONS": {"location": str(tmp_path / "private")}}
    settings.STORAGES = settings.STORAGES | {"default": default}
    (tmp_path / "db.sqlite3").write_bytes(b"SQLite format 3")

    class Everything(SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            """Quietly."""

    with served(partial(Everything, directory=str(tmp_path))) as base:
        settings.BASE_URL = base
        found = told(outside.leaks)
    advice = "Have the web server hand out static/ and public/ alone."
    assert f"act private files: Anybody gets papers at {base}/private/…. {advice}" in found
    assert f"act private files: Anybody gets {base}/db.sqlite3. {advice}" in found
    assert (
        f"act private files: {base}/private/ lists its files to everybody. Switch the web server's listings off."
        in found
    )
    assert [path for path in (tmp_path / "private").rglob("*") if path.is_file()] == []
    with served(answering({})) as base:
        settings.BASE_URL = base
        assert told(outside.leaks) == [
            (
                f"right private files: None of {len(outside.DOORS) + len(outside.FILES) + len(outside.LISTINGS)} "
                "addresses gives or lists what is private."
            )
        ]


def test_bucket_that_needs_no_signature_is_found(db, monkeypatch):
    open_to_all = type("Open", (Answering,), {"do_GET": lambda self: (self.send_response(200), self.end_headers())})
    options = parts.settings.STORAGES["default"]["OPTIONS"]
    monkeypatch.setitem(options, "bucket_name", "papers")
    for handler, expected in ((open_to_all, 1), (answering({}), 0)):
        with served(handler) as base:
            monkeypatch.setitem(options, "endpoint_url", base)
            found = told(parts.store)
        assert found[1:] == expected * [
            "act store: The bucket gives its objects to anybody, without a signature. Make it private at once."
        ]


def certificate(folder: Path, days: int) -> ssl.SSLContext:
    """For localhost, signed by itself, good for so many days more; `folder/cert.pem` is what a client would trust."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = (
        builder.serial_number(1).not_valid_before(NOW - datetime.timedelta(days=90))
        .not_valid_after(NOW + datetime.timedelta(days=days, hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, kind = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, kind, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


NOT_TRUSTED = "act TLS: No secure connection to BASE: its certificate is not to be trusted"


@pytest.mark.parametrize(("days", "trusted", "says"), [
    (80, True, "right TLS: The certificate is good until DAY."),
    (5, True, "act TLS: The certificate ends in 5 days, on DAY. Renew it."),
    (-1, True, f"{NOT_TRUSTED} (certificate has expired)."),
    (80, False, f"{NOT_TRUSTED} (self-signed certificate)."),
])  # fmt: skip
def test_certificate_that_ends_or_is_not_to_be_trusted_is_named(settings, monkeypatch, tmp_path, days, trusted, says):
    context = certificate(tmp_path, days)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    with served(answering({}), context) as base:
        settings.BASE_URL = base
        found = told(outside.tls)
    ends = NOW + datetime.timedelta(days=days, hours=1)
    assert found == [says.replace("DAY", f"{ends:%-d %B %Y}").replace("BASE", base)]
