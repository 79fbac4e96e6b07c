"""The real site, with its worker and its timer, and a real browser in front of it."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, Page, expect

from deploy.processes import free_port
from tests.serving import served_as_in_the_procfile

ROOT = Path(__file__).resolve().parents[2]
# Chromium without its windows: the same engine, in a third of the time. The whole browser does as well.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
PASSWORD = "gatehouse-demo"
ON_POSTGRESQL = os.environ.get("DATABASE_URL", "").startswith("postgres")
# The pictures of all posts in all sizes would keep the worker from everything else for a minute; those that a page
# wants are drawn with it.
NO_PICTURES_AHEAD = """
from django_tasks_db.models import DBTaskResult
DBTaskResult.objects.filter(task_path="portal.tasks.draw_pictures").delete()
"""
CHROMIUM_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

# Playwright's loop goes on beneath the tests that come after its own in the same process; those are not asynchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

expect.set_options(timeout=15_000)


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them share one site, so that they share one worker; without Chromium they are left out, and say so."""
    for item in items:
        if Path(item.path).is_relative_to(ROOT / "tests" / "browser"):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no browser: install Debian's package chromium-headless-shell"))
            elif ON_POSTGRESQL:  # where the tests of the production stack go, too
                item.add_marker(pytest.mark.skip(reason="looks the same whatever the database: run on SQLite"))


@dataclass(frozen=True)
class RunningSite:
    """The site's address, and where its data lie."""

    url: str
    data: Path
    environment: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """Run a management command against the running site's data."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip


@pytest.fixture(scope="session")
def site(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Iterator[RunningSite]:
    """The seeded demonstration, served as `make run` serves it.

    It begins with a copy of the tests' own empty database: to migrate another one takes fifteen seconds.
    """
    data, port = tmp_path_factory.mktemp("site"), free_port()
    url = f"http://127.0.0.1:{port}"
    kept = ("PATH", "HOME", "LANG", "TZ")
    environment = {name: os.environ[name] for name in kept if name in os.environ} | {
        "DJANGO_SETTINGS_MODULE": "portal.settings.dev",
        "DATA_DIR": str(data),
        "PORT": str(port),
        "BASE_URL": url,
        "WEB_PROCESSES": "1",
        "DEMO_PASSWORD": PASSWORD,
    }
    if os.environ.get("CACHE_URL"):
        environment["CACHE_URL"] = f"{os.environ['CACHE_URL'].rsplit('/', 1)[0]}/10"
    site = RunningSite(url, data, environment)
    with django_db_blocker.unblock(), sqlite3.connect(data / "db.sqlite3") as copy:
        connection.ensure_connection()
        connection.connection.backup(copy)
    copy.close()
    site.manage("demo", "--prepare")
    site.manage("shell", "-v0", "-c", NO_PICTURES_AHEAD)
    with served_as_in_the_procfile(environment, data / "log", timer="5") as web:
        web.wait_until(lambda: _is_ready(url))
        yield site


def _is_ready(url: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"{url}/health/ready/", timeout=5):  # noqa: S310 -- our own
        return True
    return False


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": CHROMIUM, "args": CHROMIUM_ARGUMENTS}


class Watch:
    """Notes whatever a page should never do: errors, refused scripts, requests to anybody else."""

    def __init__(self, url: str) -> None:
        self.url, self.found = url, list[str]()
        self.expected_statuses: set[int] = set()

    def follow(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.found.append(f"script error: {error}"))
        page.on("request", self._request)

    def _console(self, message: Any) -> None:
        refused = "Failed to load resource" in message.text
        if refused and any(f"status of {status}" in message.text for status in self.expected_statuses):
            return
        if message.type in ("error", "warning"):
            self.found.append(f"console {message.type}: {message.text} ({message.location.get('url')})")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.url, "data:", "blob:", "about:")):
            self.found.append(f"request to somebody else: {request.url}")


@pytest.fixture
def watch(site: RunningSite) -> Iterator[Watch]:
    watching = Watch(site.url)
    yield watching
    assert watching.found == []


@pytest.fixture(scope="session")
def sessions() -> dict[str, Any]:
    """The cookies of each account that has signed in already: the password hash makes each sign-in slow on purpose."""
    return {}


@pytest.fixture
def open_page(
    browser: Browser, site: RunningSite, watch: Watch, sessions: dict[str, Any]
) -> Iterator[Callable[..., Page]]:
    """A page in a context of its own, watched; with `who`, signed in as that demonstration account."""
    contexts: list[BrowserContext] = []

    def make(who: str = "", **options: Any) -> Page:
        usual = {"base_url": site.url, "viewport": {"width": 1280, "height": 900}, "storage_state": sessions.get(who)}
        context = browser.new_context(**usual | options)
        contexts.append(context)
        page = context.new_page()
        watch.follow(page)
        if who in sessions:
            page.goto("/members/")
        elif who:
            page.goto("/account/login/")
            sign_in(page, who)
            sessions[who] = context.storage_state()
        return page

    yield make
    for context in contexts:
        context.close()


def sign_in(page: Page, who: str) -> None:
    """Fill in the sign-in page that stands open."""
    page.get_by_label("E-mail").fill(f"{who}@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page).not_to_have_url(re.compile("/account/login/"))
