"""The report of use: what it counts, who may see what of it, and what leaves in a spreadsheet."""

from __future__ import annotations

import csv
import datetime
import io

import openpyxl
import pytest
import time_machine
from django.utils import timezone

from members import audit
from members.enums import Action
from members.models import AccessRecord
from portal.services import roles
from tests.factories import make_administrator, make_editor_of, make_folder, make_member, make_paper
from tests.fileshare.test_query_counts import same_for_one_and_thirty
from tests.portal.reading import soup_of, words_of

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/reports/papers/"


def make_note(title, collection):
    return make_paper(title, collection=collection, content=b"text", file_name="a.txt")


def used(paper, action, times=1, *, by=None, day=1, **details):
    with time_machine.travel(datetime.datetime(2026, 3, day, 12, tzinfo=datetime.UTC), tick=False):
        for _ in range(times):
            audit.record(action, actor=by, object_kind="document", object_id=paper.uuid, version=1, **details)


@pytest.fixture
def papers():
    guidance, minutes = make_folder("Guidance"), make_folder("Minutes", groups=("Committee",))
    below = make_folder("Crowds", parent=guidance)
    return {
        "rain": make_note("Rain", guidance), "wind": make_note("Wind", below), "secret": make_note("Secret", minutes),
    }  # fmt: skip


@pytest.fixture
def reader():
    return make_member("reader@example.org", first_name="Ada", last_name="Reader")


@pytest.fixture
def told(papers, reader):
    """Readings of each sort, and what must not count."""
    used(papers["rain"], Action.READ, 3, by=reader, day=1)
    used(papers["rain"], Action.READ, 1, by=reader, day=2, range="bytes=0-9")  # who came without the reader page
    used(papers["rain"], Action.DOWNLOADED, 2, day=2)
    used(papers["wind"], Action.DOWNLOADED, 5, by=reader, day=2, archive="0123abcd")
    used(papers["secret"], Action.DOWNLOADED, 7, by=reader, day=3)
    used(papers["rain"], Action.DOWNLOADED, 40, day=2, range="bytes=100-")
    used(papers["rain"], Action.OPENED, 50, day=2)
    return papers


def shown(client, query=""):
    table = soup_of(client, f"{ADDRESS}?{query or 'by='}").select_one("table.listing")
    return [[words_of(cell) for cell in row.select("td")] for row in table.select("tbody tr")] if table else []


def exported(client, query=""):
    answer = client.get(f"{ADDRESS}?export=csv&{query}")
    assert answer["Content-Type"] == "text/csv", answer
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))


@pytest.fixture
def editor(papers):
    return make_editor_of(papers["rain"].collection)


def test_editor_sees_counts_of_the_own_papers_and_nobody_s_name(signed_in, told, editor):
    client = signed_in(editor)
    assert shown(client) == [["Wind", "0", "5"], ["Rain", "4", "2"]]
    assert shown(client, "by=paper-day") == [
        ["2 Mar 2026", "Wind", "0", "5"], ["2 Mar 2026", "Rain", "1", "2"], ["1 Mar 2026", "Rain", "3", "0"],
    ]  # fmt: skip
    assert shown(client, "by=folder") == [["Crowds", "0", "5"], ["Guidance", "4", "2"]]
    assert shown(client, "by=folder-day")[-1] == ["1 Mar 2026", "Guidance", "3", "0"]
    assert shown(client, "by=day") == [["2 Mar 2026", "1", "7"], ["1 Mar 2026", "3", "0"]]
    link = soup_of(client, f"{ADDRESS}?by=").select("table.listing a[href*='/edit/']")[1]
    assert link["href"] == f"/admin/documents/edit/{told['rain'].pk}/"
    # A value that is not offered is no way to people either.
    assert shown(client, "by=person") == []
    page = "".join(client.get(f"{ADDRESS}?{query}").content.decode() for query in ("by=", "by=person", "by=paper-day"))
    assert not [word for word in ("Secret", "Ada Reader", "reader@", "Minutes") if word in page]


def test_filters_choose_by_date_folder_and_title(signed_in, told, editor):
    client, guidance = signed_in(editor), told["rain"].collection
    assert shown(client, "at_from=2026-03-02&at_to=2026-03-02") == [["Wind", "0", "5"], ["Rain", "1", "2"]]
    assert shown(client, f"folder={told['wind'].collection.pk}") == [["Wind", "0", "5"]]
    assert [row[0] for row in shown(client, f"folder={guidance.pk}")] == ["Wind", "Rain"]
    assert shown(client, "paper=ain") == [["Rain", "4", "2"]]
    assert shown(client, "paper=Secret") == []
    for wrong in (f"folder={told['secret'].collection.pk}", "at_from=nonsense"):
        assert "Nothing is listed, because a filter cannot be understood." in words_of(
            soup_of(client, f"{ADDRESS}?{wrong}")
        )


def test_report_begins_with_the_last_thirty_days(signed_in, told, editor):
    first = timezone.localdate() - datetime.timedelta(days=29)
    assert signed_in(editor).get(ADDRESS).url == f"{ADDRESS}?at_from={first.isoformat()}"


def test_auditor_sees_who_read_and_only_titles_that_are_open_to_the_auditor(signed_in, told):
    client = signed_in(make_member(groups=(roles.AUDITORS,)))
    closed = f"A paper that is not open to you ({told['secret'].uuid})"
    name = "Ada Reader (reader@example.org)"
    assert shown(client) == [[closed, "0", "7"], ["Wind", "0", "5"], ["Rain", "4", "2"]]
    assert shown(client, "by=person") == [
        ["3 Mar 2026", closed, name, "0", "7"],
        ["2 Mar 2026", "Wind", name, "0", "5"],
        ["2 Mar 2026", "Rain", "The site itself", "0", "2"],
        ["2 Mar 2026", "Rain", name, "1", "0"],
        ["1 Mar 2026", "Rain", name, "3", "0"],
    ]
    assert shown(client, "by=folder")[0] == [
        f"A folder that is not open to you ({told['secret'].collection_id})", "0", "7",
    ]  # fmt: skip
    assert shown(client, "paper=Secret") == []
    assert ["2026-03-03", closed, name, "0", "7"] in exported(client, "by=person")
    link = soup_of(client, f"{ADDRESS}?by=paper-day").select_one(f"table.listing a[href*='{told['wind'].uuid}']")
    rows = soup_of(client, link["href"].replace("&amp;", "&")).select("table.listing tbody tr")
    assert len(rows) == 5
    assert ["Secret", "0", "7"] in shown(signed_in(make_administrator()))


def test_paper_and_person_that_are_gone_are_counted_and_named_by_nothing(signed_in, told, reader):
    told["wind"].delete()
    number = reader.pk
    reader.delete()
    client = signed_in(make_administrator())
    paper, person = f"A paper that is gone ({told['wind'].uuid})", f"Somebody whose account is gone (no. {number})"
    assert ["2 Mar 2026", paper, person, "0", "5"] in shown(client, "by=person")
    assert ["Papers that are gone", "0", "5"] in shown(client, "by=folder")


def test_who_has_no_papers_and_does_not_read_the_record_has_no_report(signed_in, told):
    secretary = signed_in(make_member(groups=(roles.SECRETARIES,)))
    for address in (ADDRESS, f"{ADDRESS}results/", f"{ADDRESS}?export=csv"):
        assert secretary.get(address).status_code == 302
    assert ADDRESS not in secretary.get("/admin/").content.decode()
    auditor = signed_in(make_member(groups=(roles.AUDITORS,)))
    menu = auditor.get("/admin/").content.decode()
    assert ADDRESS in menu
    assert "/admin/reports/locked/" not in menu


def test_export_is_in_the_record_inert_and_the_same_as_the_table(signed_in, told, editor):
    type(told["rain"]).objects.filter(pk=told["rain"].pk).update(title="=HYPERLINK(1)")
    client = signed_in(editor)
    expected = [["Paper", "Read online", "Downloaded"], ["Wind", "0", "5"], ["'=HYPERLINK(1)", "4", "2"]]
    assert exported(client) == expected
    answer = client.get(f"{ADDRESS}?export=xlsx&at_from=2026-03-02")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert [tuple(cell.value for cell in row) for row in sheet.iter_rows()][1:] == [
        ("Wind", 0, 5), ("'=HYPERLINK(1)", 1, 2),
    ]  # fmt: skip
    row = AccessRecord.objects.first()
    assert (row.action, row.actor) == (Action.REPORT_EXPORTED, editor)
    page = words_of(soup_of(signed_in(make_administrator()), "/admin/access-record/"))
    assert "The report of use as XLSX; from: 2026-03-02" in page


@pytest.mark.parametrize(("by", "figure"), [("person", 15), ("folder-day", 12)])
def test_report_asks_the_same_for_one_and_thirty(signed_in, django_assert_num_queries, by, figure):
    def make(count):
        for _ in range(count):
            paper = make_note("A paper", make_folder())
            used(paper, Action.READ, by=make_member())

    client = signed_in(make_administrator())
    same_for_one_and_thirty(client, f"{ADDRESS}?by={by}", make, figure, django_assert_num_queries)
