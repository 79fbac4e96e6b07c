"""Coming in: by applying, with the code from the mail and the secretary's approval, and by an invitation."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import RunningSite

WAIT = 15_000  # milliseconds: the worker sends a mail within a second or two


def mail_to(page: Page, site: RunningSite, address: str, subject: str) -> str:
    """The text of the newest mail, once the worker has written it into the folder."""
    for _ in range(WAIT // 250):
        for file in sorted((site.data / "mail").glob("*"), key=lambda each: each.stat().st_mtime, reverse=True):
            for text in _mails_in(file):
                message = email.message_from_string(text, policy=email.policy.default)
                if message["To"] == address and subject in message["Subject"]:
                    body = message.get_body(("plain",))
                    return str(body.get_content()) if body else ""
        page.wait_for_timeout(250)
    raise AssertionError(f"no mail to {address}")


def _mails_in(file: Path) -> list[str]:
    """Django writes one mail after another, with a line of dashes after each."""
    return [each.lstrip("\n") for each in file.read_text().split(f"\n{'-' * 79}\n") if each.strip()]


def test_applicant_becomes_a_member(open_page: Callable[..., Page], site: RunningSite):
    applicant, secretary = open_page(), open_page("secretary")
    applicant.goto("/")
    applicant.get_by_role("link", name="Apply for membership").click()
    written = {
        "First name": "Edwin", "Last name": "Mossop", "E-mail": "edwin@mossop.example",
        "Organisation (optional)": "Mossop Marquees", "Why would you": "We put up tents.",
    }  # fmt: skip
    for label, words in written.items():
        applicant.get_by_label(label).fill(words)
    applicant.get_by_label("How did you hear of us?").select_option("From a member")
    applicant.get_by_label("I agree").check()
    applicant.wait_for_timeout(2_000)  # a form that comes back sooner is taken for a robot's
    applicant.get_by_role("button", name="Apply").click()
    expect(applicant.get_by_role("main")).to_contain_text("We have written to edwin@mossop.example")
    text = mail_to(applicant, site, "edwin@mossop.example", "is your code")
    applicant.get_by_label("Code").fill(re.search(r"^\d{6}$", text, re.MULTILINE)[0])
    applicant.get_by_role("button", name="Confirm").click()
    expect(applicant.get_by_role("main")).to_contain_text("We have received your application")

    secretary.goto("/admin/")
    secretary.get_by_role("link", name="Applications", exact=True).click()
    secretary.get_by_role("link", name="Edwin Mossop").click()
    expect(secretary.get_by_role("main")).to_contain_text("We put up tents.")
    secretary.get_by_role("link", name="Ask for more").click()
    secretary.get_by_label("What would you like to know?").fill("How many?")
    secretary.get_by_role("main").get_by_role("button", name="Ask for more").click()
    expect(secretary.get_by_text("The question is on its way to Edwin Mossop.")).to_be_visible()

    applicant.goto("/members/application/")
    applicant.get_by_label("Your answer").fill("Forty a year.")
    applicant.get_by_role("button", name="Send the answer").click()
    expect(applicant.get_by_role("main")).to_contain_text("is looking at your application")

    secretary.get_by_role("link", name="Edwin Mossop").click()
    expect(secretary.get_by_role("main")).to_contain_text("Forty a year.")
    secretary.get_by_role("link", name="Approve", exact=True).click()
    secretary.get_by_label("Level").select_option("Full")
    letter = secretary.locator("[name=text]")
    letter.fill(letter.input_value().replace("We are glad", "We are very glad"))
    secretary.get_by_role("main").get_by_role("button", name="Approve").click()
    expect(secretary.get_by_text("Edwin Mossop is now a member.")).to_be_visible()

    text = mail_to(applicant, site, "edwin@mossop.example", "Welcome")
    assert "We are very glad to tell you" in text
    assert re.search(r"Your membership number is \d{5}, and your membership runs until \d", text)
    applicant.goto("/files/")
    expect(applicant.locator("[data-document]").first).to_be_visible()


def test_invited_person_joins(open_page: Callable[..., Page], site: RunningSite):
    secretary, invited = open_page("secretary"), open_page()
    secretary.goto("/admin/")
    secretary.get_by_role("link", name="Invitations", exact=True).click()
    secretary.get_by_role("link", name="Invite from a file").click()
    people = "E-mail;Last name;Level\r\nisla@fenwick.example;Fenwick;Full\r\nnot an address;Nobody;\r\n"
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": people.encode()}
    secretary.get_by_label("CSV file").set_input_files(file)
    secretary.get_by_role("button", name="Look at the file").click()
    expect(secretary.get_by_role("main")).to_contain_text("Line 3, E-mail: “not an address” is no e-mail address.")
    file["buffer"] = people.partition("not an")[0].encode()
    secretary.get_by_label("CSV file").set_input_files(file)
    secretary.get_by_label("Personal message").fill("We met in Leeds.")
    secretary.get_by_role("button", name="Look at the file").click()
    secretary.get_by_role("button", name="Invite all of them").click()
    expect(secretary.locator("tr").filter(has_text="isla@fenwick.example")).to_contain_text("Waiting for an answer")

    text = mail_to(invited, site, "isla@fenwick.example", "invites you")
    assert "We met in Leeds." in text
    invited.goto(re.search(r"^http\S+/members/invitation/\S+$", text, re.MULTILINE)[0])
    expect(invited.get_by_role("main")).to_contain_text("We met in Leeds.")
    invited.get_by_label("First name").fill("Isla")
    for label in ("Choose a password", "The password once more"):
        invited.get_by_label(label).fill("a long enough phrase")
    invited.get_by_label("I agree").check()
    invited.get_by_role("button", name="Become a member").click()
    expect(invited.get_by_role("heading", level=1)).to_have_text("Isla Fenwick")
    expect(invited.get_by_role("main")).to_contain_text("Current member")
    secretary.reload()
    expect(secretary.locator("tr").filter(has_text="isla@fenwick.example")).to_contain_text("Accepted")
