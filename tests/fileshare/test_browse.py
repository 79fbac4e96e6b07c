"""Browsing: orders, filters and folders; all in the address, and every address answered."""

from __future__ import annotations

import datetime
import re
from urllib.parse import quote, urljoin

import pytest
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from fileshare import browse_form, paging
from fileshare.models import DocumentVersion, SharedDocument
from fileshare.services import own_papers
from members.models import Organisation
from tests.factories import make_administrator, make_editor_of, make_folder, make_member
from tests.fileshare.lists import DAY, page_at, text_paper, titles

pytestmark = pytest.mark.django_db


def remarks(page):
    return [each.get_text(strip=True) for each in page.select(".filter-remark")]


# --- Orders -----------------------------------------------------------------------------------------------------
@pytest.fixture
def library():
    """Four papers that stand in another order by each sort."""
    now = timezone.now()
    north, south = (Organisation.objects.create(name=name) for name in ("North", "south"))
    facts = {
        "beta": (1, north, 30, 2),
        "Alpha": (2, south, 40, 0),
        "gamma": (3, None, 10, 3),
        "Delta": (4, north, 20, 1),
    }
    for title, (days, source, size, readers) in facts.items():
        paper = text_paper(title, publish_at=now - days * DAY, source=source)
        DocumentVersion.objects.filter(document=paper).update(size=size)
        SharedDocument.objects.filter(pk=paper.pk).update(readers=readers)


ORDERS = {
    "newest": ["beta", "Alpha", "gamma", "Delta"],
    "oldest": ["Delta", "gamma", "Alpha", "beta"],
    "title": ["Alpha", "beta", "Delta", "gamma"],
    "source": ["beta", "Delta", "Alpha", "gamma"],
    "size": ["Alpha", "beta", "Delta", "gamma"],
    "read": ["gamma", "beta", "Delta", "Alpha"],
}


@pytest.mark.parametrize(("sort", "expected"), ORDERS.items())
def test_list_is_in_the_order_that_the_address_names(member_client, library, sort, expected):
    page = page_at(member_client, f"/files/?sort={sort}")
    assert titles(page) == expected
    current = page.select_one(".sorts [aria-current]")
    assert current.get_text() == paging.SORTS[sort].label


@pytest.mark.parametrize(("sort", "expected"), ORDERS.items())
def test_every_order_is_paged_both_ways(member_client, library, monkeypatch, sort, expected):
    monkeypatch.setattr(paging, "PER_PAGE", 1)
    address, seen = f"/files/?sort={sort}", []
    while address:
        page = page_at(member_client, address)
        seen += titles(page)
        last, following = page, page.select_one("a[rel=next]")
        address = f"/files/{following['href']}" if following else None
    assert seen == expected
    back = []
    while (before := last.select_one("a[rel=prev]")) is not None:
        last = page_at(member_client, f"/files/{before['href']}")
        back += titles(last)
    assert back == expected[-2::-1]


def test_papers_of_one_moment_are_neither_lost_nor_shown_twice(member_client, monkeypatch):
    monkeypatch.setattr(paging, "PER_PAGE", 2)
    moment = timezone.now() - DAY
    wanted = {text_paper(publish_at=moment).title for _ in range(5)}
    address, seen = "/files/", []
    while address:
        page = page_at(member_client, address)
        seen += titles(page)
        following = page.select_one("a[rel=next]")
        address = f"/files/{following['href']}" if following else None
    assert len(seen) == 5
    assert set(seen) == wanted


def test_page_of_another_order_or_of_nobody_s_making_does_not_exist(member_client, library, monkeypatch):
    monkeypatch.setattr(paging, "PER_PAGE", 1)
    following = page_at(member_client, "/files/?sort=title").select_one("a[rel=next]")["href"]
    assert member_client.get(f"/files/{following}").status_code == 200
    for address in (following.replace("sort=title", "sort=size"), following[:-3], "?page=2", "?page=%ff"):
        response = member_client.get(f"/files/{address}")
        assert response.status_code == 404
        assert '<a href="/files/">all files</a>' in response.content.decode()


def test_page_after_the_last_paper_does_not_exist_and_one_before_the_first_is_the_first(member_client, monkeypatch):
    monkeypatch.setattr(paging, "PER_PAGE", 1)
    papers = [text_paper(publish_at=timezone.now() - days * DAY) for days in (1, 2, 3)]
    second = page_at(member_client, f"/files/{page_at(member_client, '/files/').select_one('a[rel=next]')['href']}")
    onward, back = (second.select_one(f"a[rel={rel}]")["href"] for rel in ("next", "prev"))
    papers[2].delete()
    assert member_client.get(f"/files/{onward}").status_code == 404
    papers[0].delete()
    assert titles(page_at(member_client, f"/files/{back}")) == [papers[1].title]


# --- Filters ----------------------------------------------------------------------------------------------------
@pytest.fixture
def shelf(member):
    """A folder with papers that differ in everything that one can filter by."""
    folder = make_folder("Guidance")
    source = Organisation.objects.create(name="Office of Gates", abbreviation="OoG")
    moment = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
    text_paper("Old list", collection=folder, publish_at=moment, topics=["Crowds"], source=source)
    text_paper(
        "Late list",
        collection=folder,
        publish_at=moment + 9 * DAY,
        topics=["Crowds", "Radio & logs"],
        acknowledge_by=timezone.localdate(),
    )
    clear = text_paper("Card", collection=folder, publish_at=moment + 20 * DAY, marking="TLP:CLEAR")
    DocumentVersion.objects.filter(document=clear).update(kind="pdf")
    own_papers.note_reading(document=clear, by=member)
    text_paper("Elsewhere", topics=["Crowds"])
    return source


@pytest.mark.parametrize(
    ("query", "expected", "in_words"),
    [
        ("kind=pdf", ["Card"], ["Kind of file: PDF"]),
        ("kind=txt", ["Late list", "Old list"], ["Kind of file: Plain text"]),
        ("marking=TLP:CLEAR", ["Card"], ["Marking: TLP:CLEAR"]),
        ("topic=Crowds", ["Late list", "Old list"], ["Topic: Crowds"]),
        ("topic=Radio+%26+logs&sort=title", ["Late list"], ["Topic: Radio & logs"]),
        ("source={source}", ["Old list"], ["Source: OoG"]),
        ("show=unread", ["Late list", "Old list"], ["Not yet read by you"]),
        ("show=to-confirm", ["Late list"], ["To be confirmed by you"]),
        ("since=2026-03-10", ["Card", "Late list"], ["Here since 10 March 2026"]),
        ("until=2026-03-10", ["Late list", "Old list"], ["Here until 10 March 2026"]),
        ("since=2026-03-10&until=2026-03-10", ["Late list"], ["Here since 10 March 2026", "Here until 10 March 2026"]),
        ("topic=Crowds&kind=pdf", [], ["Kind of file: PDF", "Topic: Crowds"]),
    ],
)
def test_filter_keeps_what_fits_and_can_be_taken_away(member_client, shelf, query, expected, in_words):
    page = page_at(member_client, f"/files/guidance/?{query.format(source=shelf.pk)}")
    assert titles(page) == expected
    chosen = page.select(".filters-on a")
    assert [each.select_one("span").get_text() for each in chosen] == in_words
    count = page.select_one(".sort-bar > p").get_text(" ", strip=True)
    assert count == f"{len(expected)} of 3 papers"
    if not expected:
        assert page.select_one(".empty h2").get_text() == "No paper here fits"
        assert page.select_one(".empty a")["href"] == "/files/guidance/"
    for each in chosen:
        fewer = page_at(member_client, urljoin("/files/guidance/", each["href"]))
        assert len(fewer.select(".filters-on a")) == len(chosen) - 1
        assert set(expected) < set(titles(fewer))


def test_fields_of_the_filters_are_kept_for_each_language(member_client, shelf, monkeypatch):
    monkeypatch.setattr(browse_form._Fields.base_fields["since"], "label", gettext_lazy("March"))
    for language, label in (("en-gb", "March"), ("fr", "mars")):
        with translation.override(language):
            page = page_at(member_client, "/files/guidance/?topic=Radio+%26+logs&kind=txt&marking=TLP:GREEN")
        assert page.select_one("label[for=id_since]").get_text() == label


def test_form_without_scripts_brings_the_same_as_the_address(member_client, shelf):
    form = page_at(member_client, "/files/guidance/?topic=Crowds&sort=title&view=grid").select_one(".paper-filter form")
    assert (form["method"], form["action"]) == ("get", "")
    hidden = {each["name"]: each["value"] for each in form.select("input[type=hidden]")}
    assert hidden == {"sort": "title", "view": "grid"}
    chosen = {each["name"]: each.select_one("option[selected]")["value"] for each in form.select("select")}
    assert chosen == {"show": "", "kind": "", "source": "", "topic": "Crowds", "marking": ""}
    assert form.select_one("button[type=submit]").get_text() == "Show these papers"
    empty = page_at(
        member_client, "/files/guidance/?sort=title&view=grid&show=&kind=&source=&topic=&marking=&since=&until="
    )
    assert (len(titles(empty)), remarks(empty)) == (3, [])


@pytest.mark.parametrize(
    ("query", "remark"),
    [
        ("sort=loudest", "“loudest” is not an order of papers, so it was left out."),
        ("view=tower", "“tower” is not a view of papers, so it was left out."),
        ("show=all", "“all” is not a choice of papers, so it was left out."),
        ("show=new", "“new” is not a choice of papers, so it was left out."),  # on a first visit nothing is new
        ("kind=exe", "“exe” is not a kind of file of papers here, so it was left out."),
        ("marking=SECRET", "“SECRET” is not a marking of papers here, so it was left out."),
        ("topic=Nothing", "“Nothing” is not a topic of papers here, so it was left out."),
        ("source=99999999999999999999", "“99999999999999999999” is not a source of papers here, so it was left out."),
        ("topic=%00", "“\0” is not a topic of papers here, so it was left out."),
        (f"topic={'x' * 900}", f"“{'x' * 40}…” is not a topic of papers here, so it was left out."),
        ("topic=<b>", "“<b>” is not a topic of papers here, so it was left out."),
        ("since=soon", "“soon” is not a date such as {today}, so it was left out."),
        ("since=2026-02-30", "“2026-02-30” is not a date such as {today}, so it was left out."),
        ("until=9999-12-31", "“9999-12-31” is not a date such as {today}, so it was left out."),
        ("since=0001-01-01", "“0001-01-01” is not a date such as {today}, so it was left out."),
        ("since=2026-03-02&until=2026-03-01", "The last day lies before the first, so the last day was left out."),
    ],
)
def test_what_the_address_asks_in_vain_is_left_out_and_said(member_client, shelf, query, remark):
    page = page_at(member_client, f"/files/guidance/?{query}")
    assert remarks(page) == [remark.replace("{today}", f"{timezone.localdate()}").replace("\0", "\ufffd")]
    assert len(titles(page)) == (1 if "since=2026-03-02" in query else 3) or "since=2026-03-02" in query


def test_topics_and_sources_of_closed_papers_are_unknown(member_client, signed_in):
    closed = make_folder("Closed", groups=("Committee",))
    source = Organisation.objects.create(name="Hidden Office")
    text_paper("Hidden", collection=closed, topics=["Hidden matter"], source=source)
    text_paper("Ours", topics=["Gates"])
    for query in ("", f"?topic=Hidden+matter&source={source.pk}"):
        body = page_at(member_client, f"/files/{query}")
        assert "Hidden Office" not in str(body)
        assert "Hidden matter" not in str(body.select("select"))
        assert titles(body) == ["Ours"]
    inside = page_at(signed_in(make_member(groups=("Committee",))), "/files/?topic=Hidden+matter")
    assert titles(inside) == ["Hidden"]


def test_choice_of_which_there_is_only_one_is_not_offered(member_client):
    text_paper("Alone")
    assert page_at(member_client, "/files/").select(".paper-filter, .sorts") == []
    text_paper("Two")
    names = {each["name"] for each in page_at(member_client, "/files/").select(".paper-filter select")}
    assert names == {"show", "kind", "marking"}


# --- Folders ----------------------------------------------------------------------------------------------------
def test_tree_of_twelve_levels_is_walked_to_its_end(member_client):
    folder = None
    for number in range(12):
        folder = make_folder(f"Level {number}", parent=folder)
    text_paper("At the bottom", collection=folder)
    address = "/files/" + "".join(f"level-{number}/" for number in range(12))
    page = page_at(member_client, address)
    assert titles(page) == ["At the bottom"]
    assert len(page.select(".breadcrumbs li")) == 13
    assert [each.get_text() for each in page.select("nav[aria-label=Folders] a .count")][:13] == ["1 paper"] * 13


def test_editor_browses_papers_that_are_not_out(signed_in):
    folder = make_folder("Own")
    text_paper("Later", collection=folder, publish_at=timezone.now() + DAY)
    text_paper("Unchecked", collection=folder, inspected=False)
    editor = signed_in(make_editor_of(folder))
    for sort in paging.SORTS:
        assert set(titles(page_at(editor, f"/files/own/?sort={sort}&view=grid"))) == {"Later", "Unchecked"}


def test_every_link_of_a_list_leads_somewhere(member_client, shelf):
    page = page_at(member_client, "/files/guidance/?topic=Crowds&view=grid&sort=title")
    for link in page.select(".sort-bar a, .filters-on a, .folder-tree a"):
        assert member_client.get(urljoin("/files/guidance/", link["href"])).status_code == 200, link


def test_administrator_s_name_of_a_topic_is_shown_as_text(member_client):
    paper = text_paper("Odd", topics=["<script>alert(1)</script>", "a/b?c&d"])
    text_paper("Even")
    page = page_at(member_client, paper.get_absolute_url())
    links = [each["href"] for each in page.select(".facts a")]
    assert links == [
        f"/files/?topic={quote('<script>alert(1)</script>', safe='')}".replace("%20", "+"),
        "/files/?topic=a%2Fb%3Fc%26d",
    ]
    for link in links:
        assert titles(page_at(member_client, link)) == ["Odd"]
    assert "<script>alert(1)" not in str(page)
    assert re.search(r"alert\(1\)", str(page))


def test_administrator_reads_lists_too(signed_in, library):
    assert titles(page_at(signed_in(make_administrator()), "/files/?show=unread&sort=title")) == ORDERS["title"]
