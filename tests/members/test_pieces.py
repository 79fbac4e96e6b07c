"""Pieces of pages: made once for the same values, and anew for whatever they are made of."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass

import pytest
from django.utils import timezone, translation
from django.utils.safestring import mark_safe

from members import pieces
from members.models import User
from members.pieces import piece

STANDING = "components/standing-notice.html"
FACTS = "components/file-facts.html"


@dataclass(frozen=True)
class Notice:
    title: str
    text: object
    action_url: str = ""


@dataclass(frozen=True)
class Dated:
    publish_at: datetime.datetime


@pytest.fixture(autouse=True)
def nothing_kept():
    pieces._rendered.cache_clear()


def made():
    return pieces._rendered.cache_info().misses


def test_same_values_are_rendered_once_and_others_anew():
    first = piece(STANDING, standing_notice=Notice("Ended", "Since May."), as_page=False)
    assert "<h2>Ended</h2>" in first
    assert piece(STANDING, standing_notice=Notice("Ended", "Since May."), as_page=False) == first
    assert made() == 1
    assert "Since June." in piece(STANDING, standing_notice=Notice("Ended", "Since June."), as_page=False)
    assert "<h2>" not in piece(STANDING, standing_notice=Notice("Ended", "Since May."), as_page=True)
    assert made() == 3


def test_words_are_shown_as_text():
    shown = piece(STANDING, standing_notice=Notice("<script>", "a & b"))
    assert "&lt;script&gt;" in shown
    assert "a &amp; b" in shown


def test_moments_are_told_by_each_readers_clock():
    paper = Dated(datetime.datetime(2027, 5, 31, 23, 30, tzinfo=datetime.UTC))
    found = []
    for zone in ("UTC", "Asia/Tokyo", "UTC"):
        with timezone.override(zone):
            found.append("31 May 2027" in piece(FACTS, paper=paper, with_publication=True))
    assert found == [True, False, True]


def test_each_language_has_its_own():
    paper = Dated(datetime.datetime(2027, 5, 31, 12, tzinfo=datetime.UTC))
    with translation.override("en-gb"):
        piece(FACTS, paper=paper, with_publication=True)
    with translation.override("fr"):
        assert "Mai" in piece(FACTS, paper=paper, with_publication=True)


@pytest.mark.parametrize(
    "value",
    [User(pk=1), mark_safe("<b>bold</b>"), ["a", "list"], ("deep", ("in", User(pk=1)))],
    ids=["model", "markup", "list", "within a tuple"],
)
def test_what_is_no_plain_value_is_refused(value):
    with pytest.raises(TypeError):
        piece(STANDING, standing_notice=Notice("Ended", value))


def test_plain_values_of_all_kinds_pass():
    for value in ("text", 1, True, None, timezone.now(), timezone.localdate(), uuid.uuid4(), ("a", ("b", 1))):
        piece(STANDING, standing_notice=Notice("Ended", value))


def test_template_that_is_being_written_is_read_each_time(settings):
    settings.DEBUG = True
    for _ in range(2):
        piece(STANDING, standing_notice=Notice("Ended", "Since May."))
    assert pieces._rendered.cache_info().currsize == 0


def test_large_pieces_take_no_room_of_the_others():
    pieces._rendered_large.cache_clear()
    piece(STANDING, standing_notice=Notice("Ended", "Since May."))
    for number in range(pieces.FEW + 1):
        pieces.large_piece(STANDING, standing_notice=Notice(f"Ended {number}", "Since May."))
    assert pieces._rendered_large.cache_info().currsize == pieces.FEW
    assert made() == 1
