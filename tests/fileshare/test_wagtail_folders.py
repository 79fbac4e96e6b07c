"""Folders in the administration: their audience in the policy's words, and who may work in them."""

from __future__ import annotations

import html
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group, Permission
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from wagtail.models import Collection, CollectionViewRestriction, GroupCollectionPermission

from fileshare import access
from fileshare.models import Folder, SharedDocument
from fileshare.wagtail_folders import DeleteFolderView
from members.enums import Action
from members.models import AccessRecord
from tests.factories import add_version, make_administrator, make_editor_of, make_folder, make_member, make_paper
from tests.fileshare.test_query_counts import same_for_one_and_thirty
from tests.portal.reading import make_note, soup_of, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(signed_in):
    return signed_in(make_administrator())


def dialogue(client, folder):
    return html.unescape(client.get(f"/admin/collections/{folder.pk}/privacy/").json()["html"])


def test_audience_is_asked_in_the_words_of_the_policy(administrator):
    shown = dialogue(administrator, make_folder("Guidance"))
    assert re.findall(r'name="restriction_type" value="(\w+)"', shown) == ["none", "groups"]
    assert "Every current member, and nobody else" in shown
    assert "Only current members who are in one of these groups" in shown
    for word in ("Public", "password", "logged-in", "Private"):
        assert word not in shown


@pytest.mark.parametrize("kind", ["login", "password", "nonsense"])
def test_audience_that_the_policy_does_not_know_is_refused(administrator, kind):
    folder = make_folder("Guidance")
    response = administrator.post(
        f"/admin/collections/{folder.pk}/privacy/", {"restriction_type": kind, "password": "x"}
    )
    assert "Please choose one of the two." in response.json()["html"]
    assert not CollectionViewRestriction.objects.exists()


def test_audience_is_set_and_taken_back(administrator):
    folder, group = make_folder("Guidance"), Group.objects.create(name="Committee")
    paper, member, inside = make_paper(collection=folder), make_member(), make_member(groups=("Committee",))
    address = f"/admin/collections/{folder.pk}/privacy/"
    answer = administrator.post(address, {"restriction_type": "groups", "groups": []})
    assert "Please select at least one group." in answer.json()["html"]
    answer = administrator.post(address, {"restriction_type": "groups", "groups": [group.pk]})
    assert answer.json() == {"step": "set_privacy_done", "is_public": False}
    readers = [user for user in (member, inside) if SharedDocument.objects.visible_to(user).filter(pk=paper.pk)]
    assert readers == [inside]
    answer = administrator.post(address, {"restriction_type": "none"})
    assert answer.json() == {"step": "set_privacy_done", "is_public": True}
    assert SharedDocument.objects.visible_to(member).filter(pk=paper.pk).exists()


def test_folder_below_a_closed_one_says_who_reads_it(administrator):
    above = make_folder("Committee papers", groups=("Committee",))
    below = make_folder("Minutes", parent=above)
    shown = dialogue(administrator, below)
    assert "This folder is open to current members in the group Committee" in shown
    administrator.post(f"/admin/collections/{below.pk}/privacy/", {"restriction_type": "none"})
    assert CollectionViewRestriction.objects.get().collection == above


def test_audience_of_a_folder_that_is_not_one_s_own_is_like_that_of_none(signed_in):
    own, elsewhere = make_folder("Own"), make_folder("Elsewhere")
    client = signed_in(make_editor_of(own))
    answers = [client.get(f"/admin/collections/{number}/privacy/") for number in (elsewhere.pk, 99_999_999)]
    assert [answer.status_code for answer in answers] == [404, 404]


def test_page_of_a_folder_says_who_reads_and_who_edits(administrator):
    folder = make_folder("Guidance")
    page = administrator.get(f"/admin/collections/{folder.pk}/").content.decode()
    assert "Every current member" in page
    assert "No group may add or change papers here, only administrators." in page
    editors = make_editor_of(folder).groups.first()
    page = administrator.get(f"/admin/collections/{folder.pk}/").content.decode()
    assert f"Papers are added and changed here by: {editors.name}, and administrators." in page


def test_new_folder_is_given_its_editors(administrator, signed_in):
    editor = make_editor_of(make_folder("Old"))
    group = editor.groups.first()
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    root = Collection.get_first_root_node()
    page = administrator.get("/admin/collections/add/").content.decode()
    assert "Groups that may add and change its papers" in page
    filled = {"name": "New", "parent": root.pk}
    page = administrator.post("/admin/collections/add/", filled | {"editors": [group.pk]}, follow=True).content.decode()
    assert f"It is open to every current member. {group.name} may add papers." in html.unescape(page)
    new = Collection.objects.get(name="New")
    paper = make_paper(collection=new)
    assert signed_in(editor).get(f"/admin/documents/edit/{paper.pk}/").status_code == 200


def test_new_folder_without_editors_says_so(administrator):
    filled = {"name": "New", "parent": Collection.get_first_root_node().pk}
    page = administrator.post("/admin/collections/add/", filled, follow=True).content.decode()
    assert "No group may add papers yet (Settings → Groups)." in page


def test_only_who_may_change_groups_gives_a_folder_its_editors(signed_in):
    above = make_folder("Above")
    user = make_editor_of(above)
    group = user.groups.first()
    GroupCollectionPermission.objects.create(
        group=group, collection=above, permission=Permission.objects.get(codename="add_collection")
    )
    other = Group.objects.create(name="Other")
    other.permissions.add(Permission.objects.get(codename="access_admin"))
    client = signed_in(user)
    assert "Groups that may add" not in client.get("/admin/collections/add/").content.decode()
    client.post("/admin/collections/add/", {"name": "New", "parent": above.pk, "editors": [other.pk]})
    assert Collection.objects.filter(name="New").exists()
    assert not GroupCollectionPermission.objects.filter(group=other).exists()


def test_tags_of_papers_that_may_not_be_seen_are_not_suggested(signed_in):
    own, elsewhere = make_folder("Own"), make_folder("Elsewhere", groups=("Committee",))
    make_paper(collection=own).tags.add("zebra")
    make_paper(collection=elsewhere).tags.add("zanzibar")
    client = signed_in(make_editor_of(own))
    for address in ("/admin/tag-autocomplete/", "/admin/tag-autocomplete/taggit/tag/"):
        assert client.get(address, {"term": "z"}).json() == ["zebra"]
        assert signed_in(make_administrator()).get(address, {"term": "z"}).json() == ["zanzibar", "zebra"]
        assert client.get(address).json() == []


def test_one_word_for_papers_and_one_for_folders(administrator):
    folder = make_folder("Guidance")
    make_paper(collection=folder)
    menu = administrator.get("/admin/").content.decode()
    assert '"label": "Papers"' in menu
    assert '"label": "Folder details"' in menu
    assert '"label": "Documents"' not in menu
    assert '"label": "Collections"' not in menu
    for address in ("/admin/collections/add/", f"/admin/collections/{folder.pk}/"):
        page = html.unescape(administrator.get(address).content.decode())
        assert "Folder above" in page
        assert "a collection cannot become" not in page
    shown = administrator.get("/admin/documents/chooser/").json()["html"]
    for words in ("Choose a paper", "Latest papers", "All folders"):
        assert words in shown
    assert "ollection" not in re.sub(r"<[^>]+>", "", shown)


def test_folder_whose_group_is_deleted_says_that_nobody_may_read_it(administrator):
    folder, group = make_folder("Minutes", groups=("Board",)), Group.objects.get(name="Board")
    assert "Minutes — current members in the group Board" in administrator.get("/admin/documents/add/").content.decode()
    administrator.post(f"/admin/groups/delete/{group.pk}/")
    shown = administrator.get("/admin/documents/add/").content.decode()
    assert "Minutes — nobody until its privacy is set again" in shown
    assert not SharedDocument.objects.visible_to(make_member()).filter(pk=make_paper(collection=folder).pk).exists()


def test_details_of_a_folder_are_changed_by_those_who_may_change_its_papers(signed_in):
    folder = make_folder("Minutes")
    address = f"/admin/snippets/fileshare/folder/edit/{folder.pk}/"
    form = {"slug": "other", "description": "", "order": "1"}
    for actions, status, slug in ((("add",), 404, "minutes"), (("add", "choose"), 404, "minutes"),
                                  (("change",), 302, "other")):  # fmt: skip
        client = signed_in(make_editor_of(folder, actions=actions))
        assert client.get(address).status_code == (200 if status == 302 else status)
        assert client.post(address, form).status_code == status
        folder.folder.refresh_from_db()
        assert folder.folder.slug == slug


def test_storage_of_a_folder_is_told_alone_and_with_the_folders_inside(administrator):
    above = make_folder("Guidance")
    below, other = make_folder("Crowds", parent=above), make_folder("Other")
    for folder, size in ((above, 1000), (above, 500), (below, 2048), (other, 0)):
        paper = make_paper(collection=folder, content=b"x" * (size or 1), file_name="a.txt")
    add_version(paper, b"x" * 100, file_name="a.txt")
    paper.versions.filter(number=1).update(destroyed_at=timezone.now())
    table = soup_of(administrator, "/admin/snippets/fileshare/folder/").select("table.listing tbody tr")
    shown = {cells[1]: cells[-2:] for row in table if (cells := [words_of(cell) for cell in row.select("td")])}
    assert {name.split()[0]: sizes for name, sizes in shown.items()} == {
        "Guidance": ["1.5 KB", "3.5 KB"], "Crowds": ["2.0 KB", "2.0 KB"], "Other": ["100 bytes", "100 bytes"],
    }  # fmt: skip
    for address in (f"/admin/collections/{above.pk}/", f"/admin/snippets/fileshare/folder/edit/{above.pk}/"):
        page = words_of(soup_of(administrator, address))
        assert "Storage: 1.5 KB in 2 files of this folder, 3.5 KB with the folders inside it." in page


def test_list_of_folders_asks_the_same_for_one_and_thirty(administrator, django_assert_num_queries):
    def make(count):
        for _ in range(count):
            make_paper(collection=make_folder(), content=b"text", file_name="a.txt")

    address = "/admin/snippets/fileshare/folder/"
    same_for_one_and_thirty(administrator, address, make, 13, django_assert_num_queries)


def test_each_change_of_a_folder_s_settings_is_in_the_record(administrator):
    folder, group = make_folder("Minutes"), Group.objects.create(name="Board")
    address = f"/admin/snippets/fileshare/folder/edit/{folder.pk}/"
    form = {"slug": "minutes", "description": "", "order": "100", "former_versions_readable": "on"}
    form["tells_members"] = "on"

    def row_of(**changes):
        before = AccessRecord.objects.count()
        assert administrator.post(address, form | changes).status_code == 302
        rows = list(AccessRecord.objects.all()[: AccessRecord.objects.count() - before])
        return [(row.action, row.object_kind, row.object_id, row.details) for row in rows]

    def told(**details):
        return [(Action.FOLDER_CHANGED, "folder", str(folder.pk), details)]

    assert row_of() == []
    brings = {"takes_contributions": "on"}
    assert row_of(**brings) == told(takes_contributions=True)
    assert row_of(**brings, contributors=[group.pk]) == told(contributors=["Board"])
    assert row_of(destroy_after_days="30") == told(
        takes_contributions=False, contributors=[], destroy_after_days={"from": None, "to": 30}
    )
    assert row_of(slug="other", description="Words") == told(
        destroy_after_days={"from": 30, "to": None}, changed=["address", "description"]
    )
    administrator.post(f"/admin/collections/{folder.pk}/", {"name": "Papers", "parent": folder.get_parent().pk})
    assert AccessRecord.objects.first().details == {"changed": ["name"]}
    page = words_of(soup_of(administrator, "/admin/access-record/"))
    for words in ("members may bring papers", "papers only from: Board", "days after expiry: from none to 30"):
        assert words in page


def test_folder_that_takes_papers_from_one_group_takes_none_when_the_group_is_deleted(administrator):
    board, other = (Group.objects.create(name=name) for name in ("Board", "Other"))
    folders = {"alone": make_folder("Alone"), "both": make_folder("Both")}
    for folder in folders.values():
        Folder.objects.filter(pk=folder.pk).update(takes_contributions=True)
        folder.folder.contributors.add(board)
    folders["both"].folder.contributors.add(other)
    administrator.post(f"/admin/groups/delete/{board.pk}/")
    takes = Folder.objects.order_by("collection__name").values_list("collection__name", "takes_contributions")
    assert list(takes) == [("Alone", False), ("Both", True)]
    rows = AccessRecord.objects.filter(action=Action.FOLDER_CHANGED).order_by("object_id")
    assert [row.details for row in rows] == [
        {"contributors": [], "takes_contributions": False}, {"contributors": ["Other"]},
    ]  # fmt: skip
    assert not access.folders_to_contribute_to(make_member()).exists()


CONTENTS = {"nothing": "", "a paper": "1 paper", "a folder with a withdrawn one": "1 folder below it"}


@pytest.mark.parametrize("holds", CONTENTS)
def test_folder_is_not_deleted_with_papers_in_it(holds, administrator):
    folder = make_folder("Guidance")
    if holds == "a paper":
        make_note(collection=folder)
    elif holds != "nothing":
        make_note(collection=make_folder("Inner", parent=folder), withdrawn_at=timezone.now())
    before = set(Collection.objects.values_list("name", flat=True))
    answer = administrator.post(f"/admin/collections/{folder.pk}/delete/", follow=True)
    gone = before - set(Collection.objects.values_list("name", flat=True))
    assert (gone, SharedDocument.objects.count()) == (({"Guidance"}, 0) if holds == "nothing" else (set(), 1))
    page = words_of(BeautifulSoup(answer.content, "html.parser"))
    assert ("“Guidance” is not deleted, because it is not empty." in page) is (holds != "nothing")
    said = (
        f"because it is not empty. It contains: {CONTENTS[holds]}" if CONTENTS[holds] else "Folder 'Guidance' deleted."
    )
    assert said in page


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_paper_that_comes_while_its_folder_is_deleted_does_not_go_with_it(signed_in, monkeypatch):
    """Whoever brings it has to wait, and cannot bring it to a folder that is gone; here they give up at once."""
    folder, administrator = make_folder("Guidance"), signed_in(make_administrator())
    look, came = DeleteFolderView.get_collection_contents, []

    def bring():
        try:
            with connection.cursor() as cursor:
                if connection.vendor == "sqlite":
                    cursor.execute("PRAGMA busy_timeout = 1")
                with transaction.atomic():
                    if connection.vendor == "postgresql":  # for this alone: the connection goes back to a pool
                        cursor.execute("SET LOCAL lock_timeout = 1")
                    note = make_note(collection=folder)
            came.append(note)
        except OperationalError as error:
            came.append(error)
        finally:
            connection.close()

    def and_meanwhile(view):
        contents = look(view)
        if not came:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(bring).result()
        return contents

    monkeypatch.setattr(DeleteFolderView, "get_collection_contents", and_meanwhile)
    administrator.post(f"/admin/collections/{folder.pk}/delete/")
    assert isinstance(came[0], OperationalError)
    assert not Collection.objects.filter(pk=folder.pk).exists()
    assert not SharedDocument.objects.exists()
