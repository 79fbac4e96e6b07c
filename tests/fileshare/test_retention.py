"""How long papers are kept: review dates and their owners, and files that are destroyed by rule."""

from __future__ import annotations

import csv
import datetime
import io

import openpyxl
import pytest
import time_machine
from bs4 import BeautifulSoup
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from fileshare import delivery
from fileshare.models import Derivation, DocumentVersion, Folder, PageText, SharedDocument
from fileshare.services import derive, retention
from fileshare.storage import new_preview_key
from members.enums import Action
from members.models import AccessRecord, OutgoingMail, User
from tests.factories import add_version, make_administrator, make_editor_of, make_folder, make_member, make_paper
from tests.fileshare.admin import edit, errors, local, objects
from tests.fileshare.files import picture
from tests.fileshare.test_query_counts import same_for_one_and_thirty
from tests.portal.reading import soup_of, words_of

pytestmark = pytest.mark.django_db
LIST = "/admin/reports/papers-to-review/"
TODAY = datetime.date(2026, 5, 20)
DAY = datetime.timedelta(days=1)


def said(answer):
    return words_of(BeautifulSoup(answer.content, "html.parser"))


def in_days(days):
    return timezone.localdate() + datetime.timedelta(days=days)


def make_note(title="", **fields):
    return make_paper(title, content=b"text", file_name="a.txt", **fields)


@pytest.fixture
def editor(folder):
    return make_editor_of(folder, "ada@example.org")


# --- Review -----------------------------------------------------------------------------------------------------
def test_owner_and_review_date_are_given_in_the_paper_s_form(signed_in, folder, editor):
    paper, client = make_note(collection=folder), signed_in(editor)
    member = make_member("ben@example.org")
    for address, sentence in (("ben@example.org", "may not change papers in this folder"), ("x@example.org", "Nobody")):
        assert sentence in errors(edit(client, paper, owner_address=address))["owner_address"][0]
    assert "year" in errors(edit(client, paper, review_on="0202-05-20"))["review_on"][0]
    assert edit(client, paper, owner_address="ADA@example.org", review_on="2026-05-20").status_code == 302
    paper.refresh_from_db()
    assert (paper.owner, paper.review_on) == (editor, TODAY)
    row = AccessRecord.objects.first()
    assert (row.action, row.details["fields"]) == (Action.CHANGED, ["owner", "review_on"])
    # Whoever owns it and may change it no longer is no obstacle to other changes, but to a move.
    SharedDocument.objects.update(owner=member)
    kept = {"owner_address": "ben@example.org", "review_on": "2026-05-20"}
    assert edit(client, paper, title="Other", **kept).status_code == 302
    paper.refresh_from_db()
    assert (paper.owner, paper.title) == (member, "Other")
    page = client.get(f"/admin/documents/edit/{paper.pk}/").content.decode()
    assert 'value="ben@example.org"' in page
    assert 'value="2026-05-20"' in page


def test_owner_is_told_once_for_each_date_and_each_owner(folder, editor):
    paper, restricted = make_note("Rain", collection=folder), make_paper("Secret", collection=folder)
    SharedDocument.objects.filter(pk=restricted.pk).update(marking="TLP:AMBER")
    outsider = make_note("Outside", collection=make_folder())
    for each in (paper, restricted, outsider):
        retention.set_review(document=each, by=None, review_on=TODAY, owner=editor)
    for day, mails in ((-1, 0), (0, 2), (0, 2), (5, 2)):
        with time_machine.travel(datetime.datetime.combine(TODAY, datetime.time(12)) + datetime.timedelta(days=day)):
            retention.tell_owners()
        assert OutgoingMail.objects.filter(user=editor).count() == mails
    assert not SharedDocument.objects.filter(owner=editor, review_is_told=False).exists()
    texts = " ".join(f"{each.subject} {each.text}" for each in OutgoingMail.objects.all())
    assert "“Rain”" in texts
    assert f"/admin/documents/edit/{paper.pk}/" in texts
    first_lines = {each.text.splitlines()[0] for each in OutgoingMail.objects.all()}
    assert first_lines == {"TLP:GREEN", "TLP:AMBER"}
    assert "Secret" not in texts
    assert "Outside" not in texts
    paper.refresh_from_db()
    other = make_editor_of(folder)
    retention.set_review(document=paper, by=editor, review_on=TODAY, owner=other)
    retention.tell_owners()
    retention.set_review(document=paper, by=editor, review_on=in_days(-1), owner=other)
    retention.tell_owners()
    assert OutgoingMail.objects.filter(user=other).count() == 2


def test_new_date_in_the_form_begins_anew(signed_in, folder, editor):
    paper = make_note(collection=folder)
    retention.set_review(document=paper, by=None, review_on=in_days(-2), owner=editor)
    retention.tell_owners()
    client, owner = signed_in(editor), {"owner_address": editor.email}
    edit(client, paper, review_on=str(in_days(-2)), title="Only the title", **owner)
    retention.tell_owners()
    assert OutgoingMail.objects.count() == 1
    edit(client, paper, review_on=str(in_days(-1)), **owner)
    retention.tell_owners()
    assert OutgoingMail.objects.count() == 2


def test_list_of_papers_to_review(signed_in, folder, editor):
    other = make_editor_of(folder)
    for title, days, owner in (("Old", -3, editor), ("Soon", 1, editor), ("Late", 200, None), ("Theirs", 0, other)):
        retention.set_review(
            document=make_note(title, collection=folder), by=None, review_on=in_days(days), owner=owner
        )  # fmt: skip
    hidden = make_note("Hidden", collection=make_folder("Elsewhere"))
    retention.set_review(document=hidden, by=None, review_on=in_days(-9), owner=None)
    make_note("Undated", collection=folder)
    client = signed_in(editor)

    def shown(query):
        table = soup_of(client, f"{LIST}?{query}").select_one("table.listing")
        return [[words_of(cell) for cell in row.select("td")] for row in table.select("tbody tr")] if table else []

    assert [(row[0], row[4]) for row in shown("")] == [
        ("Old", "Overdue by 3 days"), ("Theirs", "Due today"), ("Soon", "In 1 day"), ("Late", "In 200 days"),
    ]  # fmt: skip
    assert [row[0] for row in shown("when=due")] == ["Old", "Theirs"]
    assert [row[0] for row in shown("when=soon&whose=mine")] == ["Old", "Soon"]
    answer = client.get(f"{LIST}?export=csv&when=due&whose=mine")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert rows[1][:4] == ["Old", "Guidance", str(editor), editor.email]
    assert AccessRecord.objects.first().action == Action.REPORT_EXPORTED
    assert b"".join(client.get(f"{LIST}?export=xlsx").streaming_content)[:2] == b"PK"
    front = words_of(soup_of(client, "/admin/"))
    assert "Your papers to review" in front
    assert "Old" in front
    assert "Theirs" not in front
    assert signed_in(make_member()).get(LIST).status_code in (302, 403)


def test_list_of_papers_to_review_is_exported_with_moments_and_without_formulas(signed_in, folder):
    owner = make_editor_of(folder)
    User.objects.filter(pk=owner.pk).update(first_name="=1+1", last_name="")
    make_note("Ends", collection=folder, owner=owner, review_on=TODAY, expires_at=timezone.now() + DAY)
    client = signed_in(owner)
    text = b"".join(client.get(f"{LIST}?export=csv").streaming_content).decode()
    assert text.splitlines()[1].startswith("Ends,Guidance,'=1+1,")
    book = io.BytesIO(b"".join(client.get(f"{LIST}?export=xlsx").streaming_content))
    _head, row = openpyxl.load_workbook(book, read_only=True).active.iter_rows(values_only=True)
    ends = timezone.make_naive(SharedDocument.objects.get().expires_at)
    assert (row[2], row[4], row[5].replace(microsecond=0)) == ("'=1+1", TODAY, ends.replace(microsecond=0))


def test_list_of_papers_to_review_asks_the_same_for_one_and_thirty(signed_in, folder, django_assert_num_queries):
    owner = make_administrator()

    def make(count):
        for _ in range(count):
            retention.set_review(
                document=make_note(collection=folder), by=None, review_on=in_days(-1), owner=make_member()
            )  # fmt: skip

    same_for_one_and_thirty(signed_in(owner), LIST, make, 12, django_assert_num_queries)


# --- Destruction ------------------------------------------------------------------------------------------------
@pytest.fixture
def stored():
    """What this test has put into the store, and is there still."""
    before = objects()
    return lambda: objects() - before


@pytest.fixture
def expired(folder, stored):
    """A paper of two versions with a preview that expired twelve days ago, in a folder that keeps files for ten."""
    now = timezone.now()
    paper = make_paper("Rain", collection=folder, content=picture("PNG"), file_name="a.png")
    add_version(paper, b"text", file_name="a.txt")
    for version in paper.versions.all():
        derive.derive(version_id=version.pk)
    key = default_storage.save(new_preview_key(), ContentFile(b"opening"))
    Derivation.objects.filter(version__number=1).update(opening=key, opening_size=7)
    then = now - datetime.timedelta(days=20)
    DocumentVersion.objects.update(created_at=then)
    SharedDocument.objects.update(publish_at=then, expires_at=now - datetime.timedelta(days=12))
    Folder.objects.filter(pk=folder.pk).update(destroy_after_days=10)
    paper.refresh_from_db()
    return paper


def test_files_of_an_expired_paper_are_destroyed_by_the_folder_s_rule(expired, folder, signed_in, stored):
    facts = list(expired.versions.values_list("number", "size", "sha256", "file_name"))
    assert len(stored()) == 5
    assert PageText.objects.exists()
    retention.destroy_expired()
    retention.remove_destroyed()
    assert not stored()
    assert not PageText.objects.exists()
    assert not Derivation.objects.exclude(large="", small="", opening="").exists()
    assert list(expired.versions.values_list("number", "size", "sha256", "file_name")) == facts
    row = AccessRecord.objects.get(action=Action.DESTROYED)
    assert (row.object_id, row.details["versions"], row.actor) == (str(expired.uuid), [1, 2], None)
    # Whoever may change it sees that it is gone; nobody gets it, by any way.
    client = signed_in(make_administrator())
    page = words_of(soup_of(client, expired.get_absolute_url()))
    assert "The file has been destroyed" in page
    assert facts[0][2] in page
    assert "Download" not in page
    for way in ("download/", "versions/1/download/", "versions/2/read/", "versions/2/content/", "read/"):
        answer = client.get(f"{expired.get_absolute_url()}{way}")
        assert (answer.status_code, "has been destroyed" in answer.content.decode()) == (410, True), way
    assert AccessRecord.objects.filter(action=Action.REFUSED, reason="destroyed").count() == 5
    assert client.get(f"{expired.get_absolute_url()}preview/1/small/").status_code == 404
    assert client.get(f"/files/archive/?document={expired.uuid}").status_code == 404
    assert client.get(f"/files/archive/?folder={folder.folder.slug}").status_code == 400
    listed = words_of(soup_of(client, "/admin/documents/?state=destroyed"))
    assert "Rain" in listed
    assert "Rain" not in words_of(soup_of(client, "/admin/documents/?state=expired"))
    assert "the file was destroyed on" in words_of(soup_of(client, f"/admin/documents/edit/{expired.pk}/"))
    # For a member it is what it was before.
    assert signed_in(make_member()).get(f"{expired.get_absolute_url()}download/").status_code == 404
    # A second run finds nothing to do; the paper can be changed and deleted.
    retention.destroy_expired()
    retention.remove_destroyed()
    assert AccessRecord.objects.filter(action=Action.DESTROYED).count() == 1
    assert edit(client, expired, title="Other").status_code == 302
    expired.delete()


def test_nothing_is_destroyed_before_its_time_or_without_a_rule(expired, folder, stored):
    def is_kept():
        retention.destroy_expired()
        retention.remove_destroyed()
        return len(stored()) == 5

    rule = Folder.objects.filter(pk=folder.pk)
    for days in (None, 13):
        rule.update(destroy_after_days=days)
        assert is_kept()
    rule.update(destroy_after_days=10)
    SharedDocument.objects.update(expires_at=None)
    assert is_kept()
    SharedDocument.objects.update(expires_at=timezone.now() - datetime.timedelta(days=9))
    assert is_kept()
    SharedDocument.objects.update(expires_at=timezone.now() - datetime.timedelta(days=12))
    # Brought when the paper had expired: it is kept for its days as well, while the others go.
    add_version(expired, b"again", file_name="a.txt")
    retention.destroy_expired()
    retention.remove_destroyed()
    assert [each.destroyed_at is None for each in expired.versions.all()] == [True, False, False]
    assert len(stored()) == 1
    expired.refresh_from_db()
    assert not expired.is_destroyed


def test_what_breaks_off_is_finished_by_the_next_run(expired, stored, monkeypatch):
    """The store is away, or the process dies, after some of the bytes."""
    retention.destroy_expired()
    assert len(stored()) == 5
    with pytest.raises(delivery.FileMissing):
        delivery.check_stored(expired.versions.first())
    real, calls = default_storage.delete, []

    def breaks(key):
        calls.append(key)
        if len(calls) == 2:
            raise OSError("away")
        real(key)

    monkeypatch.setattr(default_storage.__class__, "delete", staticmethod(breaks))
    with pytest.raises(OSError, match="away"):
        retention.remove_destroyed()
    assert len(stored()) == 4
    retention.remove_destroyed()
    assert not stored()
    assert not DocumentVersion.objects.exclude(file="").exists()


def test_worker_makes_nothing_of_a_file_that_is_destroyed(expired):
    PageText.objects.all().delete()
    Derivation.objects.all().delete()
    [newest, first] = expired.versions.all()
    retention.destroy_expired()
    assert derive.derive(version_id=newest.pk) is None
    assert not derive.is_wanted(version_id=first.pk)
    assert not PageText.objects.exists()


def test_rule_that_destroys_at_once_must_be_meant(expired, folder, signed_in):
    Folder.objects.filter(pk=folder.pk).update(destroy_after_days=None)
    client = signed_in(make_administrator())
    address = f"/admin/snippets/fileshare/folder/edit/{folder.pk}/"
    form = {"slug": "guidance", "description": "", "order": "1", "destroy_after_days": "10"}
    page = said(client.post(address, form))
    assert "the files of 1 paper would be destroyed within a minute" in page
    assert "greater than or equal to 1" in said(client.post(address, form | {"destroy_after_days": "0"}))
    assert Folder.objects.get(pk=folder.pk).destroy_after_days is None
    assert client.post(address, form | {"destroys_now": "on"}).status_code == 302
    assert Folder.objects.get(pk=folder.pk).destroy_after_days == 10
    assert client.post(address, form | {"order": "2"}).status_code == 302


def test_destroyed_paper_whose_expiry_is_moved_says_so_to_members(expired, signed_in):
    retention.destroy_expired()
    SharedDocument.objects.update(expires_at=None)
    client = signed_in(make_member())
    assert "The file has been destroyed" in words_of(soup_of(client, expired.get_absolute_url()))
    assert client.get(f"{expired.get_absolute_url()}download/").status_code == 410
    row = soup_of(client, "/files/guidance/").select_one(f"[data-document='{expired.uuid}']")
    assert "Download" not in words_of(row)


# --- No slip destroys -------------------------------------------------------------------------------------------
SLIP = "would lose its files within a minute"


@pytest.fixture
def old(folder):
    """A paper that has stood for a year in a folder which destroys files a day after expiry."""
    paper = make_note("Rain", collection=folder)
    DocumentVersion.objects.update(created_at=timezone.now() - 365 * DAY)
    SharedDocument.objects.update(publish_at=timezone.now() - 365 * DAY)
    Folder.objects.filter(pk=folder.pk).update(destroy_after_days=1)
    return SharedDocument.objects.get(pk=paper.pk)


def test_expiry_that_would_destroy_at_once_is_refused_in_the_form_and_for_several(old, editor, signed_in):
    client, long_ago = signed_in(editor), local(timezone.now() - 30 * DAY)
    assert SLIP in errors(edit(client, old, expires_at=long_ago))["expires_at"][0]
    several = f"/admin/bulk/fileshare/shareddocument/edit/?id={old.pk}"
    assert SLIP in said(client.post(several, {"expires_at": long_ago, "confirmed": "yes"}))
    retention.destroy_expired()
    assert not DocumentVersion.objects.filter(destroyed_at__isnull=False).exists()
    assert edit(client, old, expires_at=local(timezone.now() - DAY / 2)).status_code == 302


def test_move_that_would_destroy_at_once_is_refused_in_the_form_and_for_several(old, folder, signed_in):
    other = make_folder("Kept for ever")
    SharedDocument.objects.update(collection=other, expires_at=timezone.now() - 30 * DAY)
    old.refresh_from_db()
    client = signed_in(make_administrator())
    assert SLIP in errors(edit(client, old, collection=folder.pk))["expires_at"][0]
    several = f"/admin/bulk/fileshare/shareddocument/add_to_collection/?id={old.pk}"
    assert SLIP in said(client.post(several, {"collection": folder.pk}))
    assert SharedDocument.objects.get().collection == other
    Folder.objects.update(destroy_after_days=None)
    assert client.post(several, {"collection": folder.pk}).status_code == 302
