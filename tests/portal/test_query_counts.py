"""Each public screen asks the database the same number of questions for one thing and for thirty. The figures are
those of today: a test that fails because there are fewer is welcome, and gets the smaller figure."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.text import slugify

from portal import freshness
from portal.models import Author, Comment, HomePage, Topic
from tests.factories import make_folder, make_member, make_post
from tests.portal.reading import make_note, set_site
from tests.portal.test_storages import make_picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site(db):
    set_site(organisation_name="Safe Places")


def queries(address: str, client: Client | None = None, *, after_a_change: bool = False) -> int:
    """How many questions the second visit asks: the first makes renditions and fills the cache, and what the process
    remembers until the next change. What is asked of the cache's table does not count, since the cache may be Redis; it
    must not be written to."""
    client = client or Client()
    assert client.get(address).status_code == 200
    if after_a_change:
        freshness.freshness.expire()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    asked = [query["sql"] for query in captured.captured_queries]
    reading = ("SELECT", "DECLARE")  # the second is how PostgreSQL reads a long list
    assert all(question.startswith(reading) for question in asked), asked
    return sum(' FROM "cache" ' not in question for question in asked)


def make_full_posts(count: int) -> None:
    """Posts with all that a list shows of each: a cover, two authors and two topics of their own."""
    for _ in range(count):
        place = Topic.objects.count()
        names = [f"Name {place}", f"Name {place + 1}"]
        topics = [Topic.objects.create(name=name, slug=slugify(name)) for name in names]
        authors = [Author.objects.create(name=name, slug=slugify(name)) for name in names]
        published = timezone.now() - datetime.timedelta(days=place + 1)
        make_post(topics=topics, authors=authors, cover=make_picture(size=(90, 60)), published_at=published)


def one_and_many(make: Callable[[int], object], many: int, ask: Callable[[], int]) -> tuple[int, int]:
    make(1)
    first = ask()
    make(many - 1)
    return first, ask()


@pytest.mark.parametrize(("address", "figure"), [("/", 9), ("/news/", 7), ("/news/feed/", 8), ("/sitemap.xml", 13)])
def test_visitors_lists_ask_the_same_for_one_post_and_thirty(address, figure):
    make_full_posts(1)  # the front page's lead, which its list leaves out
    assert one_and_many(make_full_posts, 30, lambda: queries(address)) == (figure, figure)


def test_topic_asks_the_same_for_one_post_and_thirty():
    topic = Topic.objects.create(name="Guidance", slug="guidance")

    def make(count: int) -> None:
        for _ in range(count):
            make_post(topics=[topic])

    assert one_and_many(make, 30, lambda: queries("/news/topics/guidance/")) == (7, 7)


@pytest.mark.parametrize(("kind", "figure"), [("visitor", 1), ("member", 5)])
def test_post_asks_the_same_for_one_paper_and_ten(kind, figure, signed_in):
    client = signed_in(make_member()) if kind == "member" else Client()
    make_post("Before", published_at=timezone.now() - datetime.timedelta(days=2))
    make_post("After", published_at=timezone.now() - datetime.timedelta(minutes=1))
    folder = make_folder("Guidance")
    topic, author = Topic.objects.create(name="T", slug="t"), Author.objects.create(name="A", slug="a")

    def post_with(count: int) -> str:
        papers = [make_note(collection=folder) for _ in range(count)]
        body = [("documents", {"heading": "Papers", "documents": papers}), ("text", "<p>Text</p>")]
        return make_post(body=body, topics=[topic], authors=[author]).url

    assert (queries(post_with(1), client), queries(post_with(10), client)) == (figure, figure)


def test_members_front_page_asks_the_same_for_one_paper_and_thirty(signed_in):
    client = signed_in(make_member())
    make_full_posts(2)

    def make(count: int) -> None:
        for _ in range(count):
            make_note(collection=make_folder())

    assert one_and_many(make, 30, lambda: queries("/", client)) == (13, 13)


def test_post_asks_the_same_for_one_picture_and_ten():
    def post_with(count: int) -> str:
        pictures = [{"picture": make_picture(size=(90, 60)), "alt": "", "caption": ""} for _ in range(count)]
        return make_post(body=[("gallery", {"pictures": pictures}), *[("picture", each) for each in pictures]]).url

    assert (queries(post_with(2)), queries(post_with(10))) == (1, 1)


@pytest.mark.parametrize(("kind", "figure"), [("visitor", 1), ("member", 4)])
def test_post_asks_the_same_for_one_comment_and_thirty(kind, figure, signed_in):
    client = signed_in(make_member()) if kind == "member" else Client()
    post = make_post()

    def make(count: int) -> None:
        for _ in range(count):
            first = Comment.objects.create(post=post, author=make_member(), text="Words", state="appeared")
            Comment.objects.create(post=post, author=make_member(), text="Words", state="appeared", parent=first)

    assert one_and_many(make, 30, lambda: queries(post.url, client)) == (figure, figure)


@pytest.mark.parametrize(("kind", "figure", "after_a_change"), [("visitor", 1, 14), ("member", 5, 18)])
def test_post_that_has_everything_asks_as_little(kind, figure, after_a_change, signed_in):
    client = signed_in(make_member()) if kind == "member" else Client()
    folder, picture = make_folder("Guidance"), make_picture(size=(90, 60))
    topic, author = Topic.objects.create(name="T", slug="t"), Author.objects.create(name="A", slug="a")
    make_post("Before", topics=[topic], published_at=timezone.now() - datetime.timedelta(days=2))
    make_post("After", topics=[topic], published_at=timezone.now() - datetime.timedelta(minutes=1))
    item = {"picture": picture, "alt": "", "caption": ""}
    body = [
        ("documents", {"heading": "Papers", "documents": [make_note(collection=folder)]}),
        ("picture", item),
        ("gallery", {"pictures": [item, item]}),
        ("button", {"label": "Home", "page": HomePage.objects.get(), "address": ""}),
    ]
    post = make_post(body=body, topics=[topic], authors=[author], cover=picture)
    post.tags.add("g")
    post.save()
    Comment.objects.create(post=post, author=make_member(), text="Words", state="appeared")
    assert queries(post.url, client) == figure
    assert queries(post.url, client, after_a_change=True) == after_a_change
