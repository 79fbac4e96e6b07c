"""The kept public pages: what is kept, for whom and in which shape; and that a burst makes a page once."""

from __future__ import annotations

import gzip
import threading

import brotli
import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from portal import freshness as fresh
from portal import packing, page_cache
from portal.models import NewsIndexPage
from portal.page_cache import DECLARED, PageCache, Shelf
from tests.factories import make_member, make_post
from tests.portal import visiting
from tests.portal.reading import set_site
from tests.portal.visiting import Visitor

pytestmark = pytest.mark.django_db
look_each_time, visitor = visiting.look_each_time, visiting.visitor


@pytest.fixture
def post(db):
    set_site(organisation_name="Safe Places", hold_first_comment=False)
    return make_post("A post")


# --- What is kept, and for whom ---------------------------------------------------------------------------------
ADDRESSES = ("/", "/news/", "/news/?before=99999999999999999-1", "/news/archive/", "/news/feed/", "/sitemap.xml",
             "/robots.txt")  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_second_visitor_gets_the_same_page_without_django(address, visitor, post, django_assert_num_queries):
    first = visitor.get(address)
    with CaptureQueriesContext(connection) as asked:
        second = visitor.get(address)
    assert (first.status, visitor.reached) == (200, 1)
    assert (second.body, second.headers) == (first.body, first.headers)
    assert all(' FROM "cache" ' in query["sql"] for query in asked.captured_queries)
    assert second.headers["cache-control"] == "public, max-age=0, s-maxage=1, stale-while-revalidate=1"
    assert second.headers["vary"] == "Cookie, Accept-Encoding"
    assert "default-src 'none'" in second.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("address", "environ"),
    [
        ("/account/login/", {}),
        ("/nothing/here/", {}),
        ("/news", {}),
        ("/files/", {}),
        ("/health/live/", {}),
        ("/?utm_source=elsewhere", {}),
        ("/", {"REQUEST_METHOD": "POST"}),
        ("/", {"HTTP_AUTHORIZATION": "Basic eA=="}),
        ("/", {"HTTP_COOKIE": "session=x"}),
        ("/", {"HTTP_COOKIE": "messages=x"}),
        ("/", {"HTTP_COOKIE": "other=1; session=x"}),
        ("/", {"HTTP_HOST": "elsewhere.example"}),
    ],
)
def test_everything_else_goes_to_django_each_time(address, environ, visitor, post, settings):
    if "session" in environ.get("HTTP_COOKIE", ""):
        environ = {"HTTP_COOKIE": environ["HTTP_COOKIE"].replace("session", settings.SESSION_COOKIE_NAME)}
    visitor.get(address)
    before = visitor.reached
    method = environ.get("REQUEST_METHOD", "GET")
    for _ in range(2):
        answer = visitor.get(address, method, **environ)
        assert (
            "s-maxage" not in answer.headers.get("cache-control", "")
            or "utm" in address
            or "HTTP_AUTHORIZATION" in environ
        )
    assert visitor.reached == before + 2


def test_cookies_of_no_meaning_do_not_matter(visitor, post):
    visitor.get("/")
    assert visitor.get("/", HTTP_COOKIE="theme=dark; csrf=x").status == 200
    assert visitor.reached == 1


def test_member_and_visitor_never_get_each_others_page(visitor, post, signed_in):
    member = signed_in(make_member(first_name="Heliotrope7731"))
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in member.cookies.items())
    for address in ("/", post.url):
        own = visitor.get(address, HTTP_COOKIE=cookies)
        assert "Heliotrope7731" in own.text
        assert own.headers["cache-control"] == "private, no-store"
        public = visitor.get(address)
        assert "Heliotrope7731" not in public.text
        assert visitor.get(address, HTTP_COOKIE=cookies).body != public.body


def test_answer_with_a_cookie_or_a_nonce_is_not_kept(post):
    for extra in (("Set-Cookie", "a=b"), ("Content-Security-Policy", "script-src 'nonce-abc'")):
        made = []

        def application(environ, start_response, extra=extra, made=made):
            made.append(environ[DECLARED] == environ.setdefault(DECLARED, True) if DECLARED in environ else None)
            environ[DECLARED] = True
            start_response("200 OK", [("Content-Type", "text/html"), extra])
            return [b"page"]

        visitor = Visitor()
        visitor.site = PageCache(application)
        assert [visitor.get("/").body for _ in range(2)] == [b"page"] * 2
        assert len(made) == 2


def test_private_page_is_not_kept(visitor, post):
    PageViewRestriction.objects.create(page=post.page_ptr, restriction_type=PageViewRestriction.LOGIN)
    assert [visitor.get(post.url).status for _ in range(2)] == [302, 302]
    assert visitor.reached == 2


# --- Conditional, packed, headers alone --------------------------------------------------------------------------
def test_known_page_is_not_sent_again(visitor, post):
    first = visitor.get("/")
    again = visitor.get("/", HTTP_IF_NONE_MATCH=f'"other", {first.headers["etag"]}')
    assert (again.status, again.body, visitor.reached) == (304, b"", 1)
    assert set(again.headers) == {"etag", "cache-control", "vary"}
    post.title = "Another title"
    post.save()
    assert visitor.get("/", HTTP_IF_NONE_MATCH=first.headers["etag"]).status == 200


def test_page_that_was_made_for_somebody_who_unpacks_is_plain_for_the_next(visitor, post):
    first = visitor.get("/", HTTP_ACCEPT_ENCODING="gzip")
    plain = visitor.get("/")
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(first.body) == plain.body


def test_file_of_the_site_is_left_to_whatever_packs_it(visitor):
    for _ in range(2):
        sheet = visitor.get("/static/css/site.css", HTTP_ACCEPT_ENCODING="gzip")
        assert (sheet.status, sheet.headers["content-encoding"]) == (200, "gzip")


def test_page_is_packed_for_whoever_unpacks_it(visitor, post):
    plain = visitor.get("/")
    unpack = {"gzip": gzip.decompress, "br": brotli.decompress}
    for accepted, name in (("gzip", "gzip"), ("gzip, deflate, br", "br"), ("br;q=0, gzip;q=0.8", "gzip")):
        packed = visitor.get("/", HTTP_ACCEPT_ENCODING=accepted)
        assert unpack[name](packed.body) == plain.body
        assert packed.headers["content-encoding"] == name
        assert packed.headers["content-length"] == str(len(packed.body))
        assert packed.headers["vary"] == plain.headers["vary"]
    assert visitor.get("/", HTTP_ACCEPT_ENCODING="gzip;q=0, zstd").body == plain.body
    assert visitor.reached == 1


def test_page_that_is_too_large_to_keep_is_packed_as_each_visitor_unpacks_it(visitor, post, monkeypatch):
    plain, done, pack = visitor.get("/").body, [], packing.packed
    monkeypatch.setattr(page_cache, "LARGEST", len(plain) - 1)
    monkeypatch.setattr(packing, "packed", lambda body, way: done.append(way) or pack(body, way))
    fresh.freshness.expire()
    unpack = {"gzip": gzip.decompress, "br": brotli.decompress, "": bytes}
    for way in ("gzip", "br", "", "br"):
        answer = visitor.get("/", HTTP_ACCEPT_ENCODING=way)
        assert (answer.headers.get("content-encoding", ""), unpack[way](answer.body)) == (way, plain)
    assert (done, visitor.reached) == (["gzip", "br", "br"], 5)


@pytest.mark.parametrize("address", ["/", "/nothing/", "/account/login/"])
def test_head_has_the_headers_and_no_body(address, visitor, post):
    head, page = visitor.get(address, "HEAD"), visitor.get(address)
    assert (head.status, head.body) == (page.status, b"")
    assert head.headers.keys() - {"set-cookie"} == page.headers.keys() - {"set-cookie"}


# --- Bursts and limits ------------------------------------------------------------------------------------------
def test_burst_on_a_cold_page_makes_it_once(post):
    entered, release, made = threading.Event(), threading.Event(), []

    def application(environ, start_response):
        made.append(1)
        entered.set()
        assert release.wait(20)
        environ[DECLARED] = True
        start_response("200 OK", [("Content-Type", "text/html")])
        return [b"page"]

    visitor, bodies = Visitor(), []
    visitor.site = PageCache(application)
    known = fresh.freshness.generation()
    fresh_stays = pytest.MonkeyPatch()
    fresh_stays.setattr(page_cache, "_generation", lambda: known)
    burst = [threading.Thread(target=lambda: bodies.append(visitor.get("/").body)) for _ in range(20)]
    try:
        for each in burst:
            each.start()
        assert entered.wait(20)
        release.set()
        for each in burst:
            each.join(20)
    finally:
        fresh_stays.undo()
    assert (bodies, len(made)) == ([b"page"] * 20, 1)
    assert visitor.site._turns._held == {}


def test_shelf_throws_out_what_was_used_longest_ago():
    def kept(size: int) -> page_cache.Kept:
        return page_cache._kept(1, 1, "200 OK", [], bytes(size))

    shelf = Shelf(most_bytes=2_300)
    for key in ("a", "b"):
        shelf.put(key, kept(1_000))
    assert shelf.get("a", 1)
    shelf.put("c", kept(1_000))
    assert [bool(shelf.get(key, 1)) for key in "abc"] == [True, False, True]
    assert shelf.get("a", 2) is None
    assert shelf.bytes == shelf.get("c", 1).size


def test_news_list_of_the_demonstration_is_kept_under_its_own_address(visitor, post):
    assert NewsIndexPage.objects.get().url == "/news/"
    assert visitor.get("/news/").body != visitor.get("/").body
    assert cache.get(fresh.KEY)
