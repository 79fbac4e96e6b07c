"""Errors to a Sentry server: a real error of the site, and what a server of our own gets of it."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import brotli
import pytest

from tests.portal.test_settings import pytestmark, start  # noqa: F401 -- the mark holds here too

# A sign-in, as gunicorn asks for it, on a site without any table, which fails as a whole.
SIGN_IN = """
import io, sentry_sdk
from portal.wsgi import application
body = b"login=ann%40example.org&password=secret+of+ann"
asked = {
    "REQUEST_METHOD": "POST", "PATH_INFO": "/account/login/", "QUERY_STRING": "next=/files/&token=token-of-ann",
    "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "443", "wsgi.url_scheme": "https", "REMOTE_ADDR": "192.0.2.77",
    "HTTP_HOST": "127.0.0.1", "HTTP_X_REQUEST_ID": "of-the-proxy", "HTTP_COOKIE": "session=session-of-ann",
    "CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(body)),
    "wsgi.input": io.BytesIO(body),
}
b"".join(application(asked, lambda status, headers: print(status)))
sentry_sdk.flush()
"""

UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress}


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """Its address, and what it was sent."""
    sent: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            sent.append(UNPACK.get(self.headers["Content-Encoding"], bytes)(body).decode())
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *args: object) -> None:
            """Quietly."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://key@127.0.0.1:{running.server_port}/1", sent
        running.shutdown()


def test_error_is_sent_with_its_place_and_the_request_and_nothing_about_the_person(tmp_path, server):
    dsn, sent = server
    done = start(tmp_path, "-c", SIGN_IN, SENTRY_DSN=dsn, TRUSTED_PROXY_COUNT="1",
                 DJANGO_SETTINGS_MODULE="portal.settings.dev")  # fmt: skip
    assert done.stdout == "500 Internal Server Error\n", done.stderr
    told = "\n".join(sent)
    for wanted in (
        "OperationalError",
        "no such table",
        '"request":"of-the-proxy"',
        "/account/login/",
        '"method":"POST"',
    ):
        assert wanted in told, wanted
    for unwanted in (
        "ann@",
        "ann%40",
        "of-ann",
        "of+ann",
        "next=",
        '"user"',
        '"vars"',
        "REMOTE_ADDR",
        "192.0.2.77",
    ):
        assert unwanted not in told, unwanted


def test_without_the_package_the_start_stops_with_one_sentence(tmp_path):
    code = "import sys; sys.modules['sentry_sdk'] = None; import portal.settings.base"
    done = start(tmp_path, "-c", code, SENTRY_DSN="https://key@sentry.example.org/1")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Gatehouse cannot start: SENTRY_DSN is set, but the package is not there: install it with “pip install "
        "'sentry-sdk>=2.40'”.\n"
    )
