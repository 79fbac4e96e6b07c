"""A part of the whole stack ends, and what comes through nginx then: what can be served is, the rest is 503 with the
time to come again, nothing opens; when the part is back, so is everything. With DRILL=all alone: it takes minutes."""

from __future__ import annotations

import os
import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
from django.utils import timezone

from deploy import object_store
from deploy.processes import is_open
from deploy.services import lacking
from tests.services.conftest import PAPER, Machines, until
from tests.services.visitor import PASSWORD, Answer, Visitor, multipart

pytestmark = [
    pytest.mark.services,
    pytest.mark.xdist_group("services"),
    pytest.mark.skipif(os.environ.get("DRILL") != "all", reason="takes minutes: DRILL=all"),
    pytest.mark.skipif(bool(lacking()), reason=" ".join(lacking())),
]
POST = "/news/nactso-ctpn-information/"
SENTENCE = "The file could not be stored just now, so nothing was changed."


class Asked:
    """What people want of the site, through nginx; signed in and with their forms open before anything ends."""

    def __init__(self, machines: Machines, member: Visitor, editor: Visitor, paper: Any) -> None:
        self.machines, self.paper = machines, paper
        self.folder = str(machines.rows("SELECT id FROM wagtailcore_collection WHERE name = 'Guidance'")[0][0])
        self.member, self.editor = (
            each.elsewhere(machines.stack.port, machines.stack.certificate) for each in (member, editor)
        )
        self.stranger = machines.front()
        assert self.stranger.sign_in("applicant").status == 302
        self.newcomer = machines.front()
        self.newcomer.get("/account/login/")

    def _post(self, visitor: Visitor, path: str, fields: dict[str, str], files: Any = None) -> Answer:
        """A form that was open already."""
        filled = {"csrfmiddlewaretoken": visitor.cookies["__Host-csrf"], **fields}
        kind, body = multipart(filled, files) if files else (
            "application/x-www-form-urlencoded", urlencode(filled).encode(),
        )  # fmt: skip
        return visitor.ask("POST", path, body, {"Content-Type": kind, "Origin": self.machines.stack.url})

    def static(self) -> Answer:
        return self.machines.front().get("/static/vendor/pdfjs/pdf.min.mjs")

    def live(self) -> Answer:
        return self.machines.front().get("/health/live/")

    def news(self) -> Answer:
        return self.machines.front().get(f"{POST}?{secrets.token_hex(8)}")  # which nginx has not kept

    def list(self) -> Answer:
        return self.member.get("/files/")

    def download(self) -> Answer:
        return self.member.get(self.paper.download)

    def foreign(self) -> Answer:
        return self.stranger.get(self.paper.download)

    def unsigned(self) -> Answer:
        return self.machines.front().get(self.paper.download)

    def sign_in(self) -> Answer:
        visitor = Visitor(self.newcomer.port, self.newcomer.certificate, cookies=dict(self.newcomer.cookies))
        return self._post(visitor, "/account/login/", {"login": "member@example.org", "password": PASSWORD})

    def upload(self) -> Answer:
        fields = {
            "title": f"Notes {secrets.token_hex(8)}", "collection": self.folder, "marking": "TLP:GREEN",
            "publish_at": timezone.localtime(timezone.now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S"),
        }  # fmt: skip
        words = f"Notes {secrets.token_hex(8)}.".encode()
        return self._post(self.editor, "/admin/documents/add/", fields, {"file": ("notes.txt", words)})


ASKED = [
    Asked.static, Asked.live, Asked.news, Asked.list, Asked.download, Asked.foreign, Asked.unsigned, Asked.sign_in,
    Asked.upload,
]  # fmt: skip
USUAL = {"static": 200, "live": 200, "news": 200, "list": 200, "download": 200, "foreign": 404, "unsigned": 302,
         "sign_in": 302, "upload": 302}  # fmt: skip
ALL = frozenset(USUAL)
# What is answered as always while these have ended; what the form says again with a sentence. The rest is 503.
ENDS = {
    ("postgresql",): ({"static", "live", "unsigned"}, set()),  # whoever brings no session is led to sign in
    ("redis",): (ALL - {"sign_in"}, set()),
    ("store",): (ALL - {"download", "upload"}, {"upload"}),
    ("web-a",): (ALL, set()),
    ("web-a", "web-b"): ({"static"}, set()),
    ("worker-a",): (ALL, set()),
}


@contextmanager
def ended(machines: Machines, names: tuple[str, ...]) -> Iterator[None]:
    """As a machine dies that loses its power; the database, which has others' work, is told to stop at once."""
    stack = machines.stack
    for name in names:
        process = stack.processes[name]
        process.stop(signal.SIGQUIT) if name == "postgresql" else process.kill()
    try:
        yield
    finally:
        for name in names:
            stack.processes[name].start()
        for name in names:
            stack.processes[name].wait_until(lambda name=name: _is_back(machines, name))


def _is_back(machines: Machines, name: str) -> bool:
    stack = machines.stack
    if name == "store":
        address, key, secret = stack._store_access()
        return object_store.has_bucket(address, key=key, secret=secret)
    if name == "postgresql":
        try:
            psycopg.connect(stack.database(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True
    if name == "redis":
        return is_open(stack.redis_port, stack.address)
    return name not in stack.web_ports or is_open(stack.web_ports[name])


def judged(asking: str, answer: Answer, served: Any, sentence: Any) -> str:
    """What is wrong with an answer, as words; empty where nothing is."""
    if asking in served:
        return "" if answer.status == USUAL[asking] else f"{answer.status} instead of {USUAL[asking]}"
    if asking in sentence:
        return "" if answer.status == 200 and SENTENCE in answer.text else f"{answer.status} without the sentence"
    if answer.status != 503 and (asking, answer.status) != ("sign_in", 429):  # a limit that cannot be counted
        return f"{answer.status} instead of 503"
    return "" if answer.headers.get("retry-after", "").isdecimal() else f"{answer.status} without Retry-After"


def test_part_of_the_stack_that_ends_costs_what_needs_it_and_opens_nothing(machines, member, editor, paper, count):
    asked = Asked(machines, member, editor, paper)
    assert {ask.__name__: ask(asked).status for ask in ASKED} == USUAL
    tried, wrong = 0, []
    for names, (served, sentence) in ENDS.items():
        uploaded = machines.rows("SELECT count(*) FROM fileshare_shareddocument")[0][0]
        with ended(machines, names):
            answers = {ask.__name__: ask(asked) for ask in ASKED}
        tried += len(answers)
        wrong += [
            f"{' and '.join(names)}, {asking}: {trouble}"
            for asking, answer in answers.items()
            if (trouble := judged(asking, answer, served, sentence))
        ]
        assert answers["download"].body == PAPER or "download" not in served, names
        assert not [name for name, each in answers.items() if name != "download" and PAPER[:4096] in each.body], names
        came = machines.rows("SELECT count(*) FROM fileshare_shareddocument")[0][0] - uploaded
        assert came == ("upload" in served), names

        def are_back() -> bool:
            return all(ask(asked).status == USUAL[ask.__name__] for ask in ASKED)

        until(are_back, f"everything is back after {' and '.join(names)}", 60)
    count("Ends of parts of the whole stack", len(ENDS), len(ENDS), len(wrong), f"{tried} requests through nginx")
    assert wrong == [], "\n".join(wrong)
