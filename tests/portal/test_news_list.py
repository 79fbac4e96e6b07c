"""The news list: ten posts a page, both ways, by topic."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from portal.models import Topic
from tests.factories import make_folder, make_post
from tests.portal.reading import MARKER, ago, make_note, soup_of, words_of

pytestmark = pytest.mark.django_db


def titles(client: Client, address: str) -> list[str]:
    return [heading.get_text(strip=True) for heading in soup_of(client, address).select(".post-card h2")]


def ways_on(client: Client, address: str) -> dict[str, str]:
    links = soup_of(client, address).select(".pagination a[rel]")
    return {link.get_text(strip=True): link["href"] for link in links}


def walk(client: Client, address: str, way: str) -> list[list[str]]:
    """The titles of each page from here on, following one link."""
    found = [titles(client, address)]
    while way in (links := ways_on(client, address)):
        address = links[way]
        found.append(titles(client, address))
    return found


def test_list_shows_ten_posts_a_page_newest_first_and_leads_both_ways(client):
    for number in range(1, 24):
        make_post(f"Post number {number}", published_at=ago(days=number))
    pages = [[f"Post number {number}" for number in part] for part in (range(1, 11), range(11, 21), range(21, 24))]
    assert walk(client, "/news/", "Older posts") == pages
    assert set(ways_on(client, "/news/")) == {"Older posts"}
    second = ways_on(client, "/news/")["Older posts"]
    assert set(ways_on(client, second)) == {"Older posts", "Newer posts"}
    last = ways_on(client, second)["Older posts"]
    assert set(ways_on(client, last)) == {"Newer posts"}
    assert walk(client, last, "Newer posts") == pages[::-1]


def test_posts_of_the_same_moment_are_all_listed_once(client):
    at_once = ago(days=1)
    made = {make_post(published_at=at_once).title for _ in range(25)}
    listed = [title for page in walk(client, "/news/", "Older posts") for title in page]
    assert (len(listed), set(listed)) == (25, made)


def test_first_page_is_whole_whatever_way_leads_there(client):
    for number in range(1, 13):
        make_post(f"Post {number}", published_at=ago(days=number))
    back = ways_on(client, ways_on(client, "/news/")["Older posts"])["Newer posts"]
    assert titles(client, back) == [f"Post {number}" for number in range(1, 11)]
    make_post("Post 0")
    assert titles(client, back) == [f"Post {number}" for number in range(1, 11)]  # the place has not moved
    assert titles(client, ways_on(client, back)["Newer posts"]) == [f"Post {number}" for number in range(10)]


def test_list_without_posts_says_so(client):
    assert "No news yet" in words_of(soup_of(client, "/news/"))
    assert titles(client, "/news/") == []


@pytest.mark.parametrize("way", ["before", "after"])
@pytest.mark.parametrize(
    "place",
    [
        "0",
        "-1",
        "two",
        "1.5-1",
        "",
        "-",
        "1-",
        "-1-1",
        "%00",
        "1%20OR%201=1",
        "٣-1",
        "9" * 18 + "-1",
        "1-1-1",
        "1" * 999,
    ],
)
def test_place_that_does_not_exist_is_not_found(client, way, place):
    make_post()
    assert client.get(f"/news/?{way}={place}").status_code == 404


def test_nothing_is_older_than_the_oldest(client):
    make_post()
    assert client.get("/news/?before=1-1").status_code == 404
    assert titles(client, "/news/?after=99999999999999999-1") == titles(client, "/news/")


def test_list_of_a_topic_names_its_posts_alone_and_keeps_the_topic_when_turning_pages(client):
    exercises, training = (Topic.objects.create(name=name, slug=name.lower()) for name in ("Exercises", "Training"))
    for number in range(12):
        make_post(f"Exercise {number:02}", published_at=ago(days=number), topics=[exercises])
    make_post("A course", topics=[training])
    make_post("Of no topic")
    assert titles(client, "/news/topics/exercises/") == [f"Exercise {number:02}" for number in range(10)]
    assert walk(client, "/news/topics/exercises/", "Older posts")[1:] == [["Exercise 10", "Exercise 11"]]
    assert titles(client, "/news/topics/training/") == ["A course"]
    current = soup_of(client, "/news/topics/training/").select(".topic-list a[aria-current]")
    assert [link["href"] for link in current] == ["/news/topics/training/"]


@pytest.mark.parametrize("address", ["topics/", "topics/unknown/", "topics/Exercises%00/", "topics/a/b/", "topics/é/"])
def test_topic_that_does_not_exist_is_not_found(client, address):
    assert client.get(f"/news/{address}").status_code == 404


def test_topic_of_unpublished_posts_alone_is_not_offered(client):
    secret = Topic.objects.create(name=MARKER, slug="secret")
    make_post("Draft", live=False, topics=[secret])
    make_post("Tomorrow", published_at=timezone.now() + datetime.timedelta(days=1), topics=[secret])
    assert MARKER not in client.get("/news/").content.decode()


def test_list_names_topic_and_whether_papers_belong_to_a_post(client):
    topic = Topic.objects.create(name="Guidance", slug="guidance")
    paper = make_note(collection=make_folder("Guidance"))
    make_post("With papers", body=[("documents", {"heading": "Papers", "documents": [paper]})], topics=[topic])
    make_post("With a cut", body=[("text", "<p>Open.</p>"), ("members_only", None)], published_at=ago(days=2))
    cards = [words_of(card) for card in soup_of(client, "/news/").select(".post-card")]
    assert "Guidance · Full documents for members" in cards[0]
    assert "Partly for members" in cards[1]
