"""Papers read online, and several fetched as one zip, in the browser."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Response, Route, expect

from tests.browser.conftest import RunningSite, Watch
from tests.browser.test_accessibility import NARROW, violations

PAGES, LENGTH = 300, 2_000_000
# Run inside the site: papers that the demonstration has no reason to show. Each page of the long ones is large enough
# for ranges to matter, by a remark that nobody sees.
MAKE = f"""
import io, pikepdf
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from fileshare.services import derive
from tests.factories import make_folder, make_paper
out = io.BytesIO()
canvas = Canvas(out, pagesize=A4, pageCompression=0)
for number in range(1, {PAGES + 1}):
    canvas._code.append("% " + "x" * 7000)
    canvas.drawString(72, 700, f"Section {{number}} on evacuation")
    if number in (12, 250):
        canvas.drawString(72, 660, "The Zébra crossing stands")
        canvas.drawString(72, 640, "at the gate.")
    if number == 1:
        canvas.linkAbsolute("To section 40", "forty", (72, 600, 200, 620))
        canvas.linkURL("https://example.net/", (72, 560, 200, 580))
    if number == 40:
        canvas.bookmarkPage("forty")
    canvas.showPage()
canvas.save()
linear = io.BytesIO()
with pikepdf.open(io.BytesIO(out.getvalue())) as file:
    file.save(linear, linearize=True, compress_streams=False)
picture = io.BytesIO()
Image.new("RGB", (400, 300), "teal").save(picture, "PNG")
folder = make_folder("Reading room")
for title, content, name in (
    ("A long paper", out.getvalue(), "long.pdf"),
    ("A long paper, linear", linear.getvalue(), "linear.pdf"),
    ("A picture", picture.getvalue(), "picture.png"),
    ("A table", b"Place,Visitors\\nGate A,1200\\n", "table.csv"),
    ("A text", "Отчёт: one line.\\n".encode(), "Отчёт.txt"),
):
    paper = make_paper(title, collection=folder, content=content, file_name=name)
    derive.derive(version_id=paper.current_version_id)
    print(title, paper.read_url, sep="=")
"""


@pytest.fixture(scope="session")
def papers(site: RunningSite) -> dict[str, str]:
    """The reader page of each, by title."""
    told = site.manage("shell", "-v0", "-c", MAKE)
    return dict(line.split("=", 1) for line in told.splitlines() if "=" in line)


def shown(page: Page, number: int) -> None:
    """Wait until this page is read, drawn and has its words."""
    expect(page.get_by_label("Page", exact=True)).to_have_value(str(number))
    expect(page.get_by_role("group", name=f"Page {number}", exact=True)).to_contain_text(f"Section {number} on")


def opened_at(page: Page, address: str, number: int) -> list[int]:
    """The length of the opening, and of each range after it, until this page is read."""
    fetched: list[int] = []

    def count(answer: Response) -> None:
        if "/content/" in answer.url:
            assert answer.status == (206 if fetched else 200)
            fetched.append(int(answer.headers["content-length"]))

    page.on("response", count)
    page.goto(f"{address}#page={number}")
    shown(page, number)
    return fetched


def test_first_page_of_a_long_paper_is_in_its_opening(open_page: Callable[..., Page], papers: dict[str, str]):
    """However its parts lie in it."""
    for title in ("A long paper", "A long paper, linear"):
        fetched = opened_at(open_page("member"), papers[title], 1)
        assert len(fetched) == 1
        assert fetched[0] < LENGTH / 20


def test_long_paper_opens_at_a_page_by_few_ranges(open_page: Callable[..., Page], papers: dict[str, str]):
    page = open_page("member")
    fetched = opened_at(page, papers["A long paper"], 12)
    assert len(fetched) <= 3
    assert sum(fetched) < LENGTH / 10
    assert page.locator(".reader-page img[src]").count() == 0
    page.keyboard.press("End")
    shown(page, PAGES)
    assert sum(fetched) < LENGTH / 5
    assert page.locator(".reader-page canvas").count() <= 9
    size = int(page.get_by_role("region", name="Pages of the paper").get_attribute("data-size") or 0)
    assert size > LENGTH


def test_paper_whose_opening_does_not_come_opens_by_its_own_bytes(
    open_page: Callable[..., Page], papers: dict[str, str], watch: Watch
):
    page = open_page("member")
    watch.expected_statuses = {503}
    page.route(re.compile("part=opening"), lambda route: route.fulfill(status=503))
    page.goto(papers["A long paper"])
    shown(page, 1)


def test_first_page_is_seen_and_the_tools_work_before_pdfjs_is_here(
    open_page: Callable[..., Page], papers: dict[str, str]
):
    page, held = open_page("member"), list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/pdf.min*", hold)
    page.goto(papers["A long paper"])
    expect(page.locator(".reader-page img")).to_be_visible()
    page.get_by_role("button", name="Next page").click()
    expect(page.get_by_label("Page", exact=True)).to_have_value("2")
    page.get_by_label("Page", exact=True).fill("300")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Next page")).to_be_disabled()
    page.keyboard.press("Control+f")
    page.keyboard.type("zebra")
    expect(page.locator("[data-found]")).to_have_text("Searching…")
    held[-1].continue_()  # the one before only asked whether it would come at once
    expect(page.locator("[data-found]")).to_have_text("1 of 2")
    shown(page, 12)


def test_member_reads_searches_and_goes_back(open_page: Callable[..., Page], papers: dict[str, str]):
    page = open_page("member")
    page.goto(papers["A long paper"].removesuffix("read/"))
    page.get_by_role("link", name="Read online").click()
    shown(page, 1)
    expect(page.get_by_role("region", name="Pages of the paper")).to_be_focused()
    page.keyboard.press("ArrowRight")
    shown(page, 2)
    page.keyboard.press("PageDown")
    page.keyboard.press("PageDown")
    expect(page.get_by_label("Page", exact=True)).not_to_have_value("2")
    page.keyboard.press("Home")
    shown(page, 1)
    page.get_by_label("Page", exact=True).fill("40")
    page.keyboard.press("Enter")
    shown(page, 40)
    page.keyboard.press("Control+f")
    expect(page.get_by_label("Search in this paper")).to_be_focused()
    page.keyboard.type("ZEBRA  crossing stands at")  # whatever the capitals and accents, across lines
    expect(page.locator("[data-found]")).to_have_text("2 of 2")
    shown(page, 250)
    expect(page.locator(".reader-marks .here").first).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("[data-found]")).to_have_text("1 of 2")
    shown(page, 12)
    expect(page).to_have_url(re.compile("#page=12$"))
    page.get_by_label("Search in this paper").fill("giraffe")
    expect(page.locator("[data-found]")).to_have_text("Not found in this paper.")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Search in this paper")).to_be_hidden()
    expect(page.get_by_role("region", name="Pages of the paper")).to_be_focused()
    page.get_by_role("link", name="Back to the paper’s page").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A long paper")


def test_pages_are_made_larger_turned_and_followed_by_their_links(
    open_page: Callable[..., Page], papers: dict[str, str]
):
    page = open_page("member")
    page.goto(papers["A long paper"])
    shown(page, 1)
    first = page.get_by_role("group", name="Page 1", exact=True)

    def width() -> float:
        return (first.bounding_box() or {})["width"]

    before = width()
    page.keyboard.press("+")
    assert width() > before
    page.keyboard.press("-")
    page.keyboard.press("-")
    assert width() < before
    page.get_by_role("button", name="Fit width").click()
    expect(page.get_by_role("button", name="Fit width")).to_have_attribute("aria-pressed", "true")
    assert width() > 1200
    page.get_by_role("button", name="Turn").click()
    box = first.bounding_box() or {}
    assert box["width"] > box["height"]
    outward = page.get_by_role("link", name="https://example.net/")
    expect(outward).to_have_attribute("rel", "noopener noreferrer")
    first.locator(".reader-links a[href='#']").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Page", exact=True)).to_have_value("40")


def test_reader_page_is_for_everybody(open_page: Callable[..., Page], papers: dict[str, str], watch: Watch):
    page, found = open_page("member", reduced_motion="reduce"), []
    for title, address in papers.items():
        page.goto(address)
        if "long" in title:
            shown(page, 1)
            page.keyboard.press("/")
            page.keyboard.type("zebra")
            expect(page.locator("[data-found]")).to_have_text(re.compile("of 2$"))
        found += violations(page)
        page.set_viewport_size({"width": 320, "height": 640})
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{title}: {beyond} pixels too wide"] if beyond > 0 else []
    assert found == []


def test_paper_that_is_withdrawn_while_somebody_reads_is_said(
    open_page: Callable[..., Page], papers: dict[str, str], site: RunningSite, watch: Watch
):
    page = open_page("member")
    page.goto(papers["A long paper"])
    shown(page, 1)
    watch.expected_statuses = {404}
    page.route("**/content/", lambda route: route.fulfill(status=404))
    page.get_by_label("Page", exact=True).fill("150")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Please load this page again.")


def test_reader_page_without_scripts_leads_to_the_download(open_page: Callable[..., Page], papers: dict[str, str]):
    page = open_page("member", java_script_enabled=False, viewport=NARROW)
    page.goto(papers["A long paper"])
    with page.expect_download() as download:
        page.get_by_role("link", name="download it", exact=True).click()
    assert download.value.suggested_filename == "long.pdf"
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")


def names_in(download: object) -> list[str]:
    with zipfile.ZipFile(download.value.path()) as archive:  # type: ignore[attr-defined]
        assert archive.testzip() is None
        return archive.namelist()


@pytest.mark.parametrize("scripts", [True, False])
def test_member_ticks_papers_and_takes_them_home_as_a_zip(
    open_page: Callable[..., Page], papers: dict[str, str], scripts: bool
):
    page = open_page("member", java_script_enabled=scripts)
    page.goto("/files/reading-room/?sort=title")
    take = page.get_by_role("button", name="Download chosen papers")
    if scripts:
        expect(take).to_be_disabled()
    for title in ("A text", "A table"):
        page.get_by_label(f"Choose {title}", exact=True).check()
    if scripts:
        expect(page.get_by_text("2 papers chosen, 49 bytes")).to_be_visible()
    with page.expect_download() as download:
        take.click()
    assert download.value.suggested_filename.startswith("Papers 2")
    assert names_in(download) == ["table.csv", "Отчёт.txt"]
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the whole folder as a zip (5 papers)").click()
    assert names_in(download) == [
        f"Reading room/{name}" for name in ("long.pdf", "linear.pdf", "picture.png", "table.csv", "Отчёт.txt")
    ]
