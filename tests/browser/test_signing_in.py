"""Signing in as people do it: with a passkey, an app, a recovery code, a code by mail; and signing a device out."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from tests.browser.conftest import RunningSite, Watch, sign_in

KEY = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
       "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip


@pytest.fixture
def here(site: RunningSite) -> str:
    """A passkey belongs to a name, which 127.0.0.1 is not."""
    return site.url.replace("127.0.0.1", "localhost")


@pytest.fixture
def new_browser(browser: Browser, here: str) -> Iterator[Callable[..., Page]]:
    """A browser of its own, watched."""
    watching, contexts = Watch(here), list[BrowserContext]()

    def make(**options: Any) -> Page:
        contexts.append(browser.new_context(base_url=here, viewport={"width": 1280, "height": 900}, **options))
        page = contexts[-1].new_page()
        watching.follow(page)
        return page

    yield make
    for context in contexts:
        context.close()
    assert watching.found == []


def give_key(page: Page) -> tuple[CDPSession, str]:
    """Chromium's virtual authenticator, such as a telephone with a finger on it."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    return tools, tools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})["authenticatorId"]


def latest_mail(site: RunningSite, subject: str) -> str:
    for _ in range(100):
        for file in sorted((site.data / "mail").glob("*"), key=lambda each: each.stat().st_mtime, reverse=True):
            text = Path(file).read_text()
            if subject in text:
                return text
        time.sleep(0.2)  # the worker has it
    raise AssertionError(f"no mail about {subject}")


def sign_out(page: Page) -> None:
    page.goto("/account/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile(r"/$"))


def test_passkey_is_added_signs_in_alone_serves_as_second_step_and_is_removed(new_browser):
    page = new_browser()
    tools, key = give_key(page)
    page.goto("/account/login/")
    sign_in(page, "committee")
    page.goto("/account/2fa/")
    page.get_by_role("main").get_by_role("link", name="Add a passkey").click()
    page.get_by_label("A name for it").fill("My telephone")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    (credential,) = tools.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]
    assert credential["isResidentCredential"] is True

    sign_out(page)
    page.goto("/account/login/?next=/files/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(re.compile(r"\d/files/$"))  # and not the way there

    sign_out(page)
    page.goto("/account/login/")
    sign_in(page, "committee")
    expect(page.get_by_role("heading", level=1)).to_have_text("The second step")
    page.get_by_role("button", name="Use your passkey").click()
    expect(page).to_have_url(re.compile(r"/members/$"))

    sign_out(page)
    tools.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    page.goto("/account/login/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert").filter(has_text="Nothing was done")).to_be_visible()
    tools.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": True})
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(re.compile(r"/members/$"))

    page.goto("/account/sign-ins/")
    expect(page.get_by_role("row").nth(1)).to_contain_text("Signed in")
    expect(page.get_by_role("row").nth(1)).to_contain_text("passkey")
    page.goto("/account/2fa/webauthn/")
    page.get_by_role("link", name="Remove My telephone").click()
    page.get_by_role("main").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("You have none yet.")).to_be_visible()


def test_app_is_set_up_and_asked_for_and_a_recovery_code_stands_in(new_browser):
    page = new_browser()
    page.goto("/account/login/")
    sign_in(page, "lapsed")
    page.goto("/account/2fa/totp/activate/")
    secret = page.locator("#authenticator_secret").inner_text().replace(" ", "")

    def code(ahead: int) -> str:
        return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))

    page.get_by_label("Code from the app").fill(code(0))
    page.get_by_role("button", name="Set up").click()
    recovery = page.get_by_label("Codes that are left").input_value().split()
    sign_out(page)
    for given in (code(1), recovery[0]):
        page.goto("/account/login/")
        sign_in(page, "lapsed")
        expect(page.get_by_role("heading", level=1)).to_have_text("The second step")
        page.get_by_label("Code", exact=True).fill(given)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(re.compile(r"/members/$"))
        page.goto("/account/logout/")
        page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.goto("/account/login/")
    sign_in(page, "lapsed")
    page.get_by_label("Code", exact=True).fill(recovery[1])
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.goto("/account/2fa/totp/deactivate/")
    page.get_by_role("main").get_by_role("button", name="Turn off").click()
    expect(page.get_by_text("It is off.")).to_be_visible()


def test_code_from_a_mail_signs_in_without_scripts_and_the_device_is_signed_out_from_another(new_browser, site):
    there = new_browser(java_script_enabled=False)
    there.goto("/account/login/")
    there.get_by_role("link", name="Send me a code by e-mail").click()
    there.get_by_label("E-mail").fill("aoife.brennan@example.org")
    there.get_by_role("button", name="Send the code").click()
    text = latest_mail(site, "Your code for signing in")
    there.get_by_label("Code from the message").fill(re.search(r"asks for it:\s+(\w{4}-\w{4})", text)[1])
    there.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(there).to_have_url(re.compile(r"/members/$"))
    assert "You signed in from a new device" in latest_mail(site, "You signed in from a new device")

    here = new_browser()
    here.goto("/account/login/")
    sign_in(here, "aoife.brennan")
    here.goto("/account/sessions/")
    here.get_by_role("button", name=re.compile("^Sign out Chrome on Linux")).click()
    expect(here.get_by_text("That device is signed out.")).to_be_visible()
    there.goto("/members/")
    expect(there).to_have_url(re.compile(r"/account/login/\?next=/members/$"))
