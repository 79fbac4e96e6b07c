"""Asking a server over HTTP as a stranger would: the path as it stands, no redirect followed, no cookie."""

from __future__ import annotations

import datetime
import http.client
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

TIMEOUT = 10  # seconds
MOST = 64 * 1024  # bytes of a body


class Unreachable(Exception):
    """Nobody answered, or not as a web server does; the words say why."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def ask(base: str, path: str) -> Answer:
    """GET a path of the server at `base`, such as https://www.example.org. Raises Unreachable."""
    connection = _connect(base)
    try:
        connection.request("GET", path, headers={"User-Agent": "gatehouse-doctor"})
        said = connection.getresponse()
        return Answer(said.status, said.headers, said.read(MOST))
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(_why(error)) from error
    finally:
        connection.close()


def certificate_ends(base: str) -> datetime.datetime:
    """When the certificate of an https server does. Raises Unreachable, also when nobody should trust it."""
    connection = _connect(base)
    try:
        connection.connect()
        socket: Any = connection.sock  # of ssl, since the address is https
        told: dict[str, Any] = socket.getpeercert()
        return datetime.datetime.fromtimestamp(ssl.cert_time_to_seconds(told["notAfter"]), datetime.UTC)
    except OSError as error:
        raise Unreachable(_why(error)) from error
    finally:
        connection.close()


def _connect(base: str) -> http.client.HTTPConnection:
    parts = urlsplit(base)
    if parts.scheme == "https":
        return http.client.HTTPSConnection(parts.netloc, timeout=TIMEOUT, context=ssl.create_default_context())
    return http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT)


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not to be trusted ({error.verify_message})"
    return str(getattr(error, "strerror", None) or error or type(error).__name__)
