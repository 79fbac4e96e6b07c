"""Asking clamd about a file, in its own words (clamd(8)): one question to a connection, ended by a NUL.

Fails closed: "clean" is one answer, word for word, after the whole file. Whatever else comes, or does not come, is no
verdict. A file goes in pieces, each behind its length in four bytes, and a length of nought ends it.
"""

from __future__ import annotations

import contextlib
import select
import socket
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

CONNECT, ANSWER = 5.0, 10.0  # seconds
# Seconds for a file, and one more for each so many bytes: longer than MaxScanTime in deploy/clamd.conf, so that clamd
# says itself that it came to no end.
PATIENCE, BYTES_A_SECOND = 310.0, 8 * 1024**2
LONGEST_ANSWER = 4096
CLEAN, FOUND = "stream: OK", " FOUND"
SIZE_LIMIT = "INSTREAM size limit exceeded. ERROR"
# What clamd "finds" where it could not look through all of a file, with AlertExceedsMax.
LIMITS = "Heuristics.Limits.Exceeded"


class NoVerdict(Exception):
    """Nobody can say whether the file is clean; the words say why."""


class Away(NoVerdict):
    """Nobody answers at the scanner's address."""


class Failed(NoVerdict):
    """Somebody answers there, but not with a verdict."""


class Late(Failed):
    """It took the question, and patience ended before its answer: for this file's sake, or for any."""


@dataclass(frozen=True)
class Verdict:
    """What the scanner says of a file: what it found ("" in a clean one), or that it could not look through all of
    it."""

    found: str = ""
    too_large: bool = False


def ping() -> None:
    """Raises NoVerdict where the scanner is not ready."""
    if (said := _ask(b"zPING\0")) != "PONG":
        raise Failed(f"it answers “{said}” to a ping")


def version() -> str:
    """The scanner's own words for its program and its signatures, such as "ClamAV 1.4.6/27834/Mon Nov 30 …"."""
    said = _ask(b"zVERSION\0")
    if not said.startswith("ClamAV "):
        raise Failed(f"it answers “{said}” when asked for its version")
    return said


def scan(pieces: Iterable[bytes], size: int) -> Verdict:
    """The verdict on a file of this size. Raises NoVerdict; and whatever reading the pieces raises."""
    with _conversation(PATIENCE + size / BYTES_A_SECOND) as clamd:
        clamd.say(b"zINSTREAM\0")
        is_whole = _tell(clamd, pieces)
        said = clamd.hear()
    if said == SIZE_LIMIT:
        return Verdict(found=said, too_large=True)
    if said.startswith("stream: ") and said.endswith(FOUND):
        found = said.removeprefix("stream: ").removesuffix(FOUND)
        return Verdict(found=found, too_large=found.startswith(LIMITS))
    if said == CLEAN and is_whole:
        return Verdict()
    raise Failed(f"it answers “{said}”" if is_whole else f"it answers “{said}” before it has the whole file")


def _tell(clamd: _Conversation, pieces: Iterable[bytes]) -> bool:
    """Send the file; False where the scanner wants no more of it."""
    for piece in filter(None, pieces):
        if clamd.has_spoken() or not clamd.say(len(piece).to_bytes(4, "big") + piece):
            return False
    return not clamd.has_spoken() and clamd.say(bytes(4))


def _ask(question: bytes) -> str:
    with _conversation(ANSWER) as clamd:
        clamd.say(question)
        return clamd.hear()


class _Conversation:
    """One connection, with one moment at which patience ends. Raises Failed for whatever breaks it."""

    def __init__(self, peer: socket.socket, patience: float) -> None:
        self._peer, self._patience, self._end = peer, patience, time.monotonic() + patience
        self._spoken = select.poll()
        self._spoken.register(peer, select.POLLIN)

    @contextlib.contextmanager
    def _in_time(self) -> Iterator[None]:
        try:
            self._peer.settimeout(max(self._end - time.monotonic(), 0.001))
            yield
        except TimeoutError as error:
            raise Late(f"it did not come to an end within {self._patience:.0f} seconds") from error
        except OSError as error:
            raise Failed(f"the connection broke ({error.strerror or error})") from error

    def say(self, words: bytes) -> bool:
        """False where the other side has hung up: it may have said why."""
        with self._in_time():
            try:
                self._peer.sendall(words)
            except (BrokenPipeError, ConnectionResetError):
                return False
        return True

    def has_spoken(self) -> bool:
        return bool(self._spoken.poll(0))

    def hear(self) -> str:
        """The whole answer, without control characters."""
        heard = b""
        while not heard.endswith(b"\0"):
            with self._in_time():
                more = self._peer.recv(LONGEST_ANSWER)
            heard += more
            if not more or len(heard) > LONGEST_ANSWER:
                raise Failed("its answer does not end" if more else "it broke off without an answer")
        text = heard[:-1].decode(errors="replace")
        return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


@contextlib.contextmanager
def _conversation(patience: float) -> Iterator[_Conversation]:
    """Raises Away where nobody is there."""
    try:
        peer = _connect()
    except OSError as error:
        raise Away(f"it cannot be reached ({error.strerror or error})") from error
    with peer:
        yield _Conversation(peer, patience)


def _connect() -> socket.socket:
    parts = urlsplit(settings.CLAMD_URL)
    if parts.scheme == "tcp":
        return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=CONNECT)
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    peer.settimeout(CONNECT)
    try:
        peer.connect(parts.path)
    except OSError:
        peer.close()
        raise
    return peer
