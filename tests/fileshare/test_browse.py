"""Browsing: orders, filters, views, pages, and a person's own lists; all in the address, and every address answered."""

from __future__ import annotations

import datetime
import re
from urllib.parse import quote, urljoin

import pytest
from bs4 import BeautifulSoup
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from fileshare import paging
from fileshare.enums import Change
from fileshare.models import Derivation, DocumentVersion, ReadPaper, SharedDocument, Visit
from fileshare.services import own_papers
from members.models import AccessRecord, Organisation
from tests.factories import add_version, make_administrator, make_editor_of, make_folder, make_member, make_paper

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def member():
    return make_member()


@pytest.fixture
def client(member, signed_in):
    return signed_in(member)


def text_paper(title="", *, topics=(), **fields):
    paper = make_paper(title, content=b"text", file_name="a.txt", **fields)
    paper.tags.set(topics)
    return paper


def page_at(client, address):
    response = client.get(address)
    assert response.status_code == 200, address
    return BeautifulSoup(response.content, "html.parser")


def titles(page):
    return [each.get_text(strip=True) for each in page.select(":is(.paper-row, .paper-card) h2")]


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
def test_list_is_in_the_order_that_the_address_names(client, library, sort, expected):
    page = page_at(client, f"/files/?sort={sort}")
    assert titles(page) == expected
    current = page.select_one(".sorts [aria-current]")
    assert current.get_text() == paging.SORTS[sort].label


@pytest.mark.parametrize(("sort", "expected"), ORDERS.items())
def test_every_order_is_paged_both_ways(client, library, monkeypatch, sort, expected):
    monkeypatch.setattr(paging, "PER_PAGE", 1)
    address, seen = f"/files/?sort={sort}", []
    while address:
        page = page_at(client, address)
        seen += titles(page)
        last, following = page, page.select_one("a[rel=next]")
        address = f"/files/{following['href']}" if following else None
    assert seen == expected
    back = []
    while (before := last.select_one("a[rel=prev]")) is not None:
        last = page_at(client, f"/files/{before['href']}")
        back += titles(last)
    assert back == expected[-2::-1]


def test_papers_of_one_moment_are_neither_lost_nor_shown_twice(client, monkeypatch):
    monkeypatch.setattr(paging, "PER_PAGE", 2)
    moment = timezone.now() - DAY
    wanted = {text_paper(publish_at=moment).title for _ in range(5)}
    address, seen = "/files/", []
    while address:
        page = page_at(client, address)
        seen += titles(page)
        following = page.select_one("a[rel=next]")
        address = f"/files/{following['href']}" if following else None
    assert len(seen) == 5
    assert set(seen) == wanted


def test_page_of_another_order_or_of_nobody_s_making_does_not_exist(client, library, monkeypatch):
    monkeypatch.setattr(paging, "PER_PAGE", 1)
    following = page_at(client, "/files/?sort=title").select_one("a[rel=next]")["href"]
    assert client.get(f"/files/{following}").status_code == 200
    for address in (following.replace("sort=title", "sort=size"), following[:-3], "?page=2", "?page=%ff"):
        response = client.get(f"/files/{address}")
        assert response.status_code == 404
        assert '<a href="/files/">all files</a>' in response.content.decode()


def test_page_after_the_last_paper_does_not_exist_and_one_before_the_first_is_the_first(client, monkeypatch):
    monkeypatch.setattr(paging, "PER_PAGE", 1)
    papers = [text_paper(publish_at=timezone.now() - days * DAY) for days in (1, 2, 3)]
    second = page_at(client, f"/files/{page_at(client, '/files/').select_one('a[rel=next]')['href']}")
    onward, back = (second.select_one(f"a[rel={rel}]")["href"] for rel in ("next", "prev"))
    papers[2].delete()
    assert client.get(f"/files/{onward}").status_code == 404
    papers[0].delete()
    assert titles(page_at(client, f"/files/{back}")) == [papers[1].title]


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
def test_filter_keeps_what_fits_and_can_be_taken_away(client, shelf, query, expected, in_words):
    page = page_at(client, f"/files/guidance/?{query.format(source=shelf.pk)}")
    assert titles(page) == expected
    chosen = page.select(".filters-on a")
    assert [each.select_one("span").get_text() for each in chosen] == in_words
    count = page.select_one(".sort-bar > p").get_text(" ", strip=True)
    assert count == f"{len(expected)} of 3 papers"
    if not expected:
        assert page.select_one(".empty h2").get_text() == "No paper here fits"
        assert page.select_one(".empty a")["href"] == "/files/guidance/"
    for each in chosen:
        fewer = page_at(client, urljoin("/files/guidance/", each["href"]))
        assert len(fewer.select(".filters-on a")) == len(chosen) - 1
        assert set(expected) < set(titles(fewer))


def test_form_without_scripts_brings_the_same_as_the_address(client, shelf):
    form = page_at(client, "/files/guidance/?topic=Crowds&sort=title&view=grid").select_one(".paper-filter form")
    assert (form["method"], form["action"]) == ("get", "")
    hidden = {each["name"]: each["value"] for each in form.select("input[type=hidden]")}
    assert hidden == {"sort": "title", "view": "grid"}
    chosen = {each["name"]: each.select_one("option[selected]")["value"] for each in form.select("select")}
    assert chosen == {"show": "", "kind": "", "source": "", "topic": "Crowds", "marking": ""}
    assert form.select_one("button[type=submit]").get_text() == "Show these papers"
    empty = page_at(client, "/files/guidance/?sort=title&view=grid&show=&kind=&source=&topic=&marking=&since=&until=")
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
def test_what_the_address_asks_in_vain_is_left_out_and_said(client, shelf, query, remark):
    page = page_at(client, f"/files/guidance/?{query}")
    assert remarks(page) == [remark.replace("{today}", f"{timezone.localdate()}").replace("\0", "\ufffd")]
    assert len(titles(page)) == (1 if "since=2026-03-02" in query else 3) or "since=2026-03-02" in query


def test_topics_and_sources_of_closed_papers_are_unknown(client, signed_in):
    closed = make_folder("Closed", groups=("Committee",))
    source = Organisation.objects.create(name="Hidden Office")
    text_paper("Hidden", collection=closed, topics=["Hidden matter"], source=source)
    text_paper("Ours", topics=["Gates"])
    for query in ("", f"?topic=Hidden+matter&source={source.pk}"):
        body = page_at(client, f"/files/{query}")
        assert "Hidden Office" not in str(body)
        assert "Hidden matter" not in str(body.select("select"))
        assert titles(body) == ["Ours"]
    inside = page_at(signed_in(make_member(groups=("Committee",))), "/files/?topic=Hidden+matter")
    assert titles(inside) == ["Hidden"]


def test_choice_of_which_there_is_only_one_is_not_offered(client):
    text_paper("Alone")
    assert page_at(client, "/files/").select(".paper-filter, .sorts") == []
    text_paper("Two")
    names = {each["name"] for each in page_at(client, "/files/").select(".paper-filter select")}
    assert names == {"show", "kind", "marking"}


# --- First pages ------------------------------------------------------------------------------------------------
def with_preview(paper):
    small, large = (default_storage.save(f"previews/aa/{paper.pk}{size}", ContentFile(b"x")) for size in "sl")
    Derivation.objects.create(
        version=paper.current_version, state="made", small=small, large=large, width=800, height=1131
    )


def test_grid_shows_first_pages_and_stand_ins(client):
    shown, amber, without = (text_paper(title) for title in ("Shown", "Amber", "Without"))
    for paper in (shown, amber):
        with_preview(paper)
    SharedDocument.objects.filter(pk=amber.pk).update(marking="TLP:AMBER")
    page = page_at(client, "/files/?view=grid")
    cards = {card.h2.get_text(): card for card in page.select("ul.paper-grid > li[data-document]")}
    assert list(cards) == ["Without", "Amber", "Shown"]
    image = cards["Shown"].img
    assert (image["src"], image["width"], image["height"], image["alt"], image["loading"]) == (
        f"/files/document/{shown.uuid}/preview/1/small/", "200", "283", "", "lazy",
    )  # fmt: skip
    assert [bool(cards[name].select_one(".document-sheet")) for name in ("Amber", "Without")] == [True, True]
    assert page.select(".paper-row") == []
    assert page_at(client, "/files/").select("img") == []
    assert without.title in titles(page)


def test_view_goes_along_from_folder_to_folder(client):
    inner = make_folder("Inner", parent=make_folder("Outer"))
    text_paper(collection=inner)
    page = page_at(client, "/files/outer/?view=grid")
    links = {each["href"] for each in page.select(".folder-tree a, .subfolders a") if "inner" in each["href"]}
    assert links == {"/files/outer/inner/?view=grid"}
    assert page_at(client, "/files/outer/").select_one(".subfolders a")["href"] == "/files/outer/inner/"


def test_preview_that_the_store_has_lost_is_not_there_for_now(client):
    paper = text_paper()
    with_preview(paper)
    default_storage.delete(paper.current_version.derivation.small.name)
    response = client.get(f"/files/document/{paper.uuid}/preview/1/small/")
    assert (response.status_code, response["Retry-After"]) == (503, "120")


def test_preview_is_inert_and_nobody_keeps_it(client):
    paper = text_paper()
    with_preview(paper)
    response = client.get(f"/files/document/{paper.uuid}/preview/1/large/")
    kept = ("Content-Type", "Cache-Control", "X-Content-Type-Options", "Content-Disposition",
            "Cross-Origin-Resource-Policy", "Content-Security-Policy")  # fmt: skip
    assert [response[name] for name in kept] == [
        "image/webp", "private, no-store", "nosniff", "inline", "same-origin",
        "default-src 'none'; sandbox; frame-ancestors 'none'",
    ]  # fmt: skip


def opened(paper):
    return list(AccessRecord.objects.filter(action="opened", object_id=paper.uuid).values_list("details", flat=True))


def test_legible_picture_never_leaves_without_a_row_of_the_record(client):
    paper = text_paper()
    with_preview(paper)
    address = f"/files/document/{paper.uuid}/preview/1/"
    client.get(f"{address}small/")
    assert opened(paper) == []
    client.get(f"{address}large/")
    client.get(f"{address}large/")
    assert opened(paper) == [{"version": 1, "preview": True}]
    other = text_paper()
    with_preview(other)
    client.get(other.get_absolute_url())
    client.get(f"/files/document/{other.uuid}/preview/1/large/")  # as its page does
    assert opened(other) == [{}]


def test_preview_waits_for_what_the_marking_asks(client):
    paper = text_paper()
    with_preview(paper)
    SharedDocument.objects.update(marking="TLP:AMBER")
    assert client.get(f"/files/document/{paper.uuid}/preview/1/small/").status_code == 404
    assert page_at(client, paper.get_absolute_url()).select(".first-page") == []


def test_small_picture_that_is_the_largest_is_recorded_and_a_red_paper_has_none(client, monkeypatch):
    paper = text_paper()
    with_preview(paper)
    monkeypatch.setattr("fileshare.access.requirements", lambda *args: [])
    address = f"/files/document/{paper.uuid}/preview/1/"
    SharedDocument.objects.update(marking="TLP:AMBER")
    for size, status in (("large", 404), ("small", 200), ("small", 200)):
        assert client.get(f"{address}{size}/").status_code == status
    assert opened(paper) == [{"version": 1, "preview": True}]
    SharedDocument.objects.update(marking="TLP:RED")
    paper.refresh_from_db()
    paper.recipients.add(client.session["_auth_user_id"])
    assert client.get(f"{address}small/").status_code == 404
    assert page_at(client, paper.get_absolute_url()).select(".first-page") == []


# --- New since the last visit -----------------------------------------------------------------------------------
def news(page):
    rows = page.select(".paper-row")
    return {row.h2.get_text(): row.select_one(".news").get_text() for row in rows if row.select_one(".news")}


def test_new_and_updated_papers_are_marked_until_the_visit_after_next(client, member):
    old = text_paper("Old")
    replaced = text_paper("Replaced")
    DocumentVersion.objects.update(created_at=timezone.now() - 3 * DAY)
    SharedDocument.objects.update(publish_at=timezone.now() - 3 * DAY)
    assert news(page_at(client, "/files/")) == {}  # a first visit
    Visit.objects.update(last_at=timezone.now() - 2 * DAY)
    text_paper("Came")
    add_version(replaced, b"anew", file_name="a.txt")
    expected = {"Came": "New", "Replaced": "Updated"}
    for _ in range(3):  # of one visit
        assert news(page_at(client, "/files/")) == expected
    page = page_at(client, "/files/?show=new&sort=title")
    assert (titles(page), news(page)) == (["Came", "Replaced"], expected)
    assert old.title in titles(page_at(client, "/files/"))
    hour_ago = timezone.now() - datetime.timedelta(hours=1)
    DocumentVersion.objects.update(created_at=hour_ago)
    SharedDocument.objects.update(publish_at=hour_ago)
    Visit.objects.update(last_at=timezone.now() - datetime.timedelta(minutes=31))
    assert news(page_at(client, "/files/")) == {}


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
def test_real_change_is_news_and_a_small_correction_is_not(client, member, first, files, said):
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
    assert [news(page_at(client, way)) for way in ("/files/", "/files/saved/")] == [expected, expected]
    assert titles(page_at(client, "/files/?show=new")) == list(expected)


def test_visit_goes_on_while_somebody_reads_a_paper(client, member):
    paper = text_paper()
    before = timezone.now() - 2 * DAY
    Visit.objects.create(user=member, last_at=timezone.now() - datetime.timedelta(minutes=40), before_at=before)
    client.get(paper.get_absolute_url())
    ReadPaper.objects.update(last_at=timezone.now() - datetime.timedelta(minutes=20))
    assert own_papers.note_visit(by=member) == before


def test_visit_may_begin_with_a_paper(client, member):
    last = timezone.now() - 2 * DAY
    Visit.objects.create(user=member, last_at=last, before_at=last - 9 * DAY)
    paper = text_paper("Came")
    client.get(paper.get_absolute_url())
    assert own_papers.note_visit(by=member) == last
    assert news(page_at(client, "/files/")) == {"Came": "New"}


def test_page_within_a_visit_is_no_write(client, member, django_assert_num_queries):
    own_papers.note_visit(by=member)
    with django_assert_num_queries(1):
        own_papers.note_visit(by=member)


# --- A person's own lists ---------------------------------------------------------------------------------------
def test_paper_is_saved_and_forgotten_again(client, member, signed_in):
    paper = text_paper("Kept")
    page = page_at(client, paper.get_absolute_url())
    form = page.select_one("form.save-paper")
    assert (form["method"], form.button.get_text()) == ("post", "Save for later")
    for _ in range(2):
        response = client.post(form["action"])
        assert (response.status_code, response["Location"]) == (302, paper.get_absolute_url())
    listed = page_at(client, "/files/saved/")
    assert titles(listed) == ["Kept"]
    assert titles(page_at(signed_in(make_member()), "/files/saved/")) == []
    remove = listed.select_one("form.save-paper")
    back = remove.select_one("input[name=next]")["value"]
    response = client.post(remove["action"], {"next": back})
    assert (response.status_code, response["Location"]) == (302, "/files/saved/")
    empty = page_at(client, "/files/saved/")
    assert empty.select_one(".empty h2").get_text() == "No saved papers yet"
    assert client.post(remove["action"]).status_code == 302  # twice changes nothing


@pytest.mark.parametrize(
    "elsewhere", ["https://example.net/", "//example.net/", "javascript:alert(1)", "\\\\example.net"]
)
def test_saving_leads_nobody_elsewhere(client, elsewhere):
    paper = text_paper()
    response = client.post(f"/files/document/{paper.uuid}/save/", {"next": elsewhere})
    assert response["Location"] == paper.get_absolute_url()


@pytest.mark.parametrize("what", ["save", "forget"])
def test_saving_wants_a_post(client, what):
    assert client.get(f"/files/document/{text_paper().uuid}/{what}/").status_code == 405


def test_saved_paper_that_may_not_be_read_any_more_is_not_listed(client, member):
    paper = text_paper("Gone")
    own_papers.save_paper(document=paper, by=member)
    SharedDocument.objects.update(withdrawn_at=timezone.now())
    assert "Gone" not in client.get("/files/saved/").content.decode()


def test_recently_read_papers_stand_in_the_order_of_reading(client):
    first, second, third = (text_paper(title) for title in ("First", "Second", "Third"))
    client.get(first.get_absolute_url())
    b"".join(client.get(second.download_url).streaming_content)
    client.head(third.download_url)  # fetched nothing
    assert titles(page_at(client, "/files/recent/")) == ["Second", "First"]
    client.get(first.get_absolute_url())
    assert titles(page_at(client, "/files/recent/")) == ["First", "Second"]
    assert titles(page_at(client, "/files/?show=unread")) == ["Third"]


def test_each_person_counts_once_among_the_readers(client, signed_in):
    paper = text_paper()
    for _ in range(3):
        client.get(paper.get_absolute_url())
    signed_in(make_member()).get(paper.get_absolute_url())
    signed_in(make_member(standing="lapsed")).get(paper.get_absolute_url())  # refused
    paper.refresh_from_db()
    assert paper.readers == 2


@pytest.mark.parametrize("address", ["/files/saved/", "/files/recent/"])
def test_own_lists_tell_a_lapsed_member_why_there_is_nothing(signed_in, address):
    body = signed_in(make_member(standing="lapsed")).get(address).content.decode()
    assert "File Share" in body
    assert "paper-row" not in body


# --- Folders ----------------------------------------------------------------------------------------------------
def test_tree_of_twelve_levels_is_walked_to_its_end(client):
    folder = None
    for number in range(12):
        folder = make_folder(f"Level {number}", parent=folder)
    text_paper("At the bottom", collection=folder)
    address = "/files/" + "".join(f"level-{number}/" for number in range(12))
    page = page_at(client, address)
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


def test_every_link_of_a_list_leads_somewhere(client, shelf):
    page = page_at(client, "/files/guidance/?topic=Crowds&view=grid&sort=title")
    for link in page.select(".sort-bar a, .filters-on a, .folder-tree a"):
        assert client.get(urljoin("/files/guidance/", link["href"])).status_code == 200, link


def test_administrator_s_name_of_a_topic_is_shown_as_text(client):
    paper = text_paper("Odd", topics=["<script>alert(1)</script>", "a/b?c&d"])
    text_paper("Even")
    page = page_at(client, paper.get_absolute_url())
    links = [each["href"] for each in page.select(".facts a")]
    assert links == [
        f"/files/?topic={quote('<script>alert(1)</script>', safe='')}".replace("%20", "+"),
        "/files/?topic=a%2Fb%3Fc%26d",
    ]
    for link in links:
        assert titles(page_at(client, link)) == ["Odd"]
    assert "<script>alert(1)" not in str(page)
    assert re.search(r"alert\(1\)", str(page))


def test_administrator_reads_lists_too(signed_in, library):
    assert titles(page_at(signed_in(make_administrator()), "/files/?show=unread&sort=title")) == ORDERS["title"]
