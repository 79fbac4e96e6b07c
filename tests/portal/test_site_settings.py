"""The form of the site settings, and the association's pages elsewhere."""

from __future__ import annotations

import json

import pytest
from wagtail.models import Site
from wagtail.test.utils.form_data import nested_form_data, streamfield

from portal.models import SiteSettings
from tests.factories import make_administrator, make_post
from tests.portal.reading import set_site, soup_of, words_of

pytestmark = pytest.mark.django_db
SENTENCE = "Please write the whole address; it begins with https://, as in https://social.example/us."


def save(signed_in, *links: tuple[str, str]):
    values = [("link", {"label": label, "address": address}) for label, address in links]
    fields = {"organisation_name": "Safe Places", "comment_readers": "everybody", "social_links": streamfield(values)}
    address = f"/admin/settings/portal/sitesettings/{Site.objects.get().pk}/"
    return signed_in(make_administrator()).post(address, nested_form_data(fields))


def test_pages_elsewhere_stand_at_the_foot_and_in_the_structured_data(client, signed_in):
    pages = [("Mastodon", "https://social.example/@places"), ("Films & talks", "https://films.example/places?a=1&b=2")]
    assert save(signed_in, *pages).status_code == 302
    links = soup_of(client, "/").select(".site-foot a[rel=me]")
    assert [(link.get_text(), link["href"]) for link in links] == pages
    post = soup_of(client, make_post().url)
    data = [json.loads(each.string) for each in post.select("script[type='application/ld+json']")]
    [article] = [each for each in data if each["@type"] == "NewsArticle"]
    assert article["publisher"]["sameAs"] == [address for _, address in pages]


def test_site_without_pages_elsewhere_says_nothing_of_them(client):
    set_site(organisation_name="Safe Places")
    assert soup_of(client, "/").select(".site-foot a[rel=me]") == []
    assert "sameAs" not in client.get(make_post().url).content.decode()


@pytest.mark.parametrize("address", [
    "http://social.example/us", "social.example/us", "javascript:alert(1)", "https://", "//social.example/us",
    "https://social.example/a b", "data:text/html,x", "ftp://social.example/",
])  # fmt: skip
def test_other_addresses_are_refused_in_a_sentence(signed_in, address):
    answer = save(signed_in, ("Somewhere", address))
    assert answer.status_code == 200
    assert SENTENCE in answer.content.decode()
    assert not SiteSettings.objects.filter(organisation_name="Safe Places").exists()


def test_no_more_than_eight_pages(signed_in):
    assert save(signed_in, *[(f"No. {number}", "https://social.example/us") for number in range(9)]).status_code == 200
    assert save(signed_in, *[(f"No. {number}", "https://social.example/us") for number in range(8)]).status_code == 302


def test_form_has_four_parts_and_each_help_is_a_sentence(signed_in):
    page = soup_of(signed_in(make_administrator()), f"/admin/settings/portal/sitesettings/{Site.objects.get().pk}/")
    headings = [words_of(each) for each in page.select("form h2[data-panel-heading]")]
    assert headings == ["The association", "Writing to it, joining it", "The foot of each page", "Comments on posts"]
    helps = [words_of(each) for each in page.select("form .help")]
    assert len(helps) >= 12
    assert [each for each in helps if not each.endswith(".")] == []
