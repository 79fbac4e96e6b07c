"""The search under strain: words that are everywhere, papers as long as books, and texts that nobody writes by hand."""

from __future__ import annotations

import datetime
from itertools import islice, product

import psycopg
import pytest
from django.core.cache import cache
from django.db import DataError, OperationalError
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from portal.models import SearchRow
from portal.search import find, index, passages
from portal.search.interface import place
from portal.search.passages import Finder
from tests.factories import make_member, make_post
from tests.portal.finding import WORD, make_text, soup_from, titles, work
from tests.portal.reading import words_of

pytestmark = pytest.mark.django_db


def make_posts(count: int, title: str, text: str) -> None:
    """The newest first, each a day older than the one before."""
    now = timezone.now()
    for number in range(count):
        date = now - datetime.timedelta(days=number + 1)
        make_post(title.format(number), published_at=date, body=[("text", f"<p>{text}</p>")])
    work()


def test_row_that_is_found_twice_over_is_listed_once(monkeypatch):
    """Where the first steps bring too little, all the rest is asked for, and then what has the word in its title."""
    for name, value in (("AT_ONCE", 2), ("LONGEST_STEP", 1), ("MOST_COUNTED", 4), ("SPARE", 2)):
        monkeypatch.setattr(find, name, value)
    make_posts(8, f"The {WORD} {{}}", "Of stairs.")
    assert titles(WORD) == [f"The {WORD} {number}" for number in range(4)]


@pytest.mark.parametrize("asked", ["stairs and-crowds", '"stairs and"', '"stairs and" -"of storms"'])
def test_words_in_a_row_are_found_in_titles_where_more_rows_have_them_than_are_ranked(asked, monkeypatch):
    for name, value in (("AT_ONCE", 4), ("MOST_COUNTED", 3), ("MOST_RANKED", 2)):
        monkeypatch.setattr(find, name, value)
    monkeypatch.setattr(place(), "MOST_RANKED", 2)
    make_posts(6, "Post {}", "Of stairs and crowds.")
    make_post("Stairs and crowds", published_at=timezone.now() - datetime.timedelta(days=9))
    assert titles(asked) == ["Stairs and crowds", "Post 0", "Post 1"]


# Among whatever text there is: signs of the databases' own, letters that become many, and words that go on and on.
NASTY = [
    "-", '"', "“", "'", "\\", "\x00", "&|!:*()<->", "NOT NEAR(", "þð", "ªº", "\u3164", "\u0130", "\u1e9e", "of", WORD,
]  # fmt: skip
TYPED = st.lists(
    st.text(max_size=9) | st.sampled_from(NASTY) | st.sampled_from("㌖ﷺaé本𐐀𝔄İŉ").map("{0}{0}".format), max_size=60
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example("㌖" * 150 + "-㌖")
@example("ﷺ" * 100)
@example("a-" * 100)
@example("a/" * 100)
@given(TYPED.map("".join))
def test_whatever_is_typed_gets_an_answer(typed):
    for address, asked in (("/search/", typed[:200]), ("/search/suggest/", typed)):
        cache.clear()
        assert Client().get(address, {"q": asked}).status_code == 200


def test_paper_with_more_of_long_words_than_a_row_holds_is_found(signed_in):
    """Letters of four bytes: PostgreSQL refuses 1 MB of them."""
    letters = [chr(0x10428 + number) for number in range(17)]
    words = ["".join(each) + "𐐨" * 29 for each in islice(product(letters, repeat=3), 4_200)]
    make_text("A table", "filling " * 8_000, f"{' '.join(f'{word}-{word}' for word in words)} {WORD}")
    assert SearchRow.objects.count() > 2
    member = signed_in(make_member())
    for asked in (WORD, words[0]):
        assert titles(asked, member) == ["A table"]


def test_thing_that_cannot_be_written_keeps_no_other_back(monkeypatch, caplog, signed_in):
    made = index._rows_of_paper

    def refuse(paper, *others):
        if paper.title == "Paper 1":
            raise DataError
        return made(paper, *others)

    papers = [make_text(f"Paper {number}", f"Of {WORD}.") for number in range(4)]
    SearchRow.objects.all().delete()
    monkeypatch.setattr(index, "_rows_of_paper", refuse)
    monkeypatch.setattr(index, "AT_ONCE", 3)
    assert index.catch_up() == 4
    assert sorted(titles(WORD, signed_in(make_member()))) == ["Paper 0", "Paper 2", "Paper 3"]
    assert [record.message for record in caplog.records] == [
        f"The search stays behind: write_papers failed for number {papers[1].pk}."
    ]
    assert index.catch_up() == 1


def test_catching_up_ends_where_the_database_is_away(monkeypatch):
    def break_off(_rows, *, instead_of):
        raise OperationalError from psycopg.OperationalError()

    papers = [make_text(f"Paper {number}", f"Of {WORD}.") for number in range(2)]
    assert papers
    SearchRow.objects.all().delete()
    monkeypatch.setattr(place(), "write", break_off)
    with pytest.raises(OperationalError):
        index.catch_up()


@pytest.mark.parametrize("steps", [(1_200, 5_000, 1_000), (1, 1, 2), (2, 5_000, 1)])
@pytest.mark.parametrize(
    ("asked", "is_found"),
    [
        ("flowers -stairs", False), ("stairs -flowers", False), ("middle -stairs", False), ("middle -zebra", True),
        ('flowers -"of stairs"', False), ('middle -"of flowers"', False), ('flowers -"stairs of"', True),
        ("page -flow-ers", False), (f"{WORD} -stairs", False),
    ],
)  # fmt: skip
def test_minus_is_about_all_of_a_long_paper(asked, is_found, steps, signed_in, monkeypatch):
    monkeypatch.setattr(index, "MOST_WORDS", 30)
    for name, value in zip(("AT_ONCE", "LONGEST_STEP", "MOST_COUNTED"), steps, strict=True):
        monkeypatch.setattr(find, name, value)
    pages = [f"page {number} {'filling ' * 20}" for number in range(6)]
    pages[0] += "of flowers"
    pages[2] += "middle"
    pages[4] += "of stairs"
    make_text(f"Long {WORD}", *pages)
    assert titles(asked, signed_in(make_member())) == ([f"Long {WORD}"] if is_found else [])


def test_minus_is_about_what_the_person_reads_of_a_post(signed_in):
    body = [("text", f"<p>Of the {WORD}.</p>"), ("members_only", None), ("text", "<p>Of stairs.</p>")]
    make_post("Half open", body=body)
    assert titles(f"{WORD} -stairs") == ["Half open"]
    assert titles(f"{WORD} -stairs", signed_in(make_member())) == []
    assert titles(f"{WORD} -storms", signed_in(make_member())) == ["Half open"]


def test_no_more_is_looked_through_for_passages_than_takes_a_moment(signed_in, monkeypatch):
    """Of the pages that were not found themselves: the words of a question may stand on any of them."""
    monkeypatch.setattr(index, "MOST_WORDS", 10)
    monkeypatch.setattr(passages, "MOST_FURTHER", 1_000)
    looked_through, best = [], Finder.best
    monkeypatch.setattr(Finder, "best", lambda finder, text: looked_through.append(len(text)) or best(finder, text))
    for number in range(3):
        make_text(f"Paper {number}", f"{WORD} {'filling ' * 9}", *["filling " * 10] * 30, f"stairs {'filling ' * 9}")
    member = signed_in(make_member())
    page = soup_from(member.get("/search/", {"q": f"{WORD} stairs"}))
    assert len(page.select(".post-card")) == 3
    assert [words_of(each) for each in page.select("mark")] == [WORD] * 3
    assert 1_000 < sum(looked_through) < 1_500


def test_what_a_minus_takes_away_hides_nothing_that_is_older(signed_in, monkeypatch):
    monkeypatch.setattr(index, "MOST_WORDS", 30)
    for name, value in (("AT_ONCE", 1), ("LONGEST_STEP", 1), ("MOST_COUNTED", 1), ("SPARE", 0)):
        monkeypatch.setattr(find, name, value)
    now = timezone.now()
    for number in range(5):
        pages = [f"flowers {'filling ' * 20}", f"flowers {'more ' * 20}", f"stairs {'filling ' * 20}"]
        make_text(f"Newer {number}", *pages, publish_at=now - datetime.timedelta(days=number + 1))
    make_text("Older", "Of flowers.", publish_at=now - datetime.timedelta(days=30))
    assert titles("flowers -stairs", signed_in(make_member())) == ["Older"]
