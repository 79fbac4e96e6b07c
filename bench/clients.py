"""Who asks: one visitor with a connection that stays open, wrk for as much as goes, and slow readers."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

from bench.servers import HEADERS


def untrusting() -> ssl.SSLContext:
    """For a certificate that was made a moment ago, on this machine."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class WrongAnswer(Exception):
    """What came is not what is measured."""


@dataclass(frozen=True)
class Answer:
    """`first` and `whole`: seconds from the question to the first and the last byte."""

    status: int
    body: bytes
    first: float
    whole: float
    headers: Mapping[str, str]


@dataclass
class Visitor:
    """Keeps a connection and cookies, as a browser does."""

    url: str
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme == "https":
            self._connection = HTTPSConnection(parts.netloc, timeout=60, context=untrusting())
        else:
            self._connection = HTTPConnection(parts.netloc, timeout=60)

    def ask(self, path: str, form: Mapping[str, str] | None = None) -> Answer:
        headers = HEADERS | self.headers
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None
        if form is not None:
            body, headers["Referer"] = urlencode(form), f"https://{headers['Host']}{path}"
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            return self._once(path, body, headers)
        except (HTTPException, OSError):  # the server closes connections that rest for some seconds
            self._connection.close()
            return self._once(path, body, headers)

    def _once(self, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        begun = time.perf_counter()
        self._connection.request("POST" if body else "GET", path, body, headers)
        response = self._connection.getresponse()
        start = response.read(1)
        first = time.perf_counter() - begun
        content = start + response.read()
        whole = time.perf_counter() - begun
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                self.cookies |= {each.key: each.value for each in SimpleCookie(value).values()}
        return Answer(response.status, content, first, whole, dict(response.getheaders()))

    def get(self, path: str, status: int = 200) -> Answer:
        answer = self.ask(path)
        if answer.status != status:
            raise WrongAnswer(f"{self.url}{path} answers {answer.status}, not {status}.")
        return answer

    def sign_in(self, email: str, password: str) -> Answer:
        """By the form of the site, as everybody."""
        token = _token(self.get("/account/login/").body)
        answer = self.ask("/account/login/", {"login": email, "password": password, "csrfmiddlewaretoken": token})
        if answer.status != 302:
            raise WrongAnswer(f"Signing in is answered with {answer.status}, not 302.")
        return answer


def _token(page: bytes) -> str:
    found = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    if found is None:
        raise WrongAnswer("The form has no token.")
    return found[1].decode()


def wrk(url: str, *, seconds: float, connections: int = 8, headers: Mapping[str, str] | None = None) -> float:
    """Requests a second. Raises WrongAnswer where any answer was an error."""
    found = re.search(r"Requests/sec:\s*([\d.]+)", said := _said_by_wrk(url, seconds, connections, headers))
    assert found, said
    return float(found[1])


def wrk_bytes(url: str, *, seconds: float, connections: int, headers: Mapping[str, str] | None = None) -> float:
    """Bytes a second, of answers so large that on a busy machine none may be whole by then. As `wrk`."""
    found = re.search(r"Transfer/sec:\s*([\d.]+)([KMG]?)B", said := _said_by_wrk(url, seconds, connections, headers))
    assert found, said
    return float(found[1]) * 1024 ** " KMG".index(found[2] or " ")


def _said_by_wrk(url: str, seconds: float, connections: int, headers: Mapping[str, str] | None) -> str:
    sent = HEADERS | (headers or {})
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "10s"]
    command += [each for name, value in sent.items() for each in ("-H", f"{name}: {value}")]
    said = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said:
        raise WrongAnswer(f"{url}: {said}")
    return said


@dataclass(frozen=True)
class Slow:
    """How slow readers fared: seconds until each one's first byte; how many have not had one; bytes in all."""

    firsts: list[float]
    without: int
    received: int


async def _read_slowly(
    port: int, path: str, cookie: str, rate: int, until: float, tls: ssl.SSLContext | None
) -> tuple[float | None, int]:
    begun = time.perf_counter()
    # Small buffers, so that what the kernel takes is about what the reader took.
    connected = socket.socket()
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 * 1024)
    connected.settimeout(0)
    await asyncio.get_running_loop().sock_connect(connected, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(
        sock=connected, limit=16 * 1024, ssl=tls, server_hostname=HEADERS["Host"] if tls else None
    )
    headers = HEADERS | ({"Cookie": cookie} if cookie else {}) | {"Connection": "close"}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode())
    first, received = None, 0
    try:
        while (left := until - time.perf_counter()) > 0:
            try:
                piece = await asyncio.wait_for(reader.read(rate // 4), left)
            except TimeoutError:
                break
            if not piece:
                break
            if first is None:
                first = time.perf_counter() - begun
                if not piece.startswith(b"HTTP/1.1 200"):
                    raise WrongAnswer(piece[:200].decode(errors="replace"))
            received += len(piece)
            due = begun + received / rate
            await asyncio.sleep(max(0.0, min(due, until) - time.perf_counter()))
    finally:
        writer.close()
    return first, received


def slow_readers(
    port: int, path: str, *, cookie: str, seconds: float, count: int = 50, rate: int = 64 * 1024, tls: bool = False
) -> Slow:
    """So many at once, each taking `rate` bytes a second, for so many seconds; then they hang up."""

    async def all_of_them() -> list[tuple[float | None, int]]:
        until, context = time.perf_counter() + seconds, untrusting() if tls else None
        return await asyncio.gather(*(_read_slowly(port, path, cookie, rate, until, context) for _ in range(count)))

    fared = asyncio.run(all_of_them())
    firsts = [first for first, _ in fared if first is not None]
    return Slow(firsts, count - len(firsts), sum(received for _, received in fared))
