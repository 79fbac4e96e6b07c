"""The report of posts: who may see it, what it counts, and what leaves in a spreadsheet."""

from __future__ import annotations

import csv
import datetime
import io
from typing import Any

import openpyxl
import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import GroupPagePermission

from members import audit
from members.enums import Action
from members.models import User
from portal.models import Author, Comment, DailyReads, HomePage, NewsIndexPage, NewsPage, Topic
from portal.services import roles
from tests.factories import make_administrator, make_editor_of, make_folder, make_member, make_post, make_user
from tests.portal.reading import MARKER, make_note, soup_of, words_of
from tests.portal.test_preview import may_edit_posts

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/reports/posts/"
HEADINGS = ["Title", "Authors", "Date", "State", "Reads", "Reads in 30 days", "Comments", "Downloads of its papers"]


@pytest.fixture
def folder(db):
    return make_folder("Guidance")


@pytest.fixture
def editor(folder) -> User:
    return may_edit_posts(make_editor_of(folder))


@pytest.fixture
def desk(editor) -> Client:
    client = Client()
    client.force_login(editor)
    return client


def shown(client: Client, query: str = "") -> list[list[str]]:
    """The cells of the table, row by row."""
    table = soup_of(client, f"{ADDRESS}?{query}").select_one("table.listing")
    return [[words_of(cell) for cell in row.select("td")] for row in table.select("tbody tr")] if table else []


def titles(client: Client, query: str = "") -> list[str]:
    return [row[0] for row in shown(client, query)]


def exported(client: Client, query: str = "") -> list[list[str]]:
    answer = client.get(f"{ADDRESS}?export=csv&{query}")
    assert answer["Content-Type"] == "text/csv", answer
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))


def workbook(client: Client, query: str = "") -> list[tuple[Any, ...]]:
    answer = client.get(f"{ADDRESS}?export=xlsx&{query}")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    return [tuple(cell.value for cell in row) for row in sheet.iter_rows()]


def read(post: NewsPage, days_ago: int, reads: int) -> None:
    day = timezone.localdate() - datetime.timedelta(days=days_ago)
    DailyReads.objects.create(post=post, day=day, reads=reads)


def downloaded(paper: Any, times: int = 1, **details: Any) -> None:
    for _ in range(times):
        audit.record(Action.DOWNLOADED, actor=None, object_kind="document", object_id=paper.uuid, version=1, **details)


def documents(*papers: Any) -> tuple[str, Any]:
    return "documents", {"heading": "Papers", "documents": list(papers)}


def on(day: int) -> datetime.datetime:
    return datetime.datetime(2026, 3, day, 12, tzinfo=datetime.UTC)


@pytest.fixture
def told(folder) -> NewsPage:
    """A post with a figure of each sort, and what must not count in any."""
    ada, ben = (Author.objects.create(name=name, slug=name.lower()) for name in ("Ada", "Ben"))
    public, members, elsewhere = (make_note(collection=folder) for _ in range(3))
    body = [documents(public), ("members_only", None), documents(members)]
    post = make_post("Rain", body=body, authors=[ada, ben], published_at=on(1))
    read(post, 0, 1500), read(post, 29, 20), read(post, 30, 4)
    downloaded(public, 2), downloaded(members, 3), downloaded(elsewhere, 50)
    downloaded(public, 4, range="bytes=100-")
    audit.record(Action.OPENED, actor=None, object_kind="document", object_id=public.uuid)
    audit.record(Action.DOWNLOADED, actor=None, object_kind="folder", object_id=public.uuid)
    for state in ("appeared", "appeared", "held", "withdrawn"):
        Comment.objects.create(post=post, author=None, text="Words", state=state)
    make_post("Another", published_at=on(2))
    return post


def test_report_counts_reads_comments_and_downloads_of_each_post(desk, told):
    assert shown(desk) == [
        ["Another", "", "2 March 2026", "Published", "0", "0", "0", "0"],
        ["Rain", "Ada, Ben", "1 March 2026", "Published", "1,524", "1,520", "2", "5"],
    ]
    link = soup_of(desk, ADDRESS).select("table.listing a[href*='/edit/']")[1]
    assert link["href"] == f"/admin/pages/{told.pk}/edit/"


def test_exports_say_the_same_as_the_table(desk, told):
    assert exported(desk) == [
        HEADINGS,
        ["Another", "", "2026-03-02", "Published", "0", "0", "0", "0"],
        ["Rain", "Ada, Ben", "2026-03-01", "Published", "1524", "1520", "2", "5"],
    ]
    head, _another, rain = workbook(desk)
    assert list(head) == HEADINGS
    assert rain == ("Rain", "Ada, Ben", datetime.date(2026, 3, 1), "Published", 1524, 1520, 2, 5)


def test_downloads_of_papers_that_the_reader_may_not_see_do_not_count(desk, signed_in):
    hidden = [
        make_note(collection=make_folder(groups=("Committee",))),
        make_note(publish_at=timezone.now() + datetime.timedelta(days=1)),
        make_note(marking="TLP:CLEAR", withdrawn_at=timezone.now()),
    ]
    make_post("Closed", body=[documents(*hidden)])
    for paper in hidden:
        downloaded(paper, 7)
    assert shown(desk)[0][-1] == "0"
    assert exported(desk)[1][-1] == "0"
    assert shown(signed_in(make_administrator()))[0][-1] == "21"


def test_drafts_are_not_listed_and_what_was_taken_back_is(desk):
    make_post("Draft", live=False)
    back = make_post("Taken back")
    NewsPage.objects.filter(pk=back.pk).update(live=False, first_published_at=timezone.now())
    assert [(row[0], row[3]) for row in shown(desk)] == [("Taken back", "No longer published")]


def test_filters_by_date_author_and_topic(desk, told):
    rain = Topic.objects.create(name="Rain", slug="rain")
    told.topics = [rain]
    told.save()
    ada = Author.objects.get(slug="ada")
    for query, expected in (
        ("published_at_from=2026-03-02", ["Another"]),
        ("published_at_to=2026-03-01", ["Rain"]),
        (f"author={ada.pk}", ["Rain"]),
        (f"topic={rain.pk}", ["Rain"]),
        (f"topic={rain.pk}&published_at_from=2026-03-02", []),
    ):
        assert titles(desk, query) == expected, query
        assert [row[0] for row in exported(desk, query)[1:]] == expected, query


@pytest.mark.parametrize("query", ["author=99999", "topic=x", "published_at_from=yesterday"])
def test_wrong_filter_lists_and_exports_nothing_and_says_so(desk, told, query):
    for address in (f"{ADDRESS}?{query}", f"{ADDRESS}?{query}&export=csv", f"{ADDRESS}results/?{query}"):
        page = desk.get(address)
        assert page["Content-Type"].startswith("text/html")
        assert "Nothing is listed, because a filter cannot be understood." in page.content.decode()


# --- Who --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("address", [ADDRESS, f"{ADDRESS}results/", f"{ADDRESS}?export=csv", f"{ADDRESS}?export=xlsx"])
@pytest.mark.parametrize("group", [roles.SECRETARIES, roles.AUDITORS, None])
def test_report_is_for_those_who_write_or_publish(signed_in, told, address, group):
    client = signed_in(make_member(groups=(group,) if group else ()))
    answer = client.get(address)
    assert answer.status_code == 302 if group else 403
    assert MARKER not in answer.content.decode()
    assert "Rain" not in answer.content.decode()
    assert Client().get(address).status_code == 302


def test_menu_leads_those_who_publish_to_the_report_and_nobody_else(signed_in):
    publisher = make_user()
    group = Group.objects.create(name="Publishers")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    permission = Permission.objects.get(codename="publish_page", content_type__app_label="wagtailcore")
    GroupPagePermission.objects.create(group=group, page=HomePage.objects.get().page_ptr, permission=permission)
    publisher.groups.add(group)
    assert ADDRESS in signed_in(publisher).get("/admin/").content.decode()
    for name in (roles.SECRETARIES, roles.AUDITORS):
        assert ADDRESS not in signed_in(make_member(groups=(name,))).get("/admin/").content.decode()


def test_author_of_own_posts_alone_sees_those_alone(signed_in):
    """Who may add pages, and change no others, has page permissions for the own ones."""
    writer, group = make_user(), Group.objects.create(name="Contributors")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    permission = Permission.objects.get(codename="add_page", content_type__app_label="wagtailcore")
    GroupPagePermission.objects.create(group=group, page=NewsIndexPage.objects.get().page_ptr, permission=permission)
    writer.groups.add(group)
    make_post("Mine", owner=writer)
    make_post(f"Theirs {MARKER}")
    client = signed_in(writer)
    assert titles(client) == ["Mine"]
    assert [row[0] for row in exported(client)[1:]] == ["Mine"]
    assert [row[0] for row in workbook(client)[1:]] == ["Mine"]


# --- Spreadsheets and many posts --------------------------------------------------------------------------------
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_text_of_people_is_inert_in_the_exports(desk, start):
    text = f"{start}HYPERLINK(1)"
    author = Author.objects.create(name=text, slug="odd")
    post = make_post("Odd", authors=[author])
    NewsPage.objects.filter(pk=post.pk).update(title=text)
    assert exported(desk)[1][:2] == [f"'{text}"] * 2
    assert list(workbook(desk)[1][:2]) == [f"'{text}"] * 2


def make_posts(count: int, folder: Any) -> None:
    for _ in range(count):
        author = Author.objects.create(name="A", slug=f"a{Author.objects.count()}")
        paper = make_note(collection=folder)
        downloaded(paper)
        read(make_post(body=[documents(paper)], authors=[author]), 1, 5)


def test_report_and_export_ask_the_same_for_one_post_and_thirty(desk, folder):
    counted = []
    for more in (1, 29):
        make_posts(more, folder)
        for address in (ADDRESS, f"{ADDRESS}?export=csv"):
            with CaptureQueriesContext(connection) as captured:
                answer = desk.get(address)
                b"".join(answer.streaming_content) if answer.streaming else answer.content
            counted.append(sum(' "cache" ' not in query["sql"] for query in captured.captured_queries))
    assert counted == [22, 13, 22, 13]


def test_report_turns_its_pages_and_the_export_has_them_all(desk, monkeypatch):
    monkeypatch.setattr("portal.post_figures.AT_ONCE", 7)
    for number in range(60):
        read(make_post(f"Post {number:02}", published_at=on(1) + datetime.timedelta(hours=number)), 0, number)
    expected = [f"Post {number:02}" for number in reversed(range(60))]
    assert titles(desk) == expected[:50]
    assert titles(desk, "p=2") == expected[50:]
    assert [(row[0], row[4]) for row in exported(desk)[1:]] == [(each, str(int(each[-2:]))) for each in expected]
