"""What an editor reads of each paper in the administration's list and in the chooser, and when a file is held."""

from __future__ import annotations

import datetime
import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.search import index as search_index

from fileshare.enums import Inspection, PaperState, Review
from fileshare.models import SharedDocument
from fileshare.services import inspect, publish
from tests.factories import add_version, make_editor_of, make_member, make_paper, make_post
from tests.fileshare import files
from tests.fileshare.admin import add, attached

pytestmark = pytest.mark.django_db

LIST, CHOOSER = "/admin/documents/", "/admin/documents/chooser/results/"
DAY = datetime.timedelta(days=1)


@pytest.fixture
def client(editor, signed_in):
    return signed_in(editor)


@pytest.fixture
def papers(folder, editor):
    """One in each state, by the state's name."""
    made = {
        "published": make_paper("The published", collection=folder),
        "embargoed": make_paper("The embargoed", collection=folder, publish_at=timezone.now() + 30 * DAY),
        "expired": make_paper("The expired", collection=folder, expires_at=timezone.now() - DAY / 2),
        "withdrawn": make_paper("The withdrawn", collection=folder),
        "quarantined": make_paper(
            "The quarantined", collection=folder, content=files.pdf_with_opening_script(), by=editor
        ),
        "waiting": make_paper("The waiting", collection=folder, inspected=False),
        "unscanned": make_paper("The unscanned", collection=folder, inspected=False),
        "in review": make_paper("The in review", collection=folder, review=Review.WAITING),
        "destroyed": make_paper("The destroyed", collection=folder, expires_at=timezone.now() - DAY / 2),
        "declined": make_paper("The declined", collection=folder, review=Review.DECLINED, review_note="Out already"),
    }
    made["destroyed"].versions.update(destroyed_at=timezone.now())
    made["unscanned"].versions.update(inspection=Inspection.UNSCANNED, inspection_note="The scanner does not answer.")
    publish.withdraw(document=made["withdrawn"], by=editor, reason="Names a witness")
    for paper in made.values():
        search_index.insert_or_update_object(paper)
    return made


def rows(client, address, **query):
    """Title → text of the row."""
    page = client.get(address, query).content.decode()
    found = {}
    for row in re.findall(r"<tr.*?</tr>", page, re.DOTALL):
        text = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", row)).split())
        title = re.search(
            r"The (?:published|embargoed|expired|withdrawn|quarantined|waiting|unscanned|mended|in review|declined|"
            "destroyed)",
            text,
        )
        if title:
            found[title[0].removeprefix("The ")] = text
    return found


def said(moment):
    return f"{timezone.localtime(moment).day} {timezone.localtime(moment):%B %Y, %H:%M}"


@pytest.mark.parametrize("address", [LIST, "/admin/documents/results/", CHOOSER])
def test_list_says_where_each_paper_stands(client, papers, address):
    shown = rows(client, address)
    assert set(shown) == set(papers)
    assert "Published TLP:GREEN Guidance" in shown["published"]
    assert f"Not yet: until {said(papers['embargoed'].publish_at)}" in shown["embargoed"]
    assert f"Expired {said(papers['expired'].expires_at)}" in shown["expired"]
    assert "Withdrawn Names a witness" in shown["withdrawn"]
    assert "Held in quarantine The PDF contains a script" in shown["quarantined"]
    assert "upload that as a new file" in shown["quarantined"]
    assert "Being checked" in shown["waiting"]
    assert "Waiting for the virus scanner The scanner does not answer." in shown["unscanned"]
    assert "File destroyed On " in shown["destroyed"]


def test_list_says_publication(client, papers):
    assert f"Guidance {said(papers['published'].publish_at)}" in rows(client, LIST)["published"]


@pytest.mark.parametrize("query", [{}, {"q": "The"}])
def test_list_is_filtered_by_state(client, papers, query):
    assert {state: set(rows(client, LIST, state=state, **query)) for state in PaperState.values} == {
        state: {state} for state in PaperState.values
    }
    assert all(paper.state == name for name, paper in papers.items())


def test_new_file_held_in_quarantine_is_told_while_the_old_one_is_out(client, editor, folder):
    paper = make_paper("The published", collection=folder)
    add_version(paper, files.pdf_with_opening_script())
    shown = rows(client, LIST)["published"]
    assert "Published Version 2 is held in quarantine. The PDF contains a script" in shown
    assert "The former version stays as it is." in shown
    assert "or restore the former version." in shown
    assert "delete the paper" not in shown
    assert set(rows(client, LIST, state="quarantined")) == {"published"}
    add_version(paper, files.pdf())
    assert "quarantine" not in rows(client, LIST)["published"]


def test_quarantine_is_told_to_whoever_brought_the_file(client, papers, folder, signed_in):
    page = html.unescape(client.get(LIST).content.decode())
    assert "“The quarantined” is held in quarantine." in page
    assert f'href="/admin/documents/edit/{papers["quarantined"].pk}/"' in page
    other = html.unescape(signed_in(make_editor_of(folder)).get(LIST).content.decode())
    assert "“The quarantined” is held in quarantine." not in other
    add_version(papers["quarantined"], files.pdf())
    assert "is held in quarantine." not in client.get(LIST).content.decode()


def test_paper_s_form_says_why_and_what_to_do(client, papers):
    page = html.unescape(client.get(f"/admin/documents/edit/{papers['quarantined'].pk}/").content.decode())
    assert "The PDF contains a script, an action, an XFA form or an embedded file." in page
    assert "upload that as a new file" in page


@pytest.mark.parametrize(
    "content",
    [
        files.pdf_with_form(b"<template><script>app.alert(1)</script></template>"),
        files.pdf_that_does_when_opened(files.action("URI", **files.REACHING_OUT["URI"])),
    ],
    ids=["form", "calls home"],
)
def test_uploaded_pdf_that_acts_by_itself_reaches_no_reader(client, folder, signed_in, content):
    add(client, folder, attached(content), title="Fresh")
    paper = SharedDocument.objects.get(title="Fresh")
    inspect.inspect(version_id=paper.versions.get().pk)
    assert "Held in quarantine" in client.get(LIST).content.decode()
    member = signed_in(make_member())
    for address in (paper.get_absolute_url(), paper.download_url):
        assert member.get(address).status_code == 404


def test_upload_is_answered_with_what_happens_next(client, folder):
    response = add(client, folder, attached(files.pdf()), title="Fresh")
    page = html.unescape(client.get(response["Location"]).content.decode())
    assert "“Fresh” has arrived. Its file is being checked" in page


def test_chooser_searches_and_shows_states(client, papers):
    assert "Withdrawn Names a witness" in rows(client, CHOOSER, q="withdraw")["withdrawn"]


@pytest.mark.parametrize("address", [LIST, CHOOSER, "/admin/documents/chooser/"])
def test_lists_ask_the_same_for_one_and_for_thirty(client, folder, address):
    def make(count):
        for _ in range(count):
            # Held by hand: sixty PDFs are looked into in sixty processes.
            paper = make_paper(collection=folder, content=b"text", file_name="a.txt", by=None)
            add_version(paper, b"new", file_name="a.txt", inspected=False)
            paper.versions.filter(number=2).update(inspection=Inspection.QUARANTINED, inspection_note="It acts.")

    make(1)
    client.get(address)
    with CaptureQueriesContext(connection) as first:
        assert client.get(address).status_code == 200
    make(29)
    with CaptureQueriesContext(connection) as second:
        assert client.get(address).status_code == 200
    assert len(second) == len(first)


def test_preview_says_what_readers_do_not_see(client, papers):
    post = make_post("A post", body=[("documents", {"heading": "The papers", "documents": list(papers.values())})])
    page = html.unescape(client.get(post.url).content.decode())
    assert f"Readers do not see this: not published until {said(papers['embargoed'].publish_at)}." in page
    assert "Readers do not see this: it is withdrawn." in page
    assert f"Readers do not see this: it expired on {said(papers['expired'].expires_at)}." in page
    assert "Readers do not see this: its file is held in quarantine." in page
    assert "Readers do not see this: its file is being checked." in page
    assert "Readers do not see this: its file has been destroyed." in page
    assert "Readers do not see this: its file waits for the virus scanner." in page
    assert page.count("Readers do not see this") == 9


def test_list_without_papers_says_whether_there_are_none_or_none_like_that(client, folder):
    def said(**query):
        page = html.unescape(client.get(LIST, query).content.decode())
        return [
            words for words in ("You haven't uploaded any papers.", "No papers match these filters.") if words in page
        ]

    assert said() == ["You haven't uploaded any papers."]
    make_paper("The published", collection=folder, content=b"x", file_name="a.txt")
    assert said() == []
    assert said(state="quarantined") == ["No papers match these filters."]
