"""Refusals are pages like any other: they say what happened and how to go on."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, Response, expect

from tests.browser.conftest import RunningSite, Watch

UNKNOWN = "/files/document/00000000-0000-4000-8000-000000000000/"


def status(answer: Response | None) -> int:
    assert answer is not None
    return answer.status


def test_visitor_at_an_address_that_does_not_exist(open_page: Callable[..., Page], watch: Watch):
    watch.expected_statuses = {404}
    page = open_page()
    assert status(page.goto("/news/no-such-post/")) == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here for you to see")
    expect(page.get_by_role("banner")).to_contain_text("Sign in")
    page.get_by_role("main").get_by_role("link", name="sign in").click()
    expect(page).to_have_url("/account/login/?next=/news/no-such-post/")
    page.go_back()
    page.get_by_role("link", name="front page").click()
    expect(page).to_have_url("/")


def test_visitor_at_a_paper_that_does_not_exist_is_asked_to_sign_in(open_page: Callable[..., Page]):
    page = open_page()
    page.goto(UNKNOWN)
    expect(page).to_have_url(f"/account/login/?next={UNKNOWN}")


def test_member_at_a_paper_that_does_not_exist(open_page: Callable[..., Page], watch: Watch):
    watch.expected_statuses = {404}
    page = open_page("member")
    assert status(page.goto(UNKNOWN)) == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here for you to see")
    expect(page.get_by_role("main")).not_to_contain_text("sign in")


def test_lapsed_member_at_a_paper_is_told_about_the_membership(open_page: Callable[..., Page], watch: Watch):
    watch.expected_statuses = {404}
    page = open_page("lapsed")
    assert status(page.goto(UNKNOWN)) == 404
    expect(page.get_by_role("main")).to_contain_text("Your membership has lapsed")


def test_member_at_the_administration(open_page: Callable[..., Page], watch: Watch):
    watch.expected_statuses = {403}
    page = open_page("member")
    assert status(page.goto("/admin/pages/")) == 403
    expect(page.get_by_role("heading", level=1)).to_have_text("You may not do this")
    expect(page.get_by_role("main").get_by_role("link", name=re.compile("@"))).to_be_visible()


def test_form_that_was_open_for_too_long(open_page: Callable[..., Page], watch: Watch):
    watch.expected_statuses = {403}
    page = open_page()
    page.goto("/account/login/")
    page.context.clear_cookies()
    page.get_by_label("E-mail").fill("member@example.org")
    page.get_by_label("Password", exact=True).fill("x")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The form could not be accepted")


def test_paper_whose_file_is_lost(open_page: Callable[..., Page], watch: Watch, site: RunningSite):
    """The store has lost the object: 503 with a sentence, and the page of the paper still opens."""
    watch.expected_statuses = {503}
    page = open_page("member")
    page.goto("/files/guidance/")
    title = "Queues and searching at the door"
    code = (
        "from fileshare.models import SharedDocument as D;"
        f"print('key:', D.objects.get(title='{title}').current_version.file.path)"
    )
    stored = site.data / site.manage("shell", "--no-imports", "-c", code).partition("key: ")[2].strip()
    away = stored.with_name("away")
    stored.rename(away)
    try:
        page.get_by_role("link", name=title, exact=True).click()
        with page.expect_response(re.compile("/download/$")) as answer:
            page.get_by_role("link", name=re.compile("^Download PDF")).click()
        assert answer.value.status == 503
        assert answer.value.headers["retry-after"] == "120"
        expect(page.get_by_role("main")).to_contain_text(re.compile("This paper.s file cannot be reached just now."))
    finally:
        away.rename(stored)
