"""Limits at the doors: they hold for each account and each address, and lock nobody out at a device of their own."""

from __future__ import annotations

import itertools
import time

import pytest
from allauth.account import app_settings as account
from allauth.account.models import EmailAddress
from allauth.core.internal.ratelimit import parse_rates
from allauth.mfa import app_settings as mfa
from allauth.mfa.models import Authenticator
from django.test import Client

from members.models import User
from tests.factories import PASSWORD, make_member
from tests.mailbox import delivered

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


def said(answer) -> tuple[int, str]:
    """The status, and the seconds after which to come back."""
    return answer.status_code, answer["Retry-After"]


def test_reached_limit_answers_429_and_says_when_to_come_back(pat, clock):
    lock_out(5)
    clock(100)
    answer = sign_in(elsewhere())
    assert said(answer) == (429, "200")
    assert "There were too many wrong passwords. Please try again in 4 minutes, or" in answer.content.decode()
    clock(141)
    answer = sign_in(elsewhere())
    assert said(answer) == (429, "59")
    assert "Please try again in a minute, or" in answer.content.decode()
    clock(60)
    assert sign_in(elsewhere()).status_code == 302


def test_limit_of_a_mail_says_when_to_ask_again(pat, clock):
    for page in ("/account/password/reset/", "/account/login/code/"):
        for _ in range(5):
            elsewhere().post(page, {"email": ADDRESS})
        for wait, words in ((0, "in an hour"), (599, "in 51 minutes")):
            clock(wait)
            answer = elsewhere().post(page, {"email": ADDRESS})
            assert said(answer) == (429, str(3600 - wait))
            assert f"That was asked for too often in a short time. Please try again {words}." in answer.content.decode()
        place = elsewhere().defaults["REMOTE_ADDR"]
        for number in range(20):
            answer = Client(REMOTE_ADDR=place).post(page, {"email": f"nobody{number}@example.org"})
            assert answer.status_code == 302
        clock(30)
        answer = Client(REMOTE_ADDR=place).post(page, {"email": "late@example.org"})
        assert said(answer) == (429, "30")
        assert "Please try again in a minute." in answer.content.decode()


def test_page_of_a_limit_without_a_form_tells_the_truth(settings):
    client = elsewhere()
    for _ in range(30):
        sign_in(client, email="")
    answer = sign_in(client, email="")
    assert said(answer) == (429, "60")
    assert "Please wait a minute and try again." in answer.content.decode()
    # All limits that allauth answers with this page are by the minute; those of a form know better.
    rates = {**account.RATE_LIMITS, **mfa.RATE_LIMITS}
    by_view = set(rates) - set(settings.ACCOUNT_RATE_LIMITS) - {"login_failed", "confirm_email"}
    assert {rate.duration for name in by_view for rate in parse_rates(rates[name])} == {30, 60}


def test_new_password_is_offered_where_a_sign_in_was_limited_and_nowhere_else(pat, settings, signed_in):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login": "1/m/ip", "change_password": "1/m/user"}
    member, visitor = signed_in(pat), elsewhere()
    for client, page, is_offered in ((visitor, "login", True), (member, "password/change", False)):
        answer = [client.post(f"/account/{page}/", {}) for _ in range(2)][1]
        assert "Too many attempts in a short time" in answer.content.decode()
        assert ('href="/account/password/reset/"' in answer.content.decode()) == is_offered


def test_limit_of_codes_answers_429(pat, clock):
    Authenticator.objects.create(user=pat, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"})
    client = elsewhere()
    assert sign_in(client)["Location"].startswith("/account/2fa/authenticate/")
    assert "device" not in client.cookies
    answers = [client.post("/account/2fa/authenticate/", {"code": "000000"}) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 5
    clock(61)
    answer = client.post("/account/2fa/authenticate/", {"code": "000000"})
    assert said(answer) == (429, "239")
    assert "There were too many wrong codes. Please try again in 4 minutes." in answer.content.decode()


def test_code_from_a_mail_that_was_wrong_too_often_is_asked_for_anew(pat):
    client = elsewhere()
    client.post("/account/login/code/", {"email": ADDRESS})
    for _ in range(3):
        answer = client.post("/account/login/code/confirm/", {"code": "000000"}, follow=True)
    assert answer.request["PATH_INFO"] == "/account/login/code/"
    assert "There were too many wrong codes. Please ask for a new one." in answer.content.decode()
    assert client.post("/account/login/code/", {"email": ADDRESS}).status_code == 302


def test_member_is_mailed_five_resets_an_hour(pat, clock):
    for minute in range(59):
        answer = elsewhere().post("/account/password/reset/", {"email": ADDRESS.upper() if minute % 2 else ADDRESS})
        assert answer.status_code == (302 if minute < 5 else 429)
        clock(60)
    assert len(delivered()) == 5
    clock(61)
    elsewhere().post("/account/password/reset/", {"email": ADDRESS})
    assert len(delivered()) == 6


def test_member_with_two_addresses_is_mailed_five_resets_an_hour(pat):
    EmailAddress.objects.create(user=pat, email="pat@example.com", verified=True)
    for address in (ADDRESS, "pat@example.com") * 4:
        elsewhere().post("/account/password/reset/", {"email": address})
    assert len(delivered()) == 5


def test_limit_of_resets_tells_nobody_who_is_a_member(pat):
    def answers(email: str) -> list[int]:
        return [elsewhere().post("/account/password/reset/", {"email": email}).status_code for _ in range(7)]

    assert answers(ADDRESS) == answers("nobody@example.org") == [302] * 5 + [429] * 2
    assert User.objects.count() == 1
