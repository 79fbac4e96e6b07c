"""Reading in the browser, over HTTP: the page of each kind, the bytes it fetches, and what the record says."""

from __future__ import annotations

import logging

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from fileshare import readings
from fileshare.enums import Kind
from fileshare.models import Derivation, DocumentVersion, Folder, SharedDocument
from fileshare.services import inspect, upload
from fileshare.storage import new_preview_key
from members import audit
from members.models import AccessRecord
from tests.factories import add_version, make_folder, make_member, make_paper, minimal_pdf
from tests.fileshare.answers import SECURITY, bytes_of, etag_of, newest_rows
from tests.fileshare.files import GOOD
from tests.markup import faults

pytestmark = pytest.mark.django_db
CONTENT = b"0123456789" * 10
READABLE = ["pdf", "txt", "csv", "png", "jpg", "webp", "mp4"]


@pytest.fixture
def user():
    return make_member()


@pytest.fixture
def member(signed_in, user):
    return signed_in(user)


@pytest.fixture
def film():
    """A paper of a kind whose bytes the browser fetches."""
    paper = make_paper("A film", content=CONTENT, file_name="a.txt")
    DocumentVersion.objects.update(kind=Kind.MP4)
    paper.refresh_from_db()
    return paper


def paper_of(extension):
    content = None if extension == "pdf" else GOOD[extension]
    return make_paper(f"A file <{extension}>", content=content, file_name=f"file.{extension}")


def downloads_and_readings():
    return [row[0] for row in newest_rows(AccessRecord.objects.count()) if row[0] in ("downloaded", "read", "opened")]


# --- The page ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("extension", READABLE)
def test_page_of_each_kind_has_the_paper_its_marking_and_the_ways_out(member, user, extension):
    paper = paper_of(extension)
    response = member.get(paper.read_url)
    page = response.content.decode()
    assert (response.status_code, faults(page)) == (200, [])
    assert f"A file &lt;{extension}&gt;" in page
    assert '<span class="marking green">TLP:GREEN</span>' in page
    assert f'href="{paper.get_absolute_url()}"' in page
    assert f'href="{paper.download_url}"' in page
    assert response["Cache-Control"] == "private, no-store"
    assert newest_rows(1) == [("read", user.pk, "document", str(paper.uuid), "", {"version": 1})]


def test_policy_of_the_page_lets_in_the_paper_and_nothing_that_runs(member, film):
    policy = member.get(film.read_url)["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["worker-src"] == rules["media-src"] == rules["style-src"] == "'self'"
    assert "unsafe" not in policy


def test_page_of_a_pdf_works_without_scripts_and_names_what_they_need(member):
    paper = paper_of("pdf")
    page = member.get(paper.read_url).content.decode()
    assert f'your browser may not run scripts: <a href="{paper.download_url}">download it</a> instead' in page
    assert f'data-address="/files/document/{paper.uuid}/versions/1/content/"' in page
    assert f'data-size="{paper.size}"' in page
    assert '<div class="reader-tools" hidden>' in page


def picture_on(page):
    image = BeautifulSoup(page.content, "html.parser").select_one(".reader-stage img")
    return image and (image["src"], image["width"], image["height"], image["alt"])


def test_first_page_is_there_as_a_picture_before_the_paper_is(member):
    paper = paper_of("pdf")
    assert picture_on(member.get(paper.read_url)) is None
    keys = [default_storage.save(new_preview_key(), ContentFile(size)) for size in (b"small", b"large")]
    Derivation.objects.create(
        version=paper.current_version, state="made", small=keys[0], large=keys[1], width=800, height=1131
    )
    address = f"/files/document/{paper.uuid}/preview/1/large/"
    assert picture_on(member.get(paper.read_url)) == (address, "800", "1131", "")
    assert member.get(address).content == b"large"
    assert downloads_and_readings() == ["read", "read"]
    upload.replace(document=paper, file=ContentFile(minimal_pdf("Newer")), name="b.pdf", by=None)
    inspect.inspect(version_id=paper.versions.get(number=2).pk)
    assert picture_on(member.get(paper.versions.get(number=1).read_url)) is None


def test_first_page_of_a_restricted_paper_is_not_shown_beforehand(member):
    paper = paper_of("pdf")
    keys = [default_storage.save(new_preview_key(), ContentFile(size)) for size in (b"small", b"large")]
    Derivation.objects.create(
        version=paper.current_version, state="made", small=keys[0], large=keys[1], width=800, height=1131
    )
    SharedDocument.objects.update(marking="TLP:AMBER")
    assert picture_on(member.get(paper.read_url)) is None


def test_text_is_shown_as_text(member):
    paper = make_paper(content=b"<script>alert(1)</script> & \xe4\n", file_name="a.txt")
    assert '<pre class="reader-text">&lt;script&gt;alert(1)&lt;/script&gt; &amp; ä\n</pre>' in (
        member.get(paper.read_url).content.decode()
    )


def test_table_is_shown_as_a_table(member):
    paper = make_paper(content=b'Place;<b>\nGate;"<script>"\n', file_name="a.csv")
    page = " ".join(member.get(paper.read_url).content.decode().split())
    assert '<tr> <th scope="col">Place</th><th scope="col">&lt;b&gt;</th> </tr>' in page
    assert "<tr> <td>Gate</td><td>&lt;script&gt;</td> </tr>" in page


def test_long_text_is_cut_and_says_so(member):
    paper = make_paper(content=b"A line of words.\n" * 40_000, file_name="a.txt")
    page = member.get(paper.read_url).content.decode()
    assert "This is the beginning of a long text." in page
    assert len(page) < 600_000


@pytest.mark.parametrize("extension", ["docx", "xlsx", "pptx", "odt", "ods", "odp"])
def test_office_file_is_not_read_here(member, extension):
    paper = paper_of(extension)
    rows = AccessRecord.objects.count()
    assert paper.read_url == ""
    for address in ("read/", "versions/1/read/", "versions/1/content/"):
        response = member.get(f"{paper.get_absolute_url()}{address}")
        assert (response.status_code, response["Location"]) == (302, paper.get_absolute_url())
    assert AccessRecord.objects.count() == rows
    assert "Read online" not in member.get(paper.get_absolute_url()).content.decode()


def test_papers_page_leads_to_the_reader_and_to_former_versions(member):
    paper = paper_of("txt")
    add_version(paper, b"new", file_name="a.txt")
    page = member.get(paper.get_absolute_url()).content.decode()
    assert f'<a class="button" href="{paper.read_url}">Read online</a>' in page
    former = f"{paper.get_absolute_url()}versions/1/read/"
    assert f'href="{former}"' in page
    shown = member.get(former).content.decode()
    assert "Version 1, replaced since" in shown
    assert f'href="{paper.get_absolute_url()}versions/1/download/"' in shown


def test_former_version_is_read_only_where_the_folder_lets_it(member):
    paper = make_paper(collection=make_folder("Newest"), content=CONTENT, file_name="a.txt")
    add_version(paper, b"new", file_name="a.txt")
    Folder.objects.update(former_versions_readable=False)
    for rest in ("read/", "content/"):
        assert member.get(f"{paper.get_absolute_url()}versions/1/{rest}").status_code == 404
        assert newest_rows(1)[0][-2:] == ("no_file", {"version": 1})
        current = member.get(f"{paper.get_absolute_url()}versions/2/{rest}")
        assert (current.status_code, b"new" in bytes_of(current)) == (200, True)


# --- The bytes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "disposition"),
    [
        (Kind.PDF, "attachment"),
        (Kind.TXT, "attachment"),
        (Kind.CSV, "attachment"),
        (Kind.PNG, "inline"),
        (Kind.JPEG, "inline"),
        (Kind.WEBP, "inline"),
        (Kind.MP4, "inline"),
    ],
)
def test_only_pictures_and_films_are_sent_inline_and_all_closed(member, film, kind, disposition):
    DocumentVersion.objects.update(kind=kind)
    response = member.get(film.current_version.content_url)
    assert bytes_of(response) == CONTENT
    assert dict(response.items()) == {
        **SECURITY,
        "Content-Type": response["Content-Type"],
        "Content-Length": "100",
        "Content-Disposition": f'{disposition}; filename="a.txt"',
        "Accept-Ranges": "bytes",
        "ETag": etag_of(film),
    }
    assert response["Content-Type"].split(";")[0] not in ("text/html", "image/svg+xml", "text/xml")
    download = member.get(film.download_url)
    bytes_of(download)
    assert download["Content-Disposition"].startswith("attachment")


def test_ranges_of_the_content_are_those_of_the_file(member, film):
    for header, wanted in (("bytes=0-4", b"01234"), ("bytes=-3", b"789"), ("bytes=95-", b"56789")):
        response = member.get(film.current_version.content_url, headers={"range": header})
        assert (response.status_code, bytes_of(response)) == (206, wanted)


def test_content_stays_the_same_version_while_a_new_one_comes(member, film):
    address = film.current_version.content_url
    add_version(film, b"something new", file_name="new.txt")
    assert bytes_of(member.get(address, headers={"range": "bytes=0-9"})) == b"0123456789"


# --- The record -------------------------------------------------------------------------------------------------


def test_one_reading_is_one_row_however_many_ranges(member, film):
    member.get(film.read_url)
    for start in range(0, 100, 10):
        bytes_of(member.get(film.current_version.content_url, headers={"range": f"bytes={start}-{start + 9}"}))
    assert downloads_and_readings() == ["read"]


def test_content_without_the_page_is_a_reading_of_its_own(member, user, film):
    for _ in range(3):
        bytes_of(member.get(film.current_version.content_url, headers={"range": "bytes=5-9"}))
    assert newest_rows(1) == [("read", user.pk, "document", str(film.uuid), "", {"version": 1, "range": "bytes=5-9"})]
    assert downloads_and_readings() == ["read"]


def test_reading_ends_after_a_pause_and_goes_on_without_one(member, film):
    address = film.current_version.content_url
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        member.get(film.read_url)
        for _ in range(5):  # an hour of reading, with a page every twelve minutes
            clock.shift(12 * 60)
            bytes_of(member.get(address, headers={"range": "bytes=0-4"}))
        assert downloads_and_readings() == ["read"]
        clock.shift(readings.PAUSE + 1)
        bytes_of(member.get(address, headers={"range": "bytes=0-4"}))
    assert downloads_and_readings() == ["read", "read"]


def test_reading_is_continued_by_the_same_person_session_and_version_alone(signed_in, user, film):
    address = film.current_version.content_url
    signed_in(user).get(film.read_url)
    bytes_of(signed_in(user).get(address))  # another browser of the same person
    bytes_of(signed_in(make_member()).get(address))
    assert downloads_and_readings() == ["read"] * 3
    again = signed_in(user)
    again.get(film.read_url)
    add_version(film, CONTENT, file_name="a.txt")
    DocumentVersion.objects.update(kind=Kind.MP4)
    bytes_of(again.get(f"{film.get_absolute_url()}versions/2/content/"))
    assert downloads_and_readings() == ["read"] * 5


def test_each_download_is_a_row_beside_the_reading(member, film):
    member.get(film.read_url)
    bytes_of(member.get(film.download_url))
    assert downloads_and_readings() == ["read", "downloaded"]


def test_cache_that_is_away_costs_rows_and_no_reading(member, film, monkeypatch):
    def away(*args, **kwargs):
        raise ConnectionError("no cache")

    monkeypatch.setattr(cache, "get", away)
    monkeypatch.setattr(cache, "set", away)
    for _ in range(2):
        assert bytes_of(member.get(film.current_version.content_url)) == CONTENT
    assert downloads_and_readings() == ["read", "read"]


def test_record_of_a_reading_is_written_before_the_first_byte(member, film, monkeypatch):
    seen = []
    read_range = default_storage.read_range
    monkeypatch.setattr(
        default_storage.__class__,
        "read_range",
        staticmethod(lambda *args: seen.append(newest_rows(1)[0][0]) or read_range(*args)),
    )
    bytes_of(member.get(film.current_version.content_url))
    assert seen == ["read"]


def test_nothing_is_read_when_the_record_cannot_be_written(member, film, monkeypatch):
    text = make_paper(content=b"An unmistakable text", file_name="a.txt")

    def full(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(audit, "record", full)
    member.raise_request_exception = False
    for address in (text.read_url, film.read_url, film.current_version.content_url):
        response = member.get(address)
        assert (response.status_code, response.streaming) == (500, False)
        assert b"unmistakable" not in response.content
    monkeypatch.undo()
    bytes_of(member.get(film.current_version.content_url))
    assert downloads_and_readings() == ["read"]  # no reading was noted that has no row


# --- Refusals and faults ----------------------------------------------------------------------------------------


def test_losing_membership_ends_a_reading_at_the_next_range(member, user, film):
    member.get(film.read_url)
    user.membership.decision = "suspended"
    user.membership.save()
    assert member.get(film.current_version.content_url, headers={"range": "bytes=0-4"}).status_code == 404
    assert newest_rows(1)[0][:5] == ("refused", user.pk, "document", str(film.uuid), "not_a_member")


def test_what_the_marking_requires_comes_before_page_and_bytes(member, film):
    text = make_paper(content=b"An unmistakable text", file_name="a.txt")
    member.get(film.read_url)
    SharedDocument.objects.update(marking="TLP:AMBER")
    for paper in (text, film):
        for address in (paper.read_url, paper.current_version.content_url, paper.download_url):
            response = member.get(address, headers={"range": "bytes=0-4"})
            where = f"/files/document/{paper.uuid}/versions/1/terms/?next="
            assert (response.status_code, response["Location"][: len(where)]) == (302, where)
            assert newest_rows(1)[0][:5:4] == ("asked_first", "terms")


def test_file_missing_in_the_store_is_503_and_said(member, film, caplog):
    text = make_paper(content=b"text", file_name="a.txt")
    for paper in (film, text):
        default_storage.delete(paper.current_version.file.name)
        with caplog.at_level(logging.CRITICAL):
            response = member.get(paper.read_url)
        assert (response.status_code, response["Retry-After"]) == (503, "120")
        assert newest_rows(1)[0][:5:4] == ("failed", "missing from the store")


def test_range_of_a_reading_takes_few_questions(member, film, django_assert_num_queries):
    member.get(film.read_url)
    address = film.current_version.content_url
    with django_assert_num_queries(5):
        bytes_of(member.get(address, headers={"range": "bytes=0-4"}))
