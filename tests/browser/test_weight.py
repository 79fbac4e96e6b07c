"""How much a visit fetches: bytes as they travel, which are the same on every machine."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

FIRST, LATER = 120_000, 20_000


def fetched(page: Page, address: str) -> int:
    """The bytes that a page and all that belongs to it take on their way, with their headers."""
    lengths: list[float] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: lengths.append(event["encodedDataLength"]))
    page.goto(address, wait_until="networkidle")
    session.detach()
    return round(sum(lengths))


@pytest.mark.parametrize(
    "address",
    [
        "/", "/news/", "/news/nactso-ctpn-information/", "/news/riverside-review/", "/news/autumn-meeting-leeds/",
        "/about/", "/account/login/",
    ],
)  # fmt: skip
def test_first_visit_fetches_less_than_120_kilobytes(open_page: Callable[..., Page], address: str):
    narrow = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}
    sharp = {"viewport": {"width": 1440, "height": 900}, "device_scale_factor": 2}
    assert 60_000 < fetched(open_page(), address) <= FIRST
    assert fetched(open_page(**sharp), address) <= FIRST
    assert fetched(open_page(**narrow), address) <= FIRST


def test_later_visit_fetches_less_than_20_kilobytes(open_page: Callable[..., Page]):
    page = open_page()
    fetched(page, "/")
    for address in ("/news/nactso-ctpn-information/", "/news/", "/news/topics/events/", "/about/"):
        assert 0 < fetched(page, address) <= LATER, address
