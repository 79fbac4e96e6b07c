"""The access record as a file: what is in it, that taking it is recorded, and that nothing in it acts when opened."""

from __future__ import annotations

import io

import openpyxl
import pytest

from members import audit
from members.enums import Action
from members.models import AccessRecord, RecordedWords, User
from tests.factories import make_user
from tests.members.recorded import exported, story

pytestmark = pytest.mark.django_db


def last_row():
    row = AccessRecord.objects.first()
    return (row.action, row.actor_id, row.details)


def test_auditor_exports_the_record(signed_in, auditor):
    story()
    client = signed_in(auditor)
    head, *rows = exported(client, "&person=sam@example.org")
    assert head == [
        "When", "What happened", "Who", "E-mail", "Paper, folder or member", "Outcome",
        "Action", "Actor id", "Object kind", "Object id", "Reason", "Details",
    ]  # fmt: skip
    sam = User.objects.get(email="sam@example.org")
    assert [row[6:] for row in rows] == [
        ["downloaded", str(sam.pk), "document", "third-paper", "", '{"version": 2}'],
        ["refused", str(sam.pk), "document", "second-paper", "not_a_member", "{}"],
    ]


def test_export_is_itself_a_row(signed_in, auditor):
    exported(signed_in(auditor), "&action=refused")
    action, actor, details = last_row()
    said = RecordedWords.objects.get()
    assert (action, actor) == ("record_exported", auditor.pk)
    assert (said.text, said.digest, said.about) == ("export=csv&action=refused", details["words"], None)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("", "as CSV; all rows"),
        ("&action=refused&person=sam", "as CSV; what happened: Was refused a paper, who: sam"),
        ("&at_from=2026-01-01&at_to=2030-12-31&subject=", "as CSV; from: 2026-01-01, to: 2030-12-31"),
    ],
)
def test_export_s_row_says_which_rows_were_taken(signed_in, auditor, asked, said):
    client = signed_in(auditor)
    exported(client, asked)
    assert exported(client, "&action=record_exported")[1][5] == said


def test_looking_at_the_record_is_no_export(signed_in, auditor):
    signed_in(auditor).get("/admin/access-record/")
    assert not AccessRecord.objects.filter(action="record_exported").exists()


def test_export_that_cannot_be_recorded_does_not_leave(signed_in, auditor, monkeypatch):
    story()
    client = signed_in(auditor)
    client.raise_request_exception = False

    def full(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(audit, "record", full)
    response = client.get("/admin/access-record/?export=csv")
    assert response.status_code == 500
    assert b"third-paper" not in response.content


FORMULAS = ['=HYPERLINK("http://evil.example")', "+1+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]


def test_text_of_people_is_inert_in_the_exports(signed_in, auditor):
    evil = make_user("=cmd@example.org")
    for formula in FORMULAS:
        audit.record(Action.CHANGED, actor=evil, object_kind="document", object_id=formula[:60], reason=formula)
    client = signed_in(auditor)
    for row in exported(client)[1:]:
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row), row
    response = client.get("/admin/access-record/?export=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    assert '\'=HYPERLINK("http://evil.example")' in {cell.value for cell in cells}


def test_rows_of_people_who_are_gone_are_read_and_exported(signed_in, auditor):
    story()
    User.objects.get(email="sam@example.org").delete()
    client = signed_in(auditor)
    assert client.get("/admin/access-record/").status_code == 200
    rows = exported(client)
    gone = AccessRecord.objects.get(object_id="third-paper").actor_id
    found = [row[2:4] for row in rows if "third-paper" in row]
    assert found == [[f"Somebody whose account is gone (no. {gone})", ""]]
    row = AccessRecord.objects.get(object_id="third-paper")
    assert client.get(f"/admin/access-record/inspect/{row.pk}/").status_code == 200
    assert exported(client, "&person=sam@example.org")[1:] == []
