"""Readers of papers that are stamped, and what is in their copies."""

from __future__ import annotations

import pypdfium2
from django.test import Client

from fileshare.derivatives import stamp
from members.models import AccessRecord
from tests.marked import accept_terms, note_signing_in

OPENING = b"the opening of a copy"


def within(source, target, words, **_):
    """The child's work without a child, which tests/fileshare/test_stamp.py has."""
    try:
        stamp.write(str(source), str(target), words)
    except Exception as error:
        raise stamp.NotStamped from error
    return OPENING


def ready(person, *papers) -> Client:
    """A client whose person has done all that the markings ask."""
    client = Client()
    client.force_login(person)
    accept_terms(papers, person)
    note_signing_in(client, "mfa")
    return client


def bytes_of(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def pages_of(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    found = []
    for page in document:
        text = page.get_textpage()
        found.append(" ".join(text.get_text_bounded().split()))
        text.close()
    document.close()
    return found


def says(content: bytes, *words: str) -> bool:
    """Whether every page has all of these words."""
    return all(word in page for page in pages_of(content) for word in words)


def last_row() -> tuple[str, str, dict[str, object]]:
    row = AccessRecord.objects.order_by("-pk").first()
    return row.action, row.reason, row.details


def ways_out(paper) -> list[str]:
    version = paper.current_version
    return [
        paper.download_url, paper.read_url, version.download_url, version.read_url, version.content_url,
        f"/files/archive/?document={paper.uuid}",
    ]  # fmt: skip
