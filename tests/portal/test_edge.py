"""Copies of public pages at a delivery network: how long they may be kept, and that each is purged after a change."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from portal import freshness as fresh
from portal.models import EdgeCopy, SiteSettings, Topic
from portal.ops import due
from tests.factories import make_folder, make_member, make_post
from tests.portal.reading import make_note, set_site
from tests.portal.visiting import Visitor, look_each_time  # noqa: F401 -- a fixture

# Real transactions: what changes is announced after the commit.
pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


class Network(BaseHTTPRequestHandler):
    """A cache in front that takes PURGE."""

    purged: list[str]

    def do_PURGE(self) -> None:
        self.purged.append(f"{self.headers['Host']}{self.path}")
        self.send_response(200)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Nothing."""


@pytest.fixture
def purged(settings) -> Iterator[list[str]]:
    """What the network was told to forget, in the order of telling."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Told", (Network,), {"purged": []}))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    settings.EDGE_SECONDS = 300
    settings.WAGTAILFRONTENDCACHE = {
        "default": {
            "BACKEND": "wagtail.contrib.frontend_cache.backends.HTTPBackend",
            "LOCATION": f"http://127.0.0.1:{server.server_port}",
        }
    }
    yield server.RequestHandlerClass.purged
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def visitor(db) -> Visitor:
    set_site(organisation_name="Safe Places")
    make_post("A post")
    return Visitor()


def work() -> None:
    """The worker does whatever is asked of it."""
    call_command("db_worker", "--batch", "--queue-name", "*", "--interval", "0", verbosity=0)


def life(visitor: Visitor, address: str, **environ: str) -> str:
    return visitor.get(address, **environ).headers["cache-control"]


LONG = "public, max-age=0, s-maxage=300, stale-while-revalidate=1"
SHORT = LONG.replace("300", "1")


def test_without_a_network_nothing_is_kept_for_long_nor_noted(visitor):
    assert [life(visitor, "/news/a-post/") for _ in range(2)] == [SHORT] * 2
    SiteSettings.objects.get().save()
    work()
    assert not EdgeCopy.objects.exists()


def test_page_is_kept_as_long_as_the_operator_says_and_noted_once(visitor, purged):
    assert [life(visitor, "/news/a-post/") for _ in range(3)] == [LONG] * 3
    copy = EdgeCopy.objects.get()
    assert (copy.address, copy.version, copy.purged_at) == (
        "http://testserver/news/a-post/", fresh.shared_version(), None,
    )  # fmt: skip


def test_addresses_without_end_and_whatever_is_not_for_everybody_are_not_kept_for_long(visitor, purged, signed_in):
    assert life(visitor, "/news/?before=99999999999999999-1") == SHORT
    assert life(visitor, "/news/?utm_source=mail") == SHORT
    assert visitor.get("/nothing/").status == 404
    assert "s-maxage" not in life(visitor, "/account/login/")
    member = signed_in(make_member())
    assert "s-maxage" not in member.get("/news/a-post/")["Cache-Control"]
    assert not EdgeCopy.objects.exists()


def test_nothing_is_kept_for_longer_than_until_a_paper_comes_out(visitor, purged):
    make_note(collection=make_folder(), publish_at=timezone.now() + datetime.timedelta(seconds=120))
    first = life(visitor, "/")
    with time_machine.travel(timezone.now() + datetime.timedelta(seconds=60), tick=False):
        second = life(visitor, "/")
    seconds = [int(each.partition("s-maxage=")[2].partition(",")[0]) for each in (first, second)]
    assert 110 <= seconds[0] <= 120
    assert 50 <= seconds[1] <= 60


def test_change_purges_what_was_given_out_before_it_twice_and_nothing_else(visitor, purged):
    visitor.get("/")
    visitor.get("/news/a-post/")
    work()
    assert purged == []
    Topic.objects.create(name="Guidance", slug="guidance")
    visitor.get("/news/")
    work()
    assert purged == ["testserver/", "testserver/news/a-post/"]
    # Once more, since another process may have answered with its own copy before it heard; then they are forgotten.
    for passed, expected in ((2, 2), (10, 4), (20, 4)):
        with time_machine.travel(timezone.now() + datetime.timedelta(seconds=passed)):
            due.purge_copies_again()
            work()
        assert len(purged) == expected
    assert list(EdgeCopy.objects.values_list("address", flat=True)) == ["http://testserver/news/"]


def test_page_made_while_something_changed_is_purged(visitor, purged):
    handler = visitor.site._application

    def slow(environ, start_response):
        Topic.objects.create(name="Guidance", slug="guidance")
        return handler(environ, start_response)

    visitor.site._application = slow
    assert life(visitor, "/") == LONG
    due.purge_copies_again()
    work()
    assert purged == ["testserver/"]
