"""A paper of 300 pages on a slow line, in Chromium behind nginx: when its first page can be read and the tools work."""

from __future__ import annotations

import base64
import hashlib
import shutil
import statistics
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bench.rows import Bench
from bench.rows.proxied import NO_NGINX, through_nginx
from bench.servers import HOST
from bench.table import Line, at_most, left_out

LATENCY, BYTES_A_SECOND = 150, 200_000  # milliseconds; 1.6 Mbit/s
MOST = 2  # seconds
FIRST, AGAIN = "nothing kept: first page seen, tools at hand", "pdf.js kept: first page drawn, with its words"
# Notes, once, when each can be seen; in milliseconds since the page was asked for.
WATCH = """
window.seen = {};
addEventListener("DOMContentLoaded", function look() {
  const [image, tools] = [".reader-page img", ".reader-tools"].map((each) => document.querySelector(each));
  const now = performance.now();
  if (image?.complete && image.naturalWidth) window.seen.picture ??= now;
  if (tools && !tools.hidden) window.seen.tools ??= now;
  if (document.querySelector(".reader-words span")) window.seen.words ??= now;
  requestAnimationFrame(look);
});
"""


def opening(bench: Bench) -> list[Line]:
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    whats = {part: f"300 pages at 1.6 Mbit/s, {part}" for part in (FIRST, AGAIN)}
    if chromium is None or not bench.machine.nginx:
        return [left_out(what, NO_NGINX if chromium else "There is no Chromium.") for what in whats.values()]
    from playwright.sync_api import sync_playwright

    with through_nginx(bench) as (_, proxy, member), sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", f"--host-resolver-rules=MAP {HOST}:443 127.0.0.1:{proxy.port}"]
        arguments.append(f"--ignore-certificate-errors-spki-list={_key_of(proxy.folder / 'certificate.pem')}")
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        address = bench.content["pages"]
        rounds = [_opened(browser, address, member.cookies) for _ in range(bench.rounds)]
        browser.close()
    middle = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
    return [
        at_most(whats[FIRST], "–", max(middle["picture s"], middle["tools s"]), MOST, unit=" s", **middle),
        at_most(whats[AGAIN], "–", middle["again s"], MOST, unit=" s", **middle),
    ]


def _key_of(certificate: Path) -> str:
    """Whoever trusts this key trusts the certificate: a browser that only puts up with one keeps nothing for later."""
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    told = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(told).digest()).decode()


def _opened(browser: Any, address: str, cookies: dict[str, str]) -> dict[str, float]:
    """The reader page twice, in a browser of which nothing is known."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": name, "value": value, "url": f"https://{HOST}"} for name, value in cookies.items()])
    page = context.new_page()
    page.add_init_script(WATCH)
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    limits = {"latency": LATENCY, "downloadThroughput": BYTES_A_SECOND, "uploadThroughput": BYTES_A_SECOND}
    line.send("Network.emulateNetworkConditions", {"offline": False, **limits})
    first, again = (_seen(page, f"https://{HOST}{address}") for _ in range(2))
    context.close()
    return {
        "picture s": first["picture"] / 1000, "tools s": first["tools"] / 1000, "first s": first["words"] / 1000,
        "again s": again["words"] / 1000,
    }  # fmt: skip


def _seen(page: Any, address: str) -> dict[str, float]:
    page.goto(address, wait_until="commit")
    page.locator(".reader-words span").first.wait_for(state="attached", timeout=120_000)
    page.wait_for_timeout(200)  # milliseconds, for the next look
    found: dict[str, float] = page.evaluate("window.seen")
    page.goto("about:blank")
    return found
