"""The contact page in the browser: an editor adds a field, a visitor fills the form in, the message is kept."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Watch
from tests.browser.test_accessibility import violations


def test_editor_adds_a_field_and_a_visitor_writes(open_page: Callable[..., Page], watch: Watch):
    watch.expected_statuses = {400}  # Wagtail's answer to a page half filled in, and the form's to a wrong address
    editor = open_page("editor")
    pages = editor.request.get("/admin/api/main/pages/?slug=contact").json()["items"]
    editor.goto(f"/admin/pages/{pages[0]['id']}/edit/")
    editor.get_by_role("button", name="Add field").click()
    editor.locator("[name='form_fields-4-label']").fill("Where you work")
    editor.locator("[name='form_fields-4-field_type']").select_option("singleline")
    editor.get_by_role("button", name="More actions").click()
    editor.get_by_role("button", name="Publish", exact=True).click()
    expect(editor.get_by_text("published").first).to_be_visible()

    visitor = open_page()
    visitor.goto("/contact/")
    visitor.get_by_label("Your name").fill("Pat Person")
    visitor.keyboard.press("Tab")
    visitor.keyboard.type("pat")
    visitor.keyboard.press("Tab")
    expect(visitor.get_by_label("What it is about")).to_be_focused()
    visitor.get_by_label("What it is about").select_option(label="An exercise")
    visitor.keyboard.press("Tab")
    visitor.keyboard.type("Words of a message.")
    visitor.keyboard.press("Tab")
    visitor.keyboard.type("A theatre")
    visitor.keyboard.press("Tab")
    expect(visitor.get_by_role("button", name="Send the message")).to_be_focused()
    visitor.keyboard.press("Enter")
    expect(visitor.get_by_role("alert")).to_contain_text("Please write an e-mail address, such as name@example.org.")
    assert violations(visitor) == []
    visitor.get_by_label("Your e-mail address").fill("pat@example.org")
    expect(visitor.get_by_label("Your message")).to_have_value("Words of a message.")
    visitor.wait_for_function("() => performance.now() > 2_100")  # what comes back sooner is asked for once more
    visitor.get_by_role("button", name="Send the message").click()
    expect(visitor.get_by_role("heading", name="Thank you")).to_be_visible()

    editor.goto(f"/admin/forms/submissions/{pages[0]['id']}/")
    row = editor.get_by_role("row").filter(has_text="pat@example.org")
    expect(row).to_contain_text("Words of a message.")
    expect(row).to_contain_text("A theatre")
