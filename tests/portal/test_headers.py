"""What every answer carries."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from django.http.response import StreamingHttpResponse

from portal.models import HomePage, StandardPage, Topic
from tests.factories import make_administrator, make_folder, make_member, make_paper, make_post, make_user
from tests.portal.reading import client_of

pytestmark = pytest.mark.django_db
SITE_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "frame-src": "'self'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
    "base-uri": "'none'",
}
PUBLIC = ("/", "/news/", "/news/a-post/", "/news/topics/guidance/", "/about/", "/news/feed/", "/sitemap.xml")
FORMS = ("/account/login/", "/account/password/reset/", "/members/apply/")
PERSONAL = ("/", "/news/", "/news/a-post/", "/files/", "/files/guidance/", "/members/", "/account/2fa/", "/nothing/",
            "/account/password/change/", "/account/email/", "/news/feed/", "/sitemap.xml")  # fmt: skip


@pytest.fixture(autouse=True)
def pages(db):
    """One page of each sort."""
    topic = Topic.objects.create(name="Guidance", slug="guidance")
    HomePage.objects.get().add_child(instance=StandardPage(title="About", slug="about"))
    paper = make_paper("Paper", collection=make_folder("Guidance"))
    body = [
        *[("heading", {"text": f"Part {number}"}) for number in range(4)],
        ("text", "<p>Text</p>"),
        ("quote", {"text": "Words", "attribution": "Somebody"}),
        ("table", {"data": [["a"], ["b"]], "first_row_is_table_header": True, "first_col_is_header": False}),
        ("documents", {"heading": "Papers", "documents": [paper]}),
        ("attribution", {"text": "Theirs"}),
        ("members_only", None),
    ]
    make_post("A post", slug="a-post", topics=[topic], body=body)
    return paper


def policy(response) -> dict[str, str]:
    directives = [part.strip().partition(" ") for part in response["Content-Security-Policy"].split(";")]
    assert len({name for name, _, _ in directives}) == len(directives)
    return {name: value for name, _, value in directives}


@pytest.mark.parametrize("address", [*PUBLIC, *FORMS, "/nothing/", "/health/live/", "/static/css/tokens.css"])
def test_policy_of_the_site(client, address):
    response = client.get(address)
    if isinstance(response, StreamingHttpResponse):
        response.close()
    if address.startswith("/static/"):
        return  # handed out before the policy; a style sheet or a script runs under its page's policy
    assert policy(response) == SITE_POLICY


def test_policy_of_the_administration_differs_in_two_places_alone(signed_in):
    response = signed_in(make_administrator()).get("/admin/")
    assert policy(response) == SITE_POLICY | {
        "style-src-elem": "'self' 'unsafe-inline'",
        "frame-ancestors": "'self'",
    }


def test_policy_of_an_address_that_only_looks_like_the_administration(client):
    assert policy(client.get("/administration/")) == SITE_POLICY
    assert policy(client.get("/news/admin/")) == SITE_POLICY


def test_policy_and_safety_of_a_download(signed_in, pages):
    response = signed_in(make_member()).get(pages.download_url)
    assert response.getvalue().startswith(b"%PDF")
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment;")


@pytest.mark.parametrize("kind", ["member", "lapsed", "administrator"])
@pytest.mark.parametrize("address", PERSONAL)
def test_answer_to_a_person_is_private_and_not_stored(kind, address):
    assert client_of(kind).get(address)["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("address", ["/files/", "/members/", "/admin/", "/files/nothing/", *FORMS[:1]])
def test_answer_that_asks_a_visitor_to_sign_in_is_not_stored(client, address):
    assert client.get(address)["Cache-Control"] == "private, no-store"


def test_refusal_is_not_stored(signed_in):
    response = signed_in(make_user()).get("/admin/")
    assert response.status_code == 403
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("address", [*PUBLIC, *FORMS, "/nothing/", "/files/", "/admin/", "/health/live/",
                                     "/health/ready/"])  # fmt: skip
def test_every_answer_forbids_guessing_framing_and_telling_where_one_came_from(client, address):
    response = client.get(address)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("address", [*PUBLIC, "/nothing/", "/files/", "/health/live/", "/health/ready/"])
def test_visitor_of_public_pages_gets_no_cookie(client, address):
    response = client.get(address)
    assert not response.cookies
    assert not client.cookies


@pytest.mark.parametrize("kind", ["visitor", "member"])
@pytest.mark.parametrize("address", [*[page for page in PUBLIC if not page.endswith(("feed/", ".xml"))], *FORMS,
                                     "/nothing/", "/files/", "/members/", "/files/guidance/"])  # fmt: skip
def test_page_has_nothing_inline_and_nothing_from_elsewhere(kind, address):
    response = client_of(kind).get(address, follow=True)
    soup = BeautifulSoup(response.content, "html.parser")
    for named in soup.select(
        "script[type='application/ld+json'], script[type='application/json'], link[rel=canonical]"
    ):
        named.extract()  # data, which nothing runs, and a name, which nothing fetches
    assert not [tag for tag in soup.select("script") if not tag.get("src") or tag.get_text(strip=True)]
    assert not soup.select("style, [style]")
    assert not [name for tag in soup.select("*") for name in tag.attrs if name.startswith("on")]
    loaded = [tag.get("src") or tag.get("href") for tag in soup.select("script, img, source, iframe, link")]
    assert not [place for place in loaded if place and re.match(r"(?i)(https?:)?//|data:|javascript:", place)]


def test_every_style_sheet_picture_and_script_of_a_page_is_there(client):
    """Under the manifest of production an unknown name stops the page; here it would be a hole."""
    soup = BeautifulSoup(client.get("/news/a-post/").content, "html.parser")
    places = {tag.get("src") or tag.get("href") for tag in soup.select("script, img, link")}
    for place in sorted(places - {None}):
        if place.startswith("/static/"):
            response = client.get(place)
            assert response.status_code == 200, place
            response.close()
