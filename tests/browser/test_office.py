"""What the secretary, the auditor and the administrator do in the browser."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import RunningSite, Watch
from tests.browser.test_joining import mail_to


def _decide(page: Page, person: str, decision: str) -> None:
    page.goto("/admin/memberships/")
    row = page.locator("tr").filter(has_text=person)
    row.get_by_role("button", name=re.compile("More options")).click()
    page.get_by_role("link", name=decision, exact=True).first.click()


def test_secretary_approves_an_applicant_who_then_reads(open_page: Callable[..., Page]):
    applicant, secretary = open_page("obinna.eze"), open_page("secretary")
    applicant.goto("/files/")
    expect(applicant.get_by_role("heading", level=1)).to_have_text("Your application is being considered")
    _decide(secretary, "obinna.eze@example.org", "Approve")
    expect(secretary.get_by_label("Member until")).not_to_have_value("")
    secretary.get_by_role("main").get_by_role("button", name="Approve").click()
    expect(secretary.get_by_text("is now a member.")).to_be_visible()
    applicant.goto("/files/")
    expect(applicant.locator("[data-document]").first).to_be_visible()

    _decide(secretary, "obinna.eze@example.org", "Suspend")
    secretary.get_by_label("Reason").fill("A letter came back.")
    secretary.get_by_role("main").get_by_role("button", name="Suspend").click()
    expect(secretary.get_by_text("is suspended.")).to_be_visible()
    applicant.goto("/files/")
    expect(applicant.get_by_role("main")).to_contain_text("A letter came back.")


def test_secretary_extends_a_membership(open_page: Callable[..., Page]):
    secretary = open_page("secretary")
    _decide(secretary, "sunita.rao@example.org", "Extend")
    secretary.get_by_label("Member until").fill("2031-05-31")
    secretary.get_by_role("main").get_by_role("button", name="Extend").press("Enter")
    expect(secretary.get_by_text("has a new end.")).to_be_visible()
    expect(secretary.locator("tr").filter(has_text="sunita.rao@example.org")).to_contain_text("31 May 2031")


def _until(page: Page, words: str) -> None:
    """The worker does it: look again until it is done."""
    for _ in range(40):
        if page.get_by_text(words).count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.get_by_text(words).first).to_be_visible()


def test_secretary_brings_in_a_register_invites_resigns_and_takes_the_list_away(
    open_page: Callable[..., Page], site: RunningSite, tmp_path: Path
):
    secretary, register = open_page("secretary"), tmp_path / "register.csv"
    register.write_text("E-mail;Surname;First name;Expiry date\nida.quill@example.org;Quill;Ida;31/12/2031\n")
    secretary.goto("/admin/memberships/import/")
    secretary.get_by_label("CSV file").set_input_files(register)
    secretary.get_by_role("button", name="Read the file").click()
    secretary.get_by_role("button", name="Check the file").click()
    _until(secretary, "Import them")
    secretary.get_by_role("button", name="Import them").click()
    _until(secretary, "Nobody was sent a mail.")

    secretary.goto("/admin/memberships/?password=none&q=quill")
    secretary.locator("tbody input[type=checkbox]").check()
    secretary.get_by_role("link", name="Invite the members that are selected").click()
    secretary.get_by_role("main").get_by_role("button", name="Invite").click()
    expect(secretary.get_by_role("heading", level=1)).to_contain_text("Members")
    assert "It works once" in mail_to(secretary, site, "ida.quill@example.org", "invites you")

    _decide(secretary, "ida.quill@example.org", "Resign")
    secretary.locator("main button[type=submit]").click()
    expect(secretary.get_by_text("is no longer a member.")).to_be_visible()
    _decide(secretary, "ida.quill@example.org", "Reinstate")
    secretary.get_by_role("main").get_by_role("button", name="Reinstate").click()
    expect(secretary.get_by_text("is a member again.")).to_be_visible()

    secretary.goto("/admin/memberships/?q=quill")
    with secretary.expect_download() as download:
        _export(secretary)
    (row,) = list(csv.DictReader(Path(download.value.path()).read_text().splitlines()))
    assert (row["E-mail"], row["Last name"]) == ("ida.quill@example.org", "Quill")


def test_auditor_finds_a_download_and_exports_the_record(open_page: Callable[..., Page], tmp_path: Path):
    member, auditor = open_page("committee"), open_page("auditor")
    member.goto("/files/templates/")
    with member.expect_download():
        member.locator("[data-document]").first.get_by_role("link", name=re.compile("^Download")).click()
    auditor.goto("/admin/access-record/")
    row = auditor.locator("tr").filter(has_text="Downloaded a paper").first
    expect(row).to_contain_text("Tomasz Wójcik")
    with auditor.expect_download() as download:
        _export(auditor)
    rows = list(csv.reader(Path(download.value.path()).read_text().splitlines()))
    assert any("committee@example.org" in row for row in rows)


def _export(page: Page) -> None:
    page.get_by_role("button", name=re.compile("Actions|More options|Export", re.IGNORECASE)).first.click()
    page.get_by_role("link", name=re.compile("(Download|Export) CSV")).click()


def test_member_is_refused_at_the_administration_without_going_in_circles(open_page: Callable[..., Page], watch: Watch):
    watch.expected_statuses = {403}
    page = open_page("member")
    answer = page.goto("/admin/")
    assert answer is not None
    assert answer.status == 403


def test_administrator_signs_in_through_the_sites_own_page(open_page: Callable[..., Page]):
    page = open_page()
    page.goto("/admin/")
    expect(page).to_have_url(re.compile(r"/account/login/\?next=/admin/$"))
    page.get_by_label("E-mail").fill("admin@example.org")
    page.get_by_label("Password", exact=True).fill("gatehouse-demo")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/admin/$"))
    for address in ("/admin/pages/", "/admin/users/", "/admin/groups/", "/admin/collections/", "/admin/workflows/list/",
                    "/admin/snippets/fileshare/folder/", "/admin/reports/site-history/",
                    "/admin/reports/posts/"):  # fmt: skip
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
