"""django-allauth's advisories and security notices of 2025 and 2026 that can apply here, each tried on this site. Most
have no number: they go by the version that mended them. docs/security.md has the list."""

from __future__ import annotations

import itertools
import json
import re
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.webauthn.internal import auth as webauthn
from django.db import connections
from django.test import Client, RequestFactory

from members import limits
from members.models import User
from tests.factories import PASSWORD, make_administrator, make_member
from tests.mailbox import delivered
from tests.members import joining
from tests.members.test_second_factor import code_of

pytestmark = pytest.mark.django_db
ADDRESS, OTHER, NEW = "pat@example.org", "sam@example.org", "new@example.org"
NEXT_HOST = itertools.count(1)
STEP = "/account/2fa/authenticate/"
PASSKEY = "/account/2fa/webauthn/login/"


def elsewhere(**headers: str) -> Client:
    return Client(REMOTE_ADDR=f"10.4.0.{next(NEXT_HOST) % 250 + 1}", **headers)


def sign_in(client: Client, email: str = ADDRESS, password: str = PASSWORD, **more: str) -> object:
    return client.post("/account/login/", {"login": email, "password": password, **more})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.fixture
def pat() -> User:
    return make_member(ADDRESS)


def with_app(user: User) -> str:
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


# --- Limits -------------------------------------------------------------------------------------------------------
def test_allauth_65_8_1_own_password_does_not_buy_more_tries(pat):
    """Signing in rightly wiped out the count of wrong passwords from the same internet address."""
    make_member(OTHER)
    place = elsewhere().defaults["REMOTE_ADDR"]
    statuses = []
    for number in range(12):
        statuses.append(sign_in(Client(REMOTE_ADDR=place), f"p{number}@example.org", "wrong").status_code)
        if number % 3 == 2:
            sign_in(Client(REMOTE_ADDR=place), OTHER)
    assert statuses == [200] * 10 + [429] * 2


@pytest.mark.parametrize("proxies", [0, 1])
def test_allauth_65_14_2_forged_forwarding_header_gives_no_new_address(proxies, pat, settings):
    """The first address of `X-Forwarded-For`, which anybody can write, was taken for the visitor's."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    statuses = [
        sign_in(
            Client(HTTP_X_FORWARDED_FOR=f"10.9.0.{number}, 10.8.0.1"), f"p{number}@example.org", "wrong"
        ).status_code
        for number in range(12)
    ]
    assert statuses == [200] * 10 + [429] * 2


def test_allauth_65_19_2_tries_at_setting_up_the_app_are_counted(pat):
    """The code of an app that is being set up could be tried without end."""
    client = elsewhere()
    sign_in(client)
    secret = client.get("/account/2fa/totp/activate/").context["form"].secret
    statuses = [
        client.post("/account/2fa/totp/activate/", {"code": f"{number:06}"}).status_code for number in range(12)
    ]
    assert (statuses[0], statuses[-1]) == (200, 429)
    assert client.post("/account/2fa/totp/activate/", {"code": code_of(secret)}).status_code == 429
    assert not Authenticator.objects.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_allauth_65_19_3_limit_holds_for_many_at_once():
    """Those who came at the same moment all read the same count."""

    def one(_number: int) -> bool:
        try:
            return limits.allows(RequestFactory().post("/"), "code", key="one")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(one, range(20))) <= 5


@pytest.mark.parametrize("email", ["pát@example.org", "ｐat@example.org", "pat@example.oʳg", "pat@examplé.org"])
def test_cve_2026_97764_and_allauth_65_19_4_look_alike_address_is_another_one(email, pat):
    """Some databases take such letters for the same; the limits counted them apart."""
    client = elsewhere()
    sign_in(client, email)
    assert not is_in(client)


def test_allauth_65_21_1_short_limit_does_not_wipe_out_the_long_one(settings, time_machine):
    """Two limits of one kind shared one count, which the shorter one forgot."""
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "code": "2/m/key,3/h/key"}
    time_machine.move_to("2026-11-01 12:00:00Z", tick=False)

    def tries(count: int) -> list[bool]:
        return [limits.allows(RequestFactory().post("/"), "code", key="one") for _ in range(count)]

    assert tries(3) == [True, True, False]
    time_machine.move_to("2026-11-01 12:01:01Z", tick=False)
    assert tries(2) == [True, False]
    time_machine.move_to("2026-11-01 12:02:05Z", tick=False)
    assert tries(1) == [False]


# --- Accounts -----------------------------------------------------------------------------------------------------
def test_allauth_65_11_1_account_without_a_password_has_no_empty_one(client):
    """Whoever joined without choosing a password got an empty one."""
    joining.apply(client)
    joining.confirm(client, joining.code_for())
    user = User.objects.get(email="ada@example.org")
    assert not user.has_usable_password()
    for password in ("", " ", "!", user.password):
        stranger = elsewhere()
        sign_in(stranger, user.email, password)
        assert not is_in(stranger)


def test_allauth_65_12_1_address_is_another_s_until_it_is_confirmed(pat):
    """Where one address takes the place of another, there was a flaw in confirming it."""
    make_member(OTHER)
    client = elsewhere()
    sign_in(client)
    for new in (NEW, OTHER):
        client.post("/account/email/", {"email": new, "action_add": ""})
    elsewhere().post("/account/password/reset/", {"email": NEW})
    assert not [message for message in delivered() if message.to == [NEW] and "to choose it:" in message.body]
    assert set(EmailAddress.objects.values_list("email", flat=True)) == {ADDRESS, OTHER}
    agree = re.search(r"/account/email/agree/\S+", next(m.body for m in delivered() if "agree/" in m.body))[0]
    client.post(agree)
    stranger = elsewhere()
    sign_in(stranger, NEW)
    assert not is_in(stranger)
    assert {user.email for user in User.objects.all()} == {ADDRESS, OTHER}
    waiting = next(m.body for m in delivered() if m.to == [NEW] and "confirm-email/" in m.body)
    confirm = re.search(r"/account/confirm-email/\S+", waiting)[0]
    elsewhere().post(confirm)
    assert set(EmailAddress.objects.values_list("email", "user__email", "verified")) == {
        (NEW, NEW, True),
        (OTHER, OTHER, True),
    }


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_allauth_65_19_5_way_back_is_to_this_site_whatever_hosts_are_allowed(back, pat, settings):
    """With `*` among the allowed hosts, every address was a safe way back."""
    settings.ALLOWED_HOSTS = ["*"]
    for host in ("testserver", "evil.example"):
        assert sign_in(elsewhere(HTTP_HOST=host), next=back)["Location"] == "/members/"


def test_allauth_65_19_6_oauth_library_is_mended():
    """GHSA-hj66-6f7g-4r5v and GHSA-xpv3-w29h-x7cv are weak points of it, mended in 4.0."""
    assert int(version("oauthlib").split(".")[0]) >= 4


# --- Second step --------------------------------------------------------------------------------------------------
def test_allauth_65_20_0_sign_in_that_was_broken_off_leaves_nothing_for_the_next(pat):
    """What the first person had shown already was counted for the second one in the same browser."""
    secret = with_app(pat)
    sam = make_administrator(OTHER)
    with_app(sam)
    client = elsewhere()
    sign_in(client)
    client.post("/account/logout/")
    assert not client.session.get(AUTHENTICATION_METHODS_SESSION_KEY)
    sign_in(client)
    sign_in(client, OTHER)
    shown = client.session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    assert [(each["method"], each["email"]) for each in shown] in ([("password", OTHER)], [("password", ADDRESS)])
    client.post(STEP, {"code": code_of(secret)})
    assert client.session.get("_auth_user_id") in (None, str(pat.pk))


def passkey(user: User) -> Authenticator:
    return Authenticator.objects.create(
        user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "Key", "passwordless": True, "credential": {}}
    )


def answer_of(user: User) -> dict[str, str]:
    """What a browser sends when somebody uses a passkey with this person's name on it, made up."""
    handle = {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA", "userHandle": str(user.pk)}
    return {"credential": json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": handle})}


def test_allauth_65_20_1_made_up_passkeys_lock_nobody_out_of_the_app(pat, monkeypatch):
    """Tries at somebody's passkey, by strangers, used up that person's tries at the codes."""
    secret = with_app(pat)
    monkeypatch.setattr(webauthn, "parse_authentication_response", lambda answer: answer)
    monkeypatch.setattr(webauthn, "extract_user_from_response", lambda _answer: pat)
    for _ in range(9):
        stranger = elsewhere()
        assert stranger.post(PASSKEY, answer_of(pat)).status_code == 302
        assert not is_in(stranger)
    client = elsewhere()
    sign_in(client)
    assert client.post(STEP, {"code": code_of(secret)}).status_code == 302
    assert is_in(client)


def spellings(code: str) -> list[str]:
    fullwidth = code.translate({ord("0") + digit: ord("０") + digit for digit in range(10)})
    arabic = code.translate({ord("0") + digit: ord("٠") + digit for digit in range(10)})
    return [code, f"{code[:3]} {code[3:]}", f"{code[:3]}-{code[3:]}", f" {code}", f"{code}\u200b", fullwidth, arabic]


def test_allauth_65_20_1_used_code_in_another_spelling_is_used(pat, settings):
    """A code with a blank in it was another one than the code without."""
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "code": "100/m/key"}
    code = code_of(with_app(pat))
    first = elsewhere()
    sign_in(first)
    assert first.post(STEP, {"code": f"{code[:3]} {code[3:]}"}).status_code == 302
    assert is_in(first)
    for spelling in spellings(code):
        again = elsewhere()
        sign_in(again)
        again.post(STEP, {"code": spelling})
        assert not is_in(again), spelling


def test_allauth_65_21_0_passkey_of_somebody_switched_off_is_no_second_step_for_the_next(pat, monkeypatch):
    """Its trace in the session made the next person's second step needless."""
    gone = make_member(OTHER, is_active=False)
    key = passkey(gone)
    with_app(pat)
    monkeypatch.setattr(webauthn, "parse_authentication_response", lambda answer: answer)
    monkeypatch.setattr(webauthn, "extract_user_from_response", lambda _answer: gone)
    monkeypatch.setattr(webauthn, "complete_authentication", lambda _user, _answer: key)
    client = elsewhere()
    assert client.post(PASSKEY, answer_of(gone))["Location"] == "/account/inactive/"
    assert not is_in(client)
    assert sign_in(client)["Location"] == STEP
    assert not is_in(client)


def test_allauth_65_21_1_passkey_asks_for_finger_face_or_pin_wherever_it_is_used(pat):
    """The device alone was enough in places."""
    asked = [Client().get(PASSKEY, headers={"accept": "application/json"}).json()["request_options"]["publicKey"]]
    client = elsewhere()
    sign_in(client)
    adding = client.get("/account/2fa/webauthn/add/").context["js_data"]["creation_options"]["publicKey"]
    asked.append(adding["authenticatorSelection"])
    assert [each["userVerification"] for each in asked] == ["required", "required"]
