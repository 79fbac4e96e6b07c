"""The search under strain: words that are everywhere, papers as long as books, and texts that nobody writes by hand."""

from __future__ import annotations

import datetime

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from portal.search import find
from portal.search.interface import place
from tests.factories import make_post
from tests.portal.finding import WORD, titles, work

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
