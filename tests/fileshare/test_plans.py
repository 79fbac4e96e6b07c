"""With 100,000 papers and as many rows of the record, PostgreSQL finds a page by an index.

The plan is asked for, not the time. A test has few rows, which are read faster whole: with that forbidden, the plan
says whether an index *can* serve the question, which is what a change of the policy or of an order may lose.
"""

from __future__ import annotations

import datetime
import re

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fileshare import paging
from members import audit
from members.enums import Action
from members.models import AccessRecord
from portal import freshness
from tests.factories import make_folder, make_member, make_paper

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="asks PostgreSQL for its plans"),
]


@pytest.fixture
def folder(monkeypatch):
    """A folder of three papers, of which a page shows one."""
    monkeypatch.setattr(paging, "PER_PAGE", 1)
    folder = make_folder("Guidance")
    for days in (1, 2, 3):
        published = timezone.now() - datetime.timedelta(days=days)
        make_paper(content=b"text", file_name="a.txt", collection=folder, publish_at=published)
    with connection.cursor() as cursor:
        for way in ("seqscan", "sort", "bitmapscan", "hashjoin"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    return folder


def plan_of(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(row[0] for row in cursor.fetchall())


def plans(client, address: str, *parts: str) -> list[str]:
    """Of the questions of this page that have all these parts."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    found = [each["sql"] for each in asked.captured_queries if all(part in each["sql"] for part in parts)]
    assert found, (address, parts)
    return [plan_of(sql) for sql in found]


ORDERS = {"newest": "papers_of_a_folder", "title": "papers_by_title", "read": "papers_by_readers"}


@pytest.mark.parametrize(("sort", "index"), ORDERS.items())
def test_page_of_a_folder_is_found_by_an_index_in_its_order(folder, signed_in, sort, index):
    client, address = signed_in(make_member()), f"/files/guidance/?sort={sort}"
    following = BeautifulSoup(client.get(address).content, "html.parser").select_one("a[rel=next]")["href"]
    for each in (address, f"/files/guidance/{following}"):
        for plan in plans(client, each, 'FROM "fileshare_shareddocument"', "ORDER BY", "LIMIT 2"):
            assert index in plan, (each, plan)
            assert "Sort" not in plan, (each, plan)


OTHERS = """
    SELECT indexname FROM pg_indexes WHERE tablename = 'fileshare_shareddocument' AND indexname <> 'papers_to_count'
    AND indexname NOT IN (SELECT conname FROM pg_constraint)
"""


def test_papers_are_counted_from_the_index_that_holds_all_the_policy_asks(folder, signed_in):
    connection.check_constraints()
    with connection.cursor() as cursor:  # with few rows any other index is as good, whatever it lacks
        cursor.execute(OTHERS)
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP INDEX "{name}"')
        cursor.execute("SET LOCAL enable_hashagg = off")
    all_of_them, *_ = plans(signed_in(make_member()), "/files/", 'COUNT("fileshare_shareddocument"."id")')
    assert "Index Only Scan using papers_to_count" in all_of_them, all_of_them


def test_download_finds_its_paper_by_the_index_of_its_address(folder, signed_in):
    paper = make_paper(content=b"text", file_name="a.txt", collection=folder)
    client = signed_in(make_member())
    with CaptureQueriesContext(connection) as asked:
        assert b"".join(client.get(paper.download_url).streaming_content) == b"text"
    uuid = paper.uuid.hex
    [sql] = [
        each["sql"] for each in asked.captured_queries if each["sql"].startswith("EXECUTE") and uuid in each["sql"]
    ]
    plan = plan_of(sql)
    assert "fileshare_shareddocument_uuid" in plan, plan


def test_record_is_found_by_paper_and_by_person():
    reader = make_member()
    for number in range(3):
        audit.record(Action.DOWNLOADED, actor=reader, object_kind="document", object_id=number)
    with connection.cursor() as cursor:
        for way in ("seqscan", "sort", "bitmapscan"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    rows = AccessRecord.objects.order_by()
    indexes = {index.fields[0]: index.name for index in AccessRecord._meta.indexes}
    for found, first in (
        (rows.filter(object_kind="document", object_id="1"), "object_kind"),
        (rows.filter(actor=reader).order_by("-at")[:25], "actor"),
        (rows.filter(action=Action.DOWNLOADED).order_by("-at")[:25], "action"),
    ):
        plan = found.explain()
        assert f"using {indexes[first]} " in plan, plan
        assert "Sort" not in plan, plan


def test_next_change_by_a_paper_is_found_by_an_index():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    with CaptureQueriesContext(connection) as asked:
        freshness.next_change()
    found = [plan_of(each["sql"]) for each in asked.captured_queries]
    dates = ["(papers_by_publication|fileshare_shareddocument_publish_at)", "papers_to_expire"]
    assert [bool(re.search(f"using {name}", plan)) for name, plan in zip(dates, found, strict=False)] == [True] * 2, (
        found
    )
