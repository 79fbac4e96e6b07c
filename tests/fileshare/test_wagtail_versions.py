"""A new file says how much has changed, and a former version becomes the newest, in the administration."""

from __future__ import annotations

import html
import re

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone

from fileshare.models import DocumentVersion, Folder, SharedDocument
from fileshare.services import inspect
from members.models import AccessRecord
from tests.factories import add_version, make_folder, make_member, make_paper, minimal_pdf
from tests.fileshare import files
from tests.fileshare.admin import attached, edit, errors, objects

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(editor, signed_in):
    return signed_in(editor)


@pytest.fixture
def paper(folder):
    """One with three versions, which are their own words."""
    made = make_paper("The paper", collection=folder, content=b"first", file_name="first.txt")
    for word in (b"second", b"third"):
        add_version(made, word, file_name=f"{word.decode()}.txt")
    return made


def words(response):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def restore(client, paper, number, **said):
    address = f"/admin/documents/restore/{paper.pk}/{number}/"
    return client.post(address, {"change": "major", "version_note": "As it was"} | said)


def test_new_file_says_how_much_has_changed(client, folder, paper, signed_in):
    form = client.get(f"/admin/documents/edit/{paper.pk}/").content.decode()
    assert re.findall(r'name="change" value="(\w+)"( |>)', form) == [("minor", " "), ("major", " ")]
    assert re.search(r'value="major"[^>]*checked', form)
    wanted = {"change": "minor", "version_note": "A <b>typing</b> error"}
    assert errors(edit(client, paper, file=attached(b"fourth", "d.txt"), **wanted)) == {}
    inspect.inspect(version_id=paper.versions.get(number=4).pk)
    assert "Small correction: A <b>typing</b> error" in words_of_page(signed_in(make_member()), paper)
    assert "Small correction: “A <b>typing</b> error”" in words_of_admin(client, paper)
    assert AccessRecord.objects.filter(action="replaced").latest("pk").details["change"] == "minor"
    assert list(errors(edit(client, paper, file=attached(b"fifth", "e.txt"), change="again"))) == ["change"]
    assert paper.versions.count() == 4


def words_of_page(client, paper):
    shown = html.unescape(re.sub(r"</?(?!b\b)\w[^>]*>", " ", client.get(paper.get_absolute_url()).content.decode()))
    return " ".join(shown.split())


def words_of_admin(client, paper):
    return words_of_page(client, type("At", (), {"get_absolute_url": lambda: f"/admin/documents/edit/{paper.pk}/"}))


def test_only_a_real_change_asks_for_confirmation_again(client, paper):
    """By the form, which offers it where the paper asks at all, and by the database."""
    SharedDocument.objects.filter(pk=paper.pk).update(acknowledge_by=timezone.localdate())
    for number, (change, asks) in enumerate([("minor", False), ("major", False), ("again", True)], start=4):
        file = attached(str(number).encode(), "a.txt")
        assert errors(edit(client, paper, file=file, change=change, acknowledge_by=timezone.localdate())) == {}
        assert paper.versions.get(number=number).asks_again is asks
        inspect.inspect(version_id=paper.versions.get(number=number).pk)
        paper.refresh_from_db()
        assert paper.acknowledge_from == (6 if asks else 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        DocumentVersion.objects.filter(document=paper, number=4).update(asks_again=True)


def test_former_version_is_restored_as_a_new_one(client, editor, paper, signed_in):
    before, stored = objects(), {version.pk: version.file.name for version in paper.versions.all()}
    page = client.get(f"/admin/documents/edit/{paper.pk}/")
    assert re.findall(r"Restore version (\d)", page.content.decode()) == ["2", "1"]
    asked = words(client.get(f"/admin/documents/restore/{paper.pk}/1/"))
    assert "Nothing is lost" in asked
    assert "first.txt, 5" in asked
    response = restore(client, paper, 1, change="minor")
    assert (response.status_code, response["Location"]) == (302, f"/admin/documents/edit/{paper.pk}/")
    new = paper.versions.get(number=4)
    with new.file.open("rb") as file:
        assert file.read() == b"first"
    assert (new.file_name, new.note, new.change, new.created_by) == ("first.txt", "As it was", "minor", editor)
    assert new.file.name not in stored.values()
    assert {version.pk: version.file.name for version in paper.versions.exclude(pk=new.pk)} == stored
    assert len(objects() - before) == 1
    row = AccessRecord.objects.latest("pk")
    assert (row.action, row.actor_id, row.object_id) == ("replaced", editor.pk, str(paper.uuid))
    assert row.details == {"version": 4, "sha256": new.sha256, "change": "minor", "restores": 1}
    member = signed_in(make_member())
    assert b"".join(member.get(paper.download_url).streaming_content) == b"third"
    inspect.inspect(version_id=new.pk)
    assert b"".join(member.get(paper.download_url).streaming_content) == b"first"


def test_what_is_no_former_version_or_of_another_folder_is_not_restored(client, folder, paper, signed_in):
    held = make_paper(collection=folder, content=files.pdf_with_opening_script())
    add_version(held, minimal_pdf("plain"))
    other = make_paper(collection=make_folder("Elsewhere"), content=b"a", file_name="a.txt")
    add_version(other, b"b", file_name="b.txt")
    before = DocumentVersion.objects.count()
    for each, number in ((paper, 3), (paper, 9), (held, 1), (other, 1)):
        assert restore(client, each, number).status_code == 404
        assert client.get(f"/admin/documents/restore/{each.pk}/{number}/").status_code == 404
    assert restore(signed_in(make_member()), paper, 1).status_code == 403
    assert DocumentVersion.objects.count() == before


def test_version_that_cannot_be_had_or_stamped_is_not_restored(client, paper):
    """And leaves nothing behind: neither a version nor an object."""
    first, second = paper.versions.get(number=1), paper.versions.get(number=2)
    SharedDocument.objects.filter(pk=paper.pk).update(marking="TLP:AMBER")
    assert "Only a PDF can be marked above TLP:GREEN." in words(restore(client, paper, 1))
    SharedDocument.objects.filter(pk=paper.pk).update(marking="TLP:GREEN")
    default_storage.delete(first.file.name)
    with default_storage.open(second.file.name, "wb") as file:
        file.write(b"other!")
    before = objects()
    assert "cannot be reached just now" in words(restore(client, paper, 1))
    assert "no longer what it was when it came in" in words(restore(client, paper, 2))
    assert objects() == before
    assert paper.versions.count() == 3


def test_version_that_would_not_come_in_today_is_not_restored(client, folder):
    takes = Folder.objects.filter(pk=folder.pk)
    takes.update(takes_zips=True)
    paper = make_paper(collection=folder, content=files.archive({"a.txt": b"A"}), file_name="a.zip")
    add_version(paper, b"words", file_name="a.txt")
    takes.update(takes_zips=False)
    before = objects()
    assert "This folder takes no zip archives." in words(restore(client, paper, 1))
    assert (objects(), paper.versions.count()) == (before, 2)
    takes.update(takes_zips=True)
    assert restore(client, paper, 1).status_code == 302
    assert paper.versions.get(number=3).kind == "zip"
