"""Pictures in the administration: their forms and lists name no folder that is closed to the person."""

from __future__ import annotations

import io
import json
from html import unescape

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_tasks_db.models import DBTaskResult
from PIL import Image as Drawing
from wagtail.models import Collection, GroupCollectionPermission

from portal.models import Picture
from portal.models.pictures import PictureRendition
from portal.ops.doctor import work
from portal.tasks import draw_pictures
from tests.factories import make_administrator, make_folder, make_member, make_post
from tests.portal.test_storages import make_picture

pytestmark = pytest.mark.django_db
CLOSED, OPEN = "Heliotrope committee", "Guidance"


@pytest.fixture
def closed() -> Collection:
    make_folder(OPEN)
    return make_folder(CLOSED, groups=("Committee",))


def picture_editor(*groups: str) -> Client:
    """Works with pictures everywhere, as Wagtail's own group of editors does."""
    user, own = make_member(), Group.objects.create(name="Picture editors")
    own.permissions.add(Permission.objects.get(codename="access_admin"))
    for action in ("add", "change", "choose"):
        permission = Permission.objects.get(codename=f"{action}_image", content_type__app_label="wagtailimages")
        GroupCollectionPermission.objects.create(
            group=own, collection=Collection.get_first_root_node(), permission=permission
        )
    user.groups.add(own, *(Group.objects.get(name=name) for name in groups))
    client = Client()
    client.force_login(user)
    return client


ADDRESSES = ("/admin/images/", "/admin/images/add/", "/admin/images/multiple/add/", "/admin/images/chooser/")


def upload() -> SimpleUploadedFile:
    file = io.BytesIO()
    Drawing.new("RGB", (40, 30), "green").save(file, "PNG")
    return SimpleUploadedFile("a.png", file.getvalue(), "image/png")


def administrator() -> Client:
    client = Client()
    client.force_login(make_administrator())
    return client


def test_folder_is_named_to_those_who_may_enter_it(closed):
    for client in (picture_editor("Committee"), administrator()):
        assert CLOSED in client.get("/admin/images/").content.decode()


def test_folder_is_not_named_to_others(closed):
    client = picture_editor()
    for address in ADDRESSES:
        page = client.get(address).content.decode()
        assert CLOSED not in page, address
        assert OPEN in page, address


def test_closed_folder_is_no_choice_for_a_picture_whoever_brings_it(closed):
    for client in (picture_editor("Committee"), administrator()):
        page = client.get("/admin/images/add/").content.decode()
        assert (OPEN in page, CLOSED in page) == (True, False)
        assert "Whoever has a picture's address sees the picture" in unescape(page)
        answer = client.post(
            "/admin/images/add/", {"title": "A picture", "file": upload(), "collection": closed.pk, "tags": ""}
        )
        assert "Select a valid choice" in answer.content.decode()
        picture = make_picture("A green field")
        moved = client.post(f"/admin/bulk/portal/picture/add_to_collection/?id={picture.pk}", {"collection": closed.pk})
        assert "Select a valid choice" in moved.content.decode()
        assert set(Picture.objects.values_list("collection", flat=True)) == {Collection.get_first_root_node().pk}


def test_folder_with_pictures_below_it_is_not_closed(closed):
    """Neither by its audience nor by moving it below a closed one."""
    above, committee = make_folder("Events"), Group.objects.get(name="Committee")
    inside = above.add_child(name="Photographs")
    Picture.objects.filter(pk=make_picture("A green field").pk).update(collection=inside)
    client, why = administrator(), "1 picture lies in this folder or in one below."
    audience = {"restriction_type": "groups", "groups": [committee.pk]}
    refused = client.post(f"/admin/collections/{above.pk}/privacy/", audience)
    assert why in json.loads(refused.content)["html"]
    refused = client.post(f"/admin/collections/{above.pk}/", {"name": "Events", "parent": closed.pk})
    assert why in refused.content.decode()
    assert Collection.objects.get(pk=above.pk).get_parent().is_root()
    Picture.objects.update(collection=Collection.get_first_root_node())
    assert json.loads(client.post(f"/admin/collections/{above.pk}/privacy/", audience).content) == {
        "step": "set_privacy_done", "is_public": False,
    }  # fmt: skip


def test_doctor_names_pictures_that_lie_in_closed_folders(closed):
    Picture.objects.filter(pk=make_picture("Heliotrope").pk).update(collection=closed)
    assert [str(finding.about) for finding in work.files()] == ["pictures"]


def test_picture_in_a_closed_folder_does_not_exist_for_others(closed):
    hidden = make_picture("Heliotrope")
    Picture.objects.filter(pk=hidden.pk).update(collection=closed)
    shown = make_picture("A green field")
    client = picture_editor()
    page = client.get("/admin/images/").content.decode()
    assert "A green field" in page
    assert "Heliotrope" not in page
    assert client.get(f"/admin/images/{shown.pk}/").status_code == 200
    answer = client.get(f"/admin/images/{hidden.pk}/")
    assert answer.status_code in (302, 403, 404)
    assert "Heliotrope" not in answer.content.decode()


# --- Bombs ------------------------------------------------------------------------------------------------------
def png_of(side: int) -> bytes:
    """A few kilobytes that unpack to a picture of this many pixels a side."""
    written = io.BytesIO()
    Drawing.new("1", (side, side)).save(written, "PNG")
    return written.getvalue()


@pytest.mark.parametrize("content", [lambda: png_of(9_000), lambda: png_of(14_000)], ids=["large", "enormous"])
@pytest.mark.parametrize(
    ("address", "field", "more"),
    [
        ("/admin/images/add/", "file", {"title": "Kept title"}),
        ("/admin/images/multiple/add/", "files[]", {"title": "Kept title"}),
        ("/admin/images/chooser/create/", "image-chooser-upload-file", {"image-chooser-upload-title": "Kept title"}),
    ],
)
def test_picture_that_is_a_bomb_is_refused_with_a_sentence(content, address, field, more, signed_in):
    file = SimpleUploadedFile("a.png", content(), content_type="image/png")
    root = Collection.get_first_root_node().pk
    prefix = "image-chooser-upload-" if "chooser" in address else ""
    response = signed_in(make_administrator()).post(address, {field: file, f"{prefix}collection": root, **more})
    assert response.status_code == 200
    said = response.content.decode()
    assert "too many pixels" in said
    assert "multiple" in address or "Kept title" in said
    assert not Picture.objects.exists()


def test_pictures_of_a_new_post_are_made_before_its_first_reader_comes():
    cover, within = make_picture("A cover"), make_picture("In the text")
    post = make_post(cover=cover, body=[("picture", {"picture": within, "alt": "A field", "caption": ""})], live=False)
    post.save_revision().publish()
    (waiting,) = DBTaskResult.objects.ready().filter(task_path=draw_pictures.module_path)
    assert not PictureRendition.objects.exists()
    draw_pictures.call(*waiting.args_kwargs["args"])
    made = set(PictureRendition.objects.values_list("image", "filter_spec"))
    assert {image for image, _ in made} == {cover.pk, within.pk}
    for address in ("/", "/news/", post.url):
        assert Client().get(address).status_code == 200
    assert set(PictureRendition.objects.values_list("image", "filter_spec")) == made


def test_pictures_of_a_post_that_is_gone_again_are_not_made():
    post = make_post(cover=make_picture("A cover"), live=False)
    draw_pictures.call(post.pk)
    draw_pictures.call(post.pk + 1)
    assert not PictureRendition.objects.exists()
