"""What the tests of this folder share: kinds of reader, and reading a page as a person sees it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable

from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone
from wagtail.models import Site

from fileshare.models import SharedDocument
from portal.models import SiteSettings
from tests.factories import make_administrator, make_member, make_paper, make_user

MARKER = "Heliotrope7731"
# Each surface that a visitor can reach without knowing an address.
PUBLIC_LISTS = ("/", "/news/", "/news/feed/", "/sitemap.xml")
OUTSIDERS: dict[str, Callable[[], object] | None] = {
    "visitor": None,
    "signed in without membership": make_user,
    "applicant": lambda: make_member(standing="applicant"),
    "lapsed": lambda: make_member(standing="lapsed"),
    "suspended": lambda: make_member(standing="suspended"),
}
INSIDERS: dict[str, Callable[[], object] | None] = {
    "member": make_member,
    "administrator": make_administrator,
}
READERS = OUTSIDERS | INSIDERS


def make_note(title: str = "", **fields: object) -> SharedDocument:
    """A paper of plain text, where the kind does not matter: a PDF is inspected in a process of its own."""
    return make_paper(title, content=b"A few words.", file_name="note.txt", **fields)


def client_of(kind: str) -> Client:
    """A browser with a session of its own for a kind of reader."""
    client, make = Client(), READERS[kind]
    if make is not None:
        client.force_login(make())
    return client


def soup_of(client: Client, address: str) -> BeautifulSoup:
    response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return BeautifulSoup(response.content, "html.parser")


def words_of(element: BeautifulSoup) -> str:
    """The text as a reader has it: blanks and line breaks are one blank."""
    return re.sub(r"\s+", " ", element.get_text(" ")).strip()


def set_site(**fields: str) -> SiteSettings:
    """The association's own words."""
    return SiteSettings.objects.create(site=Site.objects.get(), **fields)


def ago(**spans: float) -> datetime.datetime:
    return timezone.now() - datetime.timedelta(**spans)
