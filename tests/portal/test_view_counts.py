"""How often a post was read: who counts, once a day, and what it costs."""

from __future__ import annotations

import datetime
import logging

import pytest
import time_machine
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from wagtail.models import PageViewRestriction

from portal import view_counts
from portal.models import DailyReader, DailyReads
from portal.models.view_counts import reads_address, seal
from portal.ops import due
from portal.view_counts import WaitingReaders, waiting_readers
from tests.factories import make_administrator, make_post
from tests.portal.reading import soup_of

pytestmark = pytest.mark.django_db
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class StoppedTimer:
    """A timer that goes off when the test says so."""

    started: list[StoppedTimer] = []

    def __init__(self, seconds: float, call) -> None:
        self.seconds, self.call, self.daemon = seconds, call, False

    def start(self) -> None:
        self.started.append(self)

    def cancel(self) -> None:
        pass


@pytest.fixture(autouse=True)
def timers(monkeypatch):
    monkeypatch.setattr(view_counts.threading, "Timer", StoppedTimer)
    monkeypatch.setattr(StoppedTimer, "started", [])
    yield StoppedTimer.started
    waiting_readers.write()


def read(post, *, address="198.51.100.7", browser=BROWSER, **headers) -> None:
    number = getattr(post, "pk", post)
    response = Client().post(reads_address(number), headers={"User-Agent": browser, **headers}, REMOTE_ADDR=address)
    assert (response.status_code, response.content, response.cookies) == (204, b"", {})
    assert "no-store" in response["Cache-Control"]


def reads_of(post) -> int:
    waiting_readers.write()
    return post.daily_reads.total()


# --- Who counts -------------------------------------------------------------------------------------------------
def test_reader_counts_once_a_day_for_each_post():
    noon = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
    one, other = make_post(published_at=noon), make_post(published_at=noon)
    with time_machine.travel(noon, tick=False) as clock:
        for _ in range(3):
            read(one)
        assert reads_of(one) == 1
        read(one)  # after it was written, too
        read(other)
        assert (reads_of(one), reads_of(other)) == (1, 1)
        clock.shift(datetime.timedelta(days=1))
        read(one)
        assert (reads_of(one), reads_of(other)) == (2, 1)
        assert {(count.post_id, count.day.day): count.reads for count in DailyReads.objects.all()} == {
            (one.pk, 22): 1,
            (one.pk, 23): 1,
            (other.pk, 22): 1,
        }


def test_readers_differ_by_address_and_by_browser():
    post = make_post()
    read(post)
    read(post, address="198.51.100.8")
    read(post, browser=BROWSER.replace("140", "141"))
    assert reads_of(post) == 3


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (compatible; bingbot/2.0)",
        "curl/8.5.0",
        "python-requests/2.32",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/140.0 Safari/537.36",
        "facebookexternalhit/1.1",
    ],
)
def test_program_does_not_count(name):
    post = make_post()
    read(post, browser=name)
    assert reads_of(post) == 0


@pytest.mark.parametrize(("site", "count"), [("same-origin", 1), ("same-site", 0), ("cross-site", 0), ("none", 0)])
def test_page_of_somebody_else_cannot_count(site, count):
    post = make_post()
    read(post, **{"Sec-Fetch-Site": site})
    assert reads_of(post) == count


def test_post_that_is_not_for_the_public_does_not_count_and_answers_alike():
    draft = make_post(live=False)
    tomorrow = make_post(published_at=timezone.now() + datetime.timedelta(days=1))
    private = make_post()
    PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
    for post in (draft, tomorrow, private, 10**17):
        read(post)
    waiting_readers.write()
    assert not DailyReads.objects.exists()
    assert not DailyReader.objects.exists()


@pytest.mark.parametrize("number", ["", "-1", "0x1", "1.5", "9" * 19, "٣", "%00", "1/x"])
def test_malformed_address_does_not_exist(client, number):
    for ending in ("", f"-{seal(1)}"):
        response = client.post(f"/news/reads/{number}{ending}/", headers={"User-Agent": BROWSER})
        assert response.status_code == 404


def test_address_is_for_beacons_alone(client):
    post = make_post()
    assert client.get(reads_address(post.pk)).status_code == 405
    assert reads_of(post) == 0


# --- What readers and editors see ------------------------------------------------------------------------------
def test_count_stands_at_the_foot_of_the_post(client):
    post = make_post(slug="counted")
    assert soup_of(client, "/news/counted/").select(".reads") == []
    for number in range(2):
        read(post, address=f"198.51.100.{number}")
        waiting_readers.write()
        foot = soup_of(client, "/news/counted/").select_one(".reads").get_text(strip=True)
        assert foot == ("1 read", "2 reads")[number]


def test_page_names_the_address_to_the_script_and_a_preview_does_not(client, signed_in):
    post = make_post(slug="counted")
    script = soup_of(client, "/news/counted/").select_one("script[data-address]")
    assert script["data-address"] == reads_address(post.pk)
    post.save_revision()
    preview = signed_in(make_administrator()).get(f"/admin/pages/{post.pk}/view_draft/")
    assert preview.status_code == 200
    assert b"data-address" not in preview.content


# --- What it costs, and what is kept ---------------------------------------------------------------------------
def test_beacons_ask_the_database_nothing_and_are_written_together(django_assert_num_queries, timers):
    posts = [make_post() for _ in range(3)]
    with django_assert_num_queries(0):
        for number in range(30):
            read(posts[number % 3], address=f"198.51.100.{number}")
    assert [timer.seconds for timer in timers] == [view_counts.WRITE_EVERY]
    with django_assert_num_queries(1 + 2 + 3 * 8):  # which posts; the transaction; each post, the first time
        waiting_readers.write()
    assert [reads_of(post) for post in posts] == [10, 10, 10]


def test_timer_writes_and_the_next_reader_starts_another(timers):
    post = make_post()
    waiting = WaitingReaders()
    waiting.add(post.pk, "a" * 32)
    waiting.add(post.pk, "b" * 32)
    assert len(timers) == 1
    waiting.write()
    assert post.daily_reads.total() == 2
    waiting.add(post.pk, "c" * 32)
    assert len(timers) == 2


def test_two_processes_count_a_reader_once():
    post = make_post()
    processes = [WaitingReaders(), WaitingReaders()]
    for waiting in processes:
        waiting.add(post.pk, "a" * 32)
    for waiting in processes:
        waiting.write()
    assert post.daily_reads.total() == 1


def test_flood_is_bounded_in_memory(monkeypatch):
    monkeypatch.setattr(view_counts, "MOST_WAITING", 20)
    post = make_post()
    for number in range(50):
        read(post, address=f"198.51.100.{number}")
    assert reads_of(post) == 20
    read(post, address="198.51.100.49")
    assert reads_of(post) == 21


def test_one_address_counts_for_an_office_and_no_more_however_many_browsers_it_invents():
    post, other = make_post(), make_post()
    for number in range(30):
        read(post, browser=f"{BROWSER} {number}")
    assert reads_of(post) == 20
    for number in range(30, 60):  # nor later in the day
        read(post, browser=f"{BROWSER} {number}")
        if number % 7 == 0:
            waiting_readers.write()
    assert (reads_of(post), DailyReader.objects.count()) == (20, 20)
    read(post, address="198.51.100.8")
    read(other)
    assert (reads_of(post), reads_of(other)) == (21, 1)


def test_network_of_version_6_counts_as_one_address():
    post = make_post()
    for number in range(30):
        read(post, address=f"2001:db8:0:1::{number:x}")
    read(post, address="2001:db8:0:2::1")
    assert reads_of(post) == 21


def test_invented_number_takes_no_place(client):
    post = make_post()
    for number in range(50):
        address = f"/news/reads/{10**6 + number}-{seal(post.pk)}/"
        assert client.post(address, headers={"User-Agent": BROWSER}).status_code == 204
    assert waiting_readers._waiting == {}
    read(post)
    assert reads_of(post) == 1


def test_limit_is_looked_at_before_anything_is_kept(monkeypatch):
    monkeypatch.setattr(view_counts, "MOST_WAITING", 1)
    waiting = WaitingReaders()
    for number in range(50):
        waiting.add(number, "a" * 32)
    assert list(waiting._waiting.values()) == [{"a" * 32}]


def test_database_that_is_away_is_logged_and_harms_nobody(monkeypatch, caplog):
    def fail(*args):
        raise DatabaseError("away")

    read(make_post())
    monkeypatch.setattr(view_counts, "_count", fail)
    with caplog.at_level(logging.ERROR):
        waiting_readers.write()
    assert "could not be counted" in caplog.text


def test_nothing_kept_names_the_reader_and_yesterdays_readers_are_forgotten():
    post = make_post()
    read(post)
    waiting_readers.write()
    row = DailyReader.objects.get()
    assert len(row.digest) == 32
    assert {field.name for field in DailyReader._meta.get_fields()} == {"id", "digest", "day"}
    due.forget_readers()
    assert DailyReader.objects.count() == 1
    with time_machine.travel(timezone.now() + datetime.timedelta(days=1)):
        due.forget_readers()
    assert not DailyReader.objects.exists()
    assert post.daily_reads.total() == 1
