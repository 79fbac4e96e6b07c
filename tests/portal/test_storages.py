"""Pictures of public pages go to the public store, and whatever else comes to the private one."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.images import ImageFile
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from wagtail.users.models import UserProfile

from portal.models import NewsIndexPage, Picture
from tests.factories import make_administrator, make_folder, make_paper, make_post, make_user, minimal_pdf
from tests.portal.reading import soup_of

pytestmark = pytest.mark.django_db


def drawing(size: tuple[int, int] = (1600, 900)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (20, 90, 60)).save(out, "PNG")
    return out.getvalue()


def make_picture(title: str = "A green field", size: tuple[int, int] = (1600, 900)) -> Picture:
    picture = Picture(title=title, file=ImageFile(io.BytesIO(drawing(size)), name="green.png"))
    picture.save()
    return picture


def files_below(root: object) -> set[Path]:
    return {path for path in Path(str(root)).rglob("*") if path.is_file()}


@pytest.fixture
def new_files():
    """What has come into a store since the test began."""
    roots = {"public": settings.PUBLIC_ROOT, "private": settings.PRIVATE_ROOT}
    before = {name: files_below(root) for name, root in roots.items()}
    return lambda name: files_below(roots[name]) - before[name]


def test_picture_and_its_renditions_lie_in_the_public_store_and_are_handed_out(client, new_files):
    picture = make_picture()
    post = make_post(cover=picture, body=[("picture", {"picture": picture, "alt": "Green", "caption": "A field"})])
    soup = soup_of(client, post.url)
    assert soup.select_one("figure.picture img")["alt"] == "Green"
    assert soup.figcaption.get_text() == "A field"
    assert soup_of(client, "/").select_one(".lead-picture img")["alt"] == ""
    places = {part.split()[0] for tag in soup.select("img, source") for name in ("src", "srcset")
              for part in (tag.get(name) or "").split(",") if part.strip()}  # fmt: skip
    assert len(places) >= 7
    for place in places:
        assert place.startswith("/media/images/")
        response = client.get(place)
        assert response.status_code == 200, place
        kind = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}[place.rpartition(".")[2]]
        assert response["Content-Type"] == kind
        assert len(response.getvalue()) > 100
    assert len(new_files("public")) >= 8
    assert new_files("private") == set()


@pytest.mark.parametrize("kinds", [("image/avif", "image/webp", "image/jpeg")])
def test_picture_comes_in_three_formats(client, kinds):
    post = make_post(body=[("picture", {"picture": make_picture(), "alt": "", "caption": ""})])
    picture = soup_of(client, post.url).select_one("figure picture")
    assert [source["type"] for source in picture.select("source")] == list(kinds[:2])
    assert picture.img["src"].endswith((".jpg", ".jpeg"))


def test_gallery_shows_each_picture(client):
    items = [{"picture": make_picture(), "alt": f"Field {number}", "caption": ""} for number in range(3)]
    soup = soup_of(client, make_post(body=[("gallery", {"pictures": items})]).url)
    assert [image["alt"] for image in soup.select(".gallery img")] == ["Field 0", "Field 1", "Field 2"]


def test_paper_lies_in_the_private_store_under_a_name_that_tells_nothing(new_files):
    make_paper("Budget", collection=make_folder("Guidance"), file_name="budget-2026.pdf")
    (file,) = new_files("private")
    assert new_files("public") == set()
    assert "budget" not in str(file).lower()
    assert not file.suffix


def test_default_store_is_the_private_one_and_gives_no_addresses():
    assert storages["default"].__class__.__name__ == "PrivateFolderStorage"
    with pytest.raises(NotImplementedError):
        default_storage.url("anything")


MEDIA_ADDRESSES = [
    "/media/../private/x",
    "/media/%2e%2e/db.sqlite3",
    "/media/../secret_key",
    "/media/",
    "/media/images/",
    "/media/no.png",
    "/private/",
    "/media/%00",
]


@pytest.mark.parametrize("address", MEDIA_ADDRESSES)
def test_nothing_but_public_files_comes_out_of_the_media_address(client, address):
    make_picture()
    assert client.get(address).status_code in (400, 404)


def test_paper_is_not_handed_out_by_the_name_of_its_object(client):
    paper = make_paper()
    for prefix in ("/media/", "/media/../private/", "/private/", "/static/"):
        assert client.get(f"{prefix}{paper.file.name}", follow=True).status_code in (400, 404)


def test_waiting_upload_lies_in_the_private_store(signed_in, new_files):
    client = signed_in(make_administrator())
    file = SimpleUploadedFile("plan.pdf", minimal_pdf())
    response = client.post("/admin/documents/multiple/add/", {"files[]": file, "collection": "1"},
                           headers={"X-Requested-With": "XMLHttpRequest"})  # fmt: skip
    assert response.json()["success"] is True
    assert len(new_files("private")) == 1
    assert new_files("public") == set()


@pytest.mark.parametrize("address", ["/admin/", "/admin/account/", "/admin/users/", "/admin/pages/{news}/", "/"])
def test_uploaded_portrait_breaks_no_page(signed_in, new_files, address):
    administrator = make_administrator()
    client = signed_in(administrator)
    profile = UserProfile.get_for_user(administrator)
    profile.avatar.save("me.png", SimpleUploadedFile("me.png", drawing((64, 64))))
    assert len(new_files("private")) == 1
    assert new_files("public") == set()
    response = client.get(address.format(news=NewsIndexPage.objects.get().pk), follow=True)
    assert response.status_code == 200
    assert "me.png" not in response.content.decode()


def test_portrait_comes_in_through_the_account_page(signed_in, new_files):
    client = signed_in(make_user(groups=("Editors",)))
    portrait = SimpleUploadedFile("me.png", drawing((64, 64)), content_type="image/png")
    fields = {"name_email-first_name": "Eve", "name_email-last_name": "Editor", "avatar-avatar": portrait,
              "locale-preferred_language": "", "locale-current_time_zone": "Europe/London",
              "theme-theme": "system", "theme-density": "default", "theme-contrast": "system",
              "theme-keyboard_shortcuts": "on"}  # fmt: skip
    response = client.post("/admin/account/", fields)
    assert response.status_code in (200, 302)
    assert client.get("/admin/account/").status_code == 200
    assert new_files("public") == set()
