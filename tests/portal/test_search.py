"""The search page: what the public may read is found by its words, and nothing else is, or is even counted."""

from __future__ import annotations

import datetime

import pytest
from bs4 import BeautifulSoup
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from modelsearch.tasks import insert_or_update_object_task
from wagtail.models import PageViewRestriction

from portal.models import Author, HomePage, StandardPage, Topic
from portal.search import passage
from tests.factories import make_folder, make_member, make_post
from tests.portal.reading import READERS, client_of, make_note, set_site, soup_of, words_of

pytestmark = pytest.mark.django_db
WORD = "heliotrope"


def index() -> None:
    """What the worker does with each page that was saved."""
    for task in DBTaskResult.objects.ready().filter(task_path=insert_or_update_object_task.module_path):
        insert_or_update_object_task.func(*task.args_kwargs["args"])
        task.delete()


def titles(asked: str, client: Client | None = None, **more: object) -> list[str]:
    index()
    page = (client or Client()).get("/search/", {"q": asked, **more})
    assert page.status_code == 200
    return [heading.get_text(strip=True) for heading in soup_from(page).select(".post-card h3")]


def soup_from(response: HttpResponse) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def make_page(title: str, **fields: object) -> StandardPage:
    body = [("text", f"<p>{fields.pop('text', '')}</p>")]
    return HomePage.objects.get().add_child(
        instance=StandardPage(title=title, slug=title.lower().replace(" ", "-"), body=body, **fields)
    )


def test_posts_and_pages_are_found_by_title_standfirst_and_text():
    make_post(f"The {WORD} in the title")
    make_post("In the standfirst", standfirst=f"All about the {WORD}.")
    make_post("In a heading", body=[("heading", {"text": f"On {WORD}"})])
    make_post("In a table", body=[("table", {"data": [["One", WORD]]})])
    make_page("A page", text=f"A {WORD} grows here.")
    make_page("Another page", introduction=f"A {WORD}.")
    make_post("Elsewhere")
    assert sorted(titles(WORD.upper())) == [
        "A page", "Another page", "In a heading", "In a table", "In the standfirst", f"The {WORD} in the title",
    ]  # fmt: skip


def test_title_counts_for_more_than_text():
    make_post("First", body=[("text", f"<p>{'Words of other things. ' * 30}{WORD}</p>")])
    make_post(f"About {WORD}")
    make_post("Third", body=[("text", f"<p>{'Words of other things. ' * 30}{WORD}</p>")])
    assert titles(WORD)[0] == f"About {WORD}"


def test_all_words_must_be_there():
    make_post("Crowds and stairs")
    make_post("Crowds and storms")
    assert titles("stairs crowds") == ["Crowds and stairs"]
    assert titles("stairs storms") == []


def test_result_shows_where_the_word_stands_and_leads_there():
    text = f"{'Once upon a time there was a garden. ' * 20}In it grew a {WORD}, {'and no rose beside it. ' * 20}"
    post = make_post("A garden", slug="garden", standfirst="Of flowers.", body=[("text", f"<p>{text}</p>")])
    index()
    found = soup_of(Client(), f"/search/?q={WORD}+grew").select_one(".post-card")
    assert found.a["href"] == post.url == "/news/garden/"
    assert [mark.get_text() for mark in found.select("mark")] == ["grew", WORD]
    shown = words_of(found.select_one(".post-standfirst"))
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert len(shown) < 260
    assert found.time["datetime"] == f"{timezone.localtime(post.published_at):%Y-%m-%d}"


def test_passage_is_the_opening_where_the_word_stands_in_it():
    def parts(*given: str) -> list[tuple[str, bool]]:
        return [(piece.text, piece.is_hit) for piece in passage(given[0], given[1], list(given[2:]))]

    assert parts("On Stairs, and storms.", "Stairs again.", "stairs", "the") == [
        ("On ", False), ("Stairs", True), (", and storms.", False),
    ]  # fmt: skip
    assert parts("On stairs.", "", "zebra") == [("On stairs.", False)]
    assert passage("", "", ["zebra"]) == []


@pytest.mark.parametrize("kind", READERS)
def test_nothing_is_found_that_the_public_may_not_read(kind):
    """A member searches the same: what is for members is found by following the post."""
    now = timezone.now()
    make_post(f"Draft {WORD}", live=False)
    make_post(f"Tomorrow's {WORD}", published_at=now + datetime.timedelta(days=1))
    for maker in (make_post, make_page):
        private = maker(f"Private {WORD} {maker.__name__}")
        PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
    body = [("text", "<p>Open words.</p>"), ("members_only", None), ("text", f"<p>The {WORD} opens at nine.</p>")]
    make_post("Half open", body=body)
    paper = make_note(f"Paper {WORD}", collection=make_folder(f"Folder {WORD}"))
    make_post("With a paper", body=[("documents", {"heading": "Papers", "documents": [paper]})])
    client = client_of(kind)
    assert titles(WORD, client) == []
    page = soup_of(client, f"/search/?q={WORD}")
    for own in page.select("title, #id_q, .masthead-account .button"):
        own.extract()  # the question itself, and where signing in leads back to
    assert WORD not in str(page)
    assert "Nothing found" in words_of(page)
    assert titles("open words", client) == ["Half open"]


def test_post_is_found_as_it_is_published_and_no_more_when_it_is_taken_down():
    post = make_post(f"About {WORD}", live=False, standfirst="Of flowers.")
    assert titles(WORD) == []
    post.save_revision().publish()
    assert titles(WORD) == [f"About {WORD}"]
    post.title = "About roses"
    revision = post.save_revision()
    assert titles("roses") == []
    revision.publish()
    assert (titles("roses"), titles(WORD)) == (["About roses"], [])
    post.refresh_from_db()
    post.unpublish()
    assert titles("roses") == []


@pytest.mark.parametrize("asked", ["...", " ", "\u200b", "\"'()*-:^", "%_", "\\"])
def test_question_without_a_word_gets_a_sentence(asked, client):
    page = client.get("/search/", {"q": asked})
    assert page.status_code == 200
    assert words_of(soup_from(page).select_one(".field-error")) == "Please write at least one word."
    assert "Nothing found" not in page.content.decode()


def test_first_visit_shows_the_form_alone(client):
    page = soup_of(client, "/search/")
    assert words_of(page.h1) == "Search"
    assert not page.select(".field-error, .empty, .search-results")
    assert page.select_one(".masthead a[href='/search/']")["aria-current"] == "page"


@pytest.mark.parametrize(
    "asked",
    [
        "AND", "OR NOT", "NEAR(a b)", '"half a phrase', "title:secret", "a* b*", "'; DROP TABLE users; --",
        "a & b | !c",
        "<b>bold</b>", "日本語", "a\x00b", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "x " * 90,
        "it's", "100%s %d {} {0}",
    ],
)  # fmt: skip
def test_whatever_is_asked_is_taken_as_words(asked, client):
    make_post("A post about it's words")
    page = client.get("/search/", {"q": asked})
    assert page.status_code == 200
    assert not soup_from(page).select("main b, main script")


def test_very_long_question_gets_a_sentence_and_comes_back(client):
    page = client.get("/search/", {"q": "stairs " * 2_000})
    assert page.status_code == 200
    assert words_of(soup_from(page).select_one(".field-error")) == "Please keep it to 200 characters."
    assert soup_from(page).select_one("#id_q")["value"].startswith("stairs stairs")


def test_more_than_a_page_of_results_is_paged():
    for number in range(23):
        make_post(f"{WORD} {number}")
    pages = [titles(WORD, page=number) for number in (1, 2, 3)]
    assert [len(each) for each in pages] == [10, 10, 3]
    assert len({title for each in pages for title in each}) == 23
    assert "23 found" in words_of(soup_of(Client(), f"/search/?q={WORD}&page=2"))
    assert soup_of(Client(), f"/search/?q={WORD}&page=2").select_one("[rel=next]")["href"] == f"?q={WORD}&page=3"
    for wrong in ("0", "4", "x", "-1", "9" * 30):
        assert Client().get("/search/", {"q": WORD, "page": wrong}).status_code == 404


def test_results_ask_the_same_for_one_and_for_ten(client):
    set_site(organisation_name="Safe Places")

    def asked() -> int:
        index()
        client.get("/search/", {"q": WORD})
        with CaptureQueriesContext(connection) as captured:
            client.get("/search/", {"q": WORD})
        return sum('"cache"' not in query["sql"] for query in captured.captured_queries)

    def post() -> None:
        name = f"Name {Topic.objects.count()}"
        slug = name.lower().replace(" ", "-")
        topic, author = Topic.objects.create(name=name, slug=slug), Author.objects.create(name=name, slug=slug)
        paper = make_note(f"Paper of {name}")
        body = [("documents", {"heading": "Papers", "documents": [paper]})]
        make_post(f"About {WORD}", topics=[topic], authors=[author], body=body)

    post()
    one = asked()
    for _ in range(9):
        post()
    assert asked() == one <= 10


def test_who_searches_without_end_is_asked_to_wait(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "search": "2/m/ip"}
    make_post(f"About {WORD}")
    cache.clear()
    assert [client.get("/search/", {"q": WORD}).status_code for _ in range(3)] == [200, 200, 429]
    page = client.get("/search/", {"q": WORD})
    assert "Please try again in a minute" in words_of(soup_from(page).select_one(".field-error"))
    assert page["Retry-After"]
    assert client.get("/search/").status_code == 200


def test_visitors_answer_may_be_kept_by_others_for_a_second_and_a_members_never(client, signed_in):
    assert client.get("/search/", {"q": WORD})["Cache-Control"].startswith("public, max-age=0, s-maxage=1,")
    assert signed_in(make_member()).get("/search/", {"q": WORD})["Cache-Control"] == "private, no-store"
