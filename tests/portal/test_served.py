"""The site as production serves it: two processes of gunicorn with TLS, a worker, a timer; and what they tell."""

from __future__ import annotations

import ast
import json
import os
import re
import secrets
import socket
import sqlite3
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

import pytest
from django.db import connection

from deploy.processes import Process, free_port, is_open, running
from tests.portal.test_doctor_outside import certificate
from tests.services.visitor import Visitor
from tests.serving import MANAGE, served_as_in_the_procfile

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.django_db,  # whose migrations are done once
    pytest.mark.xdist_group("served"),
    pytest.mark.skipif(
        os.environ.get("DATABASE_URL", "").startswith("postgres"),
        reason="has an environment of its own: run without DATABASE_URL",
    ),
]


@dataclass
class Served:
    """The running site, and what its processes have written so far."""

    url: str
    environment: dict[str, str]
    log: Path
    trust: ssl.SSLContext

    def get(self, path: str, **headers: str) -> tuple[int, Message, bytes]:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        asked = urllib.request.Request(f"{self.url}{path}", headers=given)  # noqa: S310 -- our own server
        try:
            with urllib.request.urlopen(asked, timeout=20, context=self.trust) as answer:  # noqa: S310 -- as above
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def is_ready(self) -> bool:
        with suppress(OSError):
            return self.get("/health/ready/")[0] == 200
        return False

    def doctor(self, **environment: str) -> dict[str, list[str]]:
        """What it says, by state; and that its end agrees."""
        done = subprocess.run(
            [*MANAGE, "doctor", "--json"], cwd=ROOT, env=self.environment | environment,
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        said = json.loads(done.stdout)
        found: dict[str, list[str]] = {"right": [], "look": [], "act": []}
        for each in said["findings"]:
            found[each["state"]].append(f"{each['about']}: {each['says']}")
        assert (done.returncode, said["to_do"]) == (1 if found["act"] else 0, len(found["act"])), done.stderr
        return found


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    data = folder / "data"
    data.mkdir(mode=0o700)
    certificate(folder, 80)
    # The tests' own, with its migrations done.
    with (
        closing(sqlite3.connect(connection.settings_dict["NAME"])) as own,
        closing(sqlite3.connect(data / "db.sqlite3")) as copy,
    ):
        own.backup(copy)
        assert copy.execute("SELECT count(*) FROM django_migrations").fetchone()[0] > 100
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "DJANGO_SETTINGS_MODULE": "portal.settings.base",
        "SECRET_KEY": secrets.token_urlsafe(60), "BASE_URL": f"https://localhost:{port}", "DATA_DIR": str(data),
        "PORT": str(port), "WEB_PROCESSES": "2", "WEB_THREADS": "2", "SSL_CERT_FILE": str(folder / "cert.pem"),
        "LOG_FORMAT": "json", "EMAIL_URL": "smtp://127.0.0.1:9",
    }  # fmt: skip
    subprocess.run([*MANAGE, "collectstatic", "--noinput", "-v0"], cwd=ROOT, env=environment, check=True, timeout=120)
    keys = ("--certfile", str(folder / "cert.pem"), "--keyfile", str(folder / "key.pem"))
    log = folder / "log"
    site = Served(environment["BASE_URL"], environment, log, ssl.create_default_context(cafile=folder / "cert.pem"))
    with served_as_in_the_procfile(environment, log, *keys, timer="2") as web:
        web.wait_until(site.is_ready)
        yield site


def test_doctor_finds_a_served_site_right_but_for_mail_backup_and_administrator(served):
    found = served.doctor()
    assert [each.partition(":")[0] for each in found["act"]] == ["mail", "backup", "administrators"]
    rights = {each.partition(":")[0] for each in found["right"]}
    assert rights == {"settings", "folders", "database", "migrations", "cache", "store", "static files", "TLS",
                      "public address", "clock", "private files", "timer", "worker", "tasks"}  # fmt: skip


def test_doctor_of_a_site_whose_parts_are_away_looks_at_all_the_rest(served):
    found = served.doctor(DATABASE_URL="sqlite:////nowhere/db.sqlite3", CACHE_URL="redis://127.0.0.1:9",
                          BASE_URL="https://localhost:9")  # fmt: skip
    acts = [each.partition(":")[0] for each in found["act"]]
    assert set(acts) == {"database", "cache", "mail", "public address", "TLS", "backup"}
    assert any(
        "look at: access record, administrators, files, mails, migrations, names in settings" in each
        for each in found["look"]
    )
    assert {each.partition(":")[0] for each in found["right"]} >= {"settings", "folders", "store", "static files"}


def test_processes_count_together_and_whichever_is_asked_answers_for_all(served):
    def count() -> float:
        told = served.get("/metrics")[2].decode()
        name = 'gatehouse_request_seconds_count{route="portal.views.health.live",status="2xx"} '
        return sum(float(line.removeprefix(name)) for line in told.splitlines() if line.startswith(name))

    before = count()
    for _ in range(20):  # each a connection of its own, so that both processes have some
        assert served.get("/health/live/")[0] == 200
    assert {count() - before for _ in range(10)} == {20}


def test_metrics_are_not_for_whoever_comes_through_a_proxy_that_is_not_trusted(served):
    assert served.get("/metrics")[0] == 200
    assert served.get("/metrics", X_Forwarded_For="127.0.0.1")[0] == 404


def test_every_line_of_the_log_is_an_object_and_names_its_request(served):
    assert served.get("/no-such-page/?token=secret", X_Request_ID="4f1c2b7d9e8a4c5f9d3e2b1a0c4d5e6f")[0] == 404
    lines = [json.loads(line) for line in served.log.read_text().splitlines()]
    (line,) = [line for line in lines if line["message"] == "Not Found: /no-such-page/"]
    assert {"gunicorn.error", "django.request"} <= {line["logger"] for line in lines}
    assert (line["level"], line["logger"]) == ("WARNING", "django.request")
    assert re.fullmatch("[0-9a-f]{32}", line["request"])
    assert line["request"] != "4f1c2b7d9e8a4c5f9d3e2b1a0c4d5e6f"  # no proxy is trusted here


ALWAYS = {
    "Content-Security-Policy", "Cross-Origin-Opener-Policy", "Referrer-Policy", "Strict-Transport-Security",
    "X-Content-Type-Options", "X-Frame-Options",
}  # fmt: skip


def test_address_that_names_ten_thousand_papers_is_a_page_of_the_site(served):
    """Which the server sends, since such a request never gets to the site; with what each answer carries."""
    nothing = served.get("/no-such-page/")[1]
    assert (ALWAYS - {*nothing}, nothing["Strict-Transport-Security"]) == (
        set(), "max-age=31536000; includeSubDomains; preload",
    )  # fmt: skip
    address = "/files/archive/?" + "&".join(f"document={uuid.UUID(int=number)}" for number in range(10_000))
    for path in (f"/?{'x' * 8200}", address):
        status, headers, body = served.get(path)
        text = body.decode()
        assert (status, "This address is too long</h1>" in text, "please choose them in their list" in text) == (
            414, True, True,
        )  # fmt: skip
        (sheet,) = re.findall(r'rel="stylesheet" href="([^"]+)"', text)
        assert served.get(sheet)[0] == 200
        assert dict(headers) == {
            **{name: value for name, value in nothing.items() if name in ALWAYS}, "Connection": "close",
            "Content-Length": str(len(body)), "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store",
        }  # fmt: skip
    assert served.get(f"/?{'x' * 8000}")[0] == 200


@pytest.fixture(scope="module")
def member(served: Served) -> Visitor:
    """Somebody with a session, made beside the site."""
    make = (
        "from django.test import Client; from tests.factories import make_member;"
        "client = Client(); client.force_login(make_member());"
        "print({name: each.value for name, each in client.cookies.items()})"
    )
    done = subprocess.run(
        [*MANAGE, "shell", "--no-imports", "--command", make], cwd=ROOT, env=served.environment, check=True,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    port = int(served.url.rpartition(":")[2])
    return Visitor(port, served.log.with_name("cert.pem"), cookies=ast.literal_eval(done.stdout))


def test_ten_thousand_papers_chosen_in_a_form_are_answered_in_words(member):
    papers = [str(uuid.UUID(int=number)) for number in range(10_000)]
    answer = member.send("/files/archive/", {"document": papers})
    said = "You have chosen 10,000 papers, and a zip holds up to 5,000."
    assert (answer.status, said in answer.text, "Sign out" in answer.text) == (400, True, True)
    answer = member.send("/files/archive/", {"document": papers * 2})
    assert (answer.status, "fewer things ticked" in answer.text) == (413, True)
    assert member.send("/files/archive/", {"document": papers[:200]}).status == 404  # none of which is there


def test_whoever_does_not_hang_up_keeps_nobody_waiting(tmp_path):
    """Each would hold the process for two seconds: the last is answered while those before are still there."""
    port = free_port()
    environment = {"PATH": os.environ["PATH"], "PORT": str(port), "WEB_PROCESSES": "1", "WEB_THREADS": "12"}
    gunicorn = str(Path(sys.executable).with_name("gunicorn"))
    command = [gunicorn, "-c", "deploy/gunicorn.conf.py", "wsgiref.simple_server:demo_app"]
    web = Process("web", command, tmp_path / "log", environment)
    with running(web), ExitStack() as opened:
        web.wait_until(lambda: is_open(port))
        for _ in range(12):
            client = opened.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert client.recv(15) == b"HTTP/1.1 200 OK"
