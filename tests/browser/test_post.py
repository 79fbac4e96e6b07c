"""What a post does in the browser by itself: it says once that it is read, and gives its address away."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect


def test_post_tells_that_it_is_read_once(open_page: Callable[..., Page]):
    page = open_page()
    # The page's clock stands still: one that goes on would let the three seconds pass while a slow machine loads the page.
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
