"""What a browser says that it unpacks, and what it is given."""

from __future__ import annotations

import brotli
import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from portal import packing
from portal.middleware import CompressionMiddleware

TEXT = b"The same words for everybody. " * 20


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("gzip, deflate, br, zstd", "br"), ("BR", "br"), ("gzip;q=1.0, br;q=0.5", "br"), ("br ; q=0.001", "br"),
        ("br;q=0, gzip", "gzip"), ("gzip, br; q=0.000", "gzip"), ("gzip;q=0, br;q=0.0", ""), ("gzip", "gzip"),
        ("", ""), ("identity", ""), ("deflate, zstd", ""), ("brotli, xbr", ""), ("br;q=1", "br"), ("br;q=0.", ""),
    ],
)  # fmt: skip
def test_smaller_packing_is_chosen_of_those_that_are_taken(accepted, chosen):
    assert packing.chosen(accepted) == chosen


def passed(response, accepted: str = "gzip, br"):
    request = RequestFactory().get("/", headers={"accept-encoding": accepted})
    return CompressionMiddleware(lambda _: response)(request)


def test_answer_is_packed_whole_and_its_sum_no_longer_stands_for_each_byte():
    answer = passed(HttpResponse(TEXT, headers={"ETag": '"sum"', "Vary": "Cookie"}))
    assert brotli.decompress(answer.content) == TEXT
    assert dict(answer.headers) == {
        "Content-Type": "text/html; charset=utf-8", "Content-Encoding": "br", "ETag": 'W/"sum"',
        "Vary": "Cookie, Accept-Encoding", "Content-Length": str(len(answer.content)),
    }  # fmt: skip


@pytest.mark.parametrize(
    "headers",
    [
        {"Cache-Control": "private, no-store"}, {"Content-Type": "image/png"}, {"Content-Encoding": "zstd"},
    ],
)  # fmt: skip
def test_answer_that_is_private_or_no_text_or_packed_already_stays_as_it_is(headers):
    answer = passed(HttpResponse(TEXT, headers=headers))
    assert (answer.content, answer.get("Content-Encoding")) == (TEXT, headers.get("Content-Encoding"))


def test_short_answer_stays_as_it_is(monkeypatch):
    monkeypatch.setattr(packing, "by_brotli", lambda content: pytest.fail("packed for nothing"))
    answer = passed(HttpResponse(TEXT[:199]))
    assert (answer.content, answer.headers) == (TEXT[:199], {"Content-Type": "text/html; charset=utf-8"})


def test_answer_that_comes_piece_by_piece_is_packed_as_gzip():
    assert passed(StreamingHttpResponse([TEXT]))["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in passed(StreamingHttpResponse([TEXT]), "br")


def test_answer_stays_as_it_is_for_whoever_refuses_both():
    answer = passed(HttpResponse(TEXT), "gzip;q=0, br;q=0")
    assert (answer.content, answer.get("Content-Encoding"), answer["Vary"]) == (TEXT, None, "Accept-Encoding")
