"""What every test may use."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from copy import deepcopy
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, ContextList
from django.utils import timezone
from willow.image import AvifImageFile
from willow.plugins.pillow import PillowImage

from fileshare.inspection import child
from portal import freshness
from portal.search import statistics
from tests.bending import with_triggers, without_triggers
from tests.clamd import Clamd

if TYPE_CHECKING:
    from members.models import User

# What a page says, how much it weighs and where a file lies is the same whatever the database. How the database answers
# is asked on each, by the tests of lists, rules, services and records.
LOOKS_THE_SAME = {
    "access_table/test_routes",
    "advisories/test_allauth", "advisories/test_django", "advisories/test_django_caching", "advisories/test_wagtail",
    "drills/test_hostile", "fileshare/test_delivery", "fileshare/test_delivery_faults", "fileshare/test_every_door",
    "fileshare/test_query_counts", "fileshare/test_reading", "fileshare/test_wagtail_bulk",
    "fileshare/test_wagtail_lists",
    "members/test_directory", "members/test_doors_for_members",
    "fileshare/test_wagtail_adding", "fileshare/test_wagtail_changing", "fileshare/test_wagtail_moving",
    "fileshare/test_wagtail_quarantine", "fileshare/test_wagtail_reach", "fileshare/test_zips",
    "members/test_account_pages", "members/test_mails", "members/test_second_factor", "members/test_sign_in",
    "members/test_wagtail_decisions", "members/test_wagtail_register", "members/test_wagtail_roles",
    "members/test_wagtail_several",
    "portal/test_checks_before_publishing", "portal/test_contact", "portal/test_contact_admin", "portal/test_demo",
    "portal/test_demo_content", "portal/test_demo_files", "portal/test_desk", "portal/test_doctor_scanner",
    "portal/test_doors", "portal/test_edge", "portal/test_editor", "portal/test_failed_work", "portal/test_headers",
    "portal/test_home", "portal/test_machines", "portal/test_news_list", "portal/test_old_shapes",
    "portal/test_page_cache", "portal/test_page_cache_until", "portal/test_pictures", "portal/test_post_parts",
    "portal/test_posts", "portal/test_posts_papers", "portal/test_posts_report", "portal/test_preview",
    "portal/test_query_counts", "portal/test_sections", "portal/test_standard_pages", "portal/test_storages",
    "portal/test_weight", "portal/test_words",
    "services/test_clamd", "services/test_object_store", "test_crawl", "test_markup",
}  # fmt: skip
TESTS = Path(__file__).parent
DATABASE = {"db", "transactional_db"}  # pytest-django's fixtures of the database, which its others ask for


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Whole files and long texts are named for their argument: some differ from one making to the next, and the
    processes that share the tests must agree on the names."""
    return argname if isinstance(val, bytes | str) and len(val) > 60 else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the drills counted, as one table, and a line for each service that these tests did without; tests left out
    for want of a program say so themselves."""
    lines = [("drill", "aim", "counted", "wrong")]
    for report in (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")):
        if report.when == "call":
            lines += [figures for name, figures in report.user_properties if name == "drill"]
    for drill, aim, counted, wrong in lines if lines[1:] else ():
        terminalreporter.write_line(f"{drill:<46}{aim:>8}{counted:>9}{wrong:>7}")
    for report in terminalreporter.getreports("passed"):
        for name, said in report.user_properties:
            if name == "said" and report.when == "call":
                terminalreporter.write_line(said)
    if connection.vendor != "postgresql":
        terminalreporter.write_line(
            "Left out: PostgreSQL. Run again with DATABASE_URL=postgres://user:password@host/name."
        )
    if not os.environ.get("SERVICES"):
        terminalreporter.write_line("Left out: nginx and several machines. Run `make services-test`.")
    if settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache"):
        terminalreporter.write_line(
            "Left out: Redis. Run again with CACHE_URL=redis://host:6379/9, a database to spare."
        )


def _note_template(store: dict[str, Any], template: Any, context: Any, **kwargs: Any) -> None:
    """What Django's client keeps of an answer for `response.context` and `.templates`, but the contexts themselves:
    copying each of them took a fifth of the time of the administration's tests."""
    store.setdefault("templates", []).append(template)
    store.setdefault("context", ContextList()).append(context)


@pytest.fixture(autouse=True)
def _contexts_uncopied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.test.client.store_rendered_templates", _note_template)


def _save_as_avif(picture: PillowImage, file: Any, quality: int = 80, **_: Any) -> AvifImageFile:
    """As Willow does it, in a tenth of the time: the pictures' weight is for the browser's tests to judge, whose site
    does without this."""
    picture.image.save(file, "AVIF", quality=quality, speed=10)
    return AvifImageFile(file)


@pytest.fixture(autouse=True, scope="session")
def _avif_in_haste() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PillowImage, "save_as_avif", _save_as_avif)
        yield


# What these say of a file depends on its bytes alone.
LOOK_AT_BYTES = {"fileshare.inspection.pdf", "fileshare.derivatives.preview", "fileshare.derivatives.text"}


@pytest.fixture(autouse=True, scope="session")
def _children_look_once_at_the_same_bytes() -> Iterator[None]:
    """To start a parser's process takes longer than most tests, and many bring the same plain file."""
    said: dict[tuple[Any, ...], Any] = {}
    run = child.run

    def kept(module: str, *arguments: str, seconds: int, **options: Any) -> Any:
        if module not in LOOK_AT_BYTES or not Path(arguments[0]).is_file():
            return run(module, *arguments, seconds=seconds, **options)
        key = (module, sha256(Path(arguments[0]).read_bytes()).digest(), arguments[1:], seconds)
        if key not in said:
            said[key] = run(module, *arguments, seconds=seconds, **options)
        return deepcopy(said[key])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(child, "run", kept)
        yield


@pytest.fixture(autouse=True, scope="session")
def _record_can_be_emptied() -> Iterator[None]:
    """Between tests that commit, whose tables are all emptied: for that moment the triggers of the access record are
    away. The product has no way around them.

    On PostgreSQL rows are deleted: to truncate is to make new files for two hundred tables and their indexes, of which
    nearly all are empty, and takes seconds.
    """
    operations = type(connection.ops)  # of every connection: some tests have others for a while
    flush = operations.sql_flush

    def emptied(self: Any, style: Any, tables: Any, **kwargs: Any) -> list[str]:
        if self.connection.vendor == "postgresql":
            emptying = [f"DELETE FROM {self.quote_name(table)}" for table in tables]  # noqa: S608 -- our own tables
            statements = ["SET CONSTRAINTS ALL DEFERRED", *emptying, "SET CONSTRAINTS ALL IMMEDIATE"]
        else:
            statements = flush(self, style, tables, **kwargs)
        return [*without_triggers(), *statements, *with_triggers()] if tables else []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "sql_flush", emptied)
        yield


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process keeps until the next change: a test's end takes back changes without a word. Within a test the
    clock has no part in it."""
    monkeypatch.setattr(freshness, "CHECK_EVERY", 3600)
    freshness.freshness.expire()
    statistics.forget()


@pytest.fixture(autouse=True)
def _fresh_cache(request: pytest.FixtureRequest) -> None:
    """Rate limits and other counts begin anew with each test that has a database."""
    wanted = DATABASE & set(request.fixturenames)
    if wanted or request.node.get_closest_marker("django_db"):
        request.getfixturevalue("transactional_db" if "transactional_db" in wanted else "db")
        cache.clear()


@pytest.fixture
def clamd(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clamd]:
    """The site has a virus scanner, which a test can make say anything."""
    with Clamd(tmp_path_factory.mktemp("clamd") / "ctl") as scanner:
        settings.CLAMD_URL = scanner.address
        yield scanner


@pytest.fixture
def count(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """For drills: `count(drill, aim, counted, wrong, said)` makes a line of the table at the end of the run, and a
    sentence below it. To be called before the assertion that nothing is wrong."""

    def note(drill: str, aim: int, counted: int, wrong: int = 0, said: str = "") -> None:
        record_property("drill", (drill, aim, counted, wrong))
        if said:
            record_property("said", f"{drill}: {said}.")

    return note


@pytest.fixture
def clock_stands() -> Iterator[None]:
    """The time of the test's beginning until its end, for answers that count the seconds."""
    with time_machine.travel(timezone.now(), tick=False):
        yield


@pytest.fixture
def signed_in(db: None) -> Callable[[User], Client]:
    """A client with a session of its own for a person."""

    def make(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def django_assert_num_queries() -> Callable[[int], AbstractContextManager[CaptureQueriesContext]]:
    """Exactly so many queries; where the cache is Redis, which saves those of the cache's table, at most so many."""

    @contextmanager
    def check(num: int) -> Iterator[CaptureQueriesContext]:
        with CaptureQueriesContext(connection) as captured:
            yield captured
        found = "\n".join(query["sql"] for query in captured.captured_queries)
        if settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache"):
            assert len(captured) == num, found
        else:
            assert len(captured) <= num, found

    return check


def _why_not_on_postgresql(item: pytest.Item) -> str:
    """Why a test need not run again on PostgreSQL; empty when it must."""
    if not (item.get_closest_marker("django_db") or DATABASE & set(getattr(item, "fixturenames", ()))):
        return "asks no database: run on SQLite"
    if item.path.relative_to(TESTS).with_suffix("").as_posix() in LOOKS_THE_SAME:
        return "looks the same whatever the database: run on SQLite"
    return ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        commits = item.get_closest_marker("django_db")
        if commits and commits.kwargs.get("transaction") and item.get_closest_marker("xdist_group"):
            # Groups go first, and whoever comes after such a test finds the tables empty.
            raise pytest.UsageError(f"{item.nodeid} commits and is in a group.")
    if connection.vendor == "postgresql":
        for item in items:
            if reason := _why_not_on_postgresql(item):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_collection_finish() -> None:
    """Whatever Django and Wagtail made while they were loaded stays: the collector need not walk it again and again."""
    gc.collect()
    gc.freeze()
    # To look for rings of forms and rows that a test has left behind took a twentieth of the time.
    gc.set_threshold(50_000, 20, 50)
