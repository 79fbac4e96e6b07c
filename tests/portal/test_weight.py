"""What a visit costs: one style sheet, text compressed where that is safe."""

from __future__ import annotations

import gzip
import re

import brotli
import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.core.management import call_command

from portal import stylesheets
from tests.factories import make_member, make_post
from tests.portal.test_storages import make_picture

SOURCES = settings.BASE_DIR / "static" / "css"
ACCEPT = {"headers": {"accept-encoding": "gzip, br"}}


def body_of(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.mark.django_db
def test_style_sheet_has_every_part_and_the_layers_first(client):
    response = client.get("/static/css/site.css")
    sheet = body_of(response).decode()
    response.close()
    parts = [*SOURCES.glob("*.css"), *(SOURCES / "components").glob("*.css")]
    assert len(parts) > 40
    assert [part.name for part in parts if part.read_text() not in sheet] == []
    assert re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL).lstrip().startswith("@layer reset, tokens, base,")


def test_style_sheet_follows_its_parts(monkeypatch, tmp_path):
    (tmp_path / "components").mkdir()
    for number, name in enumerate((*stylesheets.FIRST, "components/b.css", "components/a.css")):
        (tmp_path / name).write_text(f"/* {number} */")
    monkeypatch.setattr(stylesheets, "SOURCES", tmp_path)
    monkeypatch.setattr(stylesheets, "MADE", tmp_path / "made")
    stylesheets.write()
    made = tmp_path / "made" / stylesheets.NAME
    assert made.read_text() == "/* 0 */\n/* 1 */\n/* 2 */\n/* 4 */\n/* 3 */"
    (tmp_path / "components" / "c.css").write_text("/* 5 */")
    stylesheets.write()
    assert made.read_text().endswith("/* 3 */\n/* 5 */")
    assert [file.name for file in made.parent.iterdir()] == ["site.css"]


def test_collected_files_are_compressed_under_names_of_their_own_and_find_each_other(settings, tmp_path):
    settings.STATIC_ROOT = str(tmp_path)
    kind = "portal.static_files.HashedStaticFiles"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": kind}}
    call_command("collectstatic", verbosity=0, interactive=False)
    (sheet,) = (tmp_path / "css").glob("site.*.css")
    fonts = re.findall(r'url\("\.\./(fonts/[^"]+\.[0-9a-f]{12}\.woff2)"\)', sheet.read_text())
    assert len(fonts) == 2
    assert all((tmp_path / font).exists() for font in fonts)
    packed = {kind: sheet.with_name(f"{sheet.name}.{kind}") for kind in ("gz", "br")}
    assert packed["br"].stat().st_size < packed["gz"].stat().st_size < 14_000
    assert brotli.decompress(packed["br"].read_bytes()) == sheet.read_bytes()
    # Modules find each other under such names too.
    (reader,) = (tmp_path / "js/reader").glob("reader.*.js")
    modules = re.findall(r'from "\./(\w+\.[0-9a-f]{12}\.js)"', reader.read_text())
    assert len(modules) == 3
    assert all((tmp_path / "js/reader" / module).exists() for module in modules)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/", "/news/", "/news/a-post/", "/news/feed/", "/sitemap.xml", "/static/css/site.css"]
)
def test_public_text_is_compressed_for_visitors(client, address):
    make_post(slug="a-post")
    plain, zipped, small = (
        client.get(address, headers={"accept-encoding": accepted}) for accepted in ("", "gzip", "gzip, br")
    )
    # Here the style sheet is packed as it goes, in pieces; where files are collected it lies there packed.
    name, unpack = ("gzip", gzip.decompress) if address.endswith(".css") else ("br", brotli.decompress)
    assert [each.get("Content-Encoding") for each in (plain, zipped, small)] == [None, "gzip", name]
    assert "Accept-Encoding" in small["Vary"]
    before, after = body_of(plain), body_of(small)
    assert gzip.decompress(body_of(zipped)) == unpack(after) == before
    assert len(after) < len(before)


@pytest.mark.django_db
def test_what_belongs_to_a_person_is_not_compressed(client, signed_in):
    """Nor is a form that holds a token, nor whatever is small already."""
    make_post(slug="a-post")
    member = signed_in(make_member())
    for address in ("/", "/news/a-post/", "/files/", "/members/", "/account/2fa/", "/news/feed/"):
        assert "Content-Encoding" not in member.get(address, **ACCEPT), address
    for address in ("/account/login/", "/account/password/reset/", "/favicon.ico", "/static/icons/icon-512.png"):
        response = client.get(address, **ACCEPT)
        assert response.status_code == 200
        assert "Content-Encoding" not in response, address
        response.close() if response.streaming else None


@pytest.mark.django_db
def test_pictures_come_in_the_reader_s_size_and_format_and_only_the_cover_at_once(client):
    picture = make_picture(size=(1600, 900))
    item = {"picture": picture, "alt": "", "caption": ""}
    make_post(slug="a-post", cover=picture, body=[("picture", item), ("gallery", {"pictures": [item, item]})])

    def shown(address: str) -> list[tuple]:
        main = BeautifulSoup(client.get(address).content, "html.parser").main
        return [
            (
                [(source["type"], re.findall(r" (\d+)w", source["srcset"])) for source in each.select("source")],
                re.findall(r" (\d+)w", each.img["srcset"]),
                (each.img["width"], each.img["height"]),
                (each.img.get("loading"), each.img.get("fetchpriority")),
                all(part["sizes"] for part in each.select("source, img")),
            )
            for each in main.select("picture")
        ]

    def expected(widths: list[str], size: tuple[str, str], urgency: tuple) -> tuple:
        return [("image/avif", widths), ("image/webp", widths)], widths, size, urgency, True

    wide = ["480", "768", "1200"]
    assert shown("/") == [expected(wide, ("480", "270"), (None, "high"))]
    assert shown("/news/") == [expected(["144", "288"], ("144", "81"), ("lazy", None))]
    assert shown("/news/a-post/") == [
        expected(wide, ("480", "270"), (None, "high")),
        expected(wide, ("480", "270"), ("lazy", None)),
        *[expected(["360", "576"], ("360", "202"), ("lazy", None))] * 2,
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/news/a-post/", "/account/login/", "/nothing/"])
def test_page_has_one_style_sheet_and_no_script_that_it_waits_for(client, address):
    make_post(slug="a-post")
    soup = BeautifulSoup(client.get(address).content, "html.parser")
    assert [each["href"] for each in soup.select("link[rel=stylesheet]")] == ["/static/css/site.css"]
    assert [each for each in soup.select("script[src]") if not each.has_attr("defer")] == []
