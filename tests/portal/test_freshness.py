"""What a process remembers between requests, and that it forgets it when something changes."""

from __future__ import annotations

import time

import pytest
from django.test import RequestFactory
from wagtail.models import Site

from portal import freshness
from portal.models import HomePage, SiteSettings, StandardPage
from tests.factories import make_post
from tests.portal.reading import set_site, soup_of, words_of

pytestmark = pytest.mark.django_db


def test_thing_is_made_once_until_something_changes():
    made = []
    make = lambda: made.append(1) or len(made)  # noqa: E731 -- what it counts
    assert [freshness.kept("thing", make) for _ in range(3)] == [1, 1, 1]
    set_site(organisation_name="Safe Places")
    assert [freshness.kept("thing", make) for _ in range(3)] == [2, 2, 2]


def test_thing_grows_old_by_itself(monkeypatch):
    made = []
    make = lambda: made.append(1) or len(made)  # noqa: E731 -- what it counts
    assert [freshness.kept("thing", make) for _ in range(2)] == [1, 1]
    now = time.monotonic()
    monkeypatch.setattr(freshness.time, "monotonic", lambda: now + 61)
    assert [freshness.kept("thing", make) for _ in range(2)] == [2, 2]


def test_thing_is_made_each_time_while_the_shared_cache_is_away(monkeypatch):
    made = []
    monkeypatch.setattr(freshness, "CHECK_EVERY", 0)
    monkeypatch.setattr(freshness.cache, "get", lambda *args, **kwargs: 1 / 0)
    for _ in range(3):
        freshness.kept("thing", lambda: made.append(1))
    assert len(made) == 3


def test_memory_has_an_end(monkeypatch):
    monkeypatch.setattr(freshness, "MOST_REMEMBERED", 10)
    for number in range(100):
        freshness.kept(f"thing {number}", lambda: "a thing")
    assert len(freshness._memory) <= 10


def test_what_one_request_does_to_its_settings_is_its_own():
    set_site(organisation_name="Safe Places")
    first, second = (SiteSettings.for_request(RequestFactory().get("/")) for _ in range(2))
    first.organisation_name = "Changed and not saved"
    assert second.organisation_name == "Safe Places"
    assert SiteSettings.for_request(RequestFactory().get("/")).organisation_name == "Safe Places"


def test_next_page_has_the_new_name_menu_and_front_page(client):
    settings, home = set_site(organisation_name="Safe Places"), HomePage.objects.get()
    home.add_child(instance=StandardPage(title="About", slug="about", show_in_menus=True))
    make_post("A post")

    def head() -> tuple[str, list[str]]:
        page = soup_of(client, "/")
        return words_of(page.select_one(".wordmark")), [words_of(each) for each in page.select("nav a")]

    name, menu = head()
    assert "Safe Places" in name
    assert "About" in menu
    settings.organisation_name = "Safer Places"
    settings.save()
    StandardPage.objects.get().delete()
    name, menu = head()
    assert "Safer Places" in name
    assert "About" not in menu
    site = Site.objects.get()
    site.root_page = home.add_sibling(instance=StandardPage(title="Another front page", slug="another"))
    site.save()
    assert "Another front page" in str(soup_of(client, "/"))


def test_unknown_host_is_answered_by_the_default_site(client, settings):
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    set_site(organisation_name="Safe Places")
    assert "Safe Places" in client.get("/", headers={"host": "other.example"}).content.decode()
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400
