"""The sitemap names public pages, under the site's own address, and nothing else."""

from __future__ import annotations

import datetime
from xml.etree import ElementTree as ET

import pytest
from django.utils import timezone
from wagtail.models import PageViewRestriction

from portal.models import Author, HomePage, StandardPage, Topic
from portal.services.site_address import follow_base_url
from portal.sitemap import PublicPages
from tests.factories import make_folder, make_member, make_paper, make_post

pytestmark = pytest.mark.django_db
SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def at(year: int, month: int, day: int) -> datetime.datetime:
    return datetime.datetime(year, month, day, 12, tzinfo=datetime.UTC)


def addresses(client, file: str = "/sitemap.xml") -> list[str]:
    response = client.get(file)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml"
    return [place.text for place in ET.fromstring(response.content).iter(f"{SPACE}loc")]  # noqa: S314 -- our own answer


def test_sitemap_names_public_pages_at_the_sites_address(client, settings):
    settings.BASE_URL = "https://members.example.org"
    follow_base_url()
    HomePage.objects.get().add_child(instance=StandardPage(title="About us", slug="about"))
    make_post("Out", slug="out")
    assert sorted(addresses(client)) == [
        "https://members.example.org/",
        "https://members.example.org/about/",
        "https://members.example.org/news/",
        "https://members.example.org/news/out/",
    ]


def days(client) -> dict[str, str | None]:
    root = ET.fromstring(client.get("/sitemap.xml").content)  # noqa: S314 -- our own answer
    return {
        each.findtext(f"{SPACE}loc").partition("/news/")[2] if "/news/" in each.findtext(f"{SPACE}loc") else "front":
        each.findtext(f"{SPACE}lastmod")
        for each in root.iter(f"{SPACE}url")
    }  # fmt: skip


def test_sitemap_says_when_each_part_last_changed(client):
    """A post counts from when readers have it, and anew when it is published again; a list as its newest post does."""
    rain, snow = (Topic.objects.create(name=name, slug=name) for name in ("rain", "snow"))
    Topic.objects.create(name="empty", slug="empty")
    pat = Author.objects.create(name="Pat", slug="pat")
    first = {"first_published_at": at(2026, 3, 1), "last_published_at": at(2026, 3, 1)}
    make_post(slug="early", topics=[rain], **first | {"published_at": at(2026, 2, 1)})
    make_post(slug="later", topics=[rain, snow], authors=[pat], **first | {"published_at": at(2026, 4, 1)})
    changed = {"published_at": at(2026, 1, 1), "last_published_at": at(2026, 5, 1)}
    make_post(slug="again", topics=[snow], **first | changed)
    make_post(slug="tomorrow", topics=[rain], published_at=timezone.now() + datetime.timedelta(days=1))
    HomePage.objects.update(last_published_at=at(2026, 1, 1))
    assert days(client) == {
        "front": "2026-05-01",
        "": "2026-05-01",
        "topics/rain/": "2026-04-01",
        "topics/snow/": "2026-05-01",
        "authors/pat/": "2026-04-01",
        "early/": "2026-03-01",
        "later/": "2026-04-01",
        "again/": "2026-05-01",
    }
    HomePage.objects.update(last_published_at=at(2026, 6, 1))
    assert days(client)["front"] == "2026-06-01"


def test_sitemap_of_many_pages_is_a_list_of_files(client, monkeypatch, settings):
    settings.BASE_URL = "https://members.example.org"
    follow_base_url()
    for number in range(3):
        make_post(slug=f"post-{number}")
    whole = addresses(client)
    monkeypatch.setattr(PublicPages, "limit", 2)
    root = ET.fromstring(client.get("/sitemap.xml").content)  # noqa: S314 -- our own answer
    assert root.tag == f"{SPACE}sitemapindex"
    files = [place.text for place in root.iter(f"{SPACE}loc")]
    assert files == [f"https://members.example.org/sitemap.xml?p={number}" for number in (1, 2, 3)]
    parts = [addresses(client, file.removeprefix("https://members.example.org")) for file in files]
    assert [address for part in parts for address in part] == whole
    assert [client.get(f"/sitemap.xml?p={number}").status_code for number in ("0", "4", "x", "")] == [404] * 4


def test_sitemap_leaves_out_what_is_not_public(client, signed_in):
    before = addresses(client)
    make_post("Draft", live=False)
    make_post("Tomorrow", published_at=timezone.now() + datetime.timedelta(days=1))
    private = make_post("Private")
    PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
    make_paper(collection=make_folder("Guidance"))
    assert addresses(client) == before
    assert addresses(signed_in(make_member())) == before
