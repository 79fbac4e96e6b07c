"""The Atom feed, as a feed reader reads it."""

from __future__ import annotations

import calendar
import datetime
from xml.etree import ElementTree as ET

import feedparser
import pytest
from django.utils import timezone

from portal.models import Author, NewsPage, Topic
from tests.factories import make_post
from tests.portal.reading import MARKER, set_site

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def read(client) -> feedparser.FeedParserDict:
    response = client.get("/news/feed/")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    parsed = feedparser.parse(response.content)
    assert not parsed.bozo, parsed.get("bozo_exception")
    assert parsed.version == "atom10"
    return parsed


def test_feed_has_titles_addresses_authors_topics_and_dates(client):
    settings = set_site(organisation_name="Safe & Sound", strapline="For <all>")
    topic = Topic.objects.create(name="Guidance", slug="guidance")
    authors = [Author.objects.create(name=name, slug=name.lower()) for name in ("Ada", "Ben")]
    moment = datetime.datetime(2026, 3, 2, 9, 30, tzinfo=datetime.UTC)
    post = make_post("Fish & <chips>", standfirst="A “tasty” & short one.", published_at=moment, authors=authors,
                     topics=[topic])  # fmt: skip
    NewsPage.objects.filter(pk=post.pk).update(last_published_at=moment + datetime.timedelta(days=1))
    parsed = read(client)
    assert parsed.feed.title == f"News from {settings.organisation_name}"
    assert parsed.feed.link == "http://testserver/news/"
    (entry,) = parsed.entries
    assert entry.title in ("Fish & <chips>", "Fish &amp; &lt;chips&gt;")
    assert "tasty" in entry.summary
    assert entry.link == f"http://testserver{post.url}"
    assert entry.author == "Ada, Ben"
    assert [tag.term for tag in entry.tags] == ["Guidance"]
    assert calendar.timegm(entry.published_parsed) == moment.timestamp()
    assert calendar.timegm(entry.updated_parsed) == moment.timestamp() + 86_400


def test_feed_holds_the_twenty_newest_posts_in_order(client):
    for number in range(23):
        make_post(f"Post {number}", published_at=timezone.now() - datetime.timedelta(days=number))
    assert [entry.title for entry in read(client).entries] == [f"Post {number}" for number in range(20)]


def test_feed_without_posts_is_valid(client):
    assert read(client).entries == []


def test_feed_has_what_the_standard_demands(client):
    """RFC 4287, 4.1.1 and 4.1.2: id, title and updated once each; an author for every entry."""
    make_post("Without an author")
    feed = ET.fromstring(client.get("/news/feed/").content)  # noqa: S314 -- our own answer
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == 1
    for element in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1, name
    for entry in entries:
        names = [name.text for name in entry.iterfind(f"{ATOM}author/{ATOM}name")]
        assert names, "an entry without author"
        assert all(names), "an author without name"
    assert [link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"] == [
        "http://testserver/news/feed/"
    ]


def test_feed_holds_nothing_but_the_opening_of_a_post(client):
    make_post("Open", body=[("text", f"<p>{MARKER}</p>")])
    assert MARKER not in client.get("/news/feed/").content.decode()


def test_feed_reader_that_has_it_gets_an_empty_answer(client):
    make_post()
    first = client.get("/news/feed/")
    again = client.get("/news/feed/", headers={"If-Modified-Since": first["Last-Modified"]})
    assert (again.status_code, again.content) == (304, b"")


# Without NUL, which Django's forms and PostgreSQL refuse.
CONTROLS = "".join(chr(code) for code in [*range(1, 0x20), 0xFFFE, 0xFFFF])


def test_pasted_control_characters_break_no_feed(client):
    settings = set_site(organisation_name=f"Safe{CONTROLS} places", strapline=f"For{CONTROLS} all")
    topic = Topic.objects.create(name=f"Guid{CONTROLS}ance", slug="guidance", description=f"A{CONTROLS}ll")
    author = Author.objects.create(name=f"A{CONTROLS}da", slug="ada", biography=f"Wri{CONTROLS}tes")
    post = make_post("Good", topics=[topic], authors=[author])
    NewsPage.objects.update(title=f"Word{CONTROLS}paste", standfirst=f"One{CONTROLS}two")
    for address in ("/news/feed/", "/news/topics/guidance/feed/", "/news/authors/ada/feed/"):
        response = client.get(address)
        assert response.status_code == 200, address
        assert not feedparser.parse(response.content).bozo, address
    for each in (settings, topic, author):
        each.full_clean()
    post.refresh_from_db()
    post.save()
    kept = " ".join([settings.organisation_name, settings.strapline, topic.name, topic.description, author.name,
                     author.biography, post.title, post.standfirst])  # fmt: skip
    assert not set(kept) & set(CONTROLS) - {"\t", "\n", "\r"}


def test_vertical_tab_in_a_pasted_line_becomes_a_blank(client):
    make_post("Word\vpaste", standfirst="line one\vline two")
    (entry,) = read(client).entries
    assert (entry.title, entry.summary) == ("Word paste", "line one line two")
