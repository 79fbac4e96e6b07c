"""The words of the search, of whatever text: by rule and without a database."""

from __future__ import annotations

import pytest

from portal.search.passages import Finder
from portal.search.query import understood
from portal.search.words import LONGEST, stems_and_joined

MANY = 500_000  # what looks at each beginning anew takes hours over it


@pytest.mark.parametrize("text", ["a", "aa-", "a'", "-\n", "-\r\n", "é", "aé-", '-"a'])
def test_long_texts_take_as_long_as_they_are(text):
    whole = text * (MANY // len(text)) + ".-"
    stems_and_joined(whole)
    understood(whole)
    Finder(understood("aaron eerie")).marks(whole)


def test_compounds_are_joined_wherever_they_stand():
    text = "(counter-terrorism) x1-by-pass, re-\nread, 2-fold, e-, -mail, co-op-s.cross-border-ab"
    assert stems_and_joined(text)[1] == {"counterterror", "bypass", "reread", "coop", "crossborderab"}


def test_compound_that_is_longer_than_a_word_can_be_is_found_and_marked_as_one():
    compound = "-".join(["stairs"] * 20)
    [term] = understood(compound).terms
    assert {term.joined} == stems_and_joined(compound)[1]
    assert len(term.joined) == LONGEST
    [mark] = Finder(understood(compound)).marks(f"Of {compound}.")
    assert (mark.start, mark.end) == (3, 3 + len(compound))
