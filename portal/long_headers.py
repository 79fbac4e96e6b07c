"""No long lists in headers: a thin layer of WSGI in front of everything else.

Some headers are read part by part. Since Django 5.2.18 Python's reader of mail headers does it, whose work grows with
the square of the length in Pythons that this site runs on (CVE-2026-84429): with 3.11, eight kilobytes of semicolons
between quotes keep a processor busy for a tenth of a second. Django reads the content's type before any middleware, of
whoever asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

READ_IN_PARTS = ("CONTENT_TYPE", "HTTP_ACCEPT")
LONGEST = 1024  # characters; browsers send less than a quarter
SENTENCE = b"A header of this request is longer than this site reads.\n"


def refuse_long_headers(application: WSGIApplication) -> WSGIApplication:
    """400 for a request whose header would be expensive, before anybody reads it."""

    def refusing(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if all(len(environ.get(name, "")) <= LONGEST for name in READ_IN_PARTS):
            return application(environ, start_response)
        headers = {
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Length": str(len(SENTENCE)),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        start_response("400 Bad Request", list(headers.items()))
        return [SENTENCE]

    return refusing
