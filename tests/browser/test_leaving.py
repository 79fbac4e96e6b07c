"""The whole way in a browser: ask for everything kept about oneself and fetch it; leave, and come back."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import violations

WHO = "sunita.rao"


def test_member_fetches_the_own_data_and_leaves_and_comes_back(open_page: Callable[..., Page]):
    page = open_page(WHO)
    page.goto("/members/privacy/")
    page.get_by_role("button", name="Make the file").click()
    expect(page.get_by_text("Your file is being made. It takes a minute")).to_be_visible()
    found = violations(page)
    expect(see_whether_ready(page)).to_be_visible()
    found += violations(page)
    page.get_by_role("link", name="Go to the file").click()
    expect(page.get_by_role("heading", name="My file")).to_be_visible()
    found += violations(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the file").press("Enter")
    with zipfile.ZipFile(download.value.path()) as archive:
        assert json.loads(archive.read("account.json"))[0]["email"] == f"{WHO}@example.org"
        assert json.loads(archive.read("membership.json"))[0]["number"] == 951

    page.goto("/members/privacy/leave/")
    found += violations(page)
    page.get_by_role("button", name="Leave").press("Enter")
    # The browser itself asks for the choice, which is on this page alone.
    expect(page.get_by_role("heading", name="Leave")).to_be_visible()
    page.get_by_label("without my name").press("Space")
    page.get_by_label("I want to leave").press("Space")
    page.get_by_role("button", name="Leave").press("Enter")
    expect(page.get_by_role("heading", name="You are leaving")).to_be_visible()
    found += violations(page)
    page.goto("/files/")
    expect(page.get_by_role("heading", name="You are leaving")).to_be_visible()
    page.get_by_role("link", name="Come back").press("Enter")
    page.get_by_role("button", name="Come back").press("Enter")
    expect(page.get_by_text("You stay. Everything is as it was before.")).to_be_visible()
    page.goto("/files/guidance/")
    expect(page.locator("[data-document]").first).to_be_visible()
    assert found == []


def see_whether_ready(page: Page) -> object:
    """The page without scripts: one looks again, until the worker has made it."""
    ready = page.get_by_role("link", name="Go to the file")
    for _ in range(60):
        if ready.is_visible():
            break
        page.get_by_role("link", name="See whether it is ready").or_(ready).first.wait_for()
        page.reload()
    return ready
