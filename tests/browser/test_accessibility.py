"""Every kind of page for everybody: axe finds nothing, the keyboard reaches everything, nothing runs off the screen."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.template.loader import render_to_string
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Watch

POST = "/news/nactso-ctpn-information/"
VISITORS_PAGES = (
    "/",
    "/news/",
    "/news/?before=99999999999999999-1",
    "/news/archive/",
    "/news/archive/2026/",
    "/news/archive/2026/11/",
    "/news/tags/crowds/",
    "/news/authors/helen-marsh/",
    POST,
    "/news/riverside-review/",
    "/news/autumn-meeting-leeds/",
    "/news/training-dates-spring-2027/",
    "/news/topics/counter-terrorism/",
    "/about/",
    "/privacy/",
    "/accessibility/",
    "/contact/",
    "/contact/?sent",
    "/search/",
    "/search/?q=evacuation",
    "/search/?q=zebra",
    "/search/?q=...",
    "/account/login/",
    "/account/login/code/",
    "/account/password/reset/",
    "/account/password/reset/key/1-abc/",
    "/mail/",
    "/members/apply/",
    "/members/invitation/nonsense/",
)
# Each has the parts of another page of the list: its colours are judged once, and all else like everywhere.
OF_A_KIND = {
    "/news/archive/2026/", "/news/archive/2026/11/", "/news/tags/crowds/", "/news/riverside-review/",
    "/news/autumn-meeting-leeds/", "/contact/?sent", "/search/?q=zebra", "/search/?q=...", "/account/login/code/",
    "/about/", "/privacy/",
}  # fmt: skip
MEMBERS_PAGES = (
    "/",
    POST,
    "/files/",
    "/files/guidance/",
    "/files/guidance/?sort=title",
    "/files/saved/",
    "/files/document/to-confirm/",
    "/members/",
    "/members/details/",
    "/members/directory/",
    "/members/directory/?q=zebra",
    "/members/directory/entry/",
    "/members/downloads/",
    "/members/mail/",
    "/members/news/",
    "/members/privacy/",
    "/members/privacy/leave/",
    "/account/2fa/",
    "/account/2fa/totp/activate/",
    "/account/2fa/webauthn/",
    "/account/2fa/webauthn/add/",
    "/account/sessions/",
    "/account/sign-ins/",
    "/account/reauthenticate/",
    "/account/password/change/",
    "/account/email/",
    "/account/logout/",
)
SECRETARYS_PAGES = (
    "/admin/memberships/",
    "/admin/memberships/import/",
    "/admin/memberships/inspect/1/",
    "/admin/memberships/decide/1/extend/",
    "/admin/memberships/decide/1/suspend/",
    "/admin/snippets/members/application/",
    "/admin/snippets/members/application/inspect/1/",
    "/admin/snippets/members/application/decide/1/approve/",
    "/admin/snippets/members/invitation/",
    "/admin/snippets/members/invitation/invite/",
    "/admin/snippets/members/invitation/invite-list/",
)
AXE = Axe().axe_script
NARROW, MIDDLE, WIDE = ({"width": width, "height": 900} for width in (390, 768, 1440))
LOOKS = (("light", WIDE), ("dark", NARROW), ("light", MIDDLE), ("light", NARROW), ("dark", MIDDLE), ("dark", WIDE))


# Asked in each look, of what is the page's own: the frame that it shares with others is asked with the first of each
# kind. It is the dearest of all rules by far.
COLOURS = ["color-contrast", "link-in-text-block"]
FRAME = [".masthead", ".site-foot", "#wagtail-sidebar"]
FIND = "([where, asked]) => axe.run(where, {resultTypes: ['violations'], ...asked}).then(said => said.violations)"


def violations(page: Page, looks: tuple = LOOKS[:2], *, frame: bool = True) -> list[str]:
    """What axe finds wrong with the page that stands open: all of its rules in the first look, and in the others those
    that ask for colours; of these only what lies within the page's frame, unless they shall look at that as well."""
    found = []
    page.evaluate(AXE)
    within = "html" if frame else {"exclude": FRAME}
    for scheme, size in looks:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # else colours are judged on their way
        page.set_viewport_size(size)
        asked = [[within, {"runOnly": COLOURS}]]
        if (scheme, size) == looks[0]:
            asked.append(["html", {"rules": {rule: {"enabled": False} for rule in COLOURS}}])
        for violation in itertools.chain.from_iterable(page.evaluate(FIND, each) for each in asked):
            where = "; ".join(node["html"][:160] for node in violation["nodes"][:3])
            found.append(f"{page.url} {scheme} {size['width']}: {violation['id']}: {where}")
    return found


def test_visitors_pages(open_page: Callable[..., Page], watch: Watch):
    page, found = open_page(), []
    watch.expected_statuses = {404}
    for address in (*VISITORS_PAGES, "/nothing/here/"):
        page.goto(address)
        looks = LOOKS if address in ("/", POST) else LOOKS[: 1 if address in OF_A_KIND else 2]
        found += violations(page, looks, frame=address == "/")
    assert found == []


def test_members_pages(open_page: Callable[..., Page], watch: Watch):
    page, found = open_page("member"), []
    watch.expected_statuses = {403, 404}
    page.goto("/files/guidance/")
    papers = page.locator("[data-document] a:not(.go)")
    several = papers.filter(has_text="Crowd movement").get_attribute("href") or ""
    for address in (*MEMBERS_PAGES, several, "/files/nothing/", "/admin/"):
        page.goto(address)
        looks = LOOKS if address in ("/files/guidance/", several) else LOOKS[:2]
        found += violations(page, looks, frame=address == "/files/guidance/")
    page.goto("/files/")
    page.set_viewport_size(NARROW)
    page.locator("details.folded summary").click()
    page.locator("details.account-menu summary").click()
    found += violations(page)
    assert found == []


def answer_with(body: str, route: Route) -> None:
    route.fulfill(content_type="text/html", body=body)


def test_pages_that_say_what_went_wrong(open_page: Callable[..., Page]):
    """Those that a test cannot bring about one by one; their style sheet is the site's."""
    page, found = open_page(), []
    for status in (400, 403, 429, 500, 503):
        page.route(f"**/wrong/{status}/", partial(answer_with, render_to_string(f"{status}.html")))
        page.goto(f"/wrong/{status}/")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        found += violations(page, LOOKS if status == 500 else LOOKS[:1])  # all on one frame
    assert found == []


NOT_FOR_THEM = ("/files/", "/members/", "/members/application/")


@pytest.mark.parametrize(
    ("who", "addresses"),
    [
        ("applicant", (*NOT_FOR_THEM, "/members/privacy/", "/members/apply/", POST)),
        ("lapsed", NOT_FOR_THEM),
        ("suspended", NOT_FOR_THEM),
    ],
)
def test_pages_of_a_person_without_access(open_page: Callable[..., Page], who: str, addresses: tuple[str, ...]):
    page, found = open_page(who), []
    for address in addresses:
        page.goto(address)
        found += violations(page, frame=address == addresses[0])
    assert found == []


def test_secretarys_pages(open_page: Callable[..., Page]):
    page, found = open_page("secretary"), []
    for address in SECRETARYS_PAGES:
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        found += violations(page, frame=address == SECRETARYS_PAGES[0])
    assert found == []


def test_form_that_comes_back_with_a_message(open_page: Callable[..., Page]):
    page = open_page()
    page.goto("/account/login/")
    page.get_by_label("E-mail").fill("nobody@example.org")
    page.get_by_label("Password", exact=True).fill("not the password")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("E-mail")).to_have_value("nobody@example.org")
    assert violations(page) == []


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.textContent.trim() || document.activeElement.name || ''")


def test_keyboard_reaches_the_skip_link_the_menu_and_the_sign_in(open_page: Callable[..., Page]):
    page = open_page()
    page.goto("/")
    reached = []
    for _ in range(8):
        page.keyboard.press("Tab")
        reached.append(focused(page))
        assert page.evaluate(
            "(() => { const box = document.activeElement.getBoundingClientRect();"
            " return box.width > 0 && box.top >= 0 && box.left >= 0 && box.right <= innerWidth; })()"
        ), f"{reached[-1]} has the focus and cannot be seen"
        if reached[-1] == "Sign in":
            break
    assert reached[0] == "Skip to content"
    assert reached[2:4] == ["News", "Files"]
    assert reached[-2:] == ["q", "Sign in"]  # the search field by its name
    page.keyboard.press("Enter")
    expect(page).to_have_url("/account/login/?next=/")


def test_skip_link_leads_past_the_menu(open_page: Callable[..., Page]):
    page = open_page()
    page.goto("/news/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_everything_can_be_done_by_keyboard_down_to_a_download(open_page: Callable[..., Page]):
    page = open_page("member")
    page.goto("/files/guidance/")
    page.locator("[data-document] a.go").first.focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename


@pytest.mark.parametrize("who", ["", "member"])
def test_nothing_runs_off_a_screen_of_320_pixels(open_page: Callable[..., Page], watch: Watch, who: str):
    """WCAG 2.2, 1.4.10: 320 pixels are a screen of 1280 at 400 %."""
    page, wide = open_page(who, viewport={"width": 320, "height": 640}), []
    watch.expected_statuses = {404}
    for address in MEMBERS_PAGES if who else VISITORS_PAGES:
        page.goto(address)
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if beyond > 0:
            wide.append(f"{address}: {beyond} pixels")
    assert wide == []


def test_page_is_calm_for_those_who_ask_for_it(open_page: Callable[..., Page]):
    page = open_page(reduced_motion="reduce")
    page.goto(POST)
    moving = page.evaluate(
        "[...document.querySelectorAll('*')].filter(element => { const style = getComputedStyle(element);"
        " return parseFloat(style.transitionDuration) > 0.01 || parseFloat(style.animationDuration) > 0.01; }).length"
    )
    assert moving == 0


def test_tree_of_twelve_levels_stays_in_its_margin(open_page: Callable[..., Page]):
    page = open_page("member")
    page.goto("/files/")
    edges = page.evaluate(
        """() => {
          const nav = document.querySelector(".folder-tree nav");
          let list = nav.querySelector("ul");
          const level = list.querySelector("li");
          for (let depth = 0; depth < 12; depth++) {
            const item = level.cloneNode(true);
            item.querySelectorAll("ul").forEach((each) => each.remove());
            item.querySelector("a > span").textContent = "Extraordinarily long names";
            const below = document.createElement("ul");
            below.className = "folders";
            below.append(item);
            list.lastElementChild.append(below);
            list = below;
          }
          const right = (each) => Math.round(each.getBoundingClientRect().right);
          return [right(nav), ...[...nav.querySelectorAll("a, .count")].map(right)];
        }"""
    )
    assert len(edges) > 25
    assert max(edges[1:]) <= edges[0]
