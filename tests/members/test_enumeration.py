"""Nobody learns from a door whether an address has an account: same page, status, size, work and mail count."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from members.models import AccessRecord, User
from tests.factories import PASSWORD, make_member
from tests.mailbox import delivered, forget

pytestmark = pytest.mark.django_db
KNOWN, UNKNOWN = "pat@example.org", "tam@example.org"  # of the same length
DOORS = {
    "password": ("/account/login/", lambda email: {"login": email, "password": "not the password"}),
    "reset": ("/account/password/reset/", lambda email: {"email": email}),
    "code": ("/account/login/code/", lambda email: {"email": email}),
}


@pytest.fixture(autouse=True)
def _pat():
    make_member(KNOWN)
    make_member("nopassword@example.org")
    User.objects.filter(email="nopassword@example.org").update(password="!")


def answer(door: str, email: str) -> tuple[int, dict[str, str], str, int, int]:
    """Status, headers, the body without what was typed, the number of questions to the database, and of mails."""
    client, (address, data) = Client(), DOORS[door]
    forget()
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        response = client.post(address, data(email))
    questions = len(asked)  # the next request forgets them
    page = response
    if response.status_code == 302:
        page = client.get(response["Location"])
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.content.decode()).replace(email, "…")
    cookies = sorted(response.cookies)
    headers = {**response.headers, "cookies": str(cookies)}
    headers.pop("Expires", None)  # the moment of the answer, in seconds: two answers may fall on either side of one
    return response.status_code, headers, body, questions, len(delivered())


@pytest.mark.parametrize("door", DOORS)
def test_known_and_unknown_addresses_look_the_same(door):
    answer(door, "warm@example.org")  # what a process keeps is kept
    known, unknown = answer(door, KNOWN), answer(door, UNKNOWN)
    assert known[:3] == unknown[:3]
    assert known[4] == unknown[4] == (0 if door == "password" else 1)
    # One small question is a fraction of a millisecond, which nobody can tell from outside.
    assert min(known[3], unknown[3]) > 3  # with Redis as the cache few are left
    assert abs(known[3] - unknown[3]) <= 1, (known[3], unknown[3])


@pytest.mark.parametrize("email", [KNOWN, UNKNOWN, "nopassword@example.org"])
def test_password_is_hashed_once_whoever_is_named(email, monkeypatch):
    from django.contrib.auth.hashers import MD5PasswordHasher

    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *args: hashed.append(1) or encode(*args))
    Client().post("/account/login/", {"login": email, "password": "not the password"})
    assert len(hashed) == 1


def test_code_for_an_unknown_address_never_signs_in():
    client = Client()
    client.post("/account/login/code/", {"email": UNKNOWN})
    assert "we have no account with this address" in delivered()[-1].body.lower()
    known = Client()
    known.post("/account/login/code/", {"email": KNOWN})
    for code in ("", "BCDF-GHJK", "x" * 500, "\0"):
        first, second = (
            each.post("/account/login/code/confirm/", {"code": code}).content.decode() for each in (known, client)
        )
        clean = [re.sub(r'value="\w{64}"', "", page).replace(KNOWN, "…").replace(UNKNOWN, "…")
                 for page in (first, second)]  # fmt: skip
        assert clean[0] == clean[1]
    assert "_auth_user_id" not in client.session


def test_failed_sign_ins_leave_a_row_each_and_nothing_of_what_was_typed():
    for email in (KNOWN, UNKNOWN):
        Client(HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0; rv:150.0) Gecko/20100101 Firefox/150.0").post(
            "/account/login/", {"login": email, "password": PASSWORD.upper()}
        )
    unknown, known = AccessRecord.objects.all()[:2]
    assert (known.object_kind, known.object_id) == ("user", str(User.objects.get(email=KNOWN).pk))
    assert (unknown.object_kind, unknown.object_id) == ("", "")
    for row in (known, unknown):
        assert (row.action, row.actor_id) == ("sign_in_failed", None)
        assert row.details == {"how": "password", "device": "Firefox on Windows"}


def test_strangers_address_is_mailed_five_times_an_hour_and_not_more():
    for _ in range(9):
        Client().post("/account/password/reset/", {"email": UNKNOWN})
        Client().post("/account/login/code/", {"email": UNKNOWN})
    assert len(delivered()) == 5
