"""What an editor reads of a file that comes in: what it says of itself, and that it is here already."""

from __future__ import annotations

import datetime
import html
import json
import re

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone
from wagtail.models import UploadedFile

from fileshare.inspection.child import Defeated
from fileshare.models import SharedDocument
from members.models import Organisation
from tests.factories import make_administrator, make_editor_of, make_folder, make_paper
from tests.fileshare import files
from tests.fileshare.admin import add, attached, details, edit, errors

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(folder, signed_in):
    return signed_in(make_editor_of(folder))


def drop(client, folder, content, name):
    answer = client.post(
        "/admin/documents/multiple/add/",
        {"collection": folder.pk, "files[]": attached(content, name)},
        headers={"x-requested-with": "XMLHttpRequest"},
    )
    return answer.json()["form"]


def filled(form):
    """What stands in the fields of a waiting paper's form, and what is said above them."""
    page = BeautifulSoup(form, "html.parser")
    values = {field["name"].rpartition("-")[2]: field.get("value", "") for field in page.select("input[name]")}
    source = page.select_one("select[name$=source] option[selected]")
    said = [" ".join(each.get_text().split()) for each in page.select(".help-info p:nth-of-type(2), .help-warning")]
    return values | {"source": source.get_text() if source else ""}, said


def pdf_that_says(**facts):
    def say(file):
        for name, value in facts.items():
            file.docinfo[f"/{name}"] = value

    return files.pdf(say)


def test_fields_are_filled_from_what_the_file_says(client, folder):
    Organisation.objects.create(name="National Office", abbreviation="NaCTSO")
    content = pdf_that_says(Title="The  plan\n2025", Author="nactso", CreationDate="D:20250102030405Z")
    values, said = filled(drop(client, folder, content, "scan_0001.pdf"))
    assert (values["title"], values["source"], values["original_date"]) == (
        "The plan 2025",
        "National Office",
        "2025-01-02",
    )
    assert said[0].startswith("PDF, 1 page. The file names as its author “nactso”. Filled in from the file: the title,")
    assert said[0].endswith("the source organisation, the date of the original. Please look whether it is right.")
    values, said = filled(drop(client, folder, files.docx_file(), "A_paper.docx"))
    assert values["title"] == "A paper"
    assert said[0].startswith("Word, 1 page.")
    values, said = filled(drop(client, folder, b"a,b\n", "A_table.csv"))
    assert said == ["CSV table. The title is made of the file’s name. Please look whether it is right."]


def test_what_a_file_says_is_short_and_harmless(client, folder, monkeypatch):
    """No markup, no turned directions, no absurd years; what defeats the parser comes in all the same."""
    evil = "\u202e<script>alert(1)</script>" + "x" * 3000
    tomorrow = f"D:{timezone.localdate() + datetime.timedelta(days=2):%Y%m%d}000000Z"
    for said_title, expected in (
        (evil, "<script>alert(1)</script>" + "x" * 229),
        ("Microsoft Word - draft 3.doc", "A paper"),
        ("report_final.pdf", "A paper"),
        ("\u200b \u00ad", "A paper"),
    ):
        form = drop(client, folder, pdf_that_says(Title=said_title, Author=evil, CreationDate=tomorrow), "A_paper.pdf")
        values, said = filled(form)
        assert (values["title"], values["original_date"]) == (expected, "")
        assert "<script" not in form
        assert "\u202e" not in html.unescape(form)
        assert len(said[0]) < 600

    def defeated(*arguments):
        raise Defeated("It crashed.")

    monkeypatch.setattr("fileshare.services.first_look.text.facts", defeated)
    assert filled(drop(client, folder, pdf_that_says(Title="Lost"), "A_paper.pdf"))[0]["title"] == "A paper"


@pytest.fixture
def twins(folder):
    """One that the editor may change, and one of a folder that is none of the editor's."""
    mine = make_paper("The <known> paper", collection=folder, content=b"same", file_name="a.txt")
    hidden = make_paper("Zanzibar", collection=make_folder("Kept", groups=("Few",)), content=b"same", file_name="b.txt")
    return mine, hidden


def said_of(response):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", " ".join(errors(response)["file"]))).split())


def test_same_file_dropped_again_is_told_of_and_may_come_in(client, folder, twins, signed_in):
    form = drop(client, folder, b"same", "c.txt")
    _values, said = filled(form)
    assert said[1].startswith("This very file is here already: “The <known> paper” (Guidance, version 1). If you want")
    assert f'href="/admin/documents/edit/{twins[0].pk}/"' in form
    assert "Zanzibar" not in form
    assert "Zanzibar" in drop(signed_in(make_administrator()), folder, b"same", "c.txt")
    assert len(filled(drop(client, folder, b"other", "c.txt"))[1]) == 1
    assert UploadedFile.objects.count() == 3


@pytest.mark.parametrize("existing", [False, True], ids=["new", "replaced"])
def test_same_file_comes_in_when_the_editor_says_so(client, folder, twins, existing):
    paper = make_paper("Another", collection=folder, content=b"x", file_name="x.txt") if existing else None

    def bring(**said):
        file = attached(b"same", "c.txt")
        return edit(client, paper, file=file, **said) if paper else add(client, folder, file, **said)

    before = (SharedDocument.objects.count(), paper and paper.versions.count())
    response = bring()
    assert said_of(response) == "This very file is here already: “The <known> paper” (Guidance, version 1)."
    page = response.content.decode()
    assert f'<a href="/admin/documents/edit/{twins[0].pk}/" target="_blank" rel="noreferrer">' in page
    assert "Bring this file all the same" in page
    assert "<known>" not in page
    assert "Zanzibar" not in page
    assert (SharedDocument.objects.count(), paper and paper.versions.count()) == before
    assert errors(bring(same_file_too="on")) == {}
    assert (SharedDocument.objects.count(), paper and paper.versions.count()) == (3, None) if not paper else (3, 2)


def test_same_file_brought_in_the_chooser_is_asked_about_too(client, folder, twins):
    prefix = "document-chooser-upload"

    def bring(**said):
        filled = {f"{prefix}-{name}": value for name, value in (details(folder) | said).items()}
        answer = client.post(
            "/admin/documents/chooser/create/", filled | {f"{prefix}-file": attached(b"same", "c.txt")}
        )
        return json.loads(answer.content)

    asked = bring()
    assert asked["step"] == "reshow_creation_form"
    assert "This very file is here already" in asked["htmlFragment"]
    assert f'name="{prefix}-same_file_too"' in asked["htmlFragment"]
    assert "Zanzibar" not in asked["htmlFragment"]
    assert bring(same_file_too="on")["step"] == "chosen"


def test_same_file_as_a_paper_that_one_may_not_know_is_as_any_other(client, folder, twins):
    twins[0].delete()
    assert errors(add(client, folder, attached(b"same", "c.txt"))) == {}
    page = client.get(f"/admin/documents/edit/{SharedDocument.objects.latest('pk').pk}/").content.decode()
    assert "Bring this file all the same" not in page


def test_paper_that_the_editor_only_reads_is_told_of_by_its_page(twins, signed_in):
    other = make_folder("Third")
    form = drop(signed_in(make_editor_of(other)), other, b"same", "c.txt")
    assert f'href="{twins[0].get_absolute_url()}"' in form
    assert "Zanzibar" not in form
