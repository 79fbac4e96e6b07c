"""What an editor does in the browser: write, preview, publish, schedule, bring papers in."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Watch, sign_in
from tests.factories import minimal_pdf
from tests.portal.test_storages import drawing

SOURCE = "Pellwater Trams"  # nothing else in the demonstration comes from it


@pytest.fixture
def editor(open_page: Callable[..., Page], watch: Watch) -> Page:
    """An editor who came by the administration's address and signed in on the site's own page."""
    watch.expected_statuses = {400}  # Wagtail's answer when it tries to save a form that is only half filled in
    page = open_page()
    page.goto("/admin/")
    sign_in(page, "editor")
    expect(page).to_have_url(re.compile(r"/admin/$"))
    return page


def _new_post(page: Page, title: str) -> None:
    pages = page.request.get("/admin/api/main/pages/?limit=20&order=id").json()["items"]
    news = next(each["id"] for each in pages if each["meta"]["type"] == "portal.NewsIndexPage")
    page.goto(f"/admin/pages/add/portal/newspage/{news}/")
    page.locator("#id_title").fill(title)
    page.locator("#id_standfirst").fill(f"{title}: what it is about.")


def _add_block(page: Page, name: str) -> None:
    page.get_by_role("button", name="Insert a block").last.click()
    page.get_by_role("option", name=name, exact=True).click()


def _choose_paper(page: Page, title: str) -> None:
    """Press the button until the list opens, as one does: it does nothing before Wagtail's script has taken hold."""
    modal = page.locator(".modal")
    for _ in range(5):
        page.get_by_role("button", name="Choose a paper").click()
        with suppress(AssertionError):
            expect(modal).to_be_visible(timeout=3_000)
            break
    modal.get_by_role("link", name=re.compile(f"^{title}")).first.click()


def _publish(page: Page) -> None:
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("button", name="Publish", exact=True).click()


def test_editor_writes_a_post_with_blocks_previews_and_publishes_it(editor: Page, open_page: Callable[..., Page]):
    _new_post(editor, "Written in the browser")
    _add_block(editor, "Heading")
    editor.locator("[name='body-0-value-text']").fill("A heading of its own")
    _add_block(editor, "Text")
    editor.locator(".public-DraftEditor-content").last.click()
    editor.keyboard.type("Words of the text.")
    _add_block(editor, "Quote")
    editor.locator("[name='body-2-value-text']").fill("A quoted sentence.")
    _add_block(editor, "Table")
    expect(editor.locator(".handsontable").first).to_be_visible()
    _add_block(editor, "Documents")
    _choose_paper(editor, "Template: log sheet")
    expect(editor.locator("[data-chooser-title]").filter(has_text="Template: log sheet")).to_be_visible()
    _add_block(editor, "Attribution")
    editor.locator("[name='body-5-value-text']").fill("It belongs to nobody.")

    editor.get_by_role("button", name=re.compile("preview", re.IGNORECASE)).first.click()
    preview = editor.frame_locator("iframe[title='Preview']:visible").first
    expect(preview.get_by_role("heading", name="A heading of its own")).to_be_attached()

    _publish(editor)
    expect(editor.get_by_text(re.compile("published", re.IGNORECASE)).first).to_be_visible()
    visitor = open_page()
    visitor.goto("/news/written-in-the-browser/")
    main = visitor.get_by_role("main")
    for words in (
        "A heading of its own",
        "Words of the text.",
        "A quoted sentence.",
        "Template: log sheet",
        "It belongs to nobody.",
    ):
        expect(main).to_contain_text(words)


def test_editor_reads_the_remarks_and_previews_as_a_visitor_and_as_a_member(editor: Page):
    _new_post(editor, "Half for members")
    for number, words in enumerate(("Open to all", "For members")):
        _add_block(editor, "Heading")
        editor.locator(f"[name='body-{2 * number}-value-text']").fill(words)
        if number == 0:
            _add_block(editor, "Members only from here on")
    editor.get_by_role("button", name=re.compile("Save draft")).click()
    expect(editor.get_by_text("2 things to look at before you publish")).to_be_visible()
    expect(editor.get_by_text("The post has no topic")).to_be_visible()

    editor.get_by_role("button", name="Toggle preview").click()
    preview = editor.frame_locator("iframe[title='Preview']:visible").first
    expect(preview.get_by_role("heading", name="The rest is for members")).to_be_attached()
    expect(preview.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_attached()
    expect(preview.get_by_text("For members", exact=True)).to_have_count(0)
    editor.get_by_label("Preview mode").select_option("As a member")
    expect(preview.get_by_role("heading", name="For members", exact=True)).to_be_attached()
    expect(preview.locator(".account-menu summary")).to_contain_text("A member")
    # Wagtail's own check runs in the preview, and counts its words there.
    editor.get_by_role("button", name="Toggle checks").click()
    expect(editor.locator("[data-content-word-count]")).to_have_text(re.compile(r"^[1-9]"))


def test_editor_sets_the_time_of_publication(editor: Page):
    _new_post(editor, "For another day")
    _add_block(editor, "Heading")
    editor.locator("[name='body-0-value-text']").fill("Later")
    editor.get_by_role("button", name=re.compile("Save draft")).click()
    expect(editor).to_have_url(re.compile(r"/edit/"))
    editor.get_by_role("button", name=re.compile("status", re.IGNORECASE)).first.click()
    editor.get_by_role("button", name=re.compile("Set schedule")).first.click()
    field = editor.locator("#id_go_live_at")
    field.fill("2031-05-31 09:00")
    editor.get_by_role("button", name="Save schedule").press("Enter")
    expect(editor.get_by_text(re.compile("31 May 2031|May 31, 2031")).first).to_be_attached()


def test_editor_uploads_papers_and_a_member_finds_reads_confirms_and_takes_them_home(
    editor: Page, open_page: Callable[..., Page], tmp_path: Path
):
    files = [tmp_path / "Règles du jeu.pdf", tmp_path / "Second paper.pdf"]
    for file in files:
        file.write_bytes(minimal_pdf(file.stem, pages=12))
    editor.goto("/admin/documents/multiple/add/")
    editor.locator("input[type=file]").set_input_files(files)
    forms = editor.locator("#upload-list form")
    expect(forms).to_have_count(2)
    for _ in files:
        form = forms.first
        folder = form.locator("[name$='-collection']")
        chosen = folder.locator("option").filter(has_text="Templates").get_attribute("value")
        folder.select_option(chosen)
        form.locator("[name$='-marking']").select_option("TLP:CLEAR")
        form.locator("[name$='-source']").select_option(label=SOURCE)
        form.locator("[name$='-acknowledge_by']").fill(timezone.localdate().isoformat())
        remaining = forms.count()
        form.get_by_role("button", name="Save this paper").click()
        expect(forms).to_have_count(remaining - 1)
    member = open_page("member")
    for title in ("Règles du jeu", "Second paper"):
        _until_there(
            member, "/files/templates/", lambda page, title=title: page.get_by_role("link", name=title, exact=True)
        )

    member.goto("/files/?sort=title")
    member.get_by_text("Filter", exact=True).click()
    member.get_by_label("Source").select_option(label=SOURCE)
    member.get_by_role("button", name="Show these papers").click()
    expect(member.locator("[data-document] h2")).to_have_text(["Règles du jeu", "Second paper"])
    member.get_by_role("link", name="Règles du jeu", exact=True).click()
    member.get_by_role("link", name="Read online").click()
    member.get_by_label("Page", exact=True).fill("12")
    member.keyboard.press("Enter")
    expect(member.get_by_role("group", name="Page 12", exact=True)).to_contain_text("Règles du jeu, page 12")
    expect(member).to_have_url(re.compile("#page=12$"))
    member.get_by_role("link", name="Back to the paper’s page").click()
    member.get_by_role("button", name="I have read version 1").click()
    expect(member.get_by_role("heading", name="You have confirmed this paper")).to_be_visible()
    member.goto("/files/templates/")
    with member.expect_download() as download:
        member.get_by_role("link", name=re.compile("^Download the whole folder as a zip")).click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None
        assert [archive.read(f"Templates/{file.name}") for file in files] == [file.read_bytes() for file in files]


def test_editor_replaces_a_file_and_the_former_version_stays(
    editor: Page, open_page: Callable[..., Page], tmp_path: Path
):
    file = tmp_path / "log-sheet.pdf"
    file.write_bytes(minimal_pdf("A new log sheet"))
    editor.goto("/admin/documents/?q=log+sheet")
    editor.get_by_role("link", name="Template: log sheet").first.click()
    editor.locator("input[type=file]").set_input_files(file)
    editor.get_by_label("What is new in this file").fill("Lines for the weather")
    editor.get_by_role("button", name="Save").first.click()
    expect(editor.get_by_text("is saved. Its new file is being checked")).to_be_visible()
    member = open_page("member")
    member.goto("/files/templates/")
    address = member.get_by_role("link", name="Template: log sheet", exact=True).get_attribute("href") or ""
    _until_there(member, address, lambda page: page.get_by_text("Lines for the weather"))
    with member.expect_download() as download:
        member.get_by_role("link", name=re.compile("^Download PDF")).click()
    assert Path(download.value.path()).read_bytes() == file.read_bytes()


def test_editor_puts_a_picture_of_the_own_disk_into_a_post(
    editor: Page, open_page: Callable[..., Page], tmp_path: Path
):
    file = tmp_path / "field.png"
    file.write_bytes(drawing())
    _new_post(editor, "With a picture")
    _add_block(editor, "Picture")
    editor.locator("[data-contentpath='body']").get_by_role("button", name="Choose an image").click()
    dialogue = editor.locator(".modal")
    dialogue.get_by_role("tab", name="Upload").click()
    dialogue.locator("input[type=file]").set_input_files(file)
    dialogue.get_by_label("Title").fill("A green field")
    dialogue.get_by_role("button", name="Upload").click()
    expect(dialogue).to_have_count(0)
    editor.locator("[name='body-0-value-alt']").fill("A field, quite green")
    _publish(editor)
    expect(editor.get_by_text(re.compile("published", re.IGNORECASE)).first).to_be_visible()
    visitor = open_page()
    visitor.goto("/news/with-a-picture/")
    picture = visitor.get_by_role("img", name="A field, quite green")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100


def _until_there(page: Page, address: str, wanted: Callable[[Page], Locator]) -> None:
    """Look again until the worker has inspected the file. The wait is for another process, which gives no sign."""
    for _ in range(100):
        page.goto(address)
        if wanted(page).count():
            return
        page.evaluate("new Promise(done => requestIdleCallback(done, {timeout: 100}))")
    pytest.fail("the worker did not publish the file")


# As the grid does it after each move, which may come when somebody has left it.
ASKS_FOR_THE_KEYS_LATE = """
window.late = new Promise(done => addEventListener("keydown", () => setTimeout(() => {
  document.querySelector(".handsontableInput").focus();
  done();
}), {once: true, capture: true})).then(() => true)
"""


def test_table_lets_go_of_the_keyboard(editor: Page):
    _new_post(editor, "With a table")
    _add_block(editor, "Table")
    editor.locator(".handsontable .ht_master td").first.click()
    editor.keyboard.type("A word")
    editor.keyboard.press("Enter")
    editor.keyboard.press("Tab")
    in_the_grid = "Boolean(document.querySelector('.handsontable td.current'))"
    assert editor.evaluate(in_the_grid)
    editor.evaluate(f"() => {{ {ASKS_FOR_THE_KEYS_LATE} }}")
    editor.keyboard.press("Escape")
    editor.evaluate("window.late")
    assert not editor.evaluate(in_the_grid)
    passed = [editor.evaluate("document.activeElement.outerHTML")]
    editor.keyboard.press("Tab")
    passed.append(editor.evaluate("document.activeElement.outerHTML"))
    assert passed[0] != passed[1]
    assert not any("handsontable" in each for each in passed)
    expect(editor.locator(".handsontable .ht_master td").first).to_have_text("A word")
