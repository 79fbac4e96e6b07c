"""Several papers as one zip, over HTTP: what is in it, what the record says, and what happens when something fails."""

from __future__ import annotations

import io
import logging
import re
import uuid
import zipfile
from urllib.parse import quote

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from fileshare.archive import Cut
from fileshare.models import SharedDocument
from fileshare.views import archive as view
from members import audit
from members.models import AccessRecord, User
from tests.factories import add_version, make_folder, make_member, make_paper
from tests.fileshare.answers import SECURITY, bytes_of, newest_rows
from tests.marked import accept_terms

pytestmark = pytest.mark.django_db
NOTHING, TOO_MANY = "Nothing to download", "This cannot be downloaded at once"


@pytest.fixture
def member(signed_in):
    return signed_in(make_member())


def text_paper(title, folder=None, *, name="paper.txt", **fields):
    return make_paper(title, collection=folder, content=f"Text of {title}".encode(), file_name=name, **fields)


def address_of(*papers):
    return "/files/archive/?" + "&".join(f"document={getattr(paper, 'uuid', paper)}" for paper in papers)


def headings(response):
    """The tab's and the page's."""
    return re.findall(r"<(?:title|h1[^>]*)>\s*([^<–]*[^<–\s])", response.content.decode())


def unpacked(response):
    with zipfile.ZipFile(io.BytesIO(bytes_of(response))) as archive:
        assert archive.testzip() is None
        return {each.filename: archive.read(each).decode() for each in archive.infolist()}


def test_chosen_papers_come_as_one_zip_with_its_headers(member):
    one, two = text_paper("One"), text_paper("Two")
    response = member.get(address_of(two, one, two))
    assert response.status_code == 200
    body = bytes_of(response)
    assert dict(response.items()) == {
        **SECURITY,
        "Content-Type": "application/zip",
        "Content-Length": str(len(body)),
        "Content-Disposition": f'attachment; filename="Papers {timezone.localdate():%Y-%m-%d}.zip"',
        "Accept-Ranges": "bytes",
        "ETag": response["ETag"],
    }
    assert unpacked(member.get(address_of(two, one))) == {"paper.txt": "Text of Two", "paper (2).txt": "Text of One"}


def test_head_of_a_zip_has_its_headers_and_opens_nothing(member, monkeypatch):
    paper = text_paper("One")
    whole = member.get(address_of(paper))
    bytes_of(whole)
    monkeypatch.setattr(default_storage.__class__, "read_range", staticmethod(lambda *args: pytest.fail("opened")))
    head = member.head(address_of(paper))
    assert (head.status_code, bytes_of(head), dict(head.items())) == (200, b"", dict(whole.items()))


def test_zip_is_resumed_at_any_byte(member):
    address = address_of(text_paper("One"), text_paper("Two"))
    whole = member.get(address)
    content, tag = bytes_of(whole), whole["ETag"]
    for cut in (1, 40, len(content) - 1):
        rest = member.get(address, headers={"range": f"bytes={cut}-", "if-range": tag})
        assert (rest.status_code, bytes_of(rest)) == (206, content[cut:])


def test_zip_has_another_tag_once_a_paper_is_replaced(member):
    paper = text_paper("One")
    before = member.head(address_of(paper))["ETag"]
    add_version(paper, b"Something new", file_name="paper.txt")
    whole = member.get(address_of(paper), headers={"range": "bytes=5-", "if-range": before})
    assert (whole.status_code, unpacked(whole)) == (200, {"paper.txt": "Something new"})


def test_folder_comes_with_the_folders_inside_it(member):
    above = make_folder("Above")
    folder = make_folder("Guidance: crowds", parent=above)
    below = make_folder("Отчёты", parent=folder)
    closed = make_folder("Closed", parent=folder, groups=("Committee",))
    text_paper("Beside", above)
    text_paper("B", folder)
    text_paper("A", folder)
    text_paper("C", below, name="Größe.txt")
    text_paper("Secret", closed)
    response = member.get("/files/archive/?folder=above/guidance-crowds")
    assert f"Guidance_ crowds {timezone.localdate():%Y-%m-%d}.zip" in response["Content-Disposition"]
    assert unpacked(response) == {
        "Guidance_ crowds/paper.txt": "Text of A",
        "Guidance_ crowds/paper (2).txt": "Text of B",
        "Guidance_ crowds/Отчёты/Größe.txt": "Text of C",
    }


def test_zip_of_what_a_person_may_not_read_says_nothing_of_it(member):
    mine, hidden, unknown = text_paper("One"), text_paper("Hidden", make_folder(groups=("Committee",))), uuid.uuid4()
    assert unpacked(member.get(address_of(hidden, mine, unknown, "nonsense"))) == {"paper.txt": "Text of One"}
    for address in (address_of(hidden), address_of(unknown), address_of("nonsense")):
        assert member.get(address).status_code == 404


def test_every_paper_and_every_refusal_is_a_row_before_the_first_byte(signed_in, monkeypatch):
    user = make_member()
    one, two = text_paper("One"), text_paper("Two")
    add_version(two, b"new", file_name="paper.txt")
    hidden = text_paper("Hidden", make_folder(groups=("Committee",)))
    before, seen = AccessRecord.objects.count(), []
    read_range = default_storage.read_range
    monkeypatch.setattr(
        default_storage.__class__,
        "read_range",
        staticmethod(lambda *args: seen.append(AccessRecord.objects.count()) or read_range(*args)),
    )
    bytes_of(signed_in(user).get(address_of(one, hidden, two)))
    assert seen == [before + 3, before + 3]
    refused, first, second = newest_rows(3)
    assert refused == ("refused", user.pk, "document", str(hidden.uuid), "not_in_audience", {})
    together = first[-1]["archive"]
    assert first == ("downloaded", user.pk, "document", str(one.uuid), "", {"version": 1, "archive": together})
    assert second == ("downloaded", user.pk, "document", str(two.uuid), "", {"version": 2, "archive": together})


def test_part_of_a_zip_is_recorded_as_a_part(member):
    paper = text_paper("One")
    bytes_of(member.get(address_of(paper), headers={"range": "bytes=5-9"}))
    assert newest_rows(1)[0][-1]["range"] == "bytes=5-9"


def test_no_zip_leaves_when_the_record_cannot_be_written(member, monkeypatch):
    address = address_of(text_paper("One"), text_paper("Two"))
    record, calls = audit.record, []

    def second_fails(*args, **kwargs):
        calls.append(args)
        if len(calls) == 2:
            raise OSError("disk full")
        return record(*args, **kwargs)

    monkeypatch.setattr(audit, "record", second_fails)
    member.raise_request_exception = False
    response = member.get(address)
    assert (response.status_code, response.streaming) == (500, False)


@pytest.mark.parametrize(
    ("address", "heading", "sentence"),
    [
        ("/files/archive/", NOTHING, "No paper is chosen."),
        ("/files/archive/?folder=", NOTHING, "No paper is chosen."),
        (
            address_of(*(uuid.UUID(int=number) for number in range(151))), TOO_MANY,
            "up to 150 papers at a time by an address",
        ),
        ("/files/archive/?folder=empty", NOTHING, "There is no paper in this folder"),
    ],
)  # fmt: skip
def test_zip_of_nothing_or_of_too_much_is_a_sentence(member, address, heading, sentence):
    make_folder("Empty")
    rows = AccessRecord.objects.count()
    response = member.get(address)
    assert (response.status_code, sentence in response.content.decode()) == (400, True)
    assert headings(response) == [heading, heading]
    assert AccessRecord.objects.count() == rows


def test_folder_of_too_many_papers_is_a_sentence(member, monkeypatch):
    folder = make_folder("Full")
    text_paper("One", folder)
    text_paper("Two", folder)
    monkeypatch.setattr(view, "MAX_PAPERS", 1)
    response = member.get("/files/archive/?folder=full")
    assert (response.status_code, "more than 1 papers" in response.content.decode()) == (400, True)
    assert headings(response) == [TOO_MANY, TOO_MANY]


def test_requirement_of_any_paper_comes_before_the_zip(member):
    one, two = text_paper("One"), text_paper("Two")
    SharedDocument.objects.filter(pk=two.pk).update(marking="TLP:AMBER")
    address = address_of(one, two)
    response = member.get(address)
    terms = f"/files/document/{two.uuid}/versions/1/terms/?next={quote(address, safe='')}"
    assert (response.status_code, response["Location"]) == (302, terms)
    assert [row[:5:4] for row in newest_rows(1)] == [("asked_first", "terms")]


def test_zip_of_more_stamped_copies_than_one_waits_for_is_a_sentence(member, monkeypatch):
    papers = [text_paper("One"), text_paper("Two")]
    SharedDocument.objects.update(marking="TLP:AMBER")
    accept_terms(papers, User.objects.get(pk=member.session["_auth_user_id"]))
    monkeypatch.setattr(view, "MAX_STAMPED", 1)
    response = member.get(address_of(*papers))
    assert (response.status_code, "More than 1 of these papers" in response.content.decode()) == (400, True)
    assert headings(response) == [TOO_MANY, TOO_MANY]


def test_file_that_is_missing_beforehand_is_a_sentence_and_no_zip(member, caplog):
    one, two = text_paper("One"), text_paper("Two")
    default_storage.delete(two.current_version.file.name)
    with caplog.at_level(logging.CRITICAL):
        response = member.get(address_of(one, two))
    assert (response.status_code, response["Retry-After"]) == (503, "120")
    assert "The file of “Two” cannot be reached just now." in response.content.decode()
    assert [row[0] for row in newest_rows(2)] == ["uploaded", "failed"] or newest_rows(1)[0][0] == "failed"


def test_file_that_goes_half_way_cuts_the_connection_and_is_recorded(member, caplog):
    one, two = text_paper("One"), text_paper("Two")
    response = member.get(address_of(one, two))
    default_storage.delete(two.current_version.file.name)
    with caplog.at_level(logging.ERROR, logger="fileshare"), pytest.raises(Cut):
        bytes_of(response)
    assert str(two.uuid) in caplog.text
    action, _actor, _kind, paper, reason, details = newest_rows(1)[0]
    assert (action, paper, reason, details) == ("failed", str(two.uuid), "missing from the store", {"version": 1})


@pytest.mark.parametrize("headers", [{"sec-purpose": "prefetch;prerender"}, {"purpose": "prefetch"}])
def test_nothing_is_fetched_because_somebody_might_press_a_link(member, headers):
    paper = text_paper("One")
    rows = AccessRecord.objects.count()
    for address in (address_of(paper), paper.download_url, paper.read_url, paper.current_version.content_url):
        response = member.get(address, headers=headers)
        assert (response.status_code, response.content, response["Cache-Control"]) == (503, b"", "private, no-store")
    assert AccessRecord.objects.count() == rows


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_zip_is_neither_changed_nor_deleted(member, method):
    assert getattr(member, method)("/files/archive/").status_code == 405


@pytest.mark.parametrize("method", ["get", "head"])
def test_who_fetches_parts_of_zips_many_times_is_told_when_to_come_again(member, settings, method):
    """Each has a row for each paper, be it for a single byte."""
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "zip": "2/h/user"}
    folder, hidden = make_folder("Many"), text_paper("Hidden", make_folder(groups=("Committee",)))
    paper = text_paper("One", folder)
    ask, one_byte = getattr(member, method), {"range": "bytes=0-0"}
    for address in (address_of(paper), "/files/archive/?folder=many"):
        bytes_of(ask(address, headers=one_byte))
    rows = AccessRecord.objects.count()
    for address in (address_of(paper), "/files/archive/?folder=many"):
        answer = ask(address, headers=one_byte)
        assert (answer.status_code, 3000 < int(answer["Retry-After"]) <= 3600) == (429, True)
        said = "<p>You have fetched papers as a zip many times in this hour. Please try again in an hour.</p>"
        assert method == "head" or said in answer.content.decode()
        assert b"/account/password/reset/" not in answer.content  # no password would help
    assert AccessRecord.objects.count() == rows
    assert ask(address_of(hidden)).status_code == 404
    assert newest_rows(1)[0][::4] == ("refused", "not_in_audience")
    bytes_of(member.get(paper.download_url))  # which is one row, and not counted here


def test_way_to_the_terms_and_back_is_no_zip(member, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "zip": "1/h/user"}
    paper = text_paper("One")
    SharedDocument.objects.update(marking="TLP:AMBER")
    for _ in range(2):
        assert member.get(address_of(paper)).status_code == 302
    SharedDocument.objects.update(marking="TLP:GREEN")
    assert member.get(address_of(paper)).status_code == 200


def test_zip_takes_as_many_questions_for_thirty_papers_as_for_two(member, django_assert_num_queries, monkeypatch):
    """But for the rows of the record."""
    folder = make_folder("Many")
    monkeypatch.setattr(view, "_record_all", lambda request, entries: None)
    monkeypatch.setattr(view.limits, "allows", lambda *args, **kwargs: True)  # counted in the cache
    papers = [text_paper(f"Paper {number}", folder) for number in range(30)]
    member.head("/files/archive/?folder=many")  # how many papers are out in each folder is counted once for everybody
    for some in (papers[:2], papers):
        with django_assert_num_queries(3):
            member.head(address_of(*some))
        with django_assert_num_queries(5):
            member.head("/files/archive/?folder=many")


def test_list_offers_the_tick_boxes_and_the_folder(member):
    folder = make_folder("Many")
    paper = text_paper("One", folder)
    page = member.get("/files/many/").content.decode()
    assert f'<input type="checkbox" name="document" value="{paper.uuid}" form="fetch"' in page
    assert '<form class="fetch-bar no-print" id="fetch" action="/files/archive/" method="post">' in page
    assert 'href="/files/archive/?folder=many" rel="nofollow">Download the whole folder as a zip (1 paper)</a>' in page
    assert "whole folder" not in member.get("/files/").content.decode()


def test_folder_is_offered_where_no_list_of_papers_is_shown(member):
    outer = make_folder("Outer")
    text_paper("One", make_folder("Inner", parent=outer))
    make_folder("Nothing in it")
    offer = 'href="/files/archive/?folder={}" rel="nofollow">Download the whole folder as a zip (1 paper)</a>'
    assert offer.format("outer") in member.get("/files/outer/").content.decode()
    for query in ("", "?view=grid", "?topic=None"):
        assert member.get(f"/files/outer/inner/{query}").content.decode().count(offer.format("outer/inner")) == 1
    assert "whole folder" not in member.get("/files/nothing-in-it/").content.decode()
