"""Plain texts and tables for a page: decoded, bounded, inert."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fileshare.shown_text import COLUMNS, ROWS, as_table, as_text, decode


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Größe, слово, 词".encode(), "Größe, слово, 词"),
        ("\ufeffmarked".encode(), "marked"),
        ("Größe – “so”".encode("cp1252"), "Größe – “so”"),
        (b"\x81 is nothing in Windows' set \xe4", "\N{REPLACEMENT CHARACTER} is nothing in Windows' set ä"),
        (b"one\r\ntwo\rthree\n", "one\ntwo\nthree\n"),
        (b"tab\there", "tab\there"),
        ("bell\x07 and \u202eturned".encode(), "bell\N{REPLACEMENT CHARACTER} and \N{REPLACEMENT CHARACTER}turned"),
        (b"", ""),
    ],
)
def test_text_is_decoded(content, text):
    assert decode(content) == text


def test_cut_text_ends_with_a_whole_line_and_says_so():
    content = "one\ntwo\nдва".encode()
    assert as_text(content[:-1], len(content)).text == "one\ntwo"
    assert as_text(content[:-1], len(content)).is_cut
    assert not as_text(content, len(content)).is_cut


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_table_is_read_with_its_separator(separator):
    content = 'Place,Visitors\n"Hall, north",40\nGate,\n\n'.replace(",", separator).encode()
    shown = as_table(content, len(content))
    assert (shown.head, shown.rows) == (["Place", "Visitors"], [[f"Hall{separator} north", "40"], ["Gate", ""]])
    assert not shown.is_cut


def test_rows_of_different_lengths_are_filled():
    content = b"a,b\n1\n1,2,3\n"
    shown = as_table(content, len(content))
    assert (shown.head, shown.rows) == (["a", "b", ""], [["1", "", ""], ["1", "2", "3"]])


def test_large_table_is_cut_and_says_so():
    wide, long = b"a," * COLUMNS + b"a", b"a,b\n" * (ROWS + 2)
    assert (len(as_table(wide, len(wide)).head), as_table(wide, len(wide)).is_cut) == (COLUMNS, True)
    assert (len(as_table(long, len(long)).rows), as_table(long, len(long)).is_cut) == (ROWS, True)


@pytest.mark.parametrize("content", [b"no separator\nat all\n", b"", b'a,"' + b"x" * 200_000])
def test_what_is_no_table_is_shown_as_text(content):
    shown = as_table(content, len(content))
    assert (shown.text, shown.head, shown.rows) == (content.decode(), [], [])


@given(st.binary(max_size=400), st.booleans())
def test_whatever_the_bytes_there_is_something_to_show(content, cut):
    as_table(content, len(content) + cut)
