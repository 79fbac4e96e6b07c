"""Addresses that were given away stay good when an editor changes them."""

from __future__ import annotations

import pytest
from django.test import Client

from portal.models import HomePage, StandardPage
from tests.factories import make_administrator, make_editor_of, make_folder, make_post

pytestmark = pytest.mark.django_db


def rename(page, slug: str) -> None:
    page.slug = slug
    page.save_revision().publish()


def leads(address: str) -> tuple[int, str]:
    response = Client().get(address)
    return response.status_code, response.get("Location", "")


def test_former_address_of_a_post_leads_to_the_new_one(django_capture_on_commit_callbacks):
    post = make_post(slug="before")
    assert leads("/news/before/") == (200, "")
    with django_capture_on_commit_callbacks(execute=True):
        rename(post, "after")
    assert leads("/news/before/") == (301, "/news/after/")
    assert leads("/news/before/?utm_source=mail") == (301, "/news/after/")
    assert leads("/news/after/") == (200, "")
    with django_capture_on_commit_callbacks(execute=True):
        rename(post, "last")
    assert leads("/news/before/") == (301, "/news/last/")
    assert leads("/news/after/") == (301, "/news/last/")


def test_pages_below_a_renamed_page_are_found_too(django_capture_on_commit_callbacks):
    about = StandardPage(title="About", slug="about")
    HomePage.objects.get().add_child(instance=about)
    about.add_child(instance=StandardPage(title="Team", slug="team"))
    with django_capture_on_commit_callbacks(execute=True):
        rename(about, "who-we-are")
    assert leads("/about/team/") == (301, "/who-we-are/team/")


def test_draft_under_a_new_address_is_not_given_away(django_capture_on_commit_callbacks):
    post = make_post(slug="before", live=False)
    with django_capture_on_commit_callbacks(execute=True):
        post.slug = "secret-name"
        post.save_revision()
    assert leads("/news/before/") == (404, "")
    assert leads("/news/secret-name/") == (404, "")


def test_redirects_are_the_administrators(signed_in):
    assert signed_in(make_administrator()).get("/admin/redirects/").status_code == 200
    assert signed_in(make_editor_of(make_folder())).get("/admin/redirects/").status_code != 200
