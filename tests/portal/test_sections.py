"""The parts of the news: authors, years and months, with their feeds."""

from __future__ import annotations

import datetime
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.models import PageViewRestriction

from portal.models import Author, Topic
from tests.factories import make_post
from tests.portal.reading import set_site, soup_of, words_of

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def on(year: int, month: int, day: int = 15, hour: int = 12) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime(year, month, day, hour))  # noqa: DTZ001 -- made aware here


def titles(address: str) -> list[str]:
    return [heading.get_text(strip=True) for heading in soup_of(Client(), address).select(".post-card h2")]


def helen() -> Author:
    return Author.objects.create(name="Helen Marsh", slug="helen", role="Editor", biography="Writes about exercises.")


def test_authors_page_says_who_it_is_and_lists_the_posts():
    author = helen()
    make_post("Hers", authors=[author], slug="hers")
    make_post("Somebody else's")
    page = soup_of(Client(), "/news/authors/helen/")
    assert page.select_one("h1").get_text(strip=True) == "Helen Marsh"
    assert "Editor Writes about exercises." in words_of(page)
    assert titles("/news/authors/helen/") == ["Hers"]
    byline = soup_of(Client(), "/news/hers/").select_one("a[href='/news/authors/helen/']")
    assert byline.get_text(strip=True) == "Helen Marsh"


def test_author_whose_posts_are_not_public_has_no_page(client):
    author = helen()
    make_post(authors=[author], live=False)
    make_post(authors=[author], published_at=timezone.now() + datetime.timedelta(days=1))
    private = make_post(authors=[author])
    PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
    for address in ("/news/authors/helen/", "/news/authors/helen/feed/", "/news/authors/nobody/", "/news/authors/"):
        assert client.get(address).status_code == 404


def test_archive_names_the_months_that_have_posts_and_how_many():
    for year, month in [(2024, 12), (2025, 1), (2025, 1), (2026, 2)]:
        make_post(published_at=on(year, month))
    make_post(published_at=timezone.now() + datetime.timedelta(days=40))
    found = [
        (part.h2.get_text(strip=True), [(each.a["href"], words_of(each)) for each in part.select("li")])
        for part in soup_of(Client(), "/news/archive/").select(".archive-year")
    ]
    assert found == [
        ("2026", [("/news/archive/2026/02/", "February 1 post")]),
        ("2025", [("/news/archive/2025/01/", "January 2 posts")]),
        ("2024", [("/news/archive/2024/12/", "December 1 post")]),
    ]


def test_archive_without_posts_says_so():
    assert "No news yet" in words_of(soup_of(Client(), "/news/archive/"))


def test_year_and_month_hold_their_own_posts_by_the_sites_clock():
    make_post("Last of 2025", published_at=on(2025, 12, 31, 23))
    make_post("First of 2026", published_at=on(2026, 1, 1, 0))
    make_post("Of July", published_at=on(2026, 7, 1, 0))
    assert titles("/news/archive/2025/") == ["Last of 2025"]
    assert titles("/news/archive/2026/") == ["Of July", "First of 2026"]
    assert titles("/news/archive/2025/12/") == ["Last of 2025"]
    assert titles("/news/archive/2026/1/") == ["First of 2026"]
    page = soup_of(Client(), "/news/archive/2026/07/")
    assert page.select_one("h1").get_text(strip=True) == "News of July 2026"
    crumbs = [(link.get_text(strip=True), link["href"]) for link in page.select(".breadcrumbs a")]
    assert crumbs == [("News", "/news/"), ("Archive", "/news/archive/"), ("2026", "/news/archive/2026/")]


@pytest.mark.parametrize(
    "place", ["2024", "0", "9999", "10000", "99999999999", "2026/0", "2026/13", "2026/99", "2026/x", "-1"]
)
def test_month_that_has_no_posts_or_does_not_exist_is_not_found(client, place):
    make_post(published_at=on(2026, 7))
    assert client.get(f"/news/archive/{place}/").status_code == 404


def test_topic_and_author_have_feeds_of_their_own(client):
    set_site(organisation_name="Safe Places")
    author, topic = helen(), Topic.objects.create(name="Guidance", slug="guidance", description="All of it.")
    make_post("Both", authors=[author], topics=[topic])
    make_post("Guidance alone", topics=[topic])
    make_post("Hers alone", authors=[author])
    found = {}
    for address in ("/news/topics/guidance/feed/", "/news/authors/helen/feed/"):
        response = client.get(address)
        assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
        feed = ET.fromstring(response.content)  # noqa: S314 -- our own answer
        ours = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
        entries = [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")]
        found[address] = (feed.findtext(f"{ATOM}title"), sorted(entries), ours["self"].endswith(address))
    assert found == {
        "/news/topics/guidance/feed/": ("Safe Places: Guidance", ["Both", "Guidance alone"], True),
        "/news/authors/helen/feed/": ("Safe Places: Helen Marsh", ["Both", "Hers alone"], True),
    }


def test_list_names_its_own_feed():
    topic = Topic.objects.create(name="Guidance", slug="guidance")
    make_post(topics=[topic], published_at=on(2026, 7))
    found = {
        address: soup_of(Client(), address).select_one("link[type='application/atom+xml']")["href"]
        for address in ("/", "/news/", "/news/topics/guidance/", "/news/archive/2026/")
    }
    assert found == {
        "/": "/news/feed/",
        "/news/": "/news/feed/",
        "/news/topics/guidance/": "/news/topics/guidance/feed/",
        "/news/archive/2026/": "/news/feed/",
    }


def test_each_page_of_a_list_has_one_address_for_search_engines():
    posts = [make_post(f"Post {number}", published_at=on(2026, 3, number + 1)) for number in range(25)]

    def canonical(query: str) -> str:
        return soup_of(Client(), f"/news/{query}").select_one("link[rel=canonical]")["href"].partition("/news/")[2]

    def place(number: int, key: int | None = None) -> str:
        micros = int(posts[number].published_at.timestamp()) * 1_000_000
        return f"{micros}-{posts[number].pk if key is None else key}"

    for query in ("", "?before=99999999999999999-1", "?before=4000000000000000-7", f"?after={place(20)}", "?x=1"):
        assert canonical(query) == "", query
    second = f"?before={place(15)}"
    for query in (second, f"?before={place(15, 0)}", f"?before={place(14, 10**9)}", f"?after={place(4)}"):
        assert canonical(query) == second, query
    assert len(titles("/news/?before=4000000000000000-7")) == 10
