"""The code by mail, and what holds at each door: limits with a way in for known devices, and no way elsewhere."""

from __future__ import annotations

import itertools
import json
import re

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.test import Client

from members.models import User
from tests.factories import PASSWORD, make_administrator, make_member, make_user
from tests.mailbox import delivered, forget

pytestmark = pytest.mark.django_db
ADDRESS = "pat@example.org"
NEXT_HOST = itertools.count(1)


@pytest.fixture
def pat():
    return make_member(ADDRESS)


def elsewhere(**more: str) -> Client:
    number = next(NEXT_HOST)
    return Client(REMOTE_ADDR=f"10.3.{number // 250}.{number % 250 + 1}", **more)


def ask_for_code(client: Client, email: str = ADDRESS, **more: str):
    return client.post("/account/login/code/", {"email": email, **more})


def code() -> str:
    return re.search(r"asks for it:\n\n(\S+)", delivered()[-1].body)[1]


def confirm(client: Client, given: str, **more: str):
    return client.post("/account/login/code/confirm/", {"code": given, **more})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def known_device() -> Client:
    client = elsewhere()
    client.post("/account/login/", {"login": ADDRESS, "password": PASSWORD})
    client.post("/account/logout/")
    return client


@pytest.mark.parametrize("spelled", [str, str.lower, lambda text: f" {text.replace('-', ' ')} "])
def test_code_from_a_mail_signs_in_and_leads_back(pat, spelled):
    client = elsewhere()
    there = ask_for_code(client, ADDRESS.upper(), next="/files/")["Location"]
    page = client.get(there).content.decode()
    assert "Type the code" in page
    assert re.search(r'name="next"[^>]* value="/files/"', page)
    assert confirm(client, spelled(code()), next="/files/")["Location"] == "/files/"
    assert is_in(client)


def test_code_is_good_in_the_browser_that_asked_and_three_times_wrong_ends_it(pat):
    client, other = elsewhere(), elsewhere()
    ask_for_code(client)
    ask_for_code(other)
    other_code, own = code(), re.search(r"asks for it:\n\n(\S+)", delivered()[-2].body)[1]
    for _ in range(3):
        confirm(client, other_code)
    assert not is_in(client)
    confirm(client, own)
    assert not is_in(client)
    confirm(other, other_code)
    assert is_in(other)


def test_code_is_over_after_ten_minutes(pat, time_machine):
    client = elsewhere()
    time_machine.move_to("2026-03-01 12:00:00Z", tick=False)
    ask_for_code(client)
    time_machine.move_to("2026-03-01 12:10:01Z", tick=False)
    assert confirm(client, code())["Location"] == "/account/login/code/"
    assert not is_in(client)


def test_account_without_a_password_signs_in_by_code_and_is_not_asked_for_one():
    user = make_user(ADDRESS)
    User.objects.update(password="!")
    client = elsewhere()
    ask_for_code(client)
    confirm(client, code())
    assert client.get("/account/password/change/")["Location"] == "/account/password/set/"
    assert client.get("/account/password/set/").status_code == 200
    assert user.pk == int(client.session["_auth_user_id"])


def test_codes_asked_for_from_elsewhere_lock_out_unknown_devices_alone(pat):
    client = known_device()
    assert [ask_for_code(elsewhere()).status_code for _ in range(7)] == [302] * 5 + [429] * 2
    assert ask_for_code(client).status_code == 302
    confirm(client, code())
    assert is_in(client)


def test_new_passwords_asked_for_from_elsewhere_lock_out_unknown_devices_alone(pat):
    client = known_device()
    forget()

    def ask(browser: Client) -> int:
        return browser.post("/account/password/reset/", {"email": ADDRESS}).status_code

    assert [ask(elsewhere()) for _ in range(7)] == [302] * 5 + [429] * 2
    assert ask(client) == 302
    assert len(delivered()) == 5  # any of which opens the way
    link = re.search(r"to choose it:\n\nhttps?://[^/]+(\S+)", delivered()[0].body)[1]
    assert client.get(link)["Location"].endswith("set-password/")


def test_wrong_codes_from_elsewhere_lock_out_unknown_devices_alone(pat):
    """By somebody who knows the password already: each browser starts anew, and the count goes on."""
    client = known_device()
    Authenticator.objects.create(user=pat, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"})

    def before_the_second_step(browser: Client) -> Client:
        browser.post("/account/login/", {"login": ADDRESS, "password": PASSWORD})
        return browser

    def step(browser: Client) -> int:
        return browser.post("/account/2fa/authenticate/", {"code": "000000"}).status_code

    statuses = [step(before_the_second_step(elsewhere())) for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    assert step(before_the_second_step(client)) == 200
    assert step(before_the_second_step(elsewhere())) == 429


def test_limit_of_an_internet_address_is_not_lifted_by_signing_in_oneself(pat):
    """Nobody gains more tries at others' codes by entering a right one of the own between them."""
    own = make_member("own@example.org")
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(own, generate_totp_secret())
    right = RecoveryCodes.activate(own).get_unused_codes()
    statuses = []
    for number in range(21):
        given = right.pop() if number % 4 == 3 and right else "00000000"
        browser = elsewhere()
        browser.post("/account/login/", {"login": "own@example.org", "password": PASSWORD})
        answer = browser.post("/account/2fa/authenticate/", {"code": given}, REMOTE_ADDR="10.9.9.9")
        statuses.append(answer.status_code)
    assert 429 not in statuses[:20]
    assert statuses[20] == 429


def test_passkey_s_door_takes_nothing_made_up_and_is_limited(pat):
    client = elsewhere()
    assert client.get("/account/2fa/webauthn/login/", headers={"accept": "application/json"}).json()["request_options"]
    answer_of_sorts = {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA", "userHandle": "MQ"}
    whole = json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": answer_of_sorts})
    part = '{"response": {"userHandle": "MQ"}}'
    for junk in ("", "x", "[]", "{}", "null", '{"id": 1}', part, '"\\u0000"', whole):
        answer = client.post("/account/2fa/webauthn/login/", {"credential": junk})
        assert (answer.status_code, answer["Location"]) == (302, "/account/login/")
        assert not is_in(client)
    statuses = [client.post("/account/2fa/webauthn/login/", {"credential": "x"}).status_code for _ in range(3)]
    assert statuses[-1] == 429


def test_password_hashed_in_an_older_way_is_hashed_anew_when_it_signs_in(pat, settings):
    settings.PASSWORD_HASHERS = ["members.hashers.Argon2Hasher", "django.contrib.auth.hashers.MD5PasswordHasher"]
    assert User.objects.get(pk=pat.pk).password.startswith(MD5PasswordHasher.algorithm)
    elsewhere().post("/account/login/", {"login": ADDRESS, "password": PASSWORD})
    kept = User.objects.get(pk=pat.pk).password
    assert kept.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    User.objects.update(password=make_password(PASSWORD, hasher="md5"))
    elsewhere().post("/account/login/", {"login": ADDRESS, "password": "wrong"})
    assert User.objects.get(pk=pat.pk).password.startswith("md5$")


@pytest.mark.parametrize("headers", [
    {"HTTP_HOST": "evil.example"}, {"HTTP_X_FORWARDED_HOST": "evil.example"}, {"HTTP_X_ORIGINAL_HOST": "evil.example"},
    {"HTTP_FORWARDED": "host=evil.example;proto=https"}, {"HTTP_ORIGIN": "https://evil.example"},
    {"HTTP_REFERER": "https://evil.example/"},
])  # fmt: skip
def test_no_header_leads_a_person_or_a_mail_elsewhere(pat, settings, headers):
    settings.ALLOWED_HOSTS = ["*"]
    client = elsewhere(**headers)
    client.post("/account/password/reset/", {"email": ADDRESS})
    ask_for_code(client, next="https://evil.example/")
    answer = confirm(client, code(), next="https://evil.example/")
    assert answer["Location"] == "/members/"
    client.post("/account/email/", {"email": "new@example.org", "action_add": ""})
    agree = re.search(r"(/account/email/agree/\S+)", delivered()[-1].body)[1]
    client.post(agree)
    for message in delivered():
        whole = message.body + message.alternatives[0].content
        assert "evil.example" not in whole
        for address in re.findall(r"https?://[^\s\"<]+", message.body):
            assert address.startswith(settings.BASE_URL)
    assert len(delivered()) == 5


def test_other_name_of_the_site_is_no_way_back(pat, settings):
    settings.ALLOWED_HOSTS = ["testserver", ".example.com"]
    client = elsewhere()
    answer = client.post("/account/login/", {"login": ADDRESS, "password": PASSWORD, "next": "https://b.example.com/"})
    assert answer["Location"] == "/members/"


@pytest.mark.parametrize("address", [
    "PAT@EXAMPLE.ORG", "p\N{LATIN SMALL LETTER ALPHA}t@example.org", "pat@ex\N{CYRILLIC SMALL LETTER A}mple.org",
    "pat@example.org\n", "pat\0@example.org", "x" * 300 + "@example.org",
])  # fmt: skip
def test_look_alike_of_an_address_is_another_address(pat, address):
    client = elsewhere()
    for data in ({"login": address, "password": PASSWORD}, {"login": address, "password": "wrong"}):
        assert client.post("/account/login/", data).status_code in (200, 302)
    for where in ("/account/password/reset/", "/account/login/code/"):
        elsewhere().post(where, {"email": address})
    assert is_in(client) is (address.strip().lower() == ADDRESS)
    if address.strip().lower() != ADDRESS:
        assert not any(message.to == [ADDRESS] for message in delivered())


def test_change_of_address_hinders_nobody_and_takes_nobody_s_address(pat):
    make_member("taken@example.org")
    client = elsewhere()
    client.post("/account/login/", {"login": ADDRESS, "password": PASSWORD})
    forget()
    client.post("/account/email/", {"email": "TAKEN@example.org", "action_add": ""})
    client.post(re.search(r"/account/email/agree/\S+", delivered()[-1].body)[0])
    to_owner = [message for message in delivered() if message.to == ["taken@example.org"]]
    links = [re.search(r"/account/confirm-email/\S+", message.body) for message in to_owner]
    for link in filter(None, links):
        client.post(link[0])
    assert User.objects.get(pk=pat.pk).email == ADDRESS
    assert elsewhere().get("/account/email/agree/made-up:x:y/").status_code == 404


def test_addresses_for_password_managers(client, settings, pat):
    answer = client.get("/.well-known/change-password")
    assert (answer.status_code, answer["Location"]) == (302, "/account/password/change/")
    places = client.get("/.well-known/passkey-endpoints")
    assert places["Content-Type"] == "application/json"
    assert places.json() == {
        "enroll": f"{settings.BASE_URL}/account/2fa/webauthn/add/",
        "manage": f"{settings.BASE_URL}/account/2fa/webauthn/",
    }
    client.force_login(pat)
    for place in places.json().values():
        assert client.get(place.removeprefix(settings.BASE_URL)).status_code in (200, 302)


def test_address_that_the_administration_changed_signs_in_no_longer_and_is_told(pat, signed_in):
    administrator = signed_in(make_administrator())
    form = {"email": "new@example.org", "first_name": "Pat", "last_name": "Person", "is_active": "on"}
    assert administrator.post(f"/admin/users/edit/{pat.pk}/", form).status_code == 302
    assert User.objects.get(pk=pat.pk).email == "new@example.org"
    assert [(message.to, message.subject) for message in delivered()] == [
        ([ADDRESS], "Your e-mail address was changed")
    ]
    forget()
    client = elsewhere()
    client.post("/account/login/", {"login": ADDRESS, "password": PASSWORD})
    assert not is_in(client)
    for door in ("/account/password/reset/", "/account/login/code/"):
        elsewhere().post(door, {"email": ADDRESS})
    assert {message.subject.split(" at ")[0] for message in delivered()} == {"There is no account with this address"}
    client.post("/account/login/", {"login": "new@example.org", "password": PASSWORD})
    assert not is_in(client)  # until it is confirmed
    client.post(re.search(r"/account/confirm-email/\S+", delivered()[-1].body)[0])
    client.post("/account/login/", {"login": "new@example.org", "password": PASSWORD})
    assert is_in(client)
    assert list(EmailAddress.objects.filter(user=pat).values_list("email", "verified")) == [("new@example.org", True)]


def test_address_that_has_come_to_somebody_else_since_it_was_asked_for_is_not_confirmed(pat):
    """By an import of the register, which writes no address of allauth's."""
    waiting = EmailAddress.objects.create(user=pat, email="new@example.org")
    address = f"/account/confirm-email/{EmailConfirmationHMAC(waiting).key}/"
    User.objects.create(email="new@example.org")
    client = elsewhere()
    client.post("/account/login/", {"login": ADDRESS, "password": PASSWORD})
    answer = client.post(address, follow=True)
    assert "belongs to another account, so it cannot be confirmed here." in answer.content.decode()
    pat.refresh_from_db()
    assert pat.email == ADDRESS
    assert list(EmailAddress.objects.filter(verified=True).values_list("email", flat=True)) == [ADDRESS]
