"""A body from before the blocks were what they are: its page opens, its words are there, and saving keeps them."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test import Client

from portal.models import NewsPage
from tests.factories import make_administrator, make_post
from tests.portal.reading import make_note, soup_of, words_of
from tests.portal.test_storages import make_picture

pytestmark = pytest.mark.django_db
FIRST = {"type": "text", "value": "<p>Kept words.</p>", "id": "1"}


def post_with(stored: str) -> NewsPage:
    post = make_post("Old", slug="old")
    table = NewsPage._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET body = %s WHERE page_ptr_id = %s", [stored, post.pk])  # noqa: S608 -- our own table
    return NewsPage.objects.get(pk=post.pk)


def body_words() -> str:
    return words_of(soup_of(Client(), "/news/old/").select_one(".article-body")).removesuffix(" Comments …")


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ({"type": "heading", "value": "An old heading"}, "An old heading"),
        ({"type": "quote", "value": "Words of <b>somebody</b> & others"}, "Words of somebody & others"),
        ({"type": "gone", "value": {"rows": [["One", "Two"], [3]], "title": "A title"}}, "One Two A title"),
        ({"type": "gone", "value": "<script>alert(1)</script>"}, "alert(1)"),
        ({"type": "picture", "value": 5}, ""),
        ({"type": "picture", "value": {"caption": "A caption", "picture": "not a number"}}, "A caption not a number"),
        ({"type": "gallery", "value": [1, 2]}, ""),
        ({"type": "gallery", "value": {"pictures": "None"}}, "None"),
        ({"type": "table", "value": "A row"}, "A row"),
        ({"type": "table", "value": {"data": ["A row", 5]}}, "A row"),
        ({"type": "table", "value": {"data": [["A cell", 5]]}}, "A cell"),
        ({"type": "heading", "value": {"text": None, "more": "Words"}}, "Words"),
        ({"type": "text", "value": {"text": "In a struct"}}, "In a struct"),
        ({"type": "text", "value": None}, ""),
        ({"type": "documents", "value": {"heading": "Papers", "documents": "x"}}, "Papers x"),
        ({"type": "heading", "value": {}}, ""),
        ({"value": "Of no kind"}, "Of no kind"),
        ({"type": "heading"}, ""),
        ({"type": ["heading"], "value": "Of many kinds"}, "Of many kinds"),
        ("Plain text", "Plain text"),
        (None, ""),
        (["A list"], "A list"),
    ],
)
def test_words_of_another_shape_are_shown_edited_and_kept(block, words, signed_in):
    post = post_with(json.dumps([FIRST, block, {**FIRST, "value": "<p>The end.</p>", "id": "3"}]))
    expected = " ".join(each for each in ("Kept words.", words, "The end.") if each)
    assert body_words().startswith(expected)
    form = signed_in(make_administrator()).get(f"/admin/pages/{post.pk}/edit/")
    assert form.status_code == 200
    post.save_revision().publish()
    assert body_words().startswith(expected)
    assert "<script>alert" not in Client().get("/news/old/").content.decode()


@pytest.mark.parametrize("stored", ['"A text alone"', '{"type": "gone", "value": "A text alone"}'])
def test_body_that_was_one_text_is_shown(stored):
    post_with(stored)
    assert body_words().startswith("A text alone")


@pytest.mark.parametrize(
    "stored", [json.dumps([FIRST, {"type": "gone", "value": "Old words."}]), "Kept words.<br> Old words.", ""]
)
def test_draft_of_another_shape_opens_with_its_words(stored, signed_in):
    post = make_post("Old", slug="old")
    revision = post.save_revision()
    revision.content["body"] = stored
    revision.save()
    page = signed_in(make_administrator()).get(f"/admin/pages/{post.pk}/edit/")
    assert page.status_code == 200
    assert ("Old words." in page.content.decode()) == bool(stored)
    revision.publish()
    assert body_words().startswith("Kept words. Old words." if stored else "0 comments")


def test_parts_that_came_later_are_empty():
    picture, paper = make_picture(), make_note("A paper")
    body = [
        {"type": "picture", "value": {"picture": picture.pk}},
        {"type": "quote", "value": {"text": "Words"}},
        {"type": "documents", "value": {"documents": [paper.pk]}},
        {"type": "gallery", "value": {"pictures": [{"picture": picture.pk}, {"picture": picture.pk}]}},
    ]
    post_with(json.dumps(body))
    article = soup_of(Client(), "/news/old/").select_one(".article-body")
    assert [each["alt"] for each in article.select("img")] == ["", "", ""]
    assert [each["aria-label"] for each in article.select(".papers")] == ["The full documents"]
    assert "None" not in str(article)


def test_body_of_today_is_left_as_it_is():
    picture, paper = make_picture(), make_note("A paper")
    body = [
        ("heading", {"text": "A heading"}),
        ("text", "<p>Some words.</p>"),
        ("quote", {"text": "A quotation", "attribution": "Somebody"}),
        ("picture", {"picture": picture, "caption": "A caption"}),
        ("gallery", {"pictures": [{"picture": picture}, {"picture": picture}]}),
        ("table", {"data": [["One", None]], "first_row_is_table_header": True}),
        ("table", None),
        ("documents", {"heading": "Papers", "documents": [paper]}),
        ("callout", {"heading": "", "text": "<p>Look.</p>"}),
        ("button", {"label": "Go", "page": None, "address": "https://example.org/"}),
        ("members_only", None),
        ("attribution", {"text": "Crown copyright"}),
    ]
    post = make_post("New", body=body)
    kept = NewsPage.objects.get(pk=post.pk).body.get_prep_value()
    assert [each["type"] for each in kept] == [kind for kind, _ in body]
    assert kept == post.body.get_prep_value()
