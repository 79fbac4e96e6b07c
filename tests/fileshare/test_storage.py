"""Where bytes lie."""

from __future__ import annotations

import io
import json
import stat
from pathlib import Path

import pytest
from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import ClientError, EndpointConnectionError
from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from storages.backends.s3 import S3Storage
from wagtail.models import UploadedFile

from fileshare.object_storage import PrivateObjectStorage
from fileshare.storage import Pieces, PrivateFolderStorage, StoreAway, new_key
from tests.factories import make_paper


def test_default_storage_is_the_private_one():
    assert isinstance(storages["default"], PrivateFolderStorage)
    assert UploadedFile._meta.get_field("file").storage == default_storage


@pytest.mark.parametrize(
    "storage", [PrivateFolderStorage("/nowhere"), PrivateObjectStorage(bucket_name="papers", region_name="eu-west-2")]
)
def test_private_files_have_no_address(storage):
    with pytest.raises(NotImplementedError, match="no address"):
        storage.url("papers/00/11")


def test_bucket_that_says_of_each_name_that_it_is_taken_is_away(monkeypatch):
    """And is not asked for ever."""
    monkeypatch.setattr(S3Storage, "exists", lambda self, name: True)
    with pytest.raises(StoreAway):
        PrivateObjectStorage(bucket_name="papers", region_name="x").save(new_key(), ContentFile(b"Words."))


@pytest.mark.parametrize("is_taken", [False, True])
def test_long_name_is_cut_and_keeps_its_ending_whether_it_is_taken_or_not(is_taken, monkeypatch):
    name = f"wagtail_uploads/{'Minutes of the meeting ' * 9}.pdf"
    monkeypatch.setattr(S3Storage, "exists", lambda self, asked: is_taken and "_" not in asked.removeprefix("wagtail_"))
    free = PrivateObjectStorage(bucket_name="papers", region_name="x").get_available_name(name, max_length=200)
    assert len(free) == 200
    assert free.startswith("wagtail_uploads/Minutes of")
    assert (free.endswith(".pdf"), free[-12] == "_") == (True, is_taken)
    with pytest.raises(SuspiciousFileOperation):
        PrivateObjectStorage(bucket_name="papers", region_name="x").get_available_name(name, max_length=20)


@pytest.mark.django_db
def test_paper_s_file_has_no_address():
    paper = make_paper(content=b"text", file_name="a.txt")
    with pytest.raises(NotImplementedError):
        _ = paper.file.url
    with pytest.raises(NotImplementedError):
        _ = paper.current_version.file.url


def test_keys_are_random_and_tell_nothing():
    keys = {new_key(None, "A secret title.pdf") for _ in range(1000)}
    assert len(keys) == 1000
    assert all(len(key) == len("papers/ab/") + 38 and key.startswith("papers/") for key in keys)
    assert not any("secret" in key or "pdf" in key for key in keys)


def test_object_is_never_overwritten():
    first = default_storage.save("papers/same/key", ContentFile(b"first"))
    second = default_storage.save("papers/same/key", ContentFile(b"second"))
    assert first != second
    with default_storage.open(first) as file:
        assert file.read() == b"first"
    default_storage.delete(first)
    default_storage.delete(second)


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "papers/../../outside"])
def test_names_stay_inside_the_folder(name):
    with pytest.raises(SuspiciousFileOperation):
        default_storage.read_range(name, 0, 1)


@pytest.mark.parametrize(("is_read_by_group", "modes"), [(False, (0o600, 0o700)), (True, (0o640, 0o750))])
def test_files_are_for_the_site_s_user_and_for_its_group_where_nginx_reads_them(tmp_path, is_read_by_group, modes):
    storage = PrivateFolderStorage(str(tmp_path), is_read_by_group=is_read_by_group)
    file = tmp_path / storage.save("papers/ab/cd", ContentFile(b"bytes"))
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == modes


@pytest.mark.parametrize("storage", ["folder", "bucket"])
def test_deconstructed_storage_holds_no_secret_and_is_json(storage, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "an-access-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret-key")
    made = (
        PrivateFolderStorage(str(settings.PRIVATE_ROOT))
        if storage == "folder"
        else PrivateObjectStorage(bucket_name="papers", endpoint_url="http://127.0.0.1:1")
    )
    told = json.dumps(made.deconstruct())
    assert "a-secret-key" not in told
    assert "an-access-key" not in told
    path, args, kwargs = made.deconstruct()
    assert path == f"{type(made).__module__}.{type(made).__name__}"
    assert type(made)(*args, **kwargs).deconstruct() == made.deconstruct()


def test_bucket_is_asked_for_in_private_alone():
    chosen = PrivateObjectStorage(bucket_name="papers")
    assert chosen.default_acl is None
    assert chosen.custom_domain is None
    assert chosen.querystring_auth is True
    assert chosen.querystring_expire <= 60
    assert chosen.file_overwrite is False
    assert chosen.signature_version == "s3v4"


@pytest.mark.django_db
def test_stored_files_are_for_the_site_s_user_alone():
    path = Path(default_storage.path(make_paper(content=b"text", file_name="a.txt").file.name))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    folder = path.parent
    while folder != Path(settings.PRIVATE_ROOT):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        folder = folder.parent


@pytest.mark.django_db
def test_nothing_lies_under_the_public_folder():
    make_paper(content=b"a unique marker of the text", file_name="marker-name.txt")
    for path in Path(settings.PUBLIC_ROOT).rglob("*"):
        assert "marker" not in path.name
        assert path.is_dir() or b"a unique marker" not in path.read_bytes()
    assert not Path(settings.PRIVATE_ROOT).is_relative_to(settings.PUBLIC_ROOT)
    assert not Path(settings.PUBLIC_ROOT).is_relative_to(settings.PRIVATE_ROOT)


@pytest.mark.parametrize(
    ("start", "length", "expected"), [(0, 10, b"0123456789"), (3, 4, b"3456"), (9, 5, b"9"), (0, 0, b"")]
)
def test_range_is_read_in_pieces(start, length, expected):
    name = default_storage.save(new_key(), ContentFile(b"0123456789"))
    assert b"".join(default_storage.read_range(name, start, length)) == expected
    default_storage.delete(name)


def test_pieces_close_their_source_at_the_end():
    source = io.BytesIO(b"0123456789")
    pieces = Pieces(source, 4)
    assert next(pieces) == b"0123"
    assert not source.closed
    assert list(pieces) == []
    assert source.closed


def test_pieces_of_a_source_that_ends_too_soon_end_with_it():
    source = io.BytesIO(b"0123")
    assert b"".join(Pieces(source, 10)) == b"0123"
    assert source.closed


def test_range_of_a_missing_object_fails_before_the_first_piece():
    with pytest.raises(FileNotFoundError):
        default_storage.read_range(new_key(), 0, 1)


@pytest.mark.parametrize(
    "trouble",
    [
        EndpointConnectionError(endpoint_url="http://store.internal"),
        S3UploadFailedError("Failed to upload: 507"),
        ClientError({"Error": {"Code": "QuotaExceeded"}}, "PutObject"),
    ],
    ids=lambda trouble: type(trouble).__name__,
)
def test_object_store_that_takes_nothing_says_so_in_one_way(trouble, monkeypatch):
    def refuse(self, name, content):
        raise trouble

    monkeypatch.setattr(S3Storage, "_save", refuse)
    monkeypatch.setattr(S3Storage, "exists", lambda self, name: False)
    with pytest.raises(StoreAway):
        PrivateObjectStorage(bucket_name="papers", region_name="eu-west-2").save("a/b", ContentFile(b"words"))
