"""Text that people type: harmless beside other people's words, and otherwise as it was."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.plain_text import MOST_MARKS, harmless, is_blank


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Plain words. ", "Plain words."),
        ("One\r\nTwo\rThree", "One\nTwo\nThree"),
        ("One\n\n \n\t\n\n\nTwo", "One\n\nTwo"),
        ("safe \u202egnp.exe\u202c \u2067x\u2069", "safe gnp.exe x"),
        ("a\0b\x07c\x1b[31m", "abc[31m"),
        ("e\u0301te\u0301", "été"),
        ("Z" + "\u0336" * 40 + "!", "Z" + "\u0336" * MOST_MARKS + "!"),
        ("العربية and עברית", "العربية and עברית"),
        ("👩\u200d🚒 क्\u200dष", "👩\u200d🚒 क्\u200dष"),
    ],
)
def test_text_is_made_harmless(typed, kept):
    assert harmless(typed) == kept


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_whatever_is_typed_stays_still_and_turns_nothing(typed):
    kept = harmless(typed)
    assert harmless(kept) == kept
    assert not any(0x202A <= ord(each) <= 0x202E or 0x2066 <= ord(each) <= 0x2069 for each in kept)
    assert all(unicodedata.category(each) != "Cc" or each in "\n\t" for each in kept)


@pytest.mark.parametrize("nothing", ["", " \n\t ", "\u200b\u200d\ufeff", "\u3164\u115f \u00ad"])
def test_what_shows_nothing_is_blank(nothing):
    assert is_blank(nothing)
    assert not is_blank(f"{nothing}.{nothing}")
