"""What a PDF is like inside."""

from __future__ import annotations

import time

import pytest

from fileshare.inspection import pdf
from fileshare.inspection.pdf import PdfFacts, examine
from tests.factories import PLAIN_PDF, minimal_pdf
from tests.fileshare import files


@pytest.fixture
def facts_of(tmp_path):
    def ask(content):
        path = tmp_path / "a.pdf"
        path.write_bytes(content)
        return examine(path)

    return ask


def test_plain_pdf_has_pages_and_no_obstacle(facts_of):
    found = facts_of(minimal_pdf(pages=3))
    assert found == PdfFacts(pages=3)
    assert found.obstacle == ""
    assert facts_of(minimal_pdf()) == PLAIN_PDF


def test_pdf_that_opens_at_a_page_is_plain(facts_of):
    assert facts_of(files.pdf_that_only_opens_at_a_page()) == PdfFacts(pages=1)


def test_pdf_with_restrictions_is_encrypted(facts_of):
    found = facts_of(files.encrypted_pdf())
    assert found == PdfFacts(pages=1, encrypted=True)
    assert found.obstacle == "This PDF is protected by a password or by restrictions. Please save it without them."


def test_pdf_with_password_is_encrypted(facts_of):
    found = facts_of(files.encrypted_pdf("secret"))
    assert found == PdfFacts(encrypted=True)
    assert "password" in found.obstacle


def test_signed_pdf_is_signed(facts_of):
    found = facts_of(files.signed_pdf())
    assert found == PdfFacts(pages=1, signed=True)
    assert found.obstacle == "This PDF carries a digital signature, which stamping its copies would break."


@pytest.mark.parametrize("content", [files.damaged_pdf(), b"", minimal_pdf()[:100], b"%PDF-1.4" + bytes(5000)])
def test_damaged_pdf_is_damaged(facts_of, content):
    found = facts_of(content)
    assert found == PdfFacts(damaged=True)
    assert found.obstacle == "This PDF is damaged, so its copies cannot be stamped. Please print it to a new PDF."


@pytest.mark.parametrize(
    "make",
    [
        files.pdf_with_opening_script,
        files.pdf_with_named_script,
        files.pdf_with_catalogue_actions,
        files.pdf_with_page_script,
        files.pdf_with_scripted_link,
        files.pdf_with_scripted_next_action,
        files.pdf_that_launches,
        files.pdf_with_embedded_file,
        files.pdf_with_attached_annotation,
    ],
)
def test_pdf_that_acts_is_active(facts_of, make):
    assert facts_of(make()).active


@pytest.mark.parametrize("when", [files.pdf_that_does_when_opened, files.pdf_that_does_on_a_page,
                                  files.pdf_that_does_next])  # fmt: skip
@pytest.mark.parametrize("kind", files.REACHING_OUT)
def test_pdf_that_reaches_out_by_itself_is_active(facts_of, when, kind):
    assert facts_of(when(files.action(kind, **files.REACHING_OUT[kind]))) == PdfFacts(pages=1, active=True)


@pytest.mark.parametrize("packets", [(b"<template><script>app.alert(1)</script></template>",), (b"<a/>", b"<b/>")])
def test_pdf_with_a_form_of_its_own_language_is_active(facts_of, packets):
    assert facts_of(files.pdf_with_form(*packets)) == PdfFacts(pages=1, active=True)


def test_pdf_with_actions_in_a_circle_is_active(facts_of):
    assert facts_of(files.pdf_that_turns_in_a_circle()) == PdfFacts(pages=1, active=True)


def test_pdf_with_links_to_press_is_plain(facts_of):
    assert facts_of(files.pdf_with_links()) == PdfFacts(pages=1)


def test_pdf_that_takes_too_long_is_damaged(facts_of, monkeypatch):
    monkeypatch.setattr(pdf, "SECONDS", -5)
    assert facts_of(minimal_pdf()) == PdfFacts(damaged=True)


def test_missing_file_is_damaged(tmp_path):
    assert examine(tmp_path / "nowhere.pdf") == PdfFacts(damaged=True)


def test_pdf_with_a_million_page_entries_ends_soon(facts_of):
    """A tree of pages that names one page very often."""
    kids = b"3 0 R " * 200_000
    body = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Count 200000/Kids[" + kids + b"]>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n"
    )
    started = time.monotonic()
    facts_of(body)
    assert time.monotonic() - started < 10
