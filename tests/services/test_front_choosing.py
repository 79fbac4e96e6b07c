"""Many papers chosen at once, through nginx and on several machines: what is too much is said, what is not is a zip."""

from __future__ import annotations

import subprocess
import uuid

import pytest

pytestmark = [pytest.mark.services, pytest.mark.xdist_group("services")]
ARCHIVE = "/files/archive/"
MANY = [str(uuid.UUID(int=number)) for number in range(10_000)]
ALWAYS = {
    "strict-transport-security": "max-age=31536000; includeSubDomains; preload", "x-content-type-options": "nosniff",
}  # fmt: skip
TOO_MANY = "You have chosen 10,000 papers, and a zip holds up to 5,000."


@pytest.fixture
def at_front(machines, member):
    return member.elsewhere(machines.stack.port, machines.stack.certificate)


def test_ten_thousand_papers_are_answered_in_words_by_the_site_and_through_nginx(machines, member, at_front):
    for reader in (member, at_front):
        answer = reader.send(ARCHIVE, {"document": MANY})
        assert (answer.status, TOO_MANY in answer.text, "Sign out" in answer.text) == (400, True, True)
        answer = reader.send(ARCHIVE, {"document": [*MANY, *MANY]})
        assert (answer.status, "fewer things ticked" in answer.text) == (413, True)
    answer = at_front.send(ARCHIVE, {"document": MANY * 8})  # more than nginx lets through
    assert (answer.status, "fewer things ticked" in answer.text) == (413, True)
    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS


def test_address_that_names_too_many_papers_is_answered_in_words(machines, member, at_front):
    """Of 14 KB, where 8 are taken: nginx ends the connection, and so much goes off in one piece before it does."""
    for reader in (member, at_front):
        answer = reader.get(f"{ARCHIVE}?" + "&".join(f"document={each}" for each in MANY[:300]))
        assert (answer.status, "please choose them in their list" in answer.text) == (414, True)
        assert {name: answer.headers.get(name) for name in ("cache-control", *ALWAYS)} == {
            "cache-control": "no-store", **ALWAYS,
        }  # fmt: skip


def test_form_without_its_token_is_refused_through_nginx(at_front):
    answer = at_front.ask(
        "POST", ARCHIVE, f"document={MANY[0]}".encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert (answer.status, "The form could not be accepted" in answer.text) == (403, True)


def test_more_papers_than_an_address_names_come_as_a_zip_from_any_machine(machines, member, paper):
    """Chosen on one machine, begun on the other, and its end fetched through nginx."""
    chosen = member.send(ARCHIVE, {"document": [*MANY[:199], paper.uuid]})
    assert (chosen.status, chosen.headers["location"].startswith(f"{ARCHIVE}?chosen=")) == (302, True)
    begun = machines.at("b", member).get(chosen.headers["location"])
    assert (begun.status, begun.headers["content-type"]) == (200, "application/zip")
    headers = {"Range": "bytes=1000-", "If-Range": begun.headers["etag"]}
    front = member.elsewhere(machines.stack.port, machines.stack.certificate)
    rest = front.ask("GET", chosen.headers["location"], headers=headers)
    assert (rest.status, rest.body) == (206, begun.body[1000:])


def test_curl_follows_the_answer_to_the_zip(machines, member, at_front, paper, tmp_path):
    """As a program does that has a session, and the token of any form."""
    token = at_front.get(ARCHIVE).text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    (tmp_path / "form").write_text("&".join(f"document={each}" for each in [*MANY[:199], paper.uuid]))
    cookies = "; ".join(f"{name}={value}" for name, value in at_front.cookies.items())
    done = subprocess.run(
        ["curl", "--silent", "--show-error", "--location", "--cacert", machines.stack.certificate, "--cookie", cookies,
         "--header", f"X-CSRFToken: {token}", "--header", f"Origin: {machines.stack.url}",
         "--data", f"@{tmp_path / 'form'}", "--remote-header-name", "--remote-name", "--output-dir", tmp_path,
         f"{machines.stack.url}{ARCHIVE}"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (zipped,) = tmp_path.glob("*.zip")
    assert zipped.name.startswith("Papers 2")
    assert zipped.read_bytes().startswith(b"PK")
