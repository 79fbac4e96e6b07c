"""Rows of papers and the folders in the margin, as pieces: the same as from the things themselves, and never older."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from fileshare import folders, previews
from fileshare.attachments import attachments
from fileshare.models import SharedDocument
from fileshare.templatetags import papers
from members import pieces
from members.models import Organisation
from tests.factories import make_administrator, make_folder, make_member, make_paper, make_post
from tests.fileshare.lists import DAY, page_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def kinds():
    """A paper of each look."""
    now = timezone.now()
    source = Organisation.objects.create(name="Safe & Sound")
    facts = {"original_date": now.date(), "description": "Long <b> " * 40, "acknowledge_by": now.date()}
    made = [
        make_paper("Plain", content=b"x", file_name="a.txt"),
        make_paper("Full <of> it", content=b"x" * 5000, file_name="a.csv", source=source, caveat="OFFICIAL", **facts),
        make_paper("Red", marking="TLP:RED"),
        make_paper("Waiting", inspected=False, content=b"x", file_name="a.txt"),
        make_paper("Withdrawn", withdrawn_at=now, content=b"x", file_name="a.txt"),
        make_paper("Destroyed", content=b"x", file_name="a.txt"),
    ]
    made[5].versions.update(destroyed_at=now)
    return [paper.pk for paper in made]


def shown_both_ways(component, paper, **values):
    itself = render_to_string(f"components/{component}.html", {"paper": paper, **values})
    return papers.paper(component, paper, **values), itself


def test_piece_is_what_the_component_makes_of_the_paper_itself(kinds):
    for paper in SharedDocument.objects.with_facts().with_news(timezone.now() - DAY).filter(pk__in=kinds):
        paper.picture = previews.in_lists(paper)
        for values in ({}, {"level": 2, "with_choice": True}, {"with_deadline": True}):
            if "with_deadline" in values and paper.acknowledge_by is None:
                continue
            made, itself = shown_both_ways("paper-row", paper, **values)
            assert made == itself
        made, itself = shown_both_ways("paper-card", paper)
        assert made == itself
        assert paper.title.split()[0] in made


def test_card_shows_the_picture_of_its_paper():
    paper = make_paper("Pictured", content=b"x", file_name="a.txt")
    paper.picture = previews.Picture("/somewhere.png", 30, 40, previews.SMALL)
    made, itself = shown_both_ways("paper-card", paper)
    assert made == itself
    assert 'src="/somewhere.png" width="30" height="40"' in made


def test_attachment_is_what_the_component_makes_of_it(kinds):
    for reader in (make_member(), make_administrator(), make_member("lapsed@example.org", standing="lapsed")):
        found = attachments(reader, kinds).values()
        assert found
        for notice in (None, object()):
            for each in found:
                values = {"attachment": each, "next_url": "/a post/", "anchor": "papers", "standing_notice": notice}
                itself = render_to_string("components/attachment.html", values)
                assert papers.attached_paper(each, "/a post/", "papers", notice) == itself


def test_tree_is_one_of_the_large_pieces():
    tree = folders.tree_for(make_member())
    before = pieces._rendered.cache_info().misses
    papers.folder_tree({"tree": tree.top, "total": tree.total}, folder_name="A name of this test alone")
    assert pieces._rendered.cache_info().misses == before


def test_tree_is_what_the_component_makes_of_the_folders():
    outer = make_folder("Guidance & more")
    make_paper("Paper", content=b"x", file_name="a.txt", collection=make_folder("Inner", parent=outer))
    make_folder("Beside")
    for inner in ("/guidance-more/inner", "guidance-more", ""):
        tree = folders.tree_for(make_member(f"{len(inner)}@example.org"))
        tree.mark_current(tree.at(inner) if inner else None)
        context = {"tree": tree.top, "total": tree.total, "folder_query": "?view=grid"}
        more = {"folder_name": "A <name>", "own": "all", "tree_current": "true"}
        assert papers.folder_tree(context, **more) == render_to_string("components/folder-tree.html", context | more)


def titles_of_rows(page):
    return [each.get_text(strip=True) for each in page.select(".paper-row :is(h2, h3)")]


def test_row_changes_with_its_paper_at_the_next_request(member_client):
    folder = make_folder("Guidance")
    paper = make_paper("Before", content=b"x", file_name="a.txt", collection=folder)
    post = make_post(body=[("documents", {"heading": "Papers", "documents": [paper]})])
    for address in ("/files/guidance/", post.url):
        assert titles_of_rows(page_at(member_client, address)) == ["Before"]
    SharedDocument.objects.filter(pk=paper.pk).update(title="After", marking="TLP:CLEAR")
    for address in ("/files/guidance/", post.url):
        page = page_at(member_client, address)
        assert titles_of_rows(page) == ["After"]
        assert page.select_one(".paper-row .marking").get_text() == "TLP:CLEAR"


def test_readers_get_each_their_own_rows_and_folders(signed_in):
    closed = make_folder("Closed", groups=("Board",))
    make_paper("Secret", content=b"x", file_name="a.txt", collection=closed)
    inside, outside = make_member("in@example.org", groups=("Board",)), make_member("out@example.org")
    for reader, expected in ((inside, True), (outside, False), (inside, True)):
        text = signed_in(reader).get("/files/").content.decode()
        assert ("Secret" in text, "Closed" in text) == (expected, expected)
