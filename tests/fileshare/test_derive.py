"""The worker's part after the inspection: made once, kept whole, gone with the version, tried again when killed."""

from __future__ import annotations

import datetime
from unittest.mock import patch

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from wagtail.tasks import delete_file_from_storage_task

from fileshare import tasks
from fileshare.derivatives import opening, preview, text
from fileshare.enums import Inspection, Making
from fileshare.inspection.child import Defeated
from fileshare.models import Derivation, DocumentVersion, PageText
from fileshare.services import derive
from portal.ops import due
from tests.factories import add_version, make_administrator, make_member, make_paper

pytestmark = pytest.mark.django_db
PICTURES = preview.Preview(b"small", b"large", 800, 1131)
TEXT = text.Text(("One", "Two"), 2, title="T", author="A", dated=datetime.date(2026, 1, 2), language="en-gb")


@pytest.fixture
def made(monkeypatch):
    """What comes out of the parsers, which have tests of their own; counts how often they are asked."""
    asked = []

    def answer(name, result):
        def make(path, kind="pdf"):
            asked.append(name)
            if isinstance(result, Exception):
                raise result
            return result

        return make

    def set_results(read=TEXT, drawn=PICTURES, first=b"opening"):
        monkeypatch.setattr(text, "make", answer("text", read))
        monkeypatch.setattr(preview, "make", answer("preview", drawn))
        monkeypatch.setattr(opening, "make", answer("opening", first))
        return asked

    set_results()
    return set_results


def version_of(**fields):
    return make_paper(**fields).versions.get()


def stored(row):
    contents = []
    for file in (row.small, row.large, row.opening):
        with default_storage.open(file.name) as opened:
            contents.append(opened.read())
    return contents


def test_text_preview_opening_and_facts_are_kept(made):
    version = version_of()
    version.pages = None
    version.save()
    row = derive.derive(version_id=version.pk)
    row.refresh_from_db()
    assert (row.state, row.note, row.attempts) == (Making.MADE, "", 1)
    assert (row.title, row.author, row.dated, row.language) == ("T", "A", datetime.date(2026, 1, 2), "en-gb")
    assert [(page.number, page.text) for page in version.page_texts.all()] == [(1, "One"), (2, "Two")]
    assert stored(row) == [b"small", b"large", b"opening"]
    assert (row.width, row.height, row.opening_size) == (800, 1131, 7)
    assert all(key.startswith("previews/") and len(key) == 50 for key in row.keys)
    assert len(row.keys) == 3
    version.refresh_from_db()
    assert version.pages == 2


def test_second_run_makes_nothing(made):
    version = version_of()
    assert derive.derive(version_id=version.pk) is not None
    assert derive.derive(version_id=version.pk) is None
    assert made() == ["text", "preview", "opening"]
    assert PageText.objects.count() == 2


def test_only_what_passed_its_inspection_is_looked_at(made):
    version = version_of(inspected=False)
    assert derive.derive(version_id=version.pk) is None
    DocumentVersion.objects.filter(pk=version.pk).update(inspection=Inspection.QUARANTINED)
    assert derive.derive(version_id=version.pk) is None
    assert derive.derive(version_id=version.pk + 1) is None
    assert made() == []


def test_kind_of_which_nothing_is_made_is_not_even_fetched(made, monkeypatch):
    version = version_of()
    DocumentVersion.objects.filter(pk=version.pk).update(kind="mp4")
    monkeypatch.setattr(derive, "copy_on_disk", lambda file: pytest.fail("fetched"))
    assert derive.derive(version_id=version.pk).state == Making.MADE
    assert made() == []


@pytest.mark.parametrize(
    ("read", "drawn", "note", "pictures"),
    [
        (Defeated(), PICTURES, derive.NO_TEXT, True),
        (TEXT, Defeated(), derive.NO_PREVIEW, False),
        (Defeated(), Defeated(), f"{derive.NO_TEXT} {derive.NO_PREVIEW}", False),
    ],
)
def test_file_that_defeats_a_parser_says_so_and_stays_readable(made, signed_in, read, drawn, note, pictures):
    made(read, drawn)
    paper = make_paper("Stubborn paper")
    row = derive.derive(version_id=paper.current_version_id)
    assert (row.state, row.note, row.has_preview) == (Making.FAILED, note, pictures)
    reader = signed_in(make_member())
    assert b"".join(reader.get(paper.download_url).streaming_content).startswith(b"%PDF")
    assert reader.get(paper.get_absolute_url()).status_code == 200
    page = signed_in(make_administrator()).get(f"/admin/documents/edit/{paper.pk}/").content.decode()
    assert note in " ".join(page.split())


@pytest.mark.parametrize("first", [b"", Defeated()])
def test_file_without_an_opening_is_made_all_the_same(made, first):
    made(first=first)
    row = derive.derive(version_id=version_of().pk)
    assert (row.state, row.note, row.has_preview) == (Making.MADE, "", True)
    assert (row.opening.name, row.opening_size) == ("", 0)


def test_very_long_text_is_made_and_says_that_it_is_cut(made):
    made(text.Text(("One",), 9, cut=True))
    row = derive.derive(version_id=version_of().pk)
    assert (row.state, row.note) == (Making.MADE, derive.CUT_TEXT.format(pages=1))


def test_what_is_found_in_a_file_stands_beside_its_form(made, signed_in):
    paper = make_paper()
    derive.derive(version_id=paper.current_version_id)
    page = signed_in(make_administrator()).get(f"/admin/documents/edit/{paper.pk}/").content.decode()
    assert "title “T”, author “A”, dated 2 January 2026, in British English" in " ".join(page.split())


def objects_in_store():
    shelves = default_storage.listdir("")[0]
    return {
        f"{shelf}/{folder}/{name}"
        for shelf in shelves
        if shelf in ("papers", "previews")
        for folder in default_storage.listdir(shelf)[0]
        for name in default_storage.listdir(f"{shelf}/{folder}")[1]
    }


def test_pictures_go_again_when_the_transaction_fails(made):
    version = version_of()
    before = objects_in_store()
    with (
        patch.object(PageText.objects, "bulk_create", side_effect=OSError("away")),
        pytest.raises(OSError, match="away"),
    ):
        derive.derive(version_id=version.pk)
    assert objects_in_store() == before
    assert derive.derive(version_id=version.pk).has_preview  # the next attempt


def test_pictures_go_again_when_another_worker_was_quicker(made, monkeypatch):
    version = version_of()
    look = derive._look

    def overtaken(path, kind):
        found = look(path, kind)
        monkeypatch.setattr(derive, "_look", look)
        assert derive.derive(version_id=version.pk) is not None
        return found

    monkeypatch.setattr(derive, "_look", overtaken)
    before = len(objects_in_store())
    assert derive.derive(version_id=version.pk) is None
    assert len(objects_in_store()) == before + 3
    assert PageText.objects.count() == 2


def test_version_that_was_deleted_meanwhile_leaves_nothing(made, monkeypatch):
    paper = make_paper()
    version = paper.versions.get()
    look = derive._look

    def deleted(path, kind):
        paper.delete()
        return look(path, kind)

    monkeypatch.setattr(derive, "_look", deleted)
    before = objects_in_store()
    assert derive.derive(version_id=version.pk) is None
    assert objects_in_store() == before
    assert (Derivation.objects.count(), PageText.objects.count()) == (0, 0)


def test_store_that_is_away_is_no_attempt(made, monkeypatch):
    version = version_of()

    def away(file, mode="rb"):
        raise FileNotFoundError("away")

    monkeypatch.setattr("django.db.models.fields.files.FieldFile.open", away)
    for _ in range(5):
        with pytest.raises(FileNotFoundError):
            derive.derive(version_id=version.pk)
    monkeypatch.undo()
    assert derive.is_wanted(version_id=version.pk)
    assert not Derivation.objects.filter(attempts__gt=0).exists()


def test_file_on_which_the_worker_died_again_and_again_is_left_alone(made, monkeypatch):
    version = version_of()

    def killed(path, kind):
        raise KeyboardInterrupt

    monkeypatch.setattr(derive, "_look", killed)
    for _ in range(derive.MOST_ATTEMPTS):
        with pytest.raises(KeyboardInterrupt):
            derive.derive(version_id=version.pk)
    row = derive.derive(version_id=version.pk)
    assert (row.state, row.note) == (Making.FAILED, derive.GAVE_UP)
    assert not derive.is_wanted(version_id=version.pk)


def waiting_tasks(path):
    return DBTaskResult.objects.filter(task_path=path, status=TaskResultStatus.READY)


def test_inspection_has_the_rest_made_also_after_a_kill_between_the_two(made):
    version = version_of(inspected=False)
    tasks.inspect_version.func(version.pk)
    assert waiting_tasks(tasks.derive_version.module_path).count() == 1
    tasks.inspect_version.func(version.pk)  # the worker was killed before it queued the rest
    assert waiting_tasks(tasks.derive_version.module_path).count() == 2
    tasks.derive_version.func(version.pk)
    tasks.inspect_version.func(version.pk)
    assert waiting_tasks(tasks.derive_version.module_path).count() == 2
    tasks.derive_version.func(version.pk)
    assert made() == ["text", "preview", "opening"]


def test_task_of_a_killed_worker_and_one_that_failed_are_picked_up_again():
    ago = timezone.now() - datetime.timedelta(hours=1)
    for status, finished in ((TaskResultStatus.RUNNING, None), (TaskResultStatus.FAILED, ago)):
        result = tasks.derive_version.enqueue(1)
        DBTaskResult.objects.filter(pk=result.id).update(status=status, started_at=ago, finished_at=finished)
    assert due.run_all() == 0
    assert waiting_tasks(tasks.derive_version.module_path).count() == 2


def test_deleted_paper_takes_text_and_pictures_along(made):
    paper = make_paper()
    add_version(paper, b"new", file_name="a.txt")
    row = derive.derive(version_id=paper.versions.get(number=1).pk)
    keys = set(row.keys)
    assert len(keys) == 3
    paper.delete()
    assert (Derivation.objects.count(), PageText.objects.count()) == (0, 0)
    queued = waiting_tasks(delete_file_from_storage_task.module_path)
    assert keys < {task.args_kwargs["args"][1] for task in queued}
