"""What the search guesses: titles and words from what the person may read, whatever else there is."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import CollectionViewRestriction

from members.auth_backends import AuthenticationBackend
from portal.search import guesses, index
from tests.factories import make_folder, make_member, make_post
from tests.portal.finding import WORD, make_text, soup_from, work

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("hidden", ["to come", "in a closed folder", "rows of one paper"])
def test_titles_that_may_be_read_are_suggested_however_many_others_there_are(hidden, monkeypatch, signed_in):
    for name, value in (("LOOKED_AT", 3), ("LOOKED_AT_FOR_WORDS", 3), ("MOST", 2)):
        monkeypatch.setattr(guesses, name, value)
    monkeypatch.setattr(index, "MOST_WORDS", 10)
    closed = make_folder("Closed")
    CollectionViewRestriction.objects.create(collection=closed, restriction_type=CollectionViewRestriction.GROUPS)
    day = datetime.timedelta(days=1)
    for number in range(2):
        make_text(f"A {WORD} {number}", "Of stairs.", publish_at=timezone.now() - (2 + number) * day)
    expected = [f"A {WORD} 0", f"A {WORD} 1"]
    if hidden == "rows of one paper":
        make_text(f"The {WORD}", *["filling " * 10] * 5, publish_at=timezone.now() - day)
        expected = [f"The {WORD}", f"A {WORD} 0"]
    for number in range(5 if hidden != "rows of one paper" else 0):
        fields = {"publish_at": timezone.now() + day} if hidden == "to come" else {"collection": closed}
        make_text(f"Secret {WORD} {number}", "Of stairs.", **fields)
    member = signed_in(make_member())
    told = member.get("/search/suggest/", {"q": WORD[:5]}).json()["suggestions"]
    assert [each["title"] for each in told] == expected
    assert Client().get("/search/suggest/", {"q": WORD[:5]}).json() == {"suggestions": []}
    meant = soup_from(member.get("/search/", {"q": "heliotorpe"})).select_one(".search-meant a")
    assert meant.get_text() == WORD


def test_titles_of_posts_that_are_to_come_hide_no_other(monkeypatch):
    monkeypatch.setattr(guesses, "LOOKED_AT", 2)
    make_post(f"The {WORD}", published_at=timezone.now() - datetime.timedelta(days=1))
    for number in range(3):
        make_post(f"Secret {WORD} {number}", published_at=timezone.now() + datetime.timedelta(days=1))
    work()
    told = Client().get("/search/suggest/", {"q": WORD[:5]}).json()["suggestions"]
    assert [each["title"] for each in told] == [f"The {WORD}"]


def test_suggestions_ask_no_more_than_what_there_is_and_what_may_be_read():
    """Of each kind; where enough of the newest may be read nothing else is asked."""
    member = AuthenticationBackend().get_user(make_member().pk)
    for number in range(3):
        make_text(f"A {WORD} {number}", "Of stairs.")
    guesses.suggestions(WORD[:5], member)
    with CaptureQueriesContext(connection) as captured:
        assert len(guesses.suggestions(WORD[:5], member)) == 3
    assert len([each for each in captured if "SELECT" in each["sql"]]) == 4
