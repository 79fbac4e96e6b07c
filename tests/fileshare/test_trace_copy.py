"""Whose copy something is, from whatever is left of it."""

from __future__ import annotations

import io

import pikepdf
import pypdfium2
import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from fileshare import copy_numbers
from fileshare.models import SharedDocument, StampedCopy
from fileshare.services import stamped_copies
from members.models import AccessRecord
from tests.factories import make_member, make_paper, minimal_pdf


@pytest.fixture
def copy(db) -> StampedCopy:
    paper = make_paper("Ten times ten", content=minimal_pdf("Ten", 3), marking="TLP:AMBER")
    reader = make_member("zaneta@example.org", first_name="Żaneta", last_name="Müller")
    stamped_copies.for_reader(version=paper.current_version, reader=reader, may_make=lambda: True)
    return StampedCopy.objects.get()


def whole(content: bytes) -> bytes:
    return content


def facts_alone(content: bytes) -> bytes:
    """Its pages replaced by an empty one."""
    with pikepdf.open(io.BytesIO(content)) as made:
        made.add_blank_page()
        del made.pages[:3]
        return _saved(made)


def one_page(content: bytes) -> bytes:
    """Taken out into a file of its own, which has no facts."""
    with pikepdf.open(io.BytesIO(content)) as made, pikepdf.new() as other:
        other.pages.append(made.pages[1])
        return _saved(other)


def text_alone(content: bytes) -> bytes:
    document = pypdfium2.PdfDocument(content)
    text = document[2].get_textpage()
    found = text.get_text_bounded().encode()
    text.close()
    document.close()
    return found


def _saved(made: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def said(*args, **options) -> str:
    out = io.StringIO()
    call_command("trace_copy", *args, stdout=out, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("left", "by"),
    [
        (whole, "the whole file"),
        (facts_alone, "the file's own facts"),
        (one_page, "the text of its pages"),
        (text_alone, "the text of its pages"),
    ],
)
def test_each_remnant_leads_to_whoever_had_the_copy(copy, tmp_path, left, by):
    file = tmp_path / "found.pdf"
    file.write_bytes(left(copy.file.read()))
    copy.file.close()
    words = said(str(file))
    assert f"Copy {copy.number_in_groups} was made for Żaneta Müller <zaneta@example.org> on" in words
    assert f"of “Ten times ten”, version 1. Known from {by}." in words
    row = AccessRecord.objects.order_by("-pk").first()
    assert (row.action, row.object_id) == ("copy_traced", str(copy.document_uuid))
    assert row.details == {"version": 1, "copy": copy.number, "by": by}


@pytest.mark.parametrize("typed", ["{}-{}-{}", "{} {} {}", "{}{}{}", "copy {} – {} – {}."])
def test_number_may_be_typed_as_one_likes(copy, typed):
    groups = copy.number_in_groups.split("-")
    assert "Żaneta Müller" in said(number=typed.format(*groups))


def test_copy_is_known_when_paper_and_person_are_gone(copy):
    SharedDocument.objects.all().delete()
    StampedCopy.objects.update(user=999_999)
    words = said(number=copy.number)
    assert "was made for an account that is erased, 999999, on" in words
    assert f"of the paper {copy.document_uuid}, which is deleted, version 1" in words


@pytest.mark.django_db
def test_what_leads_to_nobody_is_said(tmp_path):
    file = tmp_path / "other.pdf"
    for content in (minimal_pdf("Another paper"), b"", b"\0\xff", b"1234-5678-9012"):
        file.write_bytes(content)
        with pytest.raises(CommandError, match="There is no number of a copy in this file"):
            said(str(file))
    with pytest.raises(CommandError, match="cannot be read"):
        said(str(tmp_path / "none.pdf"))
    with pytest.raises(CommandError, match="either a file, or a number"):
        said()
    with pytest.raises(CommandError, match="one of them was read wrongly"):
        said(number="4821-0937-5564")
    never = copy_numbers.new()
    with pytest.raises(CommandError, match="not known whose copy"):
        said(number=never)
    assert not AccessRecord.objects.filter(action="copy_traced").exists()


@given(st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(place, more):
    number = copy_numbers.new()
    wrong = f"{number[:place]}{(int(number[place]) + more) % 10}{number[place + 1 :]}"
    assert copy_numbers.is_one(number)
    assert not copy_numbers.is_one(wrong)
    assert copy_numbers.found_in(f"{wrong} {copy_numbers.in_groups(number)} 1{number}") == [number]
