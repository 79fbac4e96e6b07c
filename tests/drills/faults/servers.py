"""Small servers in the place of the real ones: what they say is all that they do."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

MEMORY = 64 * 1024


@contextmanager
def silent() -> Iterator[int]:
    """A port at which connections are taken and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        yield listening.getsockname()[1]


@contextmanager
def talking(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port at which each connection is talked to, and closed then."""

    def take(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                threading.Thread(target=speak, args=[connection], daemon=True).start()

    def speak(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            talk(connection)

    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        port = listening.getsockname()[1]
        thread = threading.Thread(target=take, args=[listening], daemon=True)
        thread.start()
        try:
            yield port
        finally:
            listening.shutdown(socket.SHUT_RDWR)  # wakes whoever waits for the next one
            thread.join()


def hang_up(connection: socket.socket) -> None:
    """At the first word."""
    connection.recv(MEMORY)


def web_server(connection: socket.socket) -> None:
    """Another program answers at this port."""
    connection.recv(MEMORY)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n<html>400 Bad Request</html>")


# --- Redis --------------------------------------------------------------------------------------------------------
def redis(says: bytes, *, then_hangs_up: bool = False) -> Callable[[socket.socket], None]:
    """Says the same to each command."""

    def talk(connection: socket.socket) -> None:
        while heard := connection.recv(MEMORY):
            connection.sendall(says * len(re.findall(rb"^\*\d+\r\n", heard, re.MULTILINE)))
            if then_hangs_up:
                return

    return talk


def redis_with_values_of_others(connection: socket.socket) -> None:
    """It has something under each name, and nobody here can read it."""
    while heard := connection.recv(MEMORY):
        for command in re.findall(rb"^\*\d+\r\n\$\d+\r\n(\w+)", heard, re.MULTILINE):
            connection.sendall(b"$8\r\nnonsense\r\n" if command == b"GET" else b"+OK\r\n")


# --- PostgreSQL ---------------------------------------------------------------------------------------------------
def postgresql_that_starts(connection: socket.socket) -> None:
    """What a server says to everybody until it has read its log (its manual, 55.7)."""
    asked = connection.recv(MEMORY)
    if asked[4:8] == (80877103).to_bytes(4, "big"):  # whether it can do TLS
        connection.sendall(b"N")
        connection.recv(MEMORY)
    fields = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"
    connection.sendall(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields)


# --- Mail ---------------------------------------------------------------------------------------------------------
GOOD = {
    "": "220 here", "EHLO": "250 here", "MAIL": "250 yes", "RCPT": "250 yes", "DATA": "354 go on", ".": "250 taken",
    "RSET": "250 yes", "QUIT": "221 bye",
}  # fmt: skip


def mail_server(says: Mapping[str, str | None], taken: list[bytes]) -> Callable[[socket.socket], None]:
    """A good one but for what it `says`, by the client's word; None: it hangs up, "": it says nothing any more. `taken`
    are the mails that it has got whole, and has not refused."""
    answers = {**GOOD, **says}

    def talk(connection: socket.socket) -> None:
        lines, words = connection.makefile("rb"), ""
        while (answer := answers[words]) is not None:
            connection.sendall(f"{answer}\r\n".encode() if answer else b"")
            if words == "DATA" and answer.startswith("354"):
                mail = b"".join(iter(lines.readline, b".\r\n"))
                words = "."
                if not answers["."] or answers["."].startswith("2"):
                    taken.append(mail)
                continue
            words = lines.readline().decode().strip()[:4].upper()
            if not words:
                return

    return talk


# --- S3 -----------------------------------------------------------------------------------------------------------
def s3_error(status: int, code: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(request: BaseHTTPRequestHandler) -> None:
        body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>Said by the store.</Message></Error>".encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/xml")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(body)

    return answer


def page_for_people(request: BaseHTTPRequestHandler) -> None:
    """As the page of a hotel's network, with a good status."""
    body = b"<html><h1>Welcome</h1>"
    request.send_response(200)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    if request.command != "HEAD":
        request.wfile.write(body)


def _stored(request: BaseHTTPRequestHandler, folder: Path) -> Path | None:
    file = folder / request.path.split("?")[0].removeprefix("/papers/")
    return file if file.is_file() else None


def reads_from(folder: Path, *, half: bool = False) -> Callable[[BaseHTTPRequestHandler], None]:
    """A bucket with what lies in this folder, which takes nothing more; `half`: whose answers break off."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        file = _stored(request, folder)
        if request.command not in ("GET", "HEAD"):
            s3_error(507, "InsufficientStorage")(request)
        elif file is None:
            s3_error(404, "NoSuchKey")(request)
        else:
            body = file.read_bytes()
            request.send_response(206 if "Range" in request.headers else 200)
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            if request.command == "GET":
                request.wfile.write(body[: len(body) // 2] if half else body)
            request.close_connection = True

    return answer


@contextmanager
def bucket(answer: Callable[[Any], None]) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer(self)

        do_HEAD = do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815 -- as above

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A client that goes away is no error of ours."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
