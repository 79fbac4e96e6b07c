"""Somebody with a cookie jar, who asks one web process, or nginx over TLS, and sees each answer whole."""

from __future__ import annotations

import html
import http.client
import re
import secrets
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

PASSWORD = "gatehouse-demo"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass
class Answer:
    """`headers` as they came, names in lower case; several of one name with commas between them."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def read(response: http.client.HTTPResponse) -> Answer:
    names = {name.lower() for name, _ in response.getheaders()}
    headers = {name: response.getheader(name) or "" for name in names - {"set-cookie"}}
    return Answer(response.status, headers, response.read())


@dataclass
class Visitor:
    """With `certificate`, at nginx on this port; without, at a web process itself, as nginx would ask it, on the
    machine `host`."""

    port: int
    certificate: Path | None = None
    address: str = "192.0.2.1"
    cookies: dict[str, str] = field(default_factory=dict)
    host: str = "127.0.0.1"

    def elsewhere(self, port: int, certificate: Path | None = None, host: str = "127.0.0.1") -> Visitor:
        """The same person with the same session at another machine."""
        return Visitor(port, certificate, self.address, self.cookies, host)

    def connect(self) -> http.client.HTTPConnection:
        if self.certificate is None:
            return http.client.HTTPConnection(self.host, self.port, timeout=60)
        context = ssl.create_default_context(cafile=str(self.certificate))
        return http.client.HTTPSConnection("localhost", self.port, timeout=60, context=context)

    def begin(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        """An answer of which nothing but the head has been read. The caller closes the connection."""
        sent = dict(headers or {})
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if self.certificate is None:
            sent |= {"Host": "localhost", "X-Forwarded-Proto": "https", "X-Forwarded-For": self.address}
        connection = self.connect()
        connection.request(method, path, body, sent)
        response = connection.getresponse()
        for each in response.msg.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(each).items():
                self.cookies[name] = morsel.value
        return connection, response

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        connection, response = self.begin(method, path, body, headers)
        try:
            return read(response)
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def send(
        self, path: str, fields: Mapping[str, str | Sequence[str]], files: Mapping[str, tuple[str, bytes]] | None = None
    ) -> Answer:
        """Fill in the form that stands at this address, and press its button."""
        token = TOKEN.search(self.get(path).text)
        assert token, f"no form at {path}"
        filled = {"csrfmiddlewaretoken": html.unescape(token[1]), **fields}
        origin = "https://localhost" if self.certificate is None else f"https://localhost:{self.port}"
        if not files:
            content_type, body = "application/x-www-form-urlencoded", urlencode(filled, doseq=True).encode()
        else:
            content_type, body = multipart(filled, files)
        return self.ask("POST", path, body, {"Content-Type": content_type, "Origin": origin})

    def sign_in(self, who: str, password: str = PASSWORD) -> Answer:
        return self.send("/account/login/", {"login": f"{who}@example.org", "password": password})


def multipart(fields: Mapping[str, str | Sequence[str]], files: Mapping[str, tuple[str, bytes]]) -> tuple[str, bytes]:
    """RFC 7578."""
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, (file_name, content) in files.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    return f"multipart/form-data; boundary={boundary}", b"".join(parts) + f"--{boundary}--\r\n".encode()
