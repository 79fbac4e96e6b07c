"""What a post does in the browser by itself: it says once that it is read, and gives its address away."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import violations

OTHER_POST = "/news/autumn-meeting-leeds/"


def test_post_tells_that_it_is_read_once(open_page: Callable[..., Page]):
    page = open_page()
    # The page's clock stands still: with one that goes on, the three seconds pass while a slow machine loads the page.
    page.clock.install(time=0)
    page.clock.pause_at(1_000)
    sent = list[str]()
    page.on("request", lambda request: sent.append(request.url) if "/news/reads/" in request.url else None)
    page.goto("/news/nactso-ctpn-information/")
    page.clock.fast_forward(2_900)
    assert sent == []
    with page.expect_response("**/news/reads/*/") as answer:
        page.clock.fast_forward(200)
    assert (answer.value.status, answer.value.request.method) == (204, "POST")
    page.clock.fast_forward(60_000)
    assert len(sent) == 1


def test_address_of_a_post_is_copied(open_page: Callable[..., Page]):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto("/news/nactso-ctpn-information/")
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_role("button", name="The link is copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_member_comments_and_withdraws_it_while_an_editor_lets_another_appear(open_page: Callable[..., Page]):
    page = open_page("committee")
    page.goto(OTHER_POST)
    page.get_by_label("Your comment").fill("Words from a browser.\n\nA second paragraph.")
    page.get_by_role("button", name="Send the comment").click()
    expect(page.get_by_text("Thank you. Your comment is on the page.")).to_be_visible()
    comment = page.locator(".comment", has_text="Words from a browser.")
    expect(comment.locator(".comment-text p")).to_have_count(2)
    assert violations(page) == []
    comment.get_by_role("link", name="Change").click()
    assert violations(page) == []
    page.get_by_label("Your comment").fill("Better words.")
    page.get_by_role("button", name="Save the change").click()
    comment = page.locator(".comment", has_text="Better words.")
    member = open_page("member")
    member.goto(OTHER_POST)
    member.locator(".comment", has_text="Better words.").get_by_role("link", name="Report").click()
    assert violations(member) == []
    member.get_by_label("What is wrong with it?").fill("Nothing at all; this is a trial.")
    member.get_by_role("button", name="Send the report").click()
    expect(member.get_by_text("The editors will look at the comment.")).to_be_visible()
    comment.get_by_role("link", name="Withdraw").click()
    assert violations(page) == []
    page.get_by_role("button", name="Withdraw it").click()
    expect(page.get_by_text("Your comment is withdrawn")).to_be_visible()
    expect(page.locator(".comment", has_text="Better words.")).to_have_count(0)


def test_editor_lets_a_comment_appear(open_page: Callable[..., Page]):
    page = open_page("editor")
    page.goto("/admin/")
    panel = page.locator(".w-panel--dashboard", has_text="Comments to look at")
    panel.get_by_role("link", name="There is a short film").click()
    page.get_by_role("link", name="Let it appear").click()
    page.get_by_role("button", name="Let appear").click()
    expect(page.get_by_text("1 comment on the site.")).to_be_visible()
    page.goto("/news/nactso-ctpn-information/")
    expect(
        page.locator(".comment", has_text="There is a short film").get_by_role("link", name="https://example.org/film")
    ).to_be_visible()
