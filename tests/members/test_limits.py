"""Limits at the doors: they hold for each account and each address, and lock nobody out at a device of their own."""

from __future__ import annotations

import itertools
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from members.models import User
from tests.factories import PASSWORD, make_member

pytestmark = pytest.mark.django_db
ADDRESS = "pat@example.org"
NEXT_HOST = itertools.count(1)


@pytest.fixture
def pat():
    return make_member(ADDRESS)


@pytest.fixture
def clock(monkeypatch):
    """Moves the limits' clock by so many seconds."""
    now = [time.time()]
    monkeypatch.setattr("allauth.core.internal.ratelimit.time.time", lambda: now[0])

    def move(seconds: float) -> None:
        now[0] += seconds

    return move


def elsewhere() -> Client:
    number = next(NEXT_HOST)
    return Client(REMOTE_ADDR=f"10.1.{number // 250}.{number % 250 + 1}")


def sign_in(client, password=PASSWORD, email=ADDRESS):
    return client.post("/account/login/", {"login": email, "password": password})


def is_in(client) -> bool:
    return "_auth_user_id" in client.session


def known_device(email=ADDRESS) -> Client:
    """A browser from which the person signed in once, and out again."""
    client = elsewhere()
    sign_in(client, email=email)
    assert is_in(client)
    client.post("/account/logout/")
    assert not is_in(client)
    return client


def lock_out(times: int = 6) -> None:
    for _ in range(times):
        sign_in(elsewhere(), "wrong")


def test_wrong_passwords_from_elsewhere_lock_out_unknown_devices_alone(pat):
    client = known_device()
    lock_out()
    stranger = elsewhere()
    assert sign_in(stranger).status_code == 429
    assert not is_in(stranger)
    assert sign_in(client).status_code == 302
    assert is_in(client)


def test_known_device_has_five_tries_of_its_own(pat):
    client = known_device()
    for _ in range(5):
        assert sign_in(client, "wrong").status_code == 200
    assert sign_in(client).status_code == 429
    assert not is_in(client)
    assert sign_in(elsewhere()).status_code == 302  # nor does it use up anybody else's


def test_device_is_known_for_its_own_person_alone(pat):
    make_member("sam@example.org")
    client = known_device("sam@example.org")
    lock_out()
    assert sign_in(client).status_code == 429
    assert not is_in(client)


@pytest.mark.parametrize("value", ["", "x", "eyJ1c2VyIjoxfQ:1uaaaa:AAAA"])
def test_made_up_device_is_unknown(pat, value):
    lock_out()
    client = elsewhere()
    client.cookies["device"] = value
    assert sign_in(client).status_code == 429


def test_cookie_of_the_device_is_for_signing_in_alone(pat, settings):
    client = elsewhere()
    assert "device" not in client.get("/account/login/").cookies
    assert "device" not in sign_in(client, "wrong").cookies
    cookie = sign_in(client).cookies["device"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/account/", True, "Lax")
    assert ADDRESS not in cookie.value
    settings.SESSION_COOKIE_SECURE = True
    assert sign_in(elsewhere()).cookies["__Secure-device"]["secure"] is True


def test_limit_of_an_address_holds_for_known_devices_too(pat):
    client = known_device()
    for number in range(10):
        sign_in(Client(REMOTE_ADDR=client.defaults["REMOTE_ADDR"]), "wrong", f"someone{number}@example.org")
    assert sign_in(client).status_code == 429


def test_reached_limit_answers_429_and_says_when_to_come_back(pat):
    lock_out(5)
    answer = sign_in(elsewhere())
    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    assert "There were too many wrong passwords. Please wait five minutes" in answer.content.decode()
    client = elsewhere()
    for _ in range(20):
        client.post("/account/password/reset/", {"email": "x"})
    for number in range(21):
        answer = client.post("/account/password/reset/", {"email": f"nobody{number}@example.org"})
    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    assert "Too many attempts" in answer.content.decode()


def test_limit_of_codes_answers_429(pat):
    Authenticator.objects.create(user=pat, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"})
    client = elsewhere()
    assert sign_in(client)["Location"].startswith("/account/2fa/authenticate/")
    assert "device" not in client.cookies
    answers = [client.post("/account/2fa/authenticate/", {"code": "000000"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[-1]["Retry-After"] == "900"


def test_member_is_mailed_five_resets_an_hour(pat, clock):
    for minute in range(59):
        answer = elsewhere().post("/account/password/reset/", {"email": ADDRESS.upper() if minute % 2 else ADDRESS})
        assert answer.status_code == (302 if minute < 5 else 429)
        clock(60)
    assert len(mail.outbox) == 5
    clock(61)
    elsewhere().post("/account/password/reset/", {"email": ADDRESS})
    assert len(mail.outbox) == 6


def test_member_with_two_addresses_is_mailed_five_resets_an_hour(pat):
    EmailAddress.objects.create(user=pat, email="pat@example.com", verified=True)
    for address in (ADDRESS, "pat@example.com") * 4:
        elsewhere().post("/account/password/reset/", {"email": address})
    assert len(mail.outbox) == 5


def test_limit_of_resets_tells_nobody_who_is_a_member(pat):
    def answers(email: str) -> list[int]:
        return [elsewhere().post("/account/password/reset/", {"email": email}).status_code for _ in range(7)]

    assert answers(ADDRESS) == answers("nobody@example.org") == [302] * 5 + [429] * 2
    assert User.objects.count() == 1
