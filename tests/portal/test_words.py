"""The administration speaks of papers and folders, where Wagtail speaks of documents and collections."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest
import wagtail

from tests.factories import make_administrator, make_folder
from tests.portal.reading import make_note, soup_of, words_of

ROOT = Path(__file__).resolve().parent.parent.parent
CATALOGUE = ROOT / "portal" / "locale" / "en_GB" / "LC_MESSAGES" / "django.po"
THEIRS = re.compile(r"\b(document|collection)s?\b", re.IGNORECASE)
OTHERS = {"Go to Wagtail admin"}
SHUT = {"You need a password to access this document."}  # folders have no passwords here


def entries(path: Path) -> dict[str, list[str]]:
    """What a catalogue says for each of the words in the program: the singular, or singular and plural."""
    found = {}
    for entry in path.read_text().split("\n\n"):
        written = re.findall(r'^(\w+)(?:\[\d\])? ((?:".*"\n?)+)', entry, re.MULTILINE)
        said = [(kind, "".join(re.findall(r'"(.*)"', text))) for kind, text in written]
        if "#~" not in entry and said and said[0][1]:
            found[said[0][1]] = [text for kind, text in said if kind == "msgstr"]
    return found


def test_compiled_words_are_those_that_are_written():
    with CATALOGUE.with_suffix(".mo").open("rb") as compiled:
        read = gettext.GNUTranslations(compiled)
    for words, said in entries(CATALOGUE).items():
        plain = [each.encode().decode("unicode_escape").encode("latin-1").decode() for each in (words, *said)]
        if len(said) == 1:
            assert read.gettext(plain[0]) == plain[1]
        else:
            assert [read._catalog[plain[0], place] for place in (0, 1)] == plain[1:]


def test_each_of_wagtails_words_for_them_has_ours_and_no_other_is_named():
    theirs = {
        words
        for path in Path(wagtail.__file__).parent.rglob("locale/de/LC_MESSAGES/django.po")
        for words in entries(path)
        if re.search("document|collection", words, re.IGNORECASE)
    }
    assert len(theirs) > 80
    assert set(entries(CATALOGUE)) == (theirs - SHUT) | OTHERS


@pytest.mark.django_db
def test_no_page_about_papers_or_folders_speaks_of_documents_or_collections(signed_in):
    client, folder = signed_in(make_administrator()), make_folder("Guidance")
    paper = make_note("A paper", collection=folder)
    for address in (
        "/admin/",
        "/admin/documents/",
        "/admin/documents/?q=nothing",
        "/admin/documents/add/",
        "/admin/documents/multiple/add/",
        f"/admin/documents/edit/{paper.pk}/",
        f"/admin/documents/delete/{paper.pk}/",
        f"/admin/documents/usage/{paper.pk}/",
        "/admin/collections/",
        "/admin/collections/add/",
        f"/admin/collections/{folder.pk}/",
        f"/admin/collections/{folder.pk}/delete/",
        "/admin/groups/new/",
        "/admin/images/",
        "/admin/images/add/",
        f"/admin/bulk/fileshare/shareddocument/add_to_collection/?id={paper.pk}",
    ):
        page = soup_of(client, address)
        for hidden in page.select("script, style, template"):
            hidden.extract()
        assert THEIRS.findall(words_of(page)) == [], address
