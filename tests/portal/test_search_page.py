"""The page of the search: what it says of bad questions, its pages, filters, guesses and suggestions."""

from __future__ import annotations

import datetime
import re

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.http import urlencode

from members.models import Organisation
from portal.models import Author, HomePage, SearchMiss, StandardPage, Topic
from portal.ops import due
from portal.search import find, index
from tests.factories import make_administrator, make_folder, make_member, make_post
from tests.portal.finding import WORD, make_text, soup_from, titles, work
from tests.portal.reading import make_note, set_site, soup_of, words_of

pytestmark = pytest.mark.django_db
TWO_DAYS = (datetime.timedelta(days=0), datetime.timedelta(days=1))
TOO_MANY_LETTERS = "Please keep it to 200 characters. A few words find more than many."
TWELVE = "one two three four five six seven eight nine ten eleven twelve"
TOO_MANY_WORDS = "A search takes twelve words at most: the first twelve count, and the others were left out."


@pytest.mark.parametrize("asked", ["...", " ", "\x00", "\u202e\u200f", "\u200b", "\"'()*-:^", "%_", "\\"])
def test_question_without_a_word_gets_a_sentence(asked, client):
    page = client.get("/search/", {"q": asked})
    assert page.status_code == 200
    assert words_of(soup_from(page).select_one(".field-error")) == "Please write at least one word."
    assert "Nothing found" not in page.content.decode()


def test_question_of_nothing_but_what_shall_not_be_there_is_told_what_a_minus_does(client):
    page = client.get("/search/", {"q": "-crowds"})
    said = words_of(soup_from(page).select_one(".field-error"))
    assert said == "Please write a word to look for as well: a minus only leaves words out."


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
        "it's", "100%s %d {} {0}", "a", "\u202eabout\u202c", "\u05d0\u200f\u05d1",
    ],
)  # fmt: skip
def test_whatever_is_asked_is_taken_as_words(asked, client):
    make_post("A post about it's words")
    page = client.get("/search/", {"q": asked})
    assert page.status_code == 200
    assert not soup_from(page).select("main b, main script, main .field-error")


def test_very_long_question_gets_a_sentence_and_comes_back(client):
    page = client.get("/search/", {"q": "stairs " * 2_000})
    assert page.status_code == 200
    assert words_of(soup_from(page).select_one(".field-error")) == TOO_MANY_LETTERS
    assert soup_from(page).select_one("#id_q")["value"].startswith("stairs stairs")


@pytest.mark.parametrize("letter", ["x", "\u20ac", "\U0001f6aa", "%"])
def test_whoever_pastes_too_much_gets_the_sentence_and_not_the_server_s_refusal(letter, client):
    """Browsers drop what is beyond `maxlength`, in units of sixteen bits; the rest must reach the site, and say so."""
    [of_head] = soup_of(client, "/").select("[name=q]")
    [of_page] = soup_of(client, "/search/").select("[name=q]")
    assert of_head["maxlength"] == of_page["maxlength"]
    pasted = letter * (int(of_page["maxlength"]) // (len(letter.encode("utf-16-le")) // 2))
    answer = client.get(f"/search/?{urlencode({'q': pasted})}")
    assert words_of(soup_from(answer).select_one(".field-error")) == TOO_MANY_LETTERS
    sign_in = soup_from(answer).select_one(".search-hint a")["href"]
    longest = re.search(
        r"^limit_request_line = (\d+)$", (settings.BASE_DIR / "deploy/gunicorn.conf.py").read_text(), re.M
    )[1]
    for address in (f"/search/?{urlencode({'q': pasted})}", sign_in):
        assert len(f"GET {address} HTTP/1.1\r\n") < int(longest)


@pytest.mark.parametrize(
    ("asked", "is_said"),
    [
        (TWELVE, False), (f"{TWELVE} one of the", False), (f"{TWELVE} thirteen", True), (f'"{TWELVE}"', False),
        (f'"{TWELVE} one"', True), (f"word -{' -'.join(TWELVE.split())}", False),
        (f"word -{' -'.join(TWELVE.split())} -thirteen", True), ("/".join(TWELVE.split()), False),
        (f"{'/'.join(TWELVE.split())}/thirteen", True),
    ],
)  # fmt: skip
def test_more_words_than_are_looked_for_are_said_to_be_left_out(asked, is_said, client):
    page = soup_from(client.get("/search/", {"q": asked}))
    said = [words_of(each) for each in page.select(".filter-remark")]
    assert said == ([TOO_MANY_WORDS] if is_said else [])


def test_more_than_a_page_of_results_is_paged():
    for number in range(23):
        make_post(f"{WORD} {number}")
    pages = [titles(WORD, page=number) for number in (1, 2, 3)]
    assert [len(each) for each in pages] == [10, 10, 3]
    assert len({title for each in pages for title in each}) == 23
    assert "23 found" in words_of(soup_of(Client(), f"/search/?q={WORD}&page=2"))
    assert soup_of(Client(), f"/search/?q={WORD}&page=2").select_one("[rel=next]")["href"] == f"?q={WORD}&page=3"
    for wrong in ("0", "4", "x", "-1", "9" * 30, ""):
        answer = Client().get("/search/", {"q": WORD, "page": wrong, "sort": "date"})
        assert answer.status_code == 404
        empty = soup_from(answer).select_one(".empty")
        assert words_of(empty.h2) == "There is no such page of results"
        assert empty.a["href"] == f"?q={WORD}&sort=date"
        assert soup_from(answer).select_one("#id_q")["value"] == WORD


def test_results_ask_the_same_for_one_and_for_ten(client):
    set_site(organisation_name="Safe Places")

    def asked() -> int:
        work()
        client.get("/search/", {"q": WORD})
        with CaptureQueriesContext(connection) as captured:
            client.get("/search/", {"q": WORD})
        asked = [query["sql"] for query in captured.captured_queries]
        return sum(sql.startswith("SELECT") and '"cache"' not in sql for sql in asked)

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
    assert asked() == one <= 16


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


def test_filters_narrow_and_their_numbers_count_what_the_person_reads(signed_in):
    source = Organisation.objects.create(name="Office for Storms", abbreviation="OFST")
    shelf = make_folder("Shelf")
    paper = make_text(f"Paper on {WORD}", "Of storms.", source=source, collection=shelf, marking="TLP:CLEAR")
    paper.tags.add("Weather")
    index.write_papers([paper.pk])
    make_text(f"Plan of {WORD}", "Of crowds.", publish_at=timezone.now() - datetime.timedelta(days=800))
    topic = Topic.objects.create(name="Weather", slug="weather")
    make_post(f"Post on {WORD}", topics=[topic])
    member = signed_in(make_member())

    def numbers(client: Client) -> dict[str, dict[str, str]]:
        work()
        page = soup_of(client, f"/search/?q={WORD}")
        facets = zip(page.select(".search-facets h3"), page.select(".search-facets ul"), strict=True)
        return {
            words_of(head): {words_of(li.a): words_of(li.span) for li in choices.select("li")}
            for head, choices in facets
        }

    now, then = timezone.localdate().year, timezone.localdate(timezone.now() - datetime.timedelta(days=800)).year
    assert numbers(member) == {
        "Kind": {"Papers": "2", "News": "1"},
        "Year": {f"{now}": "2", f"{then}": "1"},
        "Topic": {"Weather": "2"},
        "Source": {"OFST": "1"},
        "Marking": {"TLP:CLEAR": "1", "TLP:GREEN": "1"},
        "Folder": {"Shelf": "1"},
    }
    assert numbers(Client()) == {"Topic": {"Weather": "1"}}
    for filters, expected in (
        ({"kind": "post"}, ["Post on"]), ({"kind": "paper"}, ["Paper on", "Plan of"]), ({"year": then}, ["Plan of"]),
        ({"topic": "Weather"}, ["Paper on", "Post on"]), ({"source": source.pk}, ["Paper on"]),
        ({"marking": "TLP:GREEN"}, ["Plan of"]), ({"folder": shelf.pk}, ["Paper on"]),
        ({"file": "txt"}, ["Paper on", "Plan of"]),
        ({"file": "pdf"}, []), ({"topic": "100%_"}, []), ({"sort": "date", "kind": "paper"}, ["Paper on", "Plan of"]),
    ):  # fmt: skip
        found = titles(WORD, member, **filters)
        assert sorted(found) == [f"{title} {WORD}" for title in expected], filters
    assert titles(WORD, member, sort="date")[-1] == f"Plan of {WORD}"


def test_year_finds_what_it_counts_and_no_page():
    make_post(f"A post of {WORD}")
    HomePage.objects.get().add_child(instance=StandardPage(title=f"A page of {WORD}", slug="page"))
    assert sorted(titles(WORD)) == [f"A page of {WORD}", f"A post of {WORD}"]
    assert titles(WORD, year=timezone.localdate().year) == [f"A post of {WORD}"]
    assert titles(WORD, year=timezone.localdate().year, kind="page") == []


@pytest.mark.parametrize(
    ("name", "value"), [("kind", "secret"), ("year", "x"), ("year", "99999"), ("source", "-1"), ("folder", "1 OR 1"),
                        ("file", "exe"), ("marking", "TLP:BLUE"), ("sort", "random"), ("topic", "a\nb")],
)  # fmt: skip
def test_filter_that_cannot_be_understood_is_left_out_and_said(name, value):
    make_post(f"About {WORD}")
    work()
    page = soup_of(Client(), f"/search/?{urlencode({'q': WORD, name: value})}")
    assert words_of(page.select_one(".filter-remark")).endswith("so it was left out.")
    assert "1 found" in words_of(page)


def test_mistyped_word_gets_the_one_that_was_meant_from_what_can_be_read(signed_in):
    make_post("Evacuation of theatres, arenas, stadiums, stations and streets")
    make_text("Xylophones in crowds", "Of crowds.")
    work()
    member = signed_in(make_member())
    for asked, client, meant in (
        ("evacaution theatre", Client(), "evacuation theatre"), ("vacuation", Client(), "evacuation"),
        ("xylofones", Client(), None), ("xylofones", member, "xylophones"), ("zzzzzz", member, None),
        ("evacaution theatres arenas stadiums stations", member, "evacuation theatres arenas stadiums stations"),
        ("evacaution theatres arenas stadiums stations streets", member, None),  # more words than are guessed at
    ):  # fmt: skip
        shown = soup_of(client, f"/search/?q={asked}").select_one(".search-meant")
        assert (words_of(shown.a) if shown else None) == meant, asked


def test_titles_are_suggested_while_somebody_types(signed_in):
    post = make_post("Evacuation of theatres")
    paper = make_text("Plans for evacuation", "Of crowds.")
    work()
    member = signed_in(make_member())
    told = {"title": post.title, "url": post.url, "kind": "News"}
    assert Client().get("/search/suggest/", {"q": "evac"}).json() == {"suggestions": [told]}
    answer = member.get("/search/suggest/", {"q": "Évacu"})
    assert answer.json()["suggestions"] == [
        told, {"title": paper.title, "url": paper.get_absolute_url(), "kind": "Papers"},
    ]  # fmt: skip
    assert answer["Cache-Control"] == "private, no-store"
    for nothing in ("", "e", "zebra", "\x00", '"*', "evac" * 5_000, "&|!:*"):
        assert member.get("/search/suggest/", {"q": nothing}).json() == {"suggestions": []}, nothing


def test_word_that_is_everywhere_is_ranked_among_the_newest_and_by_title(monkeypatch):
    monkeypatch.setattr(find, "AT_ONCE", 4)
    monkeypatch.setattr(find, "MOST_COUNTED", 3)
    now = timezone.now()
    for number in range(9):
        title = f"The {WORD}" if number == 8 else f"Post {number}"
        date = now - datetime.timedelta(days=number + 1)
        make_post(title, published_at=date, body=[("text", f"<p>Of {WORD}.</p>")])
    work()
    page = soup_of(Client(), f"/search/?q={WORD}")
    assert words_of(page.h2) == "More than 3 found"
    assert words_of(page.select_one(".post-card h3")) == f"The {WORD}"
    assert titles(WORD, sort="date") == ["Post 0", "Post 1", "Post 2"]


def test_what_is_looked_for_in_vain_is_told_to_those_who_write_without_a_name(signed_in):
    make_post("A post")
    work()
    member, editor = signed_in(make_member()), signed_in(make_administrator())
    for client, asked in (
        (member, "Zebra Crossing"),
        (Client(), "zebra  crossing"),
        (member, "post"),
        (member, "a@b.c"),
        (member, "a\uff20b.c"),
        (member, "0161 496 0000"),
    ):
        client.get("/search/", {"q": asked})
    member.get("/search/", {"q": "lion", "kind": "page"})
    assert list(SearchMiss.objects.values_list("words", "count")) == [("zebra crossing", 2)]

    def shown() -> list[str]:
        page = soup_of(editor, "/admin/reports/searches/")
        assert "asked 3 times or more and on 2 days or more" in words_of(page.select_one("main p.nice-padding"))
        rows = b"".join(editor.get("/admin/reports/searches/", {"export": "csv"})).decode().splitlines()[1:]
        cells = [words_of(cell) for cell in page.select("main tbody td")]
        assert [row.rpartition(",")[0] for row in rows] == [",".join(cells[n : n + 2]) for n in range(0, len(cells), 3)]
        return cells[:2]

    assert shown() == []
    SearchMiss.objects.update(count=9)
    assert shown() == []
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    SearchMiss.objects.bulk_create([SearchMiss(words="zebra crossing", day=yesterday)])
    SearchMiss.objects.bulk_create([SearchMiss(words="kim rook", day=yesterday - day) for day in TWO_DAYS])
    assert shown() == ["zebra crossing", "10"]
    today = {"day_from": timezone.localdate(), "day_to": timezone.localdate()}
    page = soup_of(editor, f"/admin/reports/searches/?{urlencode(today)}")
    assert [words_of(cell) for cell in page.select("main tbody td")][:2] == ["zebra crossing", "9"]
    assert member.get("/admin/reports/searches/").status_code in (302, 403)
    for miss in SearchMiss.objects.all():
        miss.day -= datetime.timedelta(days=91)
        miss.save()
    due.search_misses.forget_old()
    assert not SearchMiss.objects.exists()
