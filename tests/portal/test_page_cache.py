"""The kept public pages: what is kept, for whom, until when; and that a burst makes a page once."""

from __future__ import annotations

import datetime
import gzip
import io
import threading

import brotli
import pytest
import time_machine
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import CollectionViewRestriction, PageViewRestriction

from fileshare.services import publish
from members.models import Organisation
from portal import freshness as fresh
from portal import packing, page_cache
from portal.models import Author, Comment, HomePage, NewsIndexPage, PostTag, SiteSettings, StandardPage, Topic
from portal.page_cache import DECLARED, PageCache, Shelf
from tests.factories import make_administrator, make_folder, make_member, make_post
from tests.portal.reading import make_note, set_site
from tests.portal.test_storages import make_picture

pytestmark = pytest.mark.django_db
CHECK_EVERY = fresh.CHECK_EVERY  # as the site has it


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


# --- Until when -------------------------------------------------------------------------------------------------
def change_setting(post):
    SiteSettings.objects.get().save()


def comment(post):
    Comment.objects.create(post=post, author=make_member(), text="Words", state="appeared")


def attach_and_withdraw(post):
    paper = make_note()
    fresh.freshness.generation()
    publish.withdraw(document=paper, by=make_administrator(), reason="A slip.")


CHANGES = {
    "a published post": lambda post: make_post(),
    "a draft made public": lambda post: make_post(live=False).save_revision().publish(),
    "a post taken back": lambda post: post.unpublish(),
    "a post deleted": lambda post: post.delete(),
    "a page moved": lambda post: StandardPage.objects.get(slug="one").move(StandardPage.objects.get(slug="two")),
    "a private page": lambda post: PageViewRestriction.objects.create(
        page=post.page_ptr, restriction_type=PageViewRestriction.LOGIN
    ),
    "a setting": change_setting,
    "a topic": lambda post: Topic.objects.create(name="T", slug="t"),
    "a tag": lambda post: PostTag.objects.create(name="T"),
    "an author": lambda post: Author.objects.create(name="A", slug="a"),
    "an organisation": lambda post: Organisation.objects.create(name="O"),
    "a comment": comment,
    "a paper": lambda post: make_note(),
    "a withdrawn paper": attach_and_withdraw,
    "a folder": lambda post: make_folder(),
    "a folder's audience": lambda post: CollectionViewRestriction.objects.create(
        collection=make_folder(), restriction_type="groups"
    ).groups.set([]),
    "a picture": lambda post: make_picture(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_change_makes_the_page_anew_here_at_once_and_elsewhere_after_the_commit(
    change, visitor, post, django_capture_on_commit_callbacks
):
    home = HomePage.objects.get()
    for slug in ("one", "two"):
        home.add_child(instance=StandardPage(title=slug, slug=slug))
    elsewhere = fresh.Freshness()
    visitor.get("/")
    there = elsewhere.generation()
    assert elsewhere.generation() == there
    connection.run_on_commit.clear()  # of making the pages above
    with django_capture_on_commit_callbacks(execute=True) as announced:
        CHANGES[change](post)
        visitor.get("/")
        assert visitor.reached == 2
        assert elsewhere.generation() == there
    assert announced
    assert elsewhere.generation() != there
    visitor.get("/")
    assert visitor.reached == 3


@pytest.mark.parametrize("act", ["a draft is saved", "somebody signs in", "a read is counted"])
def test_what_the_public_does_not_see_keeps_the_page(act, visitor, post, client):
    member = make_member()
    visitor.get("/")
    if act == "a draft is saved":
        post.title = "Another"
        post.save_revision()
    elif act == "somebody signs in":
        client.post("/account/login/", {"login": member.email, "password": "correct horse battery"})
    else:
        client.post(f"/news/reads/{post.pk}/")
    visitor.get("/")
    assert visitor.reached == 1


def test_embargo_ends_expiry_comes_and_dated_post_appears_without_anybody_doing_anything(visitor, post):
    now = timezone.now()
    make_note(publish_at=now + datetime.timedelta(hours=1), expires_at=now + datetime.timedelta(hours=2))
    make_post(published_at=now + datetime.timedelta(hours=3))
    elsewhere = fresh.Freshness()
    with time_machine.travel(now, tick=False) as clock:
        seen = [elsewhere.generation()]
        for _ in range(3):
            clock.shift(3599)
            assert elsewhere.generation() == seen[-1]
            clock.shift(1)
            seen.append(elsewhere.generation())
            assert seen[-1] != seen[-2]
        clock.shift(86_400)
        assert elsewhere.generation() == seen[-1]


def test_page_grows_old_so_that_its_count_of_reads_follows(visitor, post, monkeypatch):
    monkeypatch.setattr(page_cache, "GROWS_OLD_AFTER", 0)
    visitor.get("/")
    visitor.get("/")
    assert visitor.reached == 2


def test_page_made_while_something_changes_is_made_again(visitor, post):
    handler = visitor.site._application

    def slow(environ, start_response):
        result = handler(environ, start_response)
        SiteSettings.objects.get().save()
        return result

    visitor.site._application = slow
    visitor.get("/")
    visitor.site._application = handler
    visitor.get("/")
    assert visitor.reached == 2


def test_shared_cache_that_is_away_means_that_nothing_kept_is_used(visitor, post, monkeypatch, caplog):
    visitor.get("/")

    def gone(*args, **kwargs):
        raise ConnectionError("away")

    monkeypatch.setattr(fresh.cache, "get", gone)
    assert [visitor.get("/robots.txt").status for _ in range(2)] == [200, 200]
    assert visitor.reached == 3
    assert caplog.text.count("The shared cache does not answer") == 1
    monkeypatch.undo()
    monkeypatch.setattr(fresh, "CHECK_EVERY", 0)
    visitor.get("/")
    assert visitor.reached == 3


def test_shared_cache_is_asked_at_most_once_a_second(visitor, post, monkeypatch):
    assert 0.5 < CHECK_EVERY < 1
    monkeypatch.setattr(fresh, "CHECK_EVERY", 3600)
    visitor.get("/")
    asked = []
    monkeypatch.setattr(fresh.cache, "get", lambda *args, **kwargs: asked.append(args))
    assert [visitor.get("/").status for _ in range(50)] == [200] * 50
    assert asked == []


def test_many_changes_in_one_transaction_are_announced_once(post, django_capture_on_commit_callbacks):
    connection.run_on_commit.clear()
    with django_capture_on_commit_callbacks() as announced:
        for number in range(5):
            Topic.objects.create(name=f"T{number}", slug=f"t{number}")
    assert announced.count(fresh._announce) == 1


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
