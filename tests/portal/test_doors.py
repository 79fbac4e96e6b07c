"""Wagtail's own doors are shut: everybody comes in through the site's sign-in, and nobody goes round in circles."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from wagtail.models import PageViewRestriction

from portal.models import NewsIndexPage
from portal.services import roles
from tests.factories import PASSWORD, make_administrator, make_member, make_post, make_user
from tests.portal.reading import MARKER, OUTSIDERS, client_of, set_site

pytestmark = pytest.mark.django_db
SIGN_IN, RESET = "/account/login/", "/account/password/reset/"
ADMIN_ADDRESSES = (
    "/admin/",
    "/admin/pages/",
    "/admin/documents/",
    "/admin/documents/multiple/add/",
    "/admin/images/",
    "/admin/users/",
    "/admin/memberships/",
    "/admin/access-record/",
    "/admin/api/main/documents/",
    "/admin/account/",
    "/admin/sprite/",
    "/admin/jsi18n/",
    "/admin/login/",
    "/admin/nothing/at/all/",
)


def test_every_door_leads_a_visitor_to_the_sites_own_sign_in(client):
    for address in ("/admin/login/", "/_util/login/"):
        for method in (client.get, client.post):
            response = method(address)
            assert (response.status_code, response["Location"]) == (302, SIGN_IN), address


@pytest.mark.parametrize("address", ["/admin/password_reset/", "/admin/password_reset/done/",
                                     "/admin/password_reset/confirm/MQ/set-password/",
                                     "/admin/password_reset/complete/", "/admin/password_reset/x/"])  # fmt: skip
def test_wagtails_password_reset_leads_to_the_sites_own(client, address):
    make_administrator("admin@example.org")
    for method in (client.get, client.post):
        response = method(address, {"email": "admin@example.org"})
        assert (response.status_code, response["Location"]) == (302, RESET)
    assert not mail.outbox


def test_wagtails_sign_in_form_signs_nobody_in(client):
    make_administrator("admin@example.org")
    for address in ("/admin/login/", "/_util/login/"):
        client.post(address, {"username": "admin@example.org", "password": PASSWORD, "login": "admin@example.org"})
        assert "_auth_user_id" not in client.session


def test_wagtails_sign_out_asks_and_leads_to_the_sites_own(signed_in):
    client = signed_in(make_administrator())
    response = client.post("/admin/logout/")
    assert (response.status_code, response["Location"]) == (302, "/account/logout/")
    assert "_auth_user_id" in client.session
    response = client.post("/account/logout/")
    assert (response.status_code, response["Location"]) == (302, "/")
    assert "_auth_user_id" not in client.session


def test_shared_passwords_do_not_exist(client):
    for method in (client.get, client.post):
        assert method("/_util/authenticate_with_password/1/2/", {"password": "x"}).status_code == 404


@pytest.mark.parametrize("address", ADMIN_ADDRESSES)
def test_visitor_is_sent_to_sign_in_and_back(client, address):
    steps = client.get(address, follow=True).redirect_chain
    assert len(steps) <= 2
    place = urlsplit(steps[-1][0])
    assert (place.netloc, place.path) == ("", SIGN_IN)
    if address != "/admin/login/":
        assert parse_qs(place.query)["next"] == [address]


@pytest.mark.parametrize("address", ADMIN_ADDRESSES)
@pytest.mark.parametrize("kind", [*OUTSIDERS, "member"][1:])
def test_person_without_business_in_the_administration_is_refused_at_once(kind, address):
    set_site(organisation_name="Safe Places", contact_email="office@example.org")
    response = client_of(kind).get(address)
    assert response.status_code == 403
    page = response.content.decode()
    for words in ("You may not do this", "Safe Places", "mailto:office@example.org"):
        assert words in page


def test_signing_in_on_the_way_to_the_administration_ends_in_a_refusal_and_not_in_a_loop(client):
    make_member("member@example.org")
    response = client.get("/admin/", follow=True)
    assert response.status_code == 200
    fields = {"login": "member@example.org", "password": PASSWORD, "next": "/admin/"}
    response = client.post(SIGN_IN, fields, follow=True)
    assert response.redirect_chain == [("/admin/", 302)]
    assert response.status_code == 403


def test_administrator_comes_in_through_the_sites_sign_in(client):
    make_administrator("admin@example.org")
    response = client.get("/admin/login/?next=/admin/pages/")
    response = client.post(response["Location"], {"login": "admin@example.org", "password": PASSWORD,
                                                  "next": "/admin/pages/"}, follow=True)  # fmt: skip
    assert response.status_code == 200
    assert response.redirect_chain[0] == ("/admin/pages/", 302)


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)",
                                  "http:evil.example", "\thttps://evil.example"])  # fmt: skip
def test_way_back_to_another_site_is_refused(client, back):
    response = client.get("/admin/login/", {"next": back})
    assert (response.status_code, response["Location"]) == (302, SIGN_IN)
    make_user("person@example.org")
    response = client.post(SIGN_IN, {"login": "person@example.org", "password": PASSWORD, "next": back})
    assert (response.status_code, response["Location"]) == (302, "/members/")


def test_way_back_within_the_site_is_kept(client):
    response = client.get("/admin/login/", {"next": "/admin/pages/?a=1&b=ä"})
    assert parse_qs(urlsplit(response["Location"]).query)["next"] == ["/admin/pages/?a=1&b=ä"]


def test_nobody_signs_up_alone(client):
    response = client.get("/account/signup/")
    assert (response.status_code, response["Location"]) == (302, "/members/apply/")
    client.post("/account/signup/", {"email": "new@example.org", "password1": "a long enough phrase"})
    from members.models import User

    assert not User.objects.filter(email="new@example.org").exists()


@pytest.mark.parametrize("address", ["/api/", "/api/v2/", "/api/v2/pages/", "/api/v3/", "/api/v3/pages/",
                                     "/api/v2/documents/", "/django-admin/", "/admin/api/v2/"])  # fmt: skip
def test_wagtails_public_interface_is_not_mounted(client, signed_in, address):
    visitor = client.get(address)
    assert visitor.status_code == (302 if address.startswith("/admin/") else 404)
    assert signed_in(make_administrator()).get(address).status_code == 404


BULK = [
    "fileshare/shareddocument/add_to_collection", "fileshare/shareddocument/add_tags",
    "fileshare/shareddocument/delete", "portal/comment/approve", "portal/comment/remove", "portal/picture/delete",
    "members/organisation/delete", "members/user/set_active_state", "wagtailcore/page/publish",
]  # fmt: skip


@pytest.mark.parametrize("action", BULK)
def test_bulk_action_on_what_is_no_number_does_not_exist(signed_in, action):
    client = signed_in(make_administrator())
    for number in ("abc", "", "1.5", "-1", "%00", "9" * 19, "9" * 5000, "1&id=abc"):
        for method in (client.get, client.post):
            assert method(f"/admin/bulk/{action}/?id={number}").status_code == 404, number


def every_view(patterns: list[URLPattern | URLResolver], above: str = "") -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        place = above + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from every_view(pattern.url_patterns, place)
        else:
            yield place, pattern.callback.__module__


def test_no_address_leads_to_wagtails_public_interface():
    """By the list of addresses: another mount would hand out tokens that pass by the second factor."""
    found = [place for place, module in every_view(get_resolver().url_patterns)
             if module.startswith(("wagtail.api.v3", "rest_framework", "ninja")) or
             (module.startswith("wagtail.api.v2") and not place.startswith("admin/api/"))]  # fmt: skip
    assert found == []


def test_refusal_for_an_old_form_says_how_to_go_on():
    client = Client(enforce_csrf_checks=True)
    response = client.post(SIGN_IN, {"login": "a@example.org", "password": "x"})
    assert response.status_code == 403
    assert "The form could not be accepted" in response.content.decode()


@pytest.mark.parametrize("role", [roles.AUDITORS, roles.SECRETARIES])
def test_drafts_and_private_pages_are_named_to_nobody_who_does_not_work_on_pages(role, signed_in):
    news, draft = NewsIndexPage.objects.get(), make_post(MARKER, live=False)
    private = make_post(MARKER)
    PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
    outsider, editor = signed_in(make_user(groups=(role,))), signed_in(make_user(groups=(roles.EDITORS,)))
    for address in (
        "choose-page/",
        f"choose-page/{news.pk}/",
        f"choose-page/chosen-multiple/?id={draft.pk}&id={private.pk}",
        f"choose-page/search/?q={MARKER}",
        f"bulk/wagtailcore/page/delete/?id={draft.pk}",
        f"bulk/wagtailcore/page/unpublish/?id={private.pk}",
    ):
        response = outsider.get(f"/admin/{address}")
        assert (response.status_code, MARKER in response.content.decode()) == (403, False), address
        assert editor.get(f"/admin/{address}").status_code == 200, address
    for address in (
        "",
        "pages/",
        f"pages/{news.pk}/",
        f"pages/{draft.pk}/usage/",
        f"pages/{draft.pk}/history/",
        "pages/search/results/?q=Heliotrope",
        "posts/",
        "reports/site-history/",
        "reports/aging-pages/",
        "api/main/pages/",
        f"api/main/pages/{draft.pk}/",
        f"pages/{draft.pk}/move/{news.pk}/confirm/",
    ):
        assert MARKER not in outsider.get(f"/admin/{address}").content.decode(), address
