"""A folder that moved is found at its former address, by those who may enter it and by nobody else."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from wagtail.models import Collection

from fileshare import folders
from fileshare.models import Folder, FormerAddress, SharedDocument
from fileshare.models.folder import LONGEST_ADDRESS
from fileshare.services import addresses
from fileshare.wagtail_folders import MoveFolderView
from members.models import AccessRecord
from tests.factories import make_administrator, make_folder, make_member, make_paper

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(signed_in):
    return signed_in(make_administrator())


@pytest.fixture
def member(signed_in):
    return signed_in(make_member())


def move(client, folder, to):
    response = client.post(f"/admin/collections/{folder.pk}/", {"name": folder.name, "parent": to.pk})
    assert response.status_code == 302


def leads_to(client, address):
    response = client.get(address)
    return response.status_code, response.get("Location")


def test_moved_folder_and_those_inside_are_found_at_their_former_addresses(administrator, member):
    here, there = make_folder("Here"), make_folder("There")
    folder = make_folder("Papers", parent=here)
    below = make_folder("Below", parent=folder)
    make_paper("Found again", collection=below, content=b"text", file_name="a.txt")
    move(administrator, folder, there)
    assert leads_to(member, "/files/here/papers/") == (302, "/files/there/papers/")
    assert leads_to(member, "/files/here/papers/below/?sort=title") == (302, "/files/there/papers/below/?sort=title")
    assert "Found again" in member.get("/files/here/papers/below/", follow=True).content.decode()
    move(administrator, folder, here)
    assert member.get("/files/here/papers/").status_code == 200
    assert leads_to(member, "/files/there/papers/") == (302, "/files/here/papers/")


def test_folder_with_a_new_word_in_its_address_is_found_by_the_old_one(administrator, member):
    folder = make_folder("Guidance")
    make_folder("Inner", parent=folder)
    response = administrator.post(
        f"/admin/snippets/fileshare/folder/edit/{folder.pk}/", {"slug": "advice", "description": "", "order": 100}
    )
    assert response.status_code == 302
    assert leads_to(member, "/files/guidance/") == (302, "/files/advice/")
    assert leads_to(member, "/files/guidance/inner/") == (302, "/files/advice/inner/")


def test_former_address_of_a_closed_folder_does_not_exist(administrator, member, signed_in):
    closed = make_folder("Closed", groups=("Committee",))
    move(administrator, closed, make_folder("Elsewhere"))
    answers = {}
    for address in ("/files/closed/", "/files/no-such-folder/"):
        response = member.get(address)
        main = BeautifulSoup(response.content, "html.parser").main.get_text(" ", strip=True)
        answers[address] = response.status_code, main
        assert "elsewhere/closed" not in response.content.decode()
        assert Client().get(address)["Location"] == f"/account/login/?next={address}"
    assert answers["/files/closed/"] == answers["/files/no-such-folder/"]
    assert AccessRecord.objects.filter(action="refused", object_kind="address", object_id="closed").count() == 1
    inside = signed_in(make_member(groups=("Committee",)))
    assert leads_to(inside, "/files/closed/") == (302, "/files/elsewhere/closed/")
    lapsed = signed_in(make_member(standing="lapsed", groups=("Committee",)))
    assert leads_to(lapsed, "/files/closed/") == (404, None)


def test_address_that_another_folder_has_now_is_that_one_s(administrator, member):
    first = make_folder("Guidance")
    move(administrator, first, make_folder("Elsewhere"))
    second = make_folder("Guidance")
    assert member.get("/files/guidance/").status_code == 200
    move(administrator, second, Collection.objects.get(name="Elsewhere"))
    assert leads_to(member, "/files/guidance/") == (302, f"/files/elsewhere/guidance-{second.pk}/")
    assert FormerAddress.objects.filter(path="guidance").count() == 1


def test_two_of_one_name_give_each_other_their_addresses(administrator, member):
    """The order decides which of the two has the plain address."""
    first, second = make_folder("Guidance"), make_folder("Guidance")
    administrator.post(
        f"/admin/snippets/fileshare/folder/edit/{second.pk}/", {"slug": "guidance", "description": "", "order": 1}
    )
    paths = folders.all_addresses()
    assert paths == {second.pk: "guidance", first.pk: f"guidance-{first.pk}"}
    assert leads_to(member, f"/files/guidance-{second.pk}/") == (302, "/files/guidance/")


@pytest.mark.parametrize("order", ["pk", "-pk"])
def test_the_older_of_two_of_one_name_keeps_its_address_however_the_rows_come(order, monkeypatch):
    """PostgreSQL hands rows out in any order, and in another one after a change."""
    first, second = make_folder("Guidance"), make_folder("Guidance")
    monkeypatch.setattr(folders.Folder, "objects", Folder.objects.order_by(order))
    monkeypatch.setattr(folders.Folder.objects, "all", lambda: Folder.objects)
    assert folders.all_addresses() == {first.pk: "guidance", second.pk: f"guidance-{second.pk}"}


def test_change_that_fails_leaves_no_address_behind():
    folder = make_folder("Guidance")

    def fail():
        with addresses.remembered():
            Folder.objects.filter(pk=folder.pk).update(slug="advice")
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fail()
    assert (Folder.objects.get().slug, FormerAddress.objects.count()) == ("guidance", 0)


def test_folder_that_is_deleted_takes_its_former_addresses_along(administrator, member):
    folder = make_folder("Guidance")
    move(administrator, folder, make_folder("Elsewhere"))
    Collection.objects.get(pk=folder.pk).delete()
    assert FormerAddress.objects.count() == 0
    assert leads_to(member, "/files/guidance/") == (404, None)


def test_folder_cannot_be_moved_into_itself(administrator):
    folder = make_folder("Guidance")
    below = make_folder("Below", parent=folder)
    for above in (below, folder):
        response = administrator.post(f"/admin/collections/{folder.pk}/", {"name": "Guidance", "parent": above.pk})
        assert response.status_code == 200
        assert "A folder cannot lie in itself or in a folder below it." in response.content.decode()
    assert folders.all_addresses() == {folder.pk: "guidance", below.pk: "guidance/below"}


def test_address_that_is_too_long_or_strange_was_nobody_s(member):
    for path in ("a/" * 600, "\0", "x" * (LONGEST_ADDRESS + 1), ""):
        assert addresses.collection_at(path) is None


def while_the_form_is_read(monkeypatch, act):
    """Somebody else comes first: what they do happens after our form is found good, and before it is saved."""
    read = MoveFolderView.is_valid

    def and_then(view, form):
        valid = read(view, form)
        act()
        return valid

    monkeypatch.setattr(MoveFolderView, "is_valid", and_then)


def again(folder):
    return Collection.objects.get(pk=folder.pk)


def test_two_folders_that_are_moved_into_each_other_at_once_are_both_kept(administrator, monkeypatch):
    one, two = make_folder("One"), make_folder("Two")
    while_the_form_is_read(monkeypatch, lambda: again(two).move(again(one), "sorted-child"))
    response = administrator.post(f"/admin/collections/{one.pk}/", {"name": "One", "parent": two.pk})
    assert response.status_code == 200
    assert "A folder cannot lie in itself or in a folder below it." in response.content.decode()
    assert folders.all_addresses() == {one.pk: "one", two.pk: "one/two"}
    assert not any(Collection.find_problems())


def test_folder_that_is_named_in_a_form_from_before_its_move_keeps_its_place(administrator):
    one, two = make_folder("One"), make_folder("Two")
    address = f"/admin/collections/{one.pk}/"
    form = BeautifulSoup(administrator.get(address).content, "html.parser").select_one("input[name=was_in]")
    again(one).move(again(two), "sorted-child")
    administrator.post(address, {"name": "First", "parent": one.get_parent().pk, "was_in": form["value"]})
    assert folders.all_addresses() == {two.pk: "two", one.pk: "two/one"}
    assert again(one).name == "First"


def test_folder_that_is_named_while_somebody_moves_it_keeps_its_place(administrator, monkeypatch):
    one, two = make_folder("One"), make_folder("Two")
    root = one.get_parent()
    while_the_form_is_read(monkeypatch, lambda: again(one).move(again(two), "sorted-child"))
    administrator.post(f"/admin/collections/{one.pk}/", {"name": "First", "parent": root.pk})
    assert folders.all_addresses() == {two.pk: "two", one.pk: "two/one"}
    assert again(one).name == "First"
    assert not any(Collection.find_problems())


def test_folder_that_somebody_deletes_meanwhile_does_not_come_back(administrator, monkeypatch):
    one, two = make_folder("One"), make_folder("Two")
    while_the_form_is_read(monkeypatch, lambda: Collection.objects.filter(pk=two.pk).delete())
    assert administrator.post(f"/admin/collections/{one.pk}/", {"name": "One", "parent": two.pk}).status_code == 404
    assert folders.all_addresses() == {one.pk: "one"}
    assert not any(Collection.find_problems())


def test_moved_folder_is_fetched_as_a_zip_and_takes_papers_at_its_former_address(administrator, member, signed_in):
    folder = make_folder("Guidance", groups=("Committee",))
    Folder.objects.filter(pk=folder.pk).update(takes_contributions=True)
    make_paper(collection=folder, content=b"text", file_name="a.txt")
    move(administrator, folder, make_folder("Elsewhere"))
    inside = signed_in(make_member(groups=("Committee",)))
    zipped, form = "/files/archive/?folder=guidance", "/files/document/contribute/guidance/"
    assert inside.get(zipped)["Content-Type"] == "application/zip"
    assert "Guidance" in inside.get(form).content.decode()
    for address in (zipped, form):
        assert member.get(address).status_code == member.get(address.replace("guidance", "none")).status_code == 404
    brought = inside.post(form, {"papers": [SimpleUploadedFile("b.txt", b"words")]})
    assert (brought.status_code, brought.get("Location")) == (302, "/files/document/contribute/")
    assert SharedDocument.objects.filter(collection=folder).count() == 2
