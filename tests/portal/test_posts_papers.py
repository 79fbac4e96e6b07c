"""The full documents that a post offers: what each kind of reader is shown of them."""

from __future__ import annotations

import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from portal.models import NewsPage
from tests.factories import PASSWORD, make_folder, make_member, make_paper, make_post, minimal_pdf
from tests.portal.reading import MARKER, OUTSIDERS, client_of, make_note, soup_of, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def panel_post(db):
    """A post with a paper of each sort, all in one block."""
    folder, committee = make_folder("Guidance"), make_folder("Committee", groups=("Committee",))
    now = timezone.now()
    hour = datetime.timedelta(hours=1)
    papers = {
        "green": make_paper("Green paper", collection=folder, content=minimal_pdf("g", pages=3)),
        "clear": make_note("Clear paper", collection=folder, marking="TLP:CLEAR"),
        "amber": make_paper("Amber paper", collection=folder, marking="TLP:AMBER"),
        "red": make_paper("Red paper", collection=folder, marking="TLP:RED"),
        "committee": make_note("Committee paper", collection=committee),
        "embargoed": make_note("Embargoed paper", collection=folder, publish_at=now + hour),
        "expired": make_note("Expired paper", collection=folder, expires_at=now - hour),
        "withdrawn": make_note("Withdrawn paper", collection=folder, withdrawn_at=now),
        "waiting": make_note("Waiting paper", collection=folder, inspected=False),
    }
    post = make_post("Papers", body=[("documents", {"heading": "All of them", "documents": list(papers.values())})])
    return post, papers


HIDDEN = ("embargoed", "expired", "withdrawn", "waiting")


def rows(kind: str, post: NewsPage) -> list[tuple[str, str]]:
    """The panel's rows as this kind of reader sees them: title and text."""
    found = soup_of(client_of(kind), post.url).select(".papers .paper-row")
    return [(row.h3.get_text(strip=True), words_of(row)) for row in found]


def shown_titles(kind: str, post: NewsPage) -> list[str]:
    return [title for title, _text in rows(kind, post)]


@pytest.mark.parametrize("kind", [*OUTSIDERS, "member"])
def test_paper_that_is_not_out_leaves_no_trace_on_a_post(kind, panel_post):
    post, papers = panel_post
    text = client_of(kind).get(post.url).content.decode()
    for name in (*HIDDEN, "committee"):
        assert papers[name].title not in text, name
        assert str(papers[name].uuid) not in text, name
    amber = "Amber paper" if kind == "member" else "A restricted paper"
    assert shown_titles(kind, post) == ["Green paper", "Clear paper", amber, "A restricted paper"]


def test_panel_of_hidden_papers_alone_is_not_there(client):
    paper = make_note("Embargoed", publish_at=timezone.now() + datetime.timedelta(days=1))
    post = make_post(body=[("documents", {"heading": f"Papers {MARKER}", "documents": [paper]})])
    assert MARKER not in client.get(post.url).content.decode()


def test_visitor_sees_kind_pages_size_marking_and_the_way_in_and_back(panel_post):
    post, papers = panel_post
    soup = soup_of(Client(), post.url)
    row = soup.select(".papers .paper-row")[0]
    assert f"PDF, 3 pages, {papers['green'].size / 1024:.1f}\xa0KB".replace("\xa0", " ") in words_of(row)
    assert row.select_one(".marking").get_text() == "TLP:GREEN"
    link = row.select_one("a.go")
    assert words_of(link).startswith("Sign in to download")
    assert urlsplit(link["href"]).path == "/account/login/"
    (back,) = parse_qs(urlsplit(link["href"]).query)["next"]
    assert back == f"{post.url}#papers-all-of-them"
    assert soup.select_one(f"#{back.partition('#')[2]}").name == "section"
    assert not soup.select("[data-document]")
    assert "/files/document/" not in str(soup)


def test_visitor_sees_a_restricted_paper_without_a_single_fact_of_it(panel_post):
    post, papers = panel_post
    text = Client().get(post.url).content.decode()
    for name in ("amber", "red"):
        assert papers[name].title not in text
        assert str(papers[name].uuid) not in text
        assert papers[name].marking not in text
    assert rows("visitor", post)[2][1].startswith("A restricted paper Sign in to see")


def test_signing_in_from_the_panel_leads_back_to_the_panel(client, panel_post):
    post, _papers = panel_post
    make_member("reader@example.org")
    page = soup_of(client, soup_of(client, post.url).select_one(".papers a.go")["href"])
    form = page.select_one("form[action*=login]")
    fields = {field["name"]: field.get("value", "") for field in form.select("input[name]")}
    response = client.post(form["action"], fields | {"login": "Reader@Example.org", "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, f"{post.url}#papers-all-of-them")


def test_member_downloads_what_is_open_and_is_told_about_the_rest(panel_post):
    post, papers = panel_post
    soup = soup_of(client_of("member"), post.url)
    open_to_member = {str(papers[name].uuid) for name in ("green", "clear", "amber")}
    assert {row["data-document"] for row in soup.select("[data-document]")} == open_to_member
    downloads = {link["href"] for link in soup.select(".papers a.go")}
    assert downloads == {papers[name].download_url for name in ("green", "clear", "amber")}
    assert "open to certain members only" in rows("member", post)[-1][1]


def test_administrator_sees_every_paper(panel_post):
    post, papers = panel_post
    soup = soup_of(client_of("administrator"), post.url)
    assert {row["data-document"] for row in soup.select("[data-document]")} == {str(p.uuid) for p in papers.values()}


@pytest.mark.parametrize(("kind", "sentence"), [
    ("applicant", "Your application is being considered"),
    ("lapsed", "Your membership has lapsed"),
    ("suspended", "Your membership is suspended"),
    ("signed in without membership", "Your account has no membership yet"),
])  # fmt: skip
def test_person_without_current_membership_is_told_why_papers_are_closed(panel_post, kind, sentence):
    post, papers = panel_post
    soup = soup_of(client_of(kind), post.url)
    panel = soup.select_one(".papers")
    assert sentence in words_of(panel)
    assert "Green paper" in words_of(panel)
    assert not panel.select("[data-document], a.go")
    assert str(papers["green"].uuid) not in str(soup)


def test_deleted_paper_leaves_its_post_readable(panel_post):
    post, papers = panel_post
    papers["green"].delete()
    assert shown_titles("member", post) == ["Clear paper", "Amber paper", "A restricted paper"]
