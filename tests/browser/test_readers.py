"""What visitors, members and people without access do in the browser."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import RunningSite, Watch, sign_in

POST = "/news/nactso-ctpn-information/"
ACT = "ACT: training and information for security roles"
PRIMER = "Crowd movement and density: a primer"


def test_visitor_signs_in_from_a_post_comes_back_and_downloads(open_page: Callable[..., Page]):
    page = open_page()
    page.goto("/")
    page.get_by_role("link", name="Two new papers on cities, crowds and being ready").first.click()
    expect(page).to_have_url(re.compile(f"{POST}$"))
    row = page.locator(".paper-row").filter(has_text=ACT)
    expect(row).to_contain_text("NaCTSO")
    expect(row).to_contain_text("PDF, 12 pages")
    row.get_by_role("link", name=re.compile("Sign in to download")).click()
    sign_in(page, "member")
    expect(page).to_have_url(re.compile(re.escape(POST)))
    page.locator(".paper-row").filter(has_text=ACT).get_by_role("heading").get_by_role("link").click()
    page.get_by_text("Check the file").click()
    shown = page.locator("main").inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("^Download PDF")).click()
    content = Path(download.value.path()).read_bytes()
    assert content.startswith(b"%PDF")
    assert hashlib.sha256(content).hexdigest() in re.sub(r"\s", "", shown)


def test_visitor_pages_through_the_news_and_follows_a_topic(open_page: Callable[..., Page]):
    page = open_page()
    page.goto("/news/")
    first = page.get_by_role("main").get_by_role("heading", level=2).all_inner_texts()
    page.get_by_role("link", name="Older posts").click()
    expect(page).to_have_url(re.compile(r"before="))
    second = page.get_by_role("main").get_by_role("heading", level=2).all_inner_texts()
    assert first
    assert not set(first) & set(second)
    page.goto(POST)
    page.get_by_role("link", name="Counter-terrorism").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Counter-terrorism")


def test_visitor_finds_the_feed(open_page: Callable[..., Page]):
    page = open_page()
    page.goto("/")
    offered = page.locator("link[rel=alternate][type='application/atom+xml']").get_attribute("href")
    shown = page.get_by_role("contentinfo").get_by_role("link", name="Feed").get_attribute("href")
    assert offered == shown
    answer = page.request.get(shown or "")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert "<entry>" in answer.text()


def test_member_browses_folders_sorts_and_fetches_a_former_version(open_page: Callable[..., Page]):
    page = open_page("member")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Files").click()
    page.get_by_role("navigation", name="Folders", exact=True).get_by_role("link", name=re.compile("Guidance")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Guidance")
    page.get_by_role("link", name="Title", exact=True).click()
    expect(page).to_have_url(re.compile("sort=title"))
    titles = page.locator("[data-document]").get_by_role("heading").all_inner_texts()
    assert titles == sorted(titles, key=str.lower)
    page.get_by_role("link", name=PRIMER, exact=True).click()
    with page.expect_download() as download:
        page.locator(".version").filter(has_text="First edition").get_by_role("link", name="Download").click()
    assert download.value.suggested_filename.endswith("(version 1).pdf")
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")


def test_download_is_resumed_by_curl(open_page: Callable[..., Page], site: RunningSite, tmp_path: Path):
    page = open_page("member")
    page.goto("/files/guidance/")
    row = page.locator("[data-document]").filter(has_text=PRIMER)
    address = site.url + (row.get_by_role("link", name=re.compile("^Download")).get_attribute("href") or "")
    cookie = "; ".join(f"{each['name']}={each['value']}" for each in page.context.cookies())
    whole, part = tmp_path / "whole.pdf", tmp_path / "part.pdf"
    curl = ["curl", "-sS", "--fail", "-H", f"Cookie: {cookie}"]
    subprocess.run([*curl, "-o", whole, address], check=True)
    part.write_bytes(whole.read_bytes()[:5000])
    subprocess.run([*curl, "-C", "-", "-o", part, address], check=True)
    assert part.read_bytes() == whole.read_bytes()


def test_member_reads_without_scripts_on_a_narrow_screen(open_page: Callable[..., Page]):
    page = open_page("member", java_script_enabled=False, viewport={"width": 390, "height": 800})
    page.goto("/files/")
    page.get_by_text(re.compile("^Folders")).first.click()
    page.get_by_role("link", name=re.compile("Exercises")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Exercises")
    expect(page.locator("[data-document]").first).to_be_visible()


def test_committee_member_sees_the_committee_folder_and_a_member_does_not(open_page: Callable[..., Page], watch: Watch):
    committee = open_page("committee")
    committee.goto("/files/committee/")
    expect(committee.get_by_role("heading", level=1)).to_have_text("Committee")
    watch.expected_statuses = {404}
    member = open_page("member")
    answer = member.goto("/files/committee/")
    assert answer is not None
    assert answer.status == 404
    member.goto("/files/")
    expect(member.get_by_role("main")).not_to_contain_text("Committee")


@pytest.mark.parametrize(
    ("who", "heading", "sentence", "way_on"),
    [
        (
            "applicant",
            "Your application is being considered",
            "The papers open to you once the membership secretary",
            "My application",
        ),
        (
            "lapsed",
            "Your membership has lapsed",
            "Write to the membership secretary to renew it",
            "Write to the membership secretary",
        ),
        (
            "suspended",
            "Your membership is suspended",
            "A restricted paper was passed on",
            "Write to the membership secretary",
        ),
    ],
)
def test_person_without_access_is_told_why(
    open_page: Callable[..., Page], who: str, heading: str, sentence: str, way_on: str
):
    page = open_page(who)
    page.goto("/files/")
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page.get_by_role("main")).to_contain_text(sentence)
    expect(page.get_by_role("main").get_by_role("link", name=way_on).first).to_be_visible()
    assert page.locator("[data-document]").count() == 0
    page.goto(POST)
    expect(page.locator(".paper-row").filter(has_text=ACT)).to_contain_text("For current members")


def test_members_part_of_a_post_is_cut_for_visitors(open_page: Callable[..., Page]):
    visitor, member = open_page(), open_page("member")
    for page in (visitor, member):
        page.goto("/news/riverside-review/")
    expect(visitor.get_by_role("main").get_by_role("link", name="Sign in").first).to_be_visible()
    public, full = visitor.get_by_role("main").inner_text(), member.get_by_role("main").inner_text()
    assert len(full) > len(public) + 200


def test_account_menu_closes_by_escape_a_press_elsewhere_and_tabbing_on(open_page: Callable[..., Page]):
    page = open_page("member")
    page.goto("/about/")
    button, first = page.locator(".account-menu > summary"), page.get_by_role("link", name="My membership")
    button.click()
    first.focus()
    page.keyboard.press("Escape")
    expect(first).to_be_hidden()
    expect(button).to_be_focused()
    button.click()
    page.get_by_role("heading", level=1).click()
    expect(first).to_be_hidden()
    expect(button).to_be_focused()
    button.click()
    page.get_by_role("button", name="Sign out").focus()
    page.keyboard.press("Tab")
    expect(first).to_be_hidden()
    expect(button).not_to_be_focused()


def test_former_versions_can_be_fetched_on_a_screen_of_320_pixels(open_page: Callable[..., Page]):
    page = open_page("member", viewport={"width": 320, "height": 640})
    page.goto("/files/guidance/")
    page.get_by_role("link", name=PRIMER, exact=True).click()
    fetch = page.get_by_role("link", name=re.compile("^Download version"))
    assert fetch.count() == 3
    for each in fetch.all():
        box = each.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 320
