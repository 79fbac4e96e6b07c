"""`manage.py orphans`: what belongs to nothing, and what is lost, in a folder and in an object store."""

from __future__ import annotations

import datetime
import io
import os
from pathlib import Path

import pytest
from botocore.stub import Stubber
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone
from wagtail.models import UploadedFile

from fileshare.models import DocumentVersion
from fileshare.object_storage import PrivateObjectStorage
from fileshare.services import derive, orphans
from fileshare.storage import keys_below, new_key, new_preview_key
from members.enums import Action
from members.models import AccessRecord, DataExport
from tests.factories import make_member, make_paper
from tests.fileshare.admin import objects
from tests.fileshare.files import picture

pytestmark = pytest.mark.django_db
OLD = (timezone.now() - datetime.timedelta(hours=25)).timestamp()
YOUNG = (timezone.now() - datetime.timedelta(hours=23)).timestamp()


@pytest.fixture(autouse=True)
def own():
    """What the test has put into the store, which goes with it; what others left there is young."""
    before = objects()
    yield lambda: objects() - before
    for path in objects() - before:
        path.unlink()


def put(key, age=OLD):
    stored = default_storage.save(key, ContentFile(b"bytes"))
    os.utime(default_storage.path(stored), (age, age))
    return stored


def run(*arguments):
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("orphans", *arguments, stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue(), err.getvalue(), str(error)
    return out.getvalue(), err.getvalue(), ""


@pytest.fixture
def named(own):
    """One object of each sort that a row names, all of them old."""
    paper = make_paper(content=picture("PNG"), file_name="a.png")
    derive.derive(version_id=paper.current_version.pk)
    UploadedFile.objects.create(file=put("wagtail_uploads/waits.pdf"))
    DataExport.objects.create(user=make_member(), file=put("own-data/00ff"))
    for path in own():
        os.utime(path, (OLD, OLD))
    return own()


def test_orphans_are_listed_first_and_deleted_only_when_asked(named, own):
    keys = [put(new_key()), put(new_preview_key()), put("own-data/11ee"), put("wagtail_uploads/left.pdf")]
    young, foreign = put(new_key(), YOUNG), put("backups/of-somebody-else")
    out, _err, end = run()
    assert end == ""
    assert {line.split()[1].rstrip(",") for line in out.splitlines()[:-1]} == set(keys)
    end = "belong to nothing and would be deleted; run it again with --delete.\n"
    assert out.endswith(f"4 stored files (20\xa0bytes) {end}")
    assert all(default_storage.exists(key) for key in keys)
    assert not AccessRecord.objects.filter(action=Action.ORPHANS_REMOVED).exists()
    assert run("--delete")[0].endswith("4 stored files (20\xa0bytes) belong to nothing and were deleted.\n")
    assert not [key for key in keys if default_storage.exists(key)]
    assert own() == named | {Path(default_storage.path(key)) for key in (young, foreign)}
    row = AccessRecord.objects.get(action=Action.ORPHANS_REMOVED)
    assert (row.actor, row.details["count"], row.details["bytes"]) == (None, 4, 20)
    assert run("--delete")[0] == "Every stored file belongs to something, or is younger than a day.\n"


def test_missing_files_are_named_and_the_command_fails(named):
    paper, destroyed = (make_paper(content=b"text", file_name="a.txt") for _ in range(2))
    version = DocumentVersion.objects.exclude(derivation=None).get()
    destroyed.versions.update(destroyed_at=timezone.now(), file="")
    default_storage.delete(paper.file.name)
    default_storage.delete(version.derivation.small.name)
    _out, err, end = run()
    assert err.splitlines() == [
        f"missing: paper {version.document.uuid}, version 1", f"missing: paper {paper.uuid}, version 1",
    ]  # fmt: skip
    assert end.startswith("2 versions name a file that the store does not have")


def test_many_orphans_are_found_a_handful_at_a_time(named, monkeypatch):
    monkeypatch.setattr(orphans, "AT_ONCE", 3)
    keys = {put(new_key()) for _ in range(10)}
    assert {orphan.key for orphan in orphans.find()} == keys
    assert len(list(orphans.remove(orphans.find()))) == 10
    assert AccessRecord.objects.filter(action=Action.ORPHANS_REMOVED).count() == 4


def test_keys_of_an_object_store_are_walked_folder_by_folder(monkeypatch):
    storage = PrivateObjectStorage(
        bucket_name="papers", access_key="x", secret_key="x", region_name="x", endpoint_url="http://127.0.0.1:9"
    )
    monkeypatch.setattr("fileshare.storage.default_storage", storage)
    with Stubber(storage.connection.meta.client) as store:
        for prefix, answer in (
            ("papers/", {"CommonPrefixes": [{"Prefix": "papers/ab/"}, {"Prefix": "papers/cd/"}]}),
            ("papers/ab/", {"Contents": [{"Key": "papers/ab/1"}, {"Key": "papers/ab/2"}]}),
            ("papers/cd/", {}),
        ):
            store.add_response("list_objects", answer, {"Bucket": "papers", "Delimiter": "/", "Prefix": prefix})
        assert list(keys_below("papers")) == ["papers/ab/1", "papers/ab/2"]
        store.add_client_error("list_objects", "503", http_status_code=503)
        with pytest.raises(Exception, match="503"):
            list(keys_below("papers"))
