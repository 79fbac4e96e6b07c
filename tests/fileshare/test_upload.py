"""A file comes in: what was acknowledged is there, what was not is not, and nothing is overwritten."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import OperationalError, connection, transaction
from django_tasks_db.models import DBTaskResult
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from fileshare.enums import Inspection
from fileshare.inspection import formats
from fileshare.models import DocumentVersion, SharedDocument
from fileshare.services import inspect, upload
from members import audit
from members.models import AccessRecord
from portal.ops import away
from tests.factories import make_folder, make_paper, make_user
from tests.fileshare import files
from tests.fileshare.admin import objects


def new_document(**fields):
    return SharedDocument(title="A paper", collection=make_folder(), **fields)


def text(content=b"some text", name="a.txt"):
    return ContentFile(content, name=name)


def read(version):
    with version.file.open("rb") as stored:
        return stored.read()


@pytest.mark.django_db
def test_new_paper_has_one_version_that_waits():
    user = make_user()
    document = upload.create(document=new_document(), file=text(), name="C:\\here\\A name.txt", by=user, note="First")
    version = document.versions.get()
    document.refresh_from_db()
    assert document.current_version is None
    assert (document.file.name, document.file_size, document.uploaded_by_user) == (version.file.name, 9, user)
    assert (version.number, version.file_name, version.kind, version.size) == (1, "A name.txt", "txt", 9)
    assert (version.note, version.created_by, version.inspection) == ("First", user, Inspection.WAITING)
    assert version.sha256 == hashlib.sha256(b"some text").hexdigest()
    assert read(version) == b"some text"


@pytest.mark.django_db
def test_upload_and_replacement_are_rows_of_the_record():
    user = make_user()
    document = upload.create(document=new_document(), file=text(), name="a.txt", by=user)
    upload.replace(document=document, file=text(b"more"), name="b.txt", by=user)
    rows = [
        (row.action, row.actor_id, row.object_id, row.reason, row.details) for row in AccessRecord.objects.all()[:2]
    ]
    assert rows == [
        (
            "replaced",
            user.pk,
            str(document.uuid),
            "",
            {"version": 2, "sha256": hashlib.sha256(b"more").hexdigest(), "change": "major"},
        ),
        (
            "uploaded",
            user.pk,
            str(document.uuid),
            "",
            {"version": 1, "sha256": hashlib.sha256(b"some text").hexdigest()},
        ),
    ]


def wanted_inspections():
    rows = DBTaskResult.objects.filter(task_path="fileshare.tasks.inspect_version")
    return [row.args_kwargs["args"] for row in rows]


@pytest.mark.django_db
def test_inspection_is_asked_for_together_with_the_version():
    """In one transaction: the worker sees the task when it sees the version, and neither when it fails."""
    DBTaskResult.objects.all().delete()
    document = upload.create(document=new_document(), file=text(), name="a.txt", by=None)
    assert wanted_inspections() == [[document.versions.get().pk]]
    with transaction.atomic():
        upload.replace(document=document, file=text(), name="a.txt", by=None)
        transaction.set_rollback(True)
    assert wanted_inspections() == [[document.versions.get().pk]]


@pytest.mark.django_db
def test_replacement_keeps_the_former_bytes():
    paper = make_paper(content=b"old", file_name="a.txt")
    former = paper.current_version
    version = upload.replace(document=paper, file=text(b"new"), name="a.txt", by=None)
    assert version.file.name != former.file.name
    assert (read(former), read(version)) == (b"old", b"new")
    paper.refresh_from_db()
    assert (paper.current_version, paper.file.name, paper.file_size) == (former, version.file.name, 3)


@pytest.mark.django_db
def test_same_bytes_twice_are_two_objects():
    paper = make_paper(content=b"same", file_name="a.txt")
    version = upload.replace(document=paper, file=text(b"same"), name="a.txt", by=None)
    assert version.file.name != paper.current_version.file.name


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "name"), [(b"", "a.txt"), (b"MZ\0", "a.pdf"), (files.docx_file(), "a.pdf"), (b"a", "a.exe"), (b"a", "")]
)
def test_refused_file_leaves_nothing(content, name):
    paper = make_paper(content=b"old", file_name="a.txt")
    before, rows = objects(), AccessRecord.objects.count()
    with pytest.raises(formats.Refused):
        upload.create(document=new_document(), file=text(content), name=name, by=None)
    with pytest.raises(formats.Refused):
        upload.replace(document=paper, file=text(content), name=name, by=None)
    assert objects() == before
    assert SharedDocument.objects.count() == 1
    assert paper.versions.count() == 1
    assert AccessRecord.objects.count() == rows


@pytest.mark.django_db
def test_failing_transaction_leaves_neither_object_nor_row(monkeypatch):
    paper = make_paper(content=b"old", file_name="a.txt")
    before = objects()

    def full(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(audit, "record", full)
    with pytest.raises(OSError, match="disk full"):
        upload.create(document=new_document(), file=text(), name="a.txt", by=None)
    with pytest.raises(OSError, match="disk full"):
        upload.replace(document=paper, file=text(), name="a.txt", by=None)
    assert objects() == before
    assert (SharedDocument.objects.count(), DocumentVersion.objects.count()) == (1, 1)
    paper.refresh_from_db()
    assert read(paper.current_version) == b"old"
    assert paper.file.name == paper.current_version.file.name


@pytest.mark.django_db
def test_replacing_a_paper_that_was_deleted_meanwhile_leaves_no_object():
    paper = make_paper(content=b"old", file_name="a.txt")
    SharedDocument.objects.get(pk=paper.pk).delete()
    before = objects()
    with pytest.raises(SharedDocument.DoesNotExist):
        upload.replace(document=paper, file=text(), name="a.txt", by=None)
    assert objects() == before


@pytest.mark.django_db
def test_store_that_fails_while_saving_leaves_the_old_bytes(monkeypatch, signed_in):
    paper = make_paper(content=b"old", file_name="a.txt")
    before = objects()

    def full(name, content):
        raise OSError("no space left on device")

    monkeypatch.setattr(default_storage.__class__, "_save", staticmethod(full))
    with pytest.raises(upload.NotStored, match="nothing was changed"):
        upload.replace(document=paper, file=text(b"new"), name="a.txt", by=None)
    assert objects() == before
    paper.refresh_from_db()
    assert read(paper.current_version) == b"old"
    assert paper.versions.count() == 1
    assert paper.file.name == paper.current_version.file.name


@pytest.mark.django_db
def test_store_that_breaks_off_in_the_middle_leaves_no_half_object():
    """A file that cannot be read to its end, as when the temporary folder is emptied."""

    class Broken(ContentFile):
        """Is read once, for its sum, and breaks off the second time."""

        readings = 0

        def chunks(self, chunk_size=None):
            self.readings += 1
            yield b"half"
            if self.readings > 1:
                raise OSError("gone")

    before = objects()
    file = Broken(b"half and the rest", name="a.txt")
    with pytest.raises(upload.NotStored, match="nothing was changed"):
        upload.create(document=new_document(), file=file, name="a.txt", by=None)
    assert objects() == before


@pytest.mark.django_db
def test_large_upload_on_disk_is_stored_whole():
    content = b"line\n" * 700_000
    with TemporaryUploadedFile("big.txt", "text/plain", len(content), None) as file:
        file.write(content)
        file.seek(0)
        document = upload.create(document=new_document(), file=file, name="big.txt", by=None)
    version = document.versions.get()
    assert version.sha256 == hashlib.sha256(content).hexdigest()
    assert read(version) == content


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_replacements_at_once_are_all_kept_in_order(count):
    """Six, and 200 in the long run. One that had to wait too long for the database was told so, and comes again."""
    paper = make_paper(content=b"first", file_name="a.txt")
    editors = 200 if os.environ.get("DRILL") == "all" else 6
    together, refused = Barrier(editors), []

    def until_done(act):
        while True:
            try:
                return act()
            except OperationalError as error:
                if not away.says_so(error):
                    raise
                refused.append(error)

    def replace(number):
        try:
            together.wait()
            mine = until_done(lambda: SharedDocument.objects.get(pk=paper.pk))
            file = text(b"by %d" % number)
            version = until_done(lambda: upload.replace(document=mine, file=file, name="a.txt", by=None))
            until_done(lambda: inspect.inspect(version_id=version.pk))
            return version.number, b"by %d" % number
        finally:
            connection.close()

    with ThreadPoolExecutor(editors) as pool:
        made = dict(pool.map(replace, range(editors)))
    versions = list(paper.versions.order_by("number"))
    assert [version.number for version in versions] == list(range(1, editors + 2))
    assert sorted(made) == list(range(2, editors + 2))
    assert {version.number: read(version) for version in versions[1:]} == made
    paper.refresh_from_db()
    assert paper.current_version == versions[-1]
    assert paper.file.name == versions[-1].file.name
    rows = AccessRecord.objects.filter(action="replaced").order_by("pk")
    assert [row.details["version"] for row in rows] == list(range(2, editors + 2))
    again = f"{len(refused)} times somebody was refused and came again" if refused else ""
    count("Replacements of one paper at once", 200, len(made), said=again)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("a.pdf", "a.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\a\\b.pdf", "b.pdf"),
        ("Отчёт за 2026.pdf", "Отчёт за 2026.pdf"),
        ("报告 📄.pdf", "报告 📄.pdf"),
        ("a\r\nb\0c.pdf", "abc.pdf"),
        ("exe\u202efdp.pdf", "exefdp.pdf"),
        ("  .pdf", "pdf"),
        ("...", "paper"),
        ("", "paper"),
        ("/", "paper"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("x" * 300, "x" * 200),
    ],
)
def test_file_name_is_cleaned(name, clean):
    assert upload.clean_file_name(name) == clean


@hypothesis_settings(max_examples=500, deadline=None, derandomize=True)
@given(st.text(max_size=400))
def test_any_file_name_becomes_one_that_harms_nothing(name):
    clean = upload.clean_file_name(name)
    assert 0 < len(clean) <= 200
    assert clean.isprintable()
    assert not set(clean) & {"/", "\\", "\0"}
    assert clean not in (".", "..")
    assert clean == upload.clean_file_name(clean)
    clean.encode()
