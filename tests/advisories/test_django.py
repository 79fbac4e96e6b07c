"""Django's advisories of 2025 and 2026 about what people send, those that can apply here, each tried on this site.
docs/security.md has the list."""

from __future__ import annotations

import base64
import io
import logging
import tracemalloc

import pytest
from django.http.multipartparser import LazyStream
from django.test.client import BOUNDARY, MULTIPART_CONTENT
from django.utils.translation import trans_real

from members.models import User
from portal.long_headers import LONGEST, refuse_long_headers
from portal.ops.log import JsonFormatter, PlainFormatter
from portal.wsgi import application as site
from tests.factories import PASSWORD, make_member, make_post
from tests.members import joining
from tests.portal.reading import MARKER

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("literal", ["1:" * 100, ":" * 200_000, "::" + "f" * 100_000])
def test_cve_2024_56374_endless_address_of_version_6_is_no_address(literal, client):
    """Of January 2025: an address of any length was taken apart colon by colon, also inside an e-mail address."""
    answer = joining.apply(client, email=f"ada@[{literal}]")
    assert answer.status_code == 400
    assert joining.errors_in(answer)
    assert not User.objects.exists()


@pytest.mark.parametrize("text", ["<a" * 600, "<!--" * 1000, "<" * 100_000])
def test_cve_2025_32873_words_of_an_old_body_that_only_begin_like_markup_are_shown(text, client):
    """Taking away markup took very long; since, it refuses, which must not close the page."""
    post = make_post("Old")
    type(post).objects.filter(pk=post.pk).update(body=[{"type": "gone", "value": f"{MARKER} {text}"}])
    answer = client.get(post.url)
    assert answer.status_code == 200
    assert MARKER in answer.content.decode()
    assert "<a<a" not in answer.content.decode()


@pytest.mark.parametrize("formatter", [PlainFormatter("{levelname} {message}", style="{"), JsonFormatter()])
def test_cve_2025_48432_address_with_line_breaks_makes_one_line_of_the_log(formatter, client):
    """Whoever asked for such an address wrote lines of their own into the log, or coloured it."""
    written, handler = io.StringIO(), logging.StreamHandler()
    handler.setStream(written)
    handler.setFormatter(formatter)
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    try:
        assert client.get("/nothing%0d%0aERROR%20forged%1b%5b31m%e2%80%a8/").status_code == 404
    finally:
        logger.removeHandler(handler)
    assert len(written.getvalue().splitlines()) == 1
    assert "\x1b" not in written.getvalue()
    assert "forged" in written.getvalue()


def multipart(body: bytes) -> bytes:
    """A form with the parts for signing in, and a file that says it is in base64."""
    head = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (("login", "pat@example.org"), ("password", PASSWORD))
    )
    head += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
    head += "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head.encode() + body + f"\r\n--{BOUNDARY}--\r\n".encode()


def test_cve_2026_33033_blanks_in_a_file_s_base64_are_read_in_large_pieces(client, monkeypatch):
    """Each blank made the reader fetch the missing bytes one by one, and copy the rest each time."""
    make_member("pat@example.org")
    reads, read = [], LazyStream.read
    monkeypatch.setattr(LazyStream, "read", lambda self, size=None: reads.append(size) or read(self, size))
    body = multipart(b"A" + b" " * 1024**2 + b"AAA")
    answer = client.generic("POST", "/account/login/", body, MULTIPART_CONTENT)
    assert answer["Location"] == "/members/"
    assert len(reads) < 1000


def test_cve_2026_108147_file_in_base64_goes_to_the_disk_as_any_other(client):
    """It was kept in memory whole, whatever its size."""
    make_member("pat@example.org")
    body = multipart(base64.b64encode(b"x" * 12 * 1024**2))
    tracemalloc.start()
    try:
        answer = client.generic("POST", "/account/login/", body, MULTIPART_CONTENT)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer["Location"] == "/members/"
    assert most < len(body) + 4 * 1024**2  # what this test sends is there once


@pytest.mark.parametrize("name", ["CONTENT_TYPE", "HTTP_ACCEPT"])
def test_cve_2026_84429_header_with_many_parts_is_refused_before_it_is_read(name):
    """Its reading takes the square of its length, and Django leaves that to Python."""
    said: list[str] = []
    reached: list[str] = []

    def django(environ, start_response):
        reached.append(environ[name])
        start_response("200 OK", [])
        return []

    for length in (LONGEST, LONGEST + 1):
        header = ('text/html; x="' + ";" * length)[:length]
        for asked in (refuse_long_headers(django), site) if length > LONGEST else (refuse_long_headers(django),):
            asked({name: header}, lambda status, _headers: said.append(status))
    assert said == ["200 OK", "400 Bad Request", "400 Bad Request"]
    assert [len(each) for each in reached] == [LONGEST]


def test_cve_2026_77050_and_2026_15337_languages_that_visitors_name_are_not_remembered(client, signed_in):
    """Each distinct, endless language code stayed in memory."""
    caches = [each for each in vars(trans_real).values() if hasattr(each, "cache_info")]
    assert len(caches) >= 3
    client.get("/")
    before = [each.cache_info().currsize for each in caches]
    member = signed_in(make_member())
    for number in range(2):
        code = f"x{number}" + "-abcdefgh" * 500
        for reader in (client, member):
            assert reader.get("/", headers={"accept-language": code}).status_code == 200
            assert reader.post("/i18n/setlang/", {"language": code}).status_code == 404
    assert [each.cache_info().currsize for each in caches] == before
