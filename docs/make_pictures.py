"""Makes the pictures of the README and of docs/editor.md from the running demonstration: `make run` in one terminal,
`make picture` in another. Changes nothing there but for a waiting upload, which it takes away again."""

import io
import os
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright
from reportlab.pdfgen.canvas import Canvas

FOLDER = Path(__file__).parent / "images"
ADDRESS = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
PASSWORD = os.environ.get("DEMO_PASSWORD", "gatehouse-demo")
WIDE, NARROW = {"width": 1280, "height": 860}, {"width": 1000, "height": 640}
COLOURS = 64  # enough for a page of the administration, and a third of the bytes


def visit(page: Page, path: str) -> None:
    answer = page.goto(ADDRESS + path)
    if answer is None or not answer.ok:
        sys.exit(f"The demonstration does not answer at {ADDRESS}{path}.")
    page.wait_for_load_state("networkidle")


def keep_small(page: Page, name: str) -> None:
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        picture.convert("RGB").quantize(COLOURS).save(FOLDER / name, optimize=True)


def sign_in(page: Page, email: str) -> None:
    visit(page, "/account/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state("networkidle")


def a_paper() -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.setTitle("Winter events: plans for ice and wind")
    canvas.setAuthor("NaCTSO")
    canvas.drawString(72, 720, "A sample made for this demonstration.")
    canvas.save()
    return out.getvalue()


def editor_pictures(page: Page) -> None:
    sign_in(page, "editor@example.org")
    visit(page, "/admin/documents/multiple/add/")
    page.set_input_files("#fileupload", {"name": "winter_v7.pdf", "mimeType": "application/pdf", "buffer": a_paper()})
    page.locator(".upload-list form").wait_for()
    page.locator(".upload-list").evaluate("each => each.scrollIntoView()")
    keep_small(page, "editor-add.png")
    page.locator(".upload-list .delete").click()
    page.locator(".upload-list form").wait_for(state="detached")

    visit(page, "/admin/documents/?q=crowd+movement")
    page.get_by_role("link", name="Crowd movement and density: a primer").first.click()
    page.locator("#versions").evaluate("each => each.scrollIntoView()")
    page.wait_for_load_state("networkidle")
    keep_small(page, "editor-versions.png")

    visit(page, "/admin/documents/")
    boxes = page.locator("input[data-bulk-action-checkbox]")
    boxes.nth(1).check()
    boxes.nth(3).check()
    page.get_by_role("link", name="Change marking, source or expiry of the selected papers").click()
    page.get_by_label("Marking").first.select_option("TLP:AMBER")
    page.get_by_label("Reason for a new marking").fill("Names of people")
    page.get_by_role("button", name="Show what will change").click()
    page.get_by_role("button", name="Yes, change").wait_for()
    keep_small(page, "editor-change-many.png")


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
    front = browser.new_page(viewport=WIDE, color_scheme="light")
    visit(front, "/")
    front.screenshot(path=FOLDER / "home.png")
    editor_pictures(browser.new_page(viewport=NARROW, color_scheme="light", locale="en-GB"))
    browser.close()
