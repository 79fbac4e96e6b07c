"""A person's own lists: what is new since the last visit, saved papers, papers read of late."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from fileshare.enums import Change
from fileshare.models import DocumentVersion, ReadPaper, SharedDocument, Visit
from fileshare.services import own_papers
from tests.factories import add_version, make_member
from tests.fileshare.lists import DAY, page_at, text_paper, titles

pytestmark = pytest.mark.django_db


# --- New since the last visit -----------------------------------------------------------------------------------
def news(page):
    rows = page.select(".paper-row")
    return {row.h2.get_text(): row.select_one(".news").get_text() for row in rows if row.select_one(".news")}


def test_new_and_updated_papers_are_marked_until_the_visit_after_next(member_client, member):
    old = text_paper("Old")
    replaced = text_paper("Replaced")
    DocumentVersion.objects.update(created_at=timezone.now() - 3 * DAY)
    SharedDocument.objects.update(publish_at=timezone.now() - 3 * DAY)
    assert news(page_at(member_client, "/files/")) == {}  # a first visit
    Visit.objects.update(last_at=timezone.now() - 2 * DAY)
    text_paper("Came")
    add_version(replaced, b"anew", file_name="a.txt")
    expected = {"Came": "New", "Replaced": "Updated"}
    for _ in range(3):  # of one visit
        assert news(page_at(member_client, "/files/")) == expected
    page = page_at(member_client, "/files/?show=new&sort=title")
    assert (titles(page), news(page)) == (["Came", "Replaced"], expected)
    assert old.title in titles(page_at(member_client, "/files/"))
    hour_ago = timezone.now() - datetime.timedelta(hours=1)
    DocumentVersion.objects.update(created_at=hour_ago)
    SharedDocument.objects.update(publish_at=hour_ago)
    Visit.objects.update(last_at=timezone.now() - datetime.timedelta(minutes=31))
    assert news(page_at(member_client, "/files/")) == {}


MINOR, MAJOR = Change.MINOR, Change.MAJOR


@pytest.mark.parametrize(
    ("first", "files", "said"),
    [
        ("old", [(MINOR, "new")], None),
        ("old", [(MAJOR, "new")], "Updated"),
        ("old", [(MAJOR, "new"), (MINOR, "new")], "Updated"),  # the correction hides no real change
        ("old", [(MAJOR, "old"), (MINOR, "new")], None),
        ("old", [(MAJOR, "held")], None),
        ("new", [(MINOR, "new")], "New"),
        ("held", [(MINOR, "new")], "New"),  # nobody could read it before
        ("held", [(MAJOR, "new")], "New"),
    ],
)
def test_real_change_is_news_and_a_small_correction_is_not(member_client, member, first, files, said):
    now = timezone.now()
    paper = text_paper("A", publish_at=now - 9 * DAY, inspected=first != "held")
    for change, _ in files:
        add_version(paper, b"anew", file_name="a.txt", change=change)
    for number, when in enumerate((first, *(when for _, when in files)), start=1):
        held = {"inspection": "quarantined"} if when == "held" else {}
        at = now if when == "new" else now - 9 * DAY
        paper.versions.filter(number=number).update(created_at=at, **held)
    Visit.objects.create(user=member, last_at=now - 2 * DAY)
    own_papers.save_paper(document=paper, by=member)
    expected = {"A": said} if said else {}
    assert [news(page_at(member_client, way)) for way in ("/files/", "/files/saved/")] == [expected, expected]
    assert titles(page_at(member_client, "/files/?show=new")) == list(expected)


def test_visit_goes_on_while_somebody_reads_a_paper(member_client, member):
    paper = text_paper()
    before = timezone.now() - 2 * DAY
    Visit.objects.create(user=member, last_at=timezone.now() - datetime.timedelta(minutes=40), before_at=before)
    member_client.get(paper.get_absolute_url())
    ReadPaper.objects.update(last_at=timezone.now() - datetime.timedelta(minutes=20))
    assert own_papers.note_visit(by=member) == before


def test_visit_may_begin_with_a_paper(member_client, member):
    last = timezone.now() - 2 * DAY
    Visit.objects.create(user=member, last_at=last, before_at=last - 9 * DAY)
    paper = text_paper("Came")
    member_client.get(paper.get_absolute_url())
    assert own_papers.note_visit(by=member) == last
    assert news(page_at(member_client, "/files/")) == {"Came": "New"}


def test_page_within_a_visit_is_no_write(member_client, member, django_assert_num_queries):
    own_papers.note_visit(by=member)
    with django_assert_num_queries(1):
        own_papers.note_visit(by=member)


# --- A person's own lists ---------------------------------------------------------------------------------------
def test_paper_is_saved_and_forgotten_again(member_client, member, signed_in):
    paper = text_paper("Kept")
    page = page_at(member_client, paper.get_absolute_url())
    form = page.select_one("form.save-paper")
    assert (form["method"], form.button.get_text()) == ("post", "Save for later")
    for _ in range(2):
        response = member_client.post(form["action"])
        assert (response.status_code, response["Location"]) == (302, paper.get_absolute_url())
    listed = page_at(member_client, "/files/saved/")
    assert titles(listed) == ["Kept"]
    assert titles(page_at(signed_in(make_member()), "/files/saved/")) == []
    remove = listed.select_one("form.save-paper")
    back = remove.select_one("input[name=next]")["value"]
    response = member_client.post(remove["action"], {"next": back})
    assert (response.status_code, response["Location"]) == (302, "/files/saved/")
    empty = page_at(member_client, "/files/saved/")
    assert empty.select_one(".empty h2").get_text() == "No saved papers yet"
    assert member_client.post(remove["action"]).status_code == 302  # twice changes nothing


@pytest.mark.parametrize(
    "elsewhere", ["https://example.net/", "//example.net/", "javascript:alert(1)", "\\\\example.net"]
)
def test_saving_leads_nobody_elsewhere(member_client, elsewhere):
    paper = text_paper()
    response = member_client.post(f"/files/document/{paper.uuid}/save/", {"next": elsewhere})
    assert response["Location"] == paper.get_absolute_url()


@pytest.mark.parametrize("what", ["save", "forget"])
def test_saving_wants_a_post(member_client, what):
    assert member_client.get(f"/files/document/{text_paper().uuid}/{what}/").status_code == 405


def test_saved_paper_that_may_not_be_read_any_more_is_not_listed(member_client, member):
    paper = text_paper("Gone")
    own_papers.save_paper(document=paper, by=member)
    SharedDocument.objects.update(withdrawn_at=timezone.now())
    assert "Gone" not in member_client.get("/files/saved/").content.decode()


def test_recently_read_papers_stand_in_the_order_of_reading(member_client):
    first, second, third = (text_paper(title) for title in ("First", "Second", "Third"))
    member_client.get(first.get_absolute_url())
    b"".join(member_client.get(second.download_url).streaming_content)
    member_client.head(third.download_url)  # fetched nothing
    assert titles(page_at(member_client, "/files/recent/")) == ["Second", "First"]
    member_client.get(first.get_absolute_url())
    assert titles(page_at(member_client, "/files/recent/")) == ["First", "Second"]
    assert titles(page_at(member_client, "/files/?show=unread")) == ["Third"]


def test_each_person_counts_once_among_the_readers(member_client, signed_in):
    paper = text_paper()
    for _ in range(3):
        member_client.get(paper.get_absolute_url())
    signed_in(make_member()).get(paper.get_absolute_url())
    signed_in(make_member(standing="lapsed")).get(paper.get_absolute_url())  # refused
    paper.refresh_from_db()
    assert paper.readers == 2


@pytest.mark.parametrize("address", ["/files/saved/", "/files/recent/"])
def test_own_lists_tell_a_lapsed_member_why_there_is_nothing(signed_in, address):
    body = signed_in(make_member(standing="lapsed")).get(address).content.decode()
    assert "File Share" in body
    assert "paper-row" not in body
