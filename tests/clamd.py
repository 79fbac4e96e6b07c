"""A virus scanner that speaks clamd's protocol and does what a test wants of it."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

EVIL = b"something evil"  # what it finds, under the name of EVIL_NAME
EVIL_NAME = "Test.Evil-1"
Talk = Callable[["Conversation"], None]


class Conversation(socketserver.BaseRequestHandler):
    """One question."""

    server: _Server

    def handle(self) -> None:
        clamd = self.server.clamd
        question = self._until_nul()
        clamd.asked.append(question)
        if question == b"zINSTREAM":
            clamd.talk(self)
        else:
            self.say({b"zPING": "PONG", b"zVERSION": clamd.signatures}.get(question, "UNKNOWN COMMAND"))

    def say(self, words: str | bytes) -> None:
        self.request.sendall(words.encode() + b"\0" if isinstance(words, str) else words)

    def file(self, most: int = 1 << 40) -> bytes | None:
        """All of it; None where it is larger than this."""
        content = b""
        while size := int.from_bytes(self.exactly(4), "big"):
            if len(content) + size > most:
                return None
            content += self.exactly(size)
        self.server.clamd.files.append(content)
        return content

    def exactly(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            more = self.request.recv(size - len(found))
            if not more:
                raise ConnectionError("the client has gone")
            found += more
        return found

    def _until_nul(self) -> bytes:
        found = b""
        while not found.endswith(b"\0"):
            found += self.exactly(1)
        return found[:-1]


def as_it_should(conversation: Conversation) -> None:
    clamd = conversation.server.clamd
    content = conversation.file(clamd.most)
    if content is None:
        conversation.say("INSTREAM size limit exceeded. ERROR")
    elif content in clamd.mourned:
        return  # it dies of it
    else:
        conversation.say(f"stream: {clamd.name} FOUND" if clamd.evil in content else "stream: OK")


def answers(words: str | bytes) -> Talk:
    """To whatever file."""

    def talk(conversation: Conversation) -> None:
        conversation.file()
        conversation.say(words)

    return talk


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = False
    clamd: Clamd

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no error of ours."""


class Clamd:
    """`most` bytes are looked at; `evil` is what is found in a file, as `name`; `mourned` are files of which it dies.
    `asked` and `files` are what it was told."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.signatures, self.most, self.evil, self.name = (
            "ClamAV 1.4.6/1/Mon Nov 30 08:00:00 2026",
            1 << 40,
            EVIL,
            EVIL_NAME,
        )
        self.talk: Talk = as_it_should
        self.mourned: list[bytes] = []
        self.asked: list[bytes] = []
        self.files: list[bytes] = []
        self.over = threading.Event()  # for talks that wait until the test is over
        self._server: _Server | None = None

    @property
    def address(self) -> str:
        return f"unix://{self.path}"

    def __enter__(self) -> Clamd:
        self.comes()
        return self

    def __exit__(self, *args: object) -> None:
        self.over.set()
        self.goes()

    def comes(self) -> None:
        self._server = _Server(str(self.path), Conversation)
        self._server.clamd = self
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def goes(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self.path.unlink()
            self._server = None


def hang_up(conversation: Conversation) -> None:
    conversation.request.shutdown(socket.SHUT_RDWR)
