"""A visitor who asks for kept pages, and counts how often Django was reached."""

from __future__ import annotations

import io

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from portal import freshness as fresh
from portal import page_cache
from portal.page_cache import PageCache


class Answer:
    def __init__(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.body = int(status[:3]), body
        self.headers = {name.lower(): value for name, value in headers}
        assert len(self.headers) == len(headers)

    @property
    def text(self) -> str:
        return self.body.decode()


class Visitor:
    """Asks the site as gunicorn does, and counts how often Django was reached."""

    def __init__(self) -> None:
        self.reached = 0
        django = WSGIHandler()

        def application(environ, start_response):
            self.reached += 1
            return django(environ, start_response)

        self.site = PageCache(application)

    def get(self, address: str = "/", method: str = "GET", **environ: str) -> Answer:
        path, _, query = address.partition("?")
        said: list = []
        asked = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(), "SERVER_NAME": "testserver", "SERVER_PORT": "80",
            "HTTP_HOST": "testserver", "REMOTE_ADDR": "198.51.100.7", "SERVER_PROTOCOL": "HTTP/1.1",
        } | environ  # fmt: skip
        result = self.site(asked, lambda *given: said.extend(given))
        try:
            body = b"".join(result)
        finally:
            if hasattr(result, "close"):
                result.close()
        return Answer(said[0], said[1], body)


@pytest.fixture(autouse=True)
def look_each_time(monkeypatch):
    """And keep the test's connection, with its transaction, as Django's own client does."""
    monkeypatch.setattr(fresh, "CHECK_EVERY", 0)
    monkeypatch.setattr(page_cache, "close_old_connections", lambda: None)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    fresh.freshness.expire()
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()
