"""Papers and folders are moved and deleted in the administration, and folders change their audience."""

from __future__ import annotations

import html
import re

import pytest
from django.contrib.auth.models import Group
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.models import (
    Collection,
    CollectionViewRestriction,
    GroupCollectionPermission,
)
from wagtail.tasks import delete_file_from_storage_task

from fileshare.models import Folder, SharedDocument
from members.models import AccessRecord
from tests.factories import (
    add_version,
    make_administrator,
    make_editor_of,
    make_folder,
    make_paper,
    minimal_pdf,
)
from tests.fileshare.admin import (
    add,
    attached,
    bulk,
    edit,
    errors,
    objects,
    rows,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(editor, signed_in):
    return signed_in(editor)


@pytest.mark.parametrize("existing", [False, True], ids=["new", "changed"])
def test_nothing_is_left_over_where_the_search_cannot_be_told(client, folder, monkeypatch, existing):
    paper = make_paper("Before", collection=folder) if existing else None
    before = (objects(), SharedDocument.objects.count(), AccessRecord.objects.count())

    def fail(*args, **kwargs):
        raise RuntimeError("The index is away.")

    monkeypatch.setattr("fileshare.forms.search_index.insert_or_update_object", fail)
    client.raise_request_exception = False
    if paper is not None:
        response = edit(client, paper, title="After", file=attached(minimal_pdf("New")))
    else:
        response = add(client, folder, attached(minimal_pdf("New")))
    assert response.status_code == 500
    assert (objects(), SharedDocument.objects.count(), AccessRecord.objects.count()) == before
    assert list(SharedDocument.objects.values_list("title", flat=True)) == (["Before"] if existing else [])


def test_moving_in_bulk_is_recorded(client, editor, folder):
    below = make_folder("Below", parent=folder)
    papers = [make_paper(collection=folder, content=b"x", file_name="a.txt") for _ in range(2)]
    page = bulk(client, "add_to_collection", papers)
    assert page.status_code == 200
    response = bulk(client, "add_to_collection", papers, collection=below.pk)
    assert response.status_code == 302
    assert set(SharedDocument.objects.values_list("collection", flat=True)) == {below.pk}
    details_of_move = {"fields": ["collection"], "marking": None}
    assert sorted(rows(2), key=str) == sorted(
        [("changed", editor.pk, str(paper.uuid), "", details_of_move) for paper in papers], key=str
    )


def test_moving_by_the_form_is_recorded(client, editor, folder):
    below = make_folder("Below", parent=folder)
    paper = make_paper(collection=folder, publish_at=timezone.now().replace(microsecond=0))
    assert errors(edit(client, paper, collection=below.pk)) == {}
    paper.refresh_from_db()
    assert paper.collection == below
    assert rows(1) == [("changed", editor.pk, str(paper.uuid), "", {"fields": ["collection"], "marking": None})]


def wanted_deletions():
    return {
        row.args_kwargs["args"][1]
        for row in DBTaskResult.objects.filter(task_path="wagtail.tasks.delete_file_from_storage_task")
    }


def test_deleting_removes_the_objects_by_a_task_after_the_commit(client, editor, folder):
    paper = make_paper(collection=folder)
    add_version(paper, minimal_pdf("second"))
    names = {version.file.name for version in paper.versions.all()}
    uuid = str(paper.uuid)
    with transaction.atomic():  # which fails: nothing is wanted, and everything is there
        client.post(f"/admin/documents/delete/{paper.pk}/")
        transaction.set_rollback(True)
    assert wanted_deletions() & names == set()
    response = client.post(f"/admin/documents/delete/{paper.pk}/")
    assert response.status_code == 302
    assert not SharedDocument.objects.exists()
    assert names <= wanted_deletions()
    assert all(default_storage.exists(name) for name in names)
    assert rows(1) == [("deleted", editor.pk, uuid, "", {})]
    for row in DBTaskResult.objects.filter(task_path="wagtail.tasks.delete_file_from_storage_task"):
        delete_file_from_storage_task.call(*row.args_kwargs["args"])
    assert not any(default_storage.exists(name) for name in names)


def test_deleting_in_bulk_is_recorded(client, editor, folder):
    papers = [make_paper(collection=folder, content=b"x", file_name="a.txt") for _ in range(2)]
    assert bulk(client, "delete", papers, next="/admin/documents/").status_code == 302
    assert not SharedDocument.objects.exists()
    assert sorted(row[:3] for row in rows(2)) == sorted(("deleted", editor.pk, str(paper.uuid)) for paper in papers)


def test_changing_an_audience_is_recorded(folder, signed_in):
    administrator = make_administrator()
    client = signed_in(administrator)
    group = Group.objects.create(name="Committee")
    response = client.post(
        f"/admin/collections/{folder.pk}/privacy/", {"restriction_type": "groups", "groups": [group.pk]}
    )
    assert response.status_code == 200
    assert CollectionViewRestriction.objects.get().groups.get() == group
    assert rows(1) == [
        ("audience_changed", administrator.pk, str(folder.pk), "", {"restriction": "groups", "groups": ["Committee"]})
    ]
    client.post(f"/admin/collections/{folder.pk}/privacy/", {"restriction_type": "none"})
    assert rows(1)[0][:3] == ("audience_changed", administrator.pk, str(folder.pk))
    assert not CollectionViewRestriction.objects.exists()


def test_shared_password_is_not_offered(folder, signed_in):
    client = signed_in(make_administrator())
    assert "password" not in client.get(f"/admin/collections/{folder.pk}/privacy/").content.decode()
    client.post(f"/admin/collections/{folder.pk}/privacy/", {"restriction_type": "password", "password": "x"})
    assert not CollectionViewRestriction.objects.exists()


def test_folder_s_details_are_for_its_editors(client, folder):
    own = client.get(f"/admin/snippets/fileshare/folder/edit/{folder.pk}/")
    assert own.status_code == 200
    response = client.post(
        f"/admin/snippets/fileshare/folder/edit/{folder.pk}/",
        {"slug": "guides", "description": "All guides", "order": "5"},
    )
    assert response.status_code == 302
    changed = Folder.objects.get(pk=folder.pk)
    assert (changed.slug, changed.description, changed.order, changed.former_versions_readable) == (
        "guides",
        "All guides",
        5,
        False,
    )


def test_folder_is_neither_added_nor_deleted_by_hand(client, folder, signed_in):
    for who in (client, signed_in(make_administrator())):
        assert who.get("/admin/snippets/fileshare/folder/add/").status_code in (302, 403, 404)
        who.post(f"/admin/snippets/fileshare/folder/delete/{folder.pk}/")
        who.post(f"/admin/bulk/fileshare/folder/delete/?id={folder.pk}", {"next": "/"})
        assert Folder.objects.filter(pk=folder.pk).exists()


def test_new_collection_gets_its_folder(signed_in):
    client = signed_in(make_administrator())
    root = Collection.get_first_root_node()
    client.post("/admin/collections/add/", {"name": "Neue Länder", "parent": root.pk})
    assert Folder.objects.get(collection__name="Neue Länder").slug == "neue-lander"


def test_moving_in_bulk_leaves_no_paper_without_its_owner(client, editor, folder):
    below, owner = make_folder("Below", parent=folder), make_editor_of(folder, "ada@example.org")
    elsewhere = make_folder("Elsewhere")
    GroupCollectionPermission.objects.bulk_create(
        GroupCollectionPermission(group=editor.groups.get(), collection=elsewhere, permission=each.permission)
        for each in GroupCollectionPermission.objects.filter(group=editor.groups.get())
    )
    papers = [
        make_paper(title, collection=folder, content=b"x", file_name="a.txt", owner=who)
        for title, who in (("Hers", owner), ("Mine", editor), ("Nobody's", None))
    ]
    refused = bulk(client, "add_to_collection", papers, collection=elsewhere.pk)
    said = html.unescape(refused.content.decode())
    assert f"“Hers” is looked after by {owner}, who may not change papers in that folder." in said
    assert "is looked after by" not in said.replace("“Hers” is looked after by", "")
    assert set(SharedDocument.objects.values_list("collection", flat=True)) == {folder.pk}
    assert bulk(client, "add_to_collection", papers, collection=below.pk).status_code == 302
    assert bulk(client, "add_to_collection", papers[1:], collection=elsewhere.pk).status_code == 302
    placed = SharedDocument.objects.values_list("title", "collection__name")
    assert dict(placed) == {"Hers": "Below", "Mine": "Elsewhere", "Nobody's": "Elsewhere"}


def test_paper_that_lies_in_the_folder_already_is_not_recorded_as_moved(client, folder):
    below = make_folder("Below", parent=folder)
    there, here = (make_paper(collection=each, content=b"x", file_name="a.txt") for each in (below, folder))
    before = AccessRecord.objects.count()
    done = bulk(client, "add_to_collection", [there, here], collection=below.pk, next="/admin/documents/")
    assert "Moved to Below: 1 paper." in client.get(done["Location"]).content.decode()
    assert AccessRecord.objects.count() == before + 1
    assert rows(1)[0][2] == str(here.uuid)


def test_folders_to_move_to_are_named_with_their_audiences(client, folder):
    make_folder("Below", parent=folder, groups=("Committee",))
    page = bulk(client, "add_to_collection", [make_paper(collection=folder, content=b"x", file_name="a.txt")])
    offered = [
        html.unescape(each).strip(" \xa0↳") for each in re.findall(r"<option[^>]*>([^<]*)", page.content.decode())
    ]
    assert offered == [
        "Choose a folder", "Guidance — every current member", "Below — current members in the group Committee",
    ]  # fmt: skip
