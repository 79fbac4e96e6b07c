"""Papers through nginx, from the object store and from a folder: the same answers, byte for byte and head for head."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest

from deploy.object_store import BUCKET
from deploy.processes import free_port, is_live, is_open
from tests.services.conftest import PAPER, Machines, Paper
from tests.services.visitor import Answer, Visitor

pytestmark = [pytest.mark.services, pytest.mark.xdist_group("services")]
PER_CONNECTION = {"connection", "date", "server", "x-request-id"}
SECURITY = {
    "accept-ranges": "bytes",
    "cache-control": "private, no-store",
    "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
    "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
    "vary": "Cookie",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
SIZE = len(PAPER)


def headers(answer: Answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in PER_CONNECTION}


def whole(paper: Paper) -> dict[str, str]:
    return SECURITY | {
        "content-type": "video/mp4",
        "content-length": str(SIZE),
        "content-disposition": 'attachment; filename="film.mp4"',
        "etag": f'"{paper.token}"',
    }


def part(paper: Paper, first: int, last: int) -> dict[str, str]:
    return whole(paper) | {
        "content-length": str(last - first + 1),
        "content-range": f"bytes {first}-{last}/{SIZE}",
    }


@dataclass
class Front:
    """A member before nginx, and where this nginx keeps what it cannot keep in memory."""

    reader: Visitor
    temporary: Path
    is_folder: bool = False


@pytest.fixture(scope="session")
def folder_port(machines: Machines, paper: Paper) -> Iterator[int]:
    """The port of nginx over a web process that has its papers in a folder; the film is copied into it."""
    stack = machines.stack
    environment = stack.environment | {"PRIVATE_STORAGE": "folder"}
    store = boto3.client(
        "s3", endpoint_url=environment["S3_ENDPOINT_URL"], region_name="us-east-1",
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"], aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )  # fmt: skip
    target = stack.site / "private" / paper.key
    target.parent.mkdir(parents=True, exist_ok=True)
    store.download_file(BUCKET, paper.key, str(target))
    port, at = free_port(), free_port()
    web, nginx = (
        stack.web("web-folder", at, environment),
        stack.nginx("nginx-folder", port, [f"127.0.0.1:{at}"], data_dir=stack.site),
    )
    stack.processes |= {web.name: web, nginx.name: nginx}
    web.start()
    web.wait_until(lambda: is_live(at))
    nginx.start()
    nginx.wait_until(lambda: is_open(port))
    yield port
    nginx.stop()
    web.stop()


@pytest.fixture(params=["store", "folder"])
def front(request: pytest.FixtureRequest, machines: Machines, member: Visitor) -> Front:
    stack = machines.stack
    if request.param == "store":
        return Front(member.elsewhere(stack.port, stack.certificate), stack.folder / "nginx" / "temp")
    port = request.getfixturevalue("folder_port")
    return Front(member.elsewhere(port, stack.certificate), stack.folder / "nginx-folder" / "temp", is_folder=True)


def record(machines: Machines, paper: Paper) -> list[tuple[object, ...]]:
    return machines.rows(
        "SELECT action, details FROM members_accessrecord WHERE object_id = %s ORDER BY id DESC LIMIT 1", paper.uuid
    )


def test_whole_paper_has_all_its_headers_and_its_row(front, machines, paper):
    answer = front.reader.get(paper.download)
    assert (answer.status, headers(answer)) == (200, whole(paper))
    assert answer.body == PAPER
    assert record(machines, paper) == [("downloaded", {"version": 1})]


def test_head_has_the_headers_of_get_and_another_row(front, machines, paper):
    answer = front.reader.ask("HEAD", paper.download, headers={"Range": "bytes=0-9"})
    assert (answer.status, headers(answer), answer.body) == (200, whole(paper), b"")
    assert record(machines, paper) == [("opened", {"version": 1, "range": "bytes=0-9"})]


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-0", 0, 0), ("bytes=100-299", 100, 299), (f"bytes={SIZE - 5}-", SIZE - 5, SIZE - 1),
     ("bytes=-7", SIZE - 7, SIZE - 1), (f"bytes=10-{SIZE * 2}", 10, SIZE - 1)],
)  # fmt: skip
def test_range_is_sent_alone_and_is_in_the_record(front, machines, paper, asked, first, last):
    answer = front.reader.get(paper.download, Range=asked)
    wanted = part(paper, first, last)
    if front.is_folder:
        del wanted["accept-ranges"]  # nginx says it with whole files alone
    assert (answer.status, headers(answer)) == (206, wanted)
    assert answer.body == PAPER[first : last + 1]
    assert record(machines, paper) == [("downloaded", {"version": 1, "range": asked})]


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "bytes=9-3", "lines=1-2", "bytes=-"])
def test_range_that_is_none_gets_the_whole(front, paper, asked):
    answer = front.reader.get(paper.download, Range=asked)
    assert (answer.status, headers(answer), answer.body == PAPER) == (200, whole(paper), True)


def test_range_outside_of_the_paper_is_refused(front, paper):
    answer = front.reader.get(paper.download, Range=f"bytes={SIZE}-")
    assert (answer.status, answer.headers["content-range"], answer.body) == (416, f"bytes */{SIZE}", b"")


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [("If-None-Match", '"{token}"', 304), ("If-None-Match", '"other"', 200), ("If-Match", '"{token}"', 200),
     ("If-Match", '"other"', 412), ("If-Modified-Since", "Thu, 01 Jan 2099 00:00:00 GMT", 200),
     ("If-Unmodified-Since", "Thu, 01 Jan 2099 00:00:00 GMT", 412)],
)  # fmt: skip
def test_condition_is_judged_by_the_papers_own_validator(front, paper, name, value, status):
    answer = front.reader.ask("GET", paper.download, headers={name: value.format(token=paper.token)})
    assert (answer.status, answer.body == (PAPER if status == 200 else b"")) == (status, True)
    assert (answer.headers["etag"], "last-modified" in answer.headers) == (f'"{paper.token}"', False)


@pytest.mark.parametrize(
    ("validator", "status"), [('"{token}"', 206), ('"other"', 200), ("Thu, 01 Jan 2099 00:00:00 GMT", 200)]
)
def test_download_is_resumed_only_of_the_same_version(front, paper, validator, status):
    answer = front.reader.ask(
        "GET", paper.download, headers={"Range": "bytes=1000-", "If-Range": validator.format(token=paper.token)}
    )
    assert (answer.status, answer.body == (PAPER[1000:] if status == 206 else PAPER)) == (status, True)


def test_reader_never_learns_where_a_paper_lies(front, machines, paper):
    endpoint = machines.stack.environment["S3_ENDPOINT_URL"].removeprefix("http://")
    for path in (paper.download, f"/files/document/{paper.uuid}/", f"/files/document/{paper.uuid}/versions/1/content/"):
        answer = front.reader.get(path, Range="bytes=0-20")
        said = f"{answer.headers} {answer.body[:100_000]!r}"
        assert answer.status in (200, 206)
        assert not [word for word in ("X-Amz", "_private", paper.key, endpoint, "x-accel", "x-object") if word in said]


def test_whoever_may_not_read_gets_nothing(front, machines, paper):
    stranger = Visitor(front.reader.port, front.reader.certificate)
    assert stranger.get(paper.download).status == 302
    suspended = machines.at("a", address="203.0.113.9")
    suspended.sign_in("suspended")
    answer = suspended.elsewhere(front.reader.port, front.reader.certificate).get(paper.download)
    assert (answer.status, b"ftyp" in answer.body) == (404, False)


@pytest.mark.parametrize("path", [
    "/_private/", "/_private/papers", "/_private/{key}", "/_private/papers/{key}", "//_private/{key}",
    "/static/../_private/{key}", "/static/..%2f_private/{key}", "/media/../private/{key}", "/media/..%2fprivate/{key}",
    "/media../private/{key}", "/static../private/{key}", "/static/%2e%2e/private/{key}", "/private/{key}", "/incoming/",
    "/static/", "/media/", "/static", "/mail/1.eml", "/metrics", "/erased.jsonl", "/db.sqlite3",
])  # fmt: skip
def test_nothing_but_collected_files_and_pictures_is_reachable(front, paper, path):
    for visitor in (front.reader, Visitor(front.reader.port, front.reader.certificate)):
        answer = visitor.get(path.format(key=paper.key))
        if answer.status == 301:  # Django's slash at the end, which leads to nothing either
            answer = visitor.get(urlsplit(answer.headers["location"]).path)
        assert (answer.status, b"ftyp" in answer.body) in ((404, False), (400, False))


def test_slow_readers_write_no_temporary_files_and_keep_nobody_waiting(front, machines, paper):
    paths = [f"/files/archive/?document={paper.uuid}", *[paper.download] * 50]  # the zip comes from the site itself
    begun = [front.reader.begin("GET", path) for path in paths]
    try:
        assert [response.status for _, response in begun] == [200] * 51
        assert {response.read(1000) == PAPER[:1000] for _, response in begun[1:]} == {True}
        assert Visitor(front.reader.port, front.reader.certificate).get("/health/live/").status == 200
        assert [path for path in front.temporary.rglob("*") if path.is_file()] == []
        name = "nginx" if front.temporary.parent.name == "nginx" else "nginx-folder"
        master = machines.stack.processes[name].pid
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        opened = []
        for link in [link for child in children for link in Path(f"/proc/{child}/fd").iterdir()]:
            with contextlib.suppress(FileNotFoundError):  # closed since
                opened.append(str(link.readlink()))
        assert len(opened) > 50
        assert [path for path in opened if path.startswith(str(front.temporary))] == []
    finally:
        for connection, _ in begun:
            connection.close()


def test_zip_comes_whole_through_nginx(front, paper):
    answer = front.reader.get(f"/files/archive/?document={paper.uuid}")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/zip")
    assert len(answer.body) == int(answer.headers["content-length"])
    assert PAPER in answer.body


def test_store_that_is_away_leaves_no_signed_address_in_a_log(machines, member, paper):
    """The site reaches the store, nginx does not: the address that it was given is still good."""
    stack, port = machines.stack, free_port()
    nginx = stack.nginx("nginx-away", port, [machines.web["a"]])
    folder, store = stack.folder / "nginx-away", urlsplit(stack.environment["S3_ENDPOINT_URL"]).netloc
    configuration = (folder / "site.conf").read_text()
    assert f"    server {store};" in configuration
    away = configuration.replace(f"    server {store};", f"    server 127.0.0.1:{free_port()};")
    (folder / "site.conf").write_text(away)
    nginx.start()
    try:
        nginx.wait_until(lambda: is_open(port))
        answer = member.elsewhere(port, stack.certificate).get(paper.download)
        assert (answer.status, answer.headers["retry-after"]) == (503, "120")
        assert "This paper's file cannot be reached" in answer.text
    finally:
        nginx.stop()  # which writes its logs out
    logs = "".join(each.read_text() for each in (folder / "error.log", folder / "access.log"))
    assert paper.download in logs
    assert not [word for word in ("X-Amz", paper.key) if word in logs]
