"""What the record says of openings, downloads and refusals."""

from __future__ import annotations

import datetime
import uuid

import pytest
from django.utils import timezone

from fileshare.models import SharedDocument
from fileshare.services import own_papers
from members import audit
from members.models import AccessRecord
from tests.factories import make_administrator, make_folder, make_member, make_paper, make_user
from tests.fileshare.answers import bytes_of, last_row, newest_rows


def test_opening_downloading_and_ranges_are_rows(signed_in, tens):
    user = make_member()
    client = signed_in(user)
    before = AccessRecord.objects.count()
    client.get(tens.get_absolute_url())
    bytes_of(client.get(tens.download_url))
    bytes_of(client.get(tens.download_url, headers={"range": "bytes=5-9"}))
    client.head(tens.download_url)
    bytes_of(client.get(f"/files/document/{tens.uuid}/versions/1/download/"))
    what = ("document", str(tens.uuid), "")
    assert newest_rows(5) == [
        ("opened", user.pk, *what, {}),
        ("downloaded", user.pk, *what, {"version": 1}),
        ("downloaded", user.pk, *what, {"version": 1, "range": "bytes=5-9"}),
        ("opened", user.pk, *what, {"version": 1}),
        ("downloaded", user.pk, *what, {"version": 1}),
    ]
    assert AccessRecord.objects.count() == before + 5


@pytest.mark.parametrize(("method", "noted", "flushes"), [("get", True, 0), ("get", False, 1), ("head", None, 0)])
def test_row_of_a_download_waits_with_the_note_behind_it_or_by_itself(
    signed_in, tens, monkeypatch, method, noted, flushes
):
    rows, flushed = [], []
    record = audit.record

    def recording(*args, waits=True, **details):
        rows.append(waits)
        return record(*args, **details)

    monkeypatch.setattr(audit, "record", recording)
    monkeypatch.setattr(audit, "flush", lambda: flushed.append(1))
    monkeypatch.setattr(own_papers, "note_reading", lambda **_: noted)
    answer = getattr(signed_in(make_member()), method)(tens.download_url)
    assert (answer.status_code, rows, len(flushed)) == (200, [method == "head"], flushes)
    answer.close()


@pytest.mark.parametrize(
    ("standing", "fields", "reason"),
    [
        ("lapsed", {}, "not_a_member"),
        ("suspended", {}, "not_a_member"),
        ("applicant", {}, "not_a_member"),
        ("current", {"inspected": False}, "not_published"),
        ("current", {"embargo": True}, "not_published"),
        ("current", {"groups": ("Committee",)}, "not_in_audience"),
        ("current", {"marking": "TLP:RED"}, "not_a_recipient"),
    ],
)
def test_refusal_is_a_row_with_its_reason(signed_in, standing, fields, reason):
    fields = dict(fields)
    if fields.pop("embargo", False):
        fields["publish_at"] = timezone.now() + datetime.timedelta(hours=1)
    folder = make_folder(groups=fields.pop("groups", ()))
    marking = fields.pop("marking", "TLP:GREEN")
    paper = make_paper(content=b"text", file_name="a.txt", collection=folder, **fields)
    SharedDocument.objects.update(marking=marking)  # only a PDF could come in as RED
    user = make_member(standing=standing)
    client = signed_in(user)
    for address in (
        paper.get_absolute_url(),
        paper.download_url,
        f"/files/document/{paper.uuid}/versions/1/download/",
        f"/documents/{paper.pk}/a.txt",
    ):
        assert client.get(address).status_code == 404
        assert last_row() == ("refused", user.pk, "document", str(paper.uuid), reason, {})


def test_refusal_of_an_unknown_paper_is_a_row(signed_in):
    user, unknown = make_member(), uuid.uuid4()
    assert signed_in(user).get(f"/files/document/{unknown}/download/").status_code == 404
    assert last_row() == ("refused", user.pk, "document", str(unknown), "unknown", {})


def test_refusal_of_a_version_names_its_number(signed_in, tens):
    user = make_member()
    assert signed_in(user).get(f"/files/document/{tens.uuid}/versions/7/download/").status_code == 404
    assert last_row() == ("refused", user.pk, "document", str(tens.uuid), "no_file", {"version": 7})


def test_administrator_is_recorded_like_everybody_else(signed_in, tens):
    user = make_administrator()
    bytes_of(signed_in(user).get(tens.download_url))
    assert last_row() == ("downloaded", user.pk, "document", str(tens.uuid), "", {"version": 1})


def test_record_never_holds_a_title(signed_in):
    paper = make_paper("An unmistakable title", content=b"text", file_name="unmistakable.txt", by=make_user())
    client = signed_in(make_member())
    client.get(paper.get_absolute_url())
    bytes_of(client.get(paper.download_url))
    for row in AccessRecord.objects.all():
        assert "nmistakable" not in f"{row.reason} {row.details} {row.object_id}"


def test_losing_membership_ends_access_at_the_next_request(signed_in, tens):
    user = make_member()
    client = signed_in(user)
    bytes_of(client.get(tens.download_url))
    user.membership.decision = "suspended"
    user.membership.save()
    assert client.get(tens.download_url).status_code == 404
