"""The front page: what a visitor is told of the file share, and what a member finds."""

from __future__ import annotations

import datetime
import json

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fileshare.models import SharedDocument
from portal.models import SiteSettings
from tests.factories import make_folder, make_paper, make_post
from tests.portal.reading import MARKER, OUTSIDERS, client_of, make_note, set_site, soup_of, words_of
from tests.portal.test_storages import make_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def share(db):
    """Folders with papers, each with the marker in its title."""
    guidance, committee = make_folder("Guidance"), make_folder("Committee", groups=("Committee",))
    reports = make_folder("Reports", parent=guidance)
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    for number in range(3):
        make_note(f"{MARKER} {number}", collection=guidance)
    make_paper(f"{MARKER} report", collection=reports, marking="TLP:AMBER")
    make_paper(f"{MARKER} red", collection=guidance, marking="TLP:RED")
    make_note(f"{MARKER} secret", collection=committee)
    make_note(f"{MARKER} embargoed", collection=guidance, publish_at=tomorrow)
    make_folder(f"Empty {MARKER}")
    return guidance


@pytest.mark.parametrize("kind", OUTSIDERS)
def test_outsider_sees_how_many_papers_there_are_by_folder_and_none_of_them(kind, share):
    client = client_of(kind)
    soup = soup_of(client, "/")
    assert [words_of(item) for item in soup.select(".gate-folders li")] == ["Guidance 4 papers"]
    assert MARKER not in client.get("/").content.decode()
    assert not soup.select("[data-document]")


def test_visitor_is_shown_the_way_in_and_how_to_join(client):
    set_site(membership_text="Write us a letter.", contact_email="office@example.org")
    soup = soup_of(client, "/")
    assert soup.select_one(".gate a.button")["href"] == "/account/login/?next=/files/"
    assert "Write us a letter." in words_of(soup)
    assert soup.select_one("a[href='mailto:office@example.org']")


def test_lapsed_member_is_told_why_the_share_is_closed(share):
    assert "Your membership has lapsed" in words_of(soup_of(client_of("lapsed"), "/").select_one(".gate"))


def test_member_sees_the_newest_papers_newest_first(share):
    times = [timezone.now() - datetime.timedelta(minutes=minutes) for minutes in range(1, 5)]
    newest = [make_note(f"Newest at {time}", collection=share, publish_at=time) for time in times]
    soup = soup_of(client_of("member"), "/")
    shown = [row["data-document"] for row in soup.select("[data-document]")]
    assert shown[:4] == [str(paper.uuid) for paper in newest]
    assert len(shown) == 5
    assert "All 8 papers" in words_of(soup)
    text = words_of(soup)
    for hidden in ("red", "secret", "embargoed"):
        assert f"{MARKER} {hidden}" not in text


def test_front_page_leads_with_the_newest_post_and_lists_the_next_five(client):
    for number in range(8):
        make_post(f"Post {number}", published_at=timezone.now() - datetime.timedelta(days=number))
    soup = soup_of(client, "/")
    assert soup.select_one(".lead-post h1").get_text(strip=True) == "Post 0"
    assert [heading.get_text(strip=True) for heading in soup.select(".post-card h3")] == [
        f"Post {number}" for number in range(1, 6)
    ]


def test_pinned_post_leads_and_is_not_listed_again(client):
    for number in range(3):
        make_post(f"Post {number}", published_at=timezone.now() - datetime.timedelta(days=number), pinned=number == 2)
    soup = soup_of(client, "/")
    assert soup.select_one(".lead-post h1").get_text(strip=True) == "Post 2"
    assert [heading.get_text(strip=True) for heading in soup.select(".post-card h3")] == ["Post 0", "Post 1"]


def test_front_page_of_a_new_site_says_that_there_is_nothing_yet(client):
    soup = soup_of(client, "/")
    assert len(soup.select("h1")) == 1
    assert "No news yet" in words_of(soup)
    assert not soup.select(".gate-folders")


def test_front_page_carries_the_associations_name(client):
    set_site(organisation_name="Safe & Sound", strapline="For those who keep watch.")
    soup = soup_of(client, "/")
    assert soup.title.get_text() == "Safe & Sound"
    assert words_of(soup.select_one(".wordmark")) == "Safe & Sound"
    assert soup.select_one("meta[name=description]")["content"] == "For those who keep watch."


ADDRESS = "office@example.org"


@pytest.mark.parametrize("address", ["/", "/files/", "/members/"])
def test_whoever_is_told_to_write_finds_the_address_in_words(share, address):
    client = client_of("lapsed")
    assert "mailto:" not in client.get(address).content.decode()
    SiteSettings.objects.update(contact_email=ADDRESS)
    assert ADDRESS in words_of(soup_of(client, address).main)


def test_visitor_finds_the_address_on_the_front_page_and_at_the_foot(client):
    set_site(contact_email=ADDRESS)
    soup = soup_of(client, "/")
    assert (
        words_of(soup.select_one("section[aria-labelledby=join-title]"))
        == f"Joining us Write to {ADDRESS} . Apply for membership"
    )
    assert ADDRESS in words_of(soup.footer)


def test_row_of_a_paper_says_the_day_by_which_lists_are_sorted(share):
    paper = SharedDocument.objects.visible_to_any_member().newest_first()[0]
    paper.original_date = datetime.date(2001, 2, 3)
    paper.publish_at = datetime.datetime(2020, 5, 6, 12, tzinfo=datetime.UTC)
    paper.save()
    row = soup_of(client_of("member"), "/files/").select_one(f"[data-document='{paper.uuid}']")
    assert "Here since 6 May 2020" in words_of(row)
    assert "2001" not in words_of(row)


def test_empty_folder_leads_to_what_there_is(share):
    make_folder("Later")
    assert soup_of(client_of("member"), "/files/later/").select_one(".empty a")["href"] == "/files/"


def test_share_without_papers_says_so_to_visitors(client):
    assert "as soon as it is published" in words_of(soup_of(client, "/").select_one(".gate"))


def test_logo_stands_in_the_masthead_and_in_the_structured_data():
    make_post("New", slug="new")
    settings = set_site(organisation_name="Safe Places")
    assert soup_of(Client(), "/").select(".wordmark svg")
    Client().get("/news/new/")
    with CaptureQueriesContext(connection) as without:
        assert "apple-touch-icon-180.png" in Client().get("/news/new/").content.decode()
    settings.logo = make_picture(size=(300, 200))
    settings.save()
    page = soup_of(Client(), "/news/new/")
    logo = page.select_one(".wordmark img")
    assert (logo["width"], logo["height"], logo["alt"]) == ("96", "96", "")
    assert page.select(".wordmark svg") == []
    data = json.loads(page.select_one("script[type='application/ld+json']").string)
    address = data["publisher"]["logo"]["url"].removeprefix(django_settings.BASE_URL)
    made = {each.filter_spec: each.url for each in settings.logo.renditions.all()}
    assert made == {"fill-96x96|format-webp": logo["src"], "fill-512x512|format-png": address}
    with CaptureQueriesContext(connection) as with_logo:
        Client().get("/news/new/")
    assert len(with_logo) == len(without) + 1  # the masthead's rendition; the address of the other is remembered
