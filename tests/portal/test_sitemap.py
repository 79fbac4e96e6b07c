"""The sitemap names public pages, under the site's own address, and nothing else."""

from __future__ import annotations

import datetime
from xml.etree import ElementTree as ET

import pytest
from django.utils import timezone
from wagtail.models import PageViewRestriction

from portal.models import HomePage, StandardPage
from portal.services.site_address import follow_base_url
from tests.factories import make_folder, make_member, make_paper, make_post

pytestmark = pytest.mark.django_db
SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def addresses(client) -> list[str]:
    response = client.get("/sitemap.xml")
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


def test_sitemap_leaves_out_what_is_not_public(client, signed_in):
    before = addresses(client)
    make_post("Draft", live=False)
    make_post("Tomorrow", published_at=timezone.now() + datetime.timedelta(days=1))
    private = make_post("Private")
    PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
    make_paper(collection=make_folder("Guidance"))
    assert addresses(client) == before
    assert addresses(signed_in(make_member())) == before
