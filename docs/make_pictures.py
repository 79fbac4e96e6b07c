"""Makes the README's picture from the running demonstration: `make run` in one terminal, `make picture` in another."""

import os
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

TARGET = Path(__file__).parent / "images" / "home.png"

address = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/"
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
    page = browser.new_page(viewport={"width": 1280, "height": 860}, color_scheme="light")
    answer = page.goto(address)
    if answer is None or not answer.ok:
        sys.exit(f"The demonstration does not answer at {address}.")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=TARGET)
    browser.close()
