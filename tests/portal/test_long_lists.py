"""A list of 100,000 posts turns its pages like one of 100: an index serves the order, and nothing is sorted or skipped.

The plan is asked for, not the time.
"""

from __future__ import annotations

import datetime
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.models import Author, NewsPage, Topic
from tests.factories import make_post
from tests.portal.reading import soup_of

pytestmark = pytest.mark.django_db
IN_ORDER_OF_DATE = "portal_newspage_published_at"
INDEXES = {
    "/news/": IN_ORDER_OF_DATE,
    "/news/?before={middle}": IN_ORDER_OF_DATE,
    "/news/?after={middle}": IN_ORDER_OF_DATE,
    "/news/feed/": IN_ORDER_OF_DATE,
    "/news/topics/t/": "posts_of_a_topic",
    "/news/topics/t/?before={middle}": "posts_of_a_topic",
    "/news/topics/t/?after={middle}": "posts_of_a_topic",
    "/news/topics/t/feed/": "posts_of_a_topic",
    "/news/authors/a/?before={middle}": "posts_of_an_author",
    "/news/tags/g/?before={middle}": "posts_with_a_tag",
    "/news/archive/{now:%Y}/": IN_ORDER_OF_DATE,
    "/news/archive/{now:%Y/%m}/?before={middle}": IN_ORDER_OF_DATE,
}


@pytest.fixture
def middle() -> str:
    """Three pages of posts; the place of one in their middle."""
    topic, author = Topic.objects.create(name="T", slug="t"), Author.objects.create(name="A", slug="a")
    now = timezone.now()
    posts = [
        make_post(published_at=now - datetime.timedelta(minutes=each), topics=[topic], authors=[author])
        for each in range(1, 26)
    ]
    for post in posts:
        post.tags.add("g")
        post.save()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # so few rows are read and sorted faster than an index is
            for way in ("seqscan", "sort", "bitmapscan"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
    since = posts[12].published_at - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    return f"{since // datetime.timedelta(microseconds=1)}-{posts[12].pk}"


def plans(address: str) -> list[str]:
    """How the database finds the posts that this page shows, of which it reads the standfirst."""
    with CaptureQueriesContext(connection) as captured:
        assert Client().get(address).status_code == 200
    listing = [
        each["sql"]
        for each in captured.captured_queries
        if '"standfirst"' in each["sql"] and '"slug" = ' not in each["sql"]
    ]
    assert listing, address
    assert not [sql for sql in listing if "OFFSET" in sql], address
    return [plan_of(sql) for sql in listing]


def plan_of(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{sql}")
        return "\n".join(" ".join(str(part) for part in row) for row in cursor.fetchall())


def is_sorted_whole(plan: str) -> bool:
    """Posts of the same moment may be sorted among themselves."""
    if connection.vendor == "sqlite":
        return "USE TEMP B-TREE FOR ORDER BY" in plan
    return re.search(r"(?<!Incremental )Sort +\(", plan) is not None


def test_page_of_a_list_is_found_by_an_index_in_its_order(middle):
    for address, index in INDEXES.items():
        for plan in plans(address.format(middle=middle, now=timezone.localtime() - datetime.timedelta(minutes=13))):
            assert plan.count(index) == 1, (address, plan)
            assert not is_sorted_whole(plan), (address, plan)


def test_front_page_finds_its_first_story_by_an_index(middle):
    first, second, *_ = plans("/")
    assert "pinned_posts" in first
    assert IN_ORDER_OF_DATE in second
    NewsPage.objects.filter(slug=NewsPage.objects.last().slug).update(pinned=True)
    assert [is_sorted_whole(plan) for plan in plans("/")] == [False, False]


def test_place_follows_the_date_of_the_post(middle):
    post = NewsPage.objects.order_by("published_at").first()
    post.published_at = timezone.now()
    post.save_revision().publish()
    for address in ("/news/", "/news/topics/t/", "/news/authors/a/", "/news/tags/g/"):
        assert soup_of(Client(), address).select_one(".post-card h2").text == post.title


def test_what_a_post_leads_on_to_is_found_by_its_keys(middle):
    post = NewsPage.objects.get(pk=middle.partition("-")[2])
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # nothing but keys, or all there are
            for way, is_on in {
                "bitmapscan": "on",
                "indexscan": "off",
                "indexonlyscan": "off",
                "nestloop": "off",
            }.items():
                cursor.execute(f"SET LOCAL enable_{way} = {is_on}")
    with CaptureQueriesContext(connection) as captured:
        assert Client().get(post.url).status_code == 200
    (asked,) = [each["sql"] for each in captured.captured_queries if '"shares_topic"' in each["sql"]]
    plan = plan_of(asked)
    if connection.vendor == "sqlite":
        assert not re.search(r"SCAN (portal_newspage|wagtailcore_page)\b", plan), plan
    else:
        assert "BitmapOr" in plan, plan
