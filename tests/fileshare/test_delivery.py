"""The bytes of a version: whole, in part, under a condition, and by which name."""

from __future__ import annotations

import re
import uuid
from types import SimpleNamespace

import pytest
from django.core.files.storage import default_storage

from fileshare import delivery
from fileshare.enums import Kind
from fileshare.models import DocumentVersion
from fileshare.readers_copy import plain
from tests.factories import add_version, make_folder, make_member, make_paper
from tests.fileshare.answers import CONTENT, SECURITY, bytes_of, etag_of


def without_token(body):
    """A page without the random value against forged requests in its sign-out form."""
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", body)


# --- Whole ------------------------------------------------------------------------------------------------------


def test_slow_reader_keeps_no_connection_to_the_database(member_client, tens, monkeypatch):
    given_back = []
    one = SimpleNamespace(in_atomic_block=False, close_if_unusable_or_obsolete=lambda: given_back.append("connection"))
    monkeypatch.setattr(delivery, "connection", one)
    response = member_client.get(tens.download_url)
    assert given_back == []
    assert bytes_of(response) == CONTENT
    assert given_back == ["connection"]


def test_file_of_a_reader_who_hangs_up_at_once_is_closed(tens):
    pieces = delivery.read(plain(tens.current_version), 0, 10)
    file = pieces._source._source
    assert not file.closed
    pieces.close()
    assert file.closed


def test_download_whole_has_all_its_headers(member_client, tens):
    response = member_client.get(tens.download_url)
    assert response.status_code == 200
    assert bytes_of(response) == CONTENT
    assert dict(response.items()) == {
        **SECURITY,
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": "100",
        "Content-Disposition": 'attachment; filename="tens.txt"',
        "Accept-Ranges": "bytes",
        "ETag": etag_of(tens),
    }
    assert not response.cookies


def test_head_has_the_headers_of_get_and_no_bytes(member_client, tens):
    whole = member_client.get(tens.download_url)
    bytes_of(whole)
    head = member_client.head(tens.download_url)
    assert (head.status_code, bytes_of(head)) == (200, b"")
    assert dict(head.items()) == dict(whole.items())


def test_head_does_not_open_the_file(member_client, tens, monkeypatch):
    monkeypatch.setattr(default_storage.__class__, "read_range", staticmethod(lambda *args: pytest.fail("opened")))
    assert member_client.head(tens.download_url).status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_download_allows_reading_alone(member_client, tens, method):
    response = getattr(member_client, method)(tens.download_url)
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")


def test_empty_stored_file_is_sent_as_nothing(member_client, tens):
    """An upload of nothing is refused; should a store hold one all the same, it is sent as it is."""
    with default_storage.open(tens.current_version.file.name, "wb"):
        pass
    DocumentVersion.objects.filter(document=tens).update(size=0)
    response = member_client.get(tens.download_url)
    assert (response.status_code, response["Content-Length"], bytes_of(response)) == (200, "0", b"")
    response = member_client.get(tens.download_url, headers={"range": "bytes=0-"})
    assert (response.status_code, response["Content-Range"]) == (416, "bytes */0")


# --- Ranges -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-4", 0, 4),
        ("bytes=0-0", 0, 0),
        ("bytes=37-61", 37, 61),
        ("bytes=99-99", 99, 99),
        ("bytes=95-", 95, 99),
        ("bytes=0-", 0, 99),
        ("bytes=-1", 99, 99),
        ("bytes=-30", 70, 99),
        ("bytes=-100", 0, 99),
        ("bytes=-5000", 0, 99),
        ("bytes=90-5000", 90, 99),
        ("bytes=0-99", 0, 99),
        ("Bytes = 3 - 7 ", 3, 7),
    ],
)
def test_single_range_is_sent_alone(member_client, tens, header, first, last):
    response = member_client.get(tens.download_url, headers={"range": header})
    assert response.status_code == 206
    assert bytes_of(response) == CONTENT[first : last + 1]
    assert dict(response.items()) == {
        **SECURITY,
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": str(last - first + 1),
        "Content-Range": f"bytes {first}-{last}/100",
        "Content-Disposition": 'attachment; filename="tens.txt"',
        "Accept-Ranges": "bytes",
        "ETag": etag_of(tens),
    }


@pytest.mark.parametrize(
    "header",
    [
        "bytes=0-4,10-14",
        "bytes=0-4, -1",
        "bytes=0-0,1-1,2-2,3-3",
        "bytes=",
        "bytes=-",
        "bytes",
        "",
        "bytes=a-b",
        "bytes=7-3",
        "bytes=--5",
        "bytes=1.5-3",
        "bytes=+1-3",
        "bytes=0x1-0x3",
        "bytes=１-３",
        "items=0-4",
        "bytes 0-4",
        "bytes=0-4;",
        "bytes=" + "9" * 5000 + "-",
    ],
)
def test_several_ranges_and_nonsense_get_the_whole(member_client, tens, header):
    response = member_client.get(tens.download_url, headers={"range": header})
    assert (response.status_code, bytes_of(response)) == (200, CONTENT)
    assert "Content-Range" not in response
    assert response["Content-Length"] == "100"


@pytest.mark.parametrize(
    "header", ["bytes=100-", "bytes=100-200", "bytes=5000-", "bytes=-0", "bytes=" + "9" * 60 + "-"]
)
def test_range_beyond_the_end_is_not_satisfiable(member_client, tens, header):
    response = member_client.get(tens.download_url, headers={"range": header})
    assert (response.status_code, response.content) == (416, b"")
    assert dict(response.items()) == {
        **SECURITY,
        "Content-Type": "text/plain",
        "Content-Length": "0",
        "Content-Range": "bytes */100",
        "Accept-Ranges": "bytes",
        "ETag": etag_of(tens),
    }


def test_range_on_head_is_ignored(member_client, tens):
    response = member_client.head(tens.download_url, headers={"range": "bytes=0-4"})
    assert (response.status_code, response["Content-Length"]) == (200, "100")
    assert "Content-Range" not in response


def test_download_resumed_at_any_byte_is_the_file(member_client, tens):
    for cut in (1, 50, 99):
        parts = [
            bytes_of(member_client.get(tens.download_url, headers={"range": part}))
            for part in (f"bytes=0-{cut - 1}", f"bytes={cut}-")
        ]
        assert b"".join(parts) == CONTENT


# --- Conditions -------------------------------------------------------------------------------------------------


def test_if_range_with_this_versions_tag_gets_the_range(member_client, tens):
    response = member_client.get(tens.download_url, headers={"range": "bytes=0-4", "if-range": etag_of(tens)})
    assert (response.status_code, bytes_of(response)) == (206, b"01234")


@pytest.mark.parametrize("tag", ['"another"', "W/{etag}", "Wed, 21 Oct 2015 07:28:00 GMT", "", "*", "{bare}"])
def test_if_range_with_anything_else_gets_the_whole(member_client, tens, tag):
    tag = tag.replace("{etag}", etag_of(tens)).replace("{bare}", etag_of(tens).strip('"'))
    response = member_client.get(tens.download_url, headers={"range": "bytes=0-4", "if-range": tag})
    assert (response.status_code, bytes_of(response)) == (200, CONTENT)


def test_if_range_after_replacement_gets_the_whole_new_file(member_client, tens):
    former = etag_of(tens)
    add_version(tens, b"something new", file_name="new.txt")
    response = member_client.get(tens.download_url, headers={"range": "bytes=5-", "if-range": former})
    assert (response.status_code, bytes_of(response)) == (200, b"something new")


@pytest.mark.parametrize("tags", ["{etag}", 'W/{etag}, "x"', '"x", {etag}', "*"])
def test_if_none_match_of_this_version_is_not_modified(member_client, tens, tags):
    for method in (member_client.get, member_client.head):
        response = method(tens.download_url, headers={"if-none-match": tags.replace("{etag}", etag_of(tens))})
        assert (response.status_code, bytes_of(response)) == (304, b"")
        assert response["ETag"] == etag_of(tens)
        assert response["Cache-Control"] == "private, no-store"


def test_if_none_match_of_another_version_gets_the_whole(member_client, tens):
    response = member_client.get(tens.download_url, headers={"if-none-match": '"x"'})
    assert (response.status_code, bytes_of(response)) == (200, CONTENT)


@pytest.mark.parametrize(("tags", "status"), [("{etag}", 200), ("*", 200), ('"x"', 412), ("W/{etag}", 412)])
def test_if_match_wants_this_version(member_client, tens, tags, status):
    response = member_client.get(tens.download_url, headers={"if-match": tags.replace("{etag}", etag_of(tens))})
    assert (response.status_code, bytes_of(response)) == (status, CONTENT if status == 200 else b"")


def test_conditions_of_an_unreadable_paper_tell_nothing(signed_in):
    hidden = make_paper(
        content=CONTENT, file_name="a.txt", collection=make_folder(groups=("Committee",)), title="Hidden"
    )
    client = signed_in(make_member())
    unknown = f"/files/document/{uuid.uuid4()}/download/"
    for headers in (
        {"if-none-match": etag_of(hidden)},
        {"if-none-match": "*"},
        {"if-match": '"x"'},
        {"range": "bytes=500-"},
    ):
        there, not_there = client.get(hidden.download_url, headers=headers), client.get(unknown, headers=headers)
        assert there.status_code == not_there.status_code == 404
        assert without_token(there.content) == without_token(not_there.content)
        assert dict(there.items()) == dict(not_there.items())


def test_etag_is_opaque_and_different_for_each_version_of_the_same_bytes(member_client, tens):
    first = member_client.head(tens.download_url)["ETag"]
    add_version(tens, CONTENT, file_name="tens.txt")
    second = member_client.head(tens.download_url)["ETag"]
    versions = tens.versions.all()
    assert len({version.sha256 for version in versions}) == 1
    assert first != second
    for tag, version in zip((second, first), versions, strict=True):
        assert version.sha256 not in tag
        assert version.file.name.replace("/", "") not in tag
        assert str(version.pk) != tag.strip('"')
        assert len(tag) == 34


# --- Names ------------------------------------------------------------------------------------------------------


def test_former_version_says_in_its_name_which_it_is(member_client, tens):
    old = tens.versions.get()
    add_version(tens, b"something new", file_name="tens.txt")
    new = tens.versions.get(number=2)
    assert member_client.head(old.download_url)["Content-Disposition"] == 'attachment; filename="tens (version 1).txt"'
    for address in (tens.download_url, new.download_url):
        assert member_client.head(address)["Content-Disposition"] == 'attachment; filename="tens.txt"'


LONG = "x" * 300


@pytest.mark.parametrize(
    ("name", "disposition"),
    [
        ("Plain name.txt", 'attachment; filename="Plain name.txt"'),
        ("Отчёт 2026.txt", "attachment; filename*=utf-8''%D0%9E%D1%82%D1%87%D1%91%D1%82%202026.txt"),
        ("报告.txt", "attachment; filename*=utf-8''%E6%8A%A5%E5%91%8A.txt"),
        ("📄 paper.txt", "attachment; filename*=utf-8''%F0%9F%93%84%20paper.txt"),
        ('the "final" one.txt', 'attachment; filename="the \\"final\\" one.txt"'),
        ("o'clock; a=b, 100%.txt", 'attachment; filename="o\'clock; a=b, 100%.txt"'),
        ("two\r\nSet-Cookie: a=b.txt", 'attachment; filename="twoSet-Cookie: a=b.txt"'),
        ("nul\x00and\x07bell.txt", 'attachment; filename="nulandbell.txt"'),
        ("../../etc/passwd.txt", 'attachment; filename="passwd.txt"'),
        ("C:\\Users\\pat\\paper.txt", 'attachment; filename="paper.txt"'),
        ("right\u202eft.txt", 'attachment; filename="rightft.txt"'),
        ("<script>alert(1)<.txt", 'attachment; filename="<script>alert(1)<.txt"'),
        (f"{LONG}.txt", f'attachment; filename="{"x" * 196}.txt"'),
        (".txt.txt", 'attachment; filename="txt.txt"'),
    ],
)
def test_member_gets_the_name_back(member_client, name, disposition):
    paper = make_paper(content=b"text", file_name=name)
    response = member_client.get(paper.download_url)
    bytes_of(response)
    assert response["Content-Disposition"] == disposition
    assert member_client.get(paper.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("kind", list(Kind))
def test_no_kind_is_sent_as_something_that_runs(member_client, tens, kind):
    DocumentVersion.objects.filter(document=tens).update(kind=kind)
    response = member_client.get(tens.download_url)
    bytes_of(response)
    assert response["Content-Type"].split(";")[0] not in ("text/html", "image/svg+xml", "text/xml", "application/xml")
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
