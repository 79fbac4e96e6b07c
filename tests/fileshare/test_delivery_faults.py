"""The bytes of a version: in little memory, when a part is away, and by nginx."""

from __future__ import annotations

import logging
import re
import tracemalloc
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.test import RequestFactory

from fileshare import delivery
from fileshare.readers_copy import plain
from members import audit
from members.models import AccessRecord
from tests.factories import make_folder, make_paper
from tests.fileshare.answers import CONTENT, SECURITY, bytes_of, etag_of, last_row, newest_rows


def without_token(body):
    """A page without the random value against forged requests in its sign-out form."""
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", body)


# --- Memory -----------------------------------------------------------------------------------------------------


def test_download_of_64_megabytes_takes_less_than_two_of_memory(tens):
    size = 64 * 1024**2
    version = tens.current_version
    with Path(default_storage.path(version.file.name)).open("r+b") as stored:
        stored.truncate(size)
    version.size = size
    tracemalloc.start()
    try:
        response = delivery.send(RequestFactory().get("/"), delivery.parcel_of(plain(version)))
        sent = sum(len(piece) for piece in response)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        response.close()
    assert sent == size
    assert peak < 2 * 1024**2


def test_reader_who_goes_away_leaves_no_open_file(tens):
    response = delivery.send(RequestFactory().get("/"), delivery.parcel_of(plain(tens.current_version)))
    pieces = response._iterator
    response.close()
    with pytest.raises(ValueError, match="closed"):
        next(iter(pieces))


# --- Faults -----------------------------------------------------------------------------------------------------


def test_file_missing_in_the_store_is_503_and_said(member_client, tens, caplog):
    default_storage.delete(tens.current_version.file.name)
    with caplog.at_level(logging.ERROR, logger="fileshare"):
        response = member_client.get(tens.download_url)
    assert (response.status_code, response["Retry-After"]) == (503, "120")
    assert response["Cache-Control"] == "private, no-store"
    assert "This paper&#x27;s file cannot be reached just now." in response.content.decode()
    assert [(record.levelname, record.name) for record in caplog.records if record.name.startswith("fileshare")] == [
        ("ERROR", "fileshare.views.handing_out")
    ]
    assert str(tens.uuid) in caplog.text
    assert last_row() == (
        "failed",
        int(member_client.session["_auth_user_id"]),
        "document",
        str(tens.uuid),
        "missing from the store",
        {"version": 1},
    )


def test_file_cut_in_the_store_is_not_sent(member_client, tens):
    with Path(default_storage.path(tens.current_version.file.name)).open("r+b") as stored:
        stored.truncate(40)
    assert member_client.get(tens.download_url).status_code == 503
    assert last_row()[0] == "failed"


def test_store_that_goes_away_after_it_was_asked_is_503(member_client, tens, monkeypatch):
    def away(*args):
        raise ConnectionError("no route to the store")

    monkeypatch.setattr(default_storage.__class__, "read_range", staticmethod(away))
    response = member_client.get(tens.download_url)
    assert (response.status_code, response["Retry-After"]) == (503, "120")
    assert [row[0] for row in newest_rows(2)] == ["downloaded", "failed"]


def test_nothing_leaves_when_the_record_cannot_be_written(member_client, tens, monkeypatch):
    hidden = make_paper(
        "A hidden paper", collection=make_folder(groups=("Committee",)), content=b"x", file_name="a.txt"
    )

    def full(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(audit, "record", full)
    member_client.raise_request_exception = False
    rows = AccessRecord.objects.count()
    for address in (
        tens.download_url,
        tens.get_absolute_url(),
        f"/files/document/{tens.uuid}/versions/1/download/",
        hidden.download_url,
    ):
        response = member_client.get(address)
        assert response.status_code in (500, 503)
        assert not response.streaming
        assert CONTENT not in response.content
        assert b"Ten times ten" not in response.content
        assert b"A hidden paper" not in response.content
    assert AccessRecord.objects.count() == rows


def test_record_is_written_before_the_first_byte(member_client, tens, monkeypatch):
    """When the file is opened, the row stands already."""
    seen = []
    read_range = default_storage.read_range

    def watched(*args):
        seen.append(last_row()[0])
        return read_range(*args)

    monkeypatch.setattr(default_storage.__class__, "read_range", staticmethod(watched))
    bytes_of(member_client.get(tens.download_url))
    assert seen == ["downloaded"]


# --- By nginx ---------------------------------------------------------------------------------------------------


@pytest.fixture
def by_nginx(settings):
    settings.DELIVERY = "accel"


def test_nginx_is_told_where_the_bytes_lie_and_what_to_say_of_them(member_client, tens, by_nginx):
    response = member_client.get(tens.download_url)
    assert (response.status_code, bytes_of(response)) == (200, b"")
    assert dict(response.items()) == {
        **SECURITY,
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": "0",
        "Content-Disposition": 'attachment; filename="tens.txt"',
        "ETag": etag_of(tens),
        "X-Accel-Redirect": f"/_private/{tens.current_version.file.name}",
    }
    assert last_row()[0] == "downloaded"


def test_nginx_asks_the_store_for_the_range_that_was_understood(member_client, tens, by_nginx):
    response = member_client.get(tens.download_url, headers={"range": "bytes=-30"})
    assert (response.status_code, response["X-Object-Range"]) == (200, "bytes=70-99")
    assert last_row()[5] == {"version": 1, "range": "bytes=-30"}


@pytest.mark.parametrize("asked", [
    {"if-match": "{etag}"}, {"range": "bytes=0-1,5-6"}, {"range": "bytes=9-3"},
    {"range": "bytes=0-4", "if-range": '"other"'},
])  # fmt: skip
def test_what_nginx_would_judge_otherwise_is_sent_from_here(member_client, tens, by_nginx, asked):
    headers = {name: value.format(etag=etag_of(tens)) for name, value in asked.items()}
    response = member_client.get(tens.download_url, headers=headers)
    assert (response.status_code, bytes_of(response)) == (200, CONTENT)
    assert "X-Accel-Redirect" not in response


def test_head_refusals_and_zips_are_answered_from_here(member_client, tens, by_nginx):
    answers = [
        member_client.head(tens.download_url),
        member_client.get(tens.download_url, headers={"if-none-match": etag_of(tens)}),
        member_client.get(tens.download_url, headers={"range": "bytes=100-"}),
        member_client.get("/files/archive/", {"document": tens.uuid}),
    ]
    assert [answer.status_code for answer in answers] == [200, 304, 416, 200]
    assert not [answer for answer in answers if "X-Accel-Redirect" in answer]
    assert CONTENT in bytes_of(answers[-1])


def test_missing_file_is_noticed_before_nginx_is_asked(member_client, tens, by_nginx):
    default_storage.delete(tens.current_version.file.name)
    response = member_client.get(tens.download_url)
    assert (response.status_code, response["Retry-After"], "X-Accel-Redirect" in response) == (503, "120", False)
