"""Pages that stand by themselves, and the menus that lead to them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from portal.models import HomePage, StandardPage
from tests.factories import make_administrator
from tests.portal.reading import INSIDERS, MARKER, READERS, client_of, soup_of, words_of

pytestmark = pytest.mark.django_db


def make_page(title: str, slug: str, **fields) -> StandardPage:
    page = StandardPage(title=title, slug=slug, **fields)
    HomePage.objects.get().add_child(instance=page)
    return page


def test_page_shows_introduction_and_each_block(client):
    make_page("About us", "about", introduction="Who we are.", body=[
        ("heading", {"text": "Aims"}),
        ("text", "<p>To keep <b>places</b> safe.</p>"),
        ("quote", {"text": "Well said.", "attribution": "A member"}),
        ("table", {"data": [["Year", "Members"], ["2025", "<240>"]], "first_row_is_table_header": True,
                   "first_col_is_header": False, "table_caption": "Growth"}),
    ])  # fmt: skip
    soup = soup_of(client, "/about/")
    assert soup.h1.get_text() == "About us"
    assert words_of(soup.select_one(".standfirst")) == "Who we are."
    assert soup.select_one("meta[name=description]")["content"] == "Who we are."
    assert soup.select_one("h2#aims").get_text() == "Aims"
    assert soup.select_one(".rich-text b").get_text() == "places"
    assert words_of(soup.select_one("figure.quote")) == "Well said. A member"
    assert soup.caption.get_text() == "Growth"
    assert [cell.get_text() for cell in soup.select("thead th[scope=col]")] == ["Year", "Members"]
    assert [cell.get_text() for cell in soup.select("tbody td")] == ["2025", "<240>"]


def test_pages_stand_in_the_menu_or_at_the_foot(client):
    make_page("About us", "about", show_in_menus=True)
    make_page("Privacy", "privacy", in_footer=True)
    make_page("Draft", "draft", show_in_menus=True, in_footer=True, live=False)
    soup = soup_of(client, "/about/")
    menu = [(link["href"], link.get("aria-current")) for link in soup.select(".masthead-menu a")]
    assert menu == [("/news/", None), ("/files/", None), ("/about/", "page"), ("/search/", None)]
    assert [link["href"] for link in soup.select(".site-foot a")] == ["/privacy/", "/mail/", "/news/feed/"]


def test_page_below_a_page_has_its_address(client):
    parent = make_page("About us", "about")
    parent.add_child(instance=StandardPage(title="History", slug="history"))
    assert soup_of(client, "/about/history/").h1.get_text() == "History"


def test_page_that_is_not_published_is_not_found(client):
    make_page("Draft", "draft", live=False)
    assert client.get("/draft/").status_code == 404


@pytest.mark.parametrize("kind", READERS)
def test_private_page_stands_in_the_menus_of_those_who_may_open_it(kind):
    page = StandardPage(title=MARKER, slug="merger", show_in_menus=True, in_footer=True)
    HomePage.objects.get().add_child(instance=page)
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    may_open = kind in INSIDERS
    client = client_of(kind)
    assert (client.get("/merger/").status_code == 200) is may_open
    assert client.get("/").content.decode().count(MARKER) == (2 if may_open else 0)
    assert client.get("/no-such-page/").content.decode().count(MARKER) == (2 if may_open else 0)


def test_private_page_in_the_menus_costs_a_visitor_no_question(client):
    page = StandardPage(title=MARKER, slug="merger", show_in_menus=True)
    HomePage.objects.get().add_child(instance=page)
    client.get("/")
    with CaptureQueriesContext(connection) as public:
        assert MARKER in client.get("/").content.decode()
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    client.get("/")  # the change made the menus old
    with CaptureQueriesContext(connection) as private:
        assert MARKER not in client.get("/").content.decode()
    assert len(private) == len(public)


@pytest.mark.parametrize("slug", ["files", "account", "members", "admin", "documents", "media", "static", "health"])
def test_page_does_not_take_an_address_of_the_site_itself(slug, signed_in):
    home, editor = HomePage.objects.get(), signed_in(make_administrator())
    page = {"title": "A page", "slug": slug, "introduction": "", "body-count": "0", "seo_title": "",
            "search_description": "", "comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0}  # fmt: skip
    answer = editor.post(f"/admin/pages/add/portal/standardpage/{home.pk}/", page)
    assert answer.status_code == 200
    assert f"“{slug}” is an address of the site itself; choose another." in answer.content.decode()
    assert not StandardPage.objects.filter(title="A page").exists()
    editor.post(f"/admin/pages/add/portal/standardpage/{home.pk}/", page | {"slug": f"{slug}-more"})
    assert StandardPage.objects.get(title="A page").slug == f"{slug}-more"
