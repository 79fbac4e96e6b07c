"""What machines are told: robots, security.txt, cards for other sites, structured data."""

from __future__ import annotations

import datetime
import io
import json
import re

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.conf import settings
from django.test import Client
from django.utils import timezone
from PIL import Image

from portal import cards
from portal.models import Author, HomePage, NewsPage, StandardPage, Topic
from tests.factories import make_member, make_post
from tests.portal.reading import MARKER, make_note, set_site, soup_of

pytestmark = pytest.mark.django_db
BASE = "https://members.example.org"
TOKENS = settings.BASE_DIR / "static" / "css" / "tokens.css"
NOON = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _base_url(settings):
    settings.BASE_URL = BASE


def meta_of(address: str) -> dict[str, str]:
    soup = soup_of(Client(), address)
    return {each["property"]: each["content"] for each in soup.select("meta[property]")} | {
        "canonical": soup.select_one("link[rel=canonical]")["href"]
    }


def linked_data_of(address: str) -> list[dict]:
    return [json.loads(each.string) for each in soup_of(Client(), address).select("script[type='application/ld+json']")]


# --- robots.txt and security.txt -------------------------------------------------------------------------------
def test_favicon_is_where_browsers_look_for_it_and_is_kept_for_a_day(client):
    response = client.get("/favicon.ico")
    assert response.status_code == 200
    assert response["Content-Type"] == "image/png"
    assert response.content.startswith(b"\x89PNG")
    assert set(response["Cache-Control"].split(", ")) == {"max-age=86400", "public"}


def test_robots_are_kept_to_the_public_pages_and_told_of_the_sitemap(client):
    response = client.get("/robots.txt")
    assert (response.status_code, response["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert response.content.decode() == (
        "User-agent: *\nDisallow: /account/\nDisallow: /admin/\nDisallow: /files/\nDisallow: /members/\n"
        "Disallow: /search/\n\n"
        f"Sitemap: {BASE}/sitemap.xml\n"
    )


def test_manifest_names_the_association_and_its_icons_are_as_large_as_it_says(client):
    set_site(organisation_name="Safe Places", strapline="For all.")
    response = client.get("/site.webmanifest")
    assert (response.status_code, response["Content-Type"]) == (200, "application/manifest+json")
    assert set(response["Cache-Control"].split(", ")) == {"max-age=86400", "public"}
    said = response.json()
    icons = said.pop("icons")
    assert said == {
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "name": "Safe Places",
        "description": "For all.",
        "lang": "en-GB",
        "display": "minimal-ui",
        "background_color": "#fffdf9",
        "theme_color": "#fffdf9",
    }
    assert [(icon["sizes"], icon["purpose"]) for icon in icons] == [
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    ]
    for icon in icons:
        with Image.open(settings.BASE_DIR / icon["src"].lstrip("/")) as drawn:
            assert (drawn.format, "{}x{}".format(*drawn.size)) == ("PNG", icon["sizes"])


@pytest.mark.parametrize("address", ["/", "/news/", "/account/login/", "/nothing/"])
def test_page_names_manifest_icons_and_the_colours_of_both_schemes(client, address):
    soup = BeautifulSoup(client.get(address).content, "html.parser")
    assert soup.select_one("link[rel=manifest]")["href"] == "/site.webmanifest"
    assert soup.select_one("link[rel=apple-touch-icon]")["href"] == "/static/icons/apple-touch-icon-180.png"
    colours = {each["media"]: each["content"] for each in soup.select("meta[name=theme-color]")}
    (paper,) = re.findall(r"--paper: light-dark\((#\w+), (#\w+)\)", TOKENS.read_text())
    assert colours == {"(prefers-color-scheme: light)": paper[0], "(prefers-color-scheme: dark)": paper[1]}


def test_security_txt_names_the_contact_and_ends_within_a_year(client):
    set_site(organisation_name="Safe Places", contact_email="office@example.org")
    with time_machine.travel(NOON):
        response = client.get("/.well-known/security.txt")
    assert (response.status_code, response["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert response.content.decode() == (
        "Contact: mailto:office@example.org\nExpires: 2027-05-21T00:00:00Z\nPreferred-Languages: en\n"
        f"Canonical: {BASE}/.well-known/security.txt\n"
    )


def test_security_txt_without_a_contact_does_not_exist(client):
    set_site(organisation_name="Safe Places")
    assert client.get("/.well-known/security.txt").status_code == 404


# --- What a page says of itself --------------------------------------------------------------------------------
def test_post_names_its_one_address_and_its_card(client):
    set_site(organisation_name="Safe Places")
    topic = Topic.objects.create(name="Guidance", slug="guidance")
    post = make_post("A “new” post & more", slug="new", standfirst="What it is about.", topics=[topic])
    meta = meta_of("/news/new/?utm_source=elsewhere")
    digest = cards.digest(organisation="Safe Places", topic="Guidance", title="A “new” post & more")
    assert meta == {
        "canonical": f"{BASE}/news/new/",
        "og:site_name": "Safe Places",
        "og:type": "article",
        "og:url": f"{BASE}/news/new/",
        "og:title": "A “new” post & more",
        "og:description": "What it is about.",
        "og:locale": "en_GB",
        "og:image": f"{BASE}/news/cards/{post.pk}/{digest}.png",
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": "A “new” post & more",
    }


def test_lists_and_pages_name_their_one_address():
    set_site(organisation_name="Safe Places", strapline="For all.")
    HomePage.objects.get().add_child(instance=StandardPage(title="About", slug="about"))
    topic = Topic.objects.create(name="Guidance", slug="guidance", description="All of it.")
    for _ in range(11):
        make_post(topics=[topic])
    found = {
        address: (meta_of(address)["canonical"], meta_of(address)["og:title"])
        for address in (
            "/",
            "/?x=1",
            "/about/",
            "/news/",
            "/news/?before=99999999999999999-1",
            "/news/?x=1",
            "/news/topics/guidance/",
        )
    }
    assert found == {
        "/": (f"{BASE}/", "Safe Places"),
        "/?x=1": (f"{BASE}/", "Safe Places"),
        "/about/": (f"{BASE}/about/", "About"),
        "/news/": (f"{BASE}/news/", "News"),
        "/news/?before=99999999999999999-1": (f"{BASE}/news/", "News"),
        "/news/?x=1": (f"{BASE}/news/", "News"),
        "/news/topics/guidance/": (f"{BASE}/news/topics/guidance/", "Guidance"),
    }


def test_structured_data_of_a_post():
    set_site(organisation_name="Safe Places")
    author = Author.objects.create(name="Helen Marsh", slug="helen")
    make_post("New", slug="new", standfirst="About.", authors=[author], published_at=NOON)
    NewsPage.objects.update(last_published_at=NOON + datetime.timedelta(days=1))
    article, path = linked_data_of("/news/new/")
    organisation = {
        "@type": "Organization",
        "name": "Safe Places",
        "url": f"{BASE}/",
        "logo": {"@type": "ImageObject", "url": f"{BASE}/static/icons/apple-touch-icon-180.png"},
    }
    assert re.fullmatch(rf"{BASE}/news/cards/\d+/[0-9a-f]{{16}}\.png", article.pop("image")[0])
    assert article == {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": f"{BASE}/news/new/",
        "headline": "New",
        "description": "About.",
        "datePublished": "2026-11-22T12:00:00+00:00",
        "dateModified": "2026-11-23T12:00:00+00:00",
        "author": [{"@type": "Person", "name": "Helen Marsh"}],
        "publisher": organisation,
        "isAccessibleForFree": True,
    }
    assert path == {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": 1, "name": "Safe Places", "item": f"{BASE}/"},
            {"@type": "ListItem", "position": 2, "name": "News", "item": f"{BASE}/news/"},
            {"@type": "ListItem", "position": 3, "name": "New", "item": f"{BASE}/news/new/"},
        ],
    }


def test_structured_data_and_card_say_nothing_of_papers_and_the_members_part():
    body = [
        ("documents", {"heading": "Papers", "documents": [make_note(f"{MARKER} above")]}),
        ("members_only", None),
        ("text", f"<p>{MARKER}</p>"),
        ("documents", {"heading": "Papers", "documents": [make_note(f"{MARKER} below")]}),
    ]
    make_post("New", slug="new", body=body)
    data = linked_data_of("/news/new/")
    assert data[0]["isAccessibleForFree"] is False
    assert MARKER not in json.dumps(data)
    assert MARKER not in json.dumps(meta_of("/news/new/"))


def test_title_cannot_leave_its_script(client):
    title = "</script><script>alert(1)</script> & <b>"
    make_post(title, slug="bad", standfirst=title)
    page = client.get("/news/bad/").content.decode()
    assert "<script>alert" not in page
    assert linked_data_of("/news/bad/")[0]["headline"] == title


# --- The card ---------------------------------------------------------------------------------------------------
def test_card_is_a_picture_of_the_right_size_that_may_be_kept(client):
    make_post("New", slug="new")
    address = meta_of("/news/new/")["og:image"].removeprefix(BASE)
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    picture = Image.open(io.BytesIO(response.content))
    assert (picture.format, picture.size) == ("PNG", (1200, 630))
    assert len(response.content) < 60_000


def test_card_changes_its_address_with_the_title_and_the_former_one_is_gone(client):
    post = make_post("New", slug="new")
    before = meta_of("/news/new/")["og:image"].removeprefix(BASE)
    post.title = "Newer"
    post.save()
    after = meta_of("/news/new/")["og:image"].removeprefix(BASE)
    assert [client.get(address).status_code for address in (before, after)] == [404, 200]


def test_card_of_a_post_that_is_not_public_does_not_exist(signed_in):
    draft = make_post("Draft", live=False)
    tomorrow = make_post("Tomorrow", published_at=timezone.now() + datetime.timedelta(days=1))
    client = signed_in(make_member())
    for post in (draft, tomorrow):
        digest = cards.digest(organisation="Gatehouse", topic="", title=post.title)
        assert client.get(f"/news/cards/{post.pk}/{digest}.png").status_code == 404
    assert client.get(f"/news/cards/{10**17}/{'0' * 16}.png").status_code == 404


@pytest.mark.parametrize("title", ["", " ", "W" * 255, "Lang " * 60, "短い題", "\u202eabc", "a\nb", "🙂" * 40])
def test_any_title_can_be_drawn(title):
    drawn = cards.draw(organisation="Safe Places " * 20, topic="Guidance " * 20, title=title)
    assert Image.open(io.BytesIO(drawn)).size == (1200, 630)


def test_card_is_drawn_once_and_not_sent_again_to_whoever_has_it(client, monkeypatch):
    make_post("New", slug="new")
    address = meta_of("/news/new/")["og:image"].removeprefix(BASE)
    drawn = []
    draw = cards.draw
    monkeypatch.setattr(cards, "draw", lambda **shown: drawn.append(shown) or draw(**shown))
    first, second = client.get(address), client.get(address)
    assert (len(drawn), first.content == second.content, first.content[:4]) == (1, True, b"\x89PNG")
    assert first["ETag"] == f'"{address[-20:-4]}"'
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert again["Cache-Control"] == "public, max-age=31536000, immutable"
    NewsPage.objects.update(live=False)
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 404
