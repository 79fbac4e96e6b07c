"""Codes and addresses from mails work once, even when twenty come at the same time."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.db import connections
from django.test import Client

from members.enums import Action
from members.models import AccessRecord, User
from tests.factories import PASSWORD, make_member
from tests.mailbox import delivered

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
ADDRESS = "pat@example.org"
AT_ONCE = 20


def together(use: Callable[[int], object]) -> list[object]:
    def one(number: int) -> object:
        try:
            return use(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def from_elsewhere(number: int) -> Client:
    return Client(REMOTE_ADDR=f"10.2.0.{number + 1}", raise_request_exception=False)


def before_the_second_step() -> list[Client]:
    """Twenty browsers in which the password was typed already."""
    clients = [from_elsewhere(number) for number in range(AT_ONCE)]
    for client in clients:
        client.post("/account/login/", {"login": ADDRESS, "password": PASSWORD})
    return clients


def are_in(clients: list[Client]) -> int:
    return sum("_auth_user_id" in client.session for client in clients)


@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_code_of_the_second_step(kind, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "code": "100/m/key"}
    user = make_member(ADDRESS)
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    recovery = RecoveryCodes.activate(user).get_unused_codes()[0]
    code = recovery if kind == "recovery" else format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    clients = before_the_second_step()
    together(lambda number: clients[number].post("/account/2fa/authenticate/", {"code": code}))
    assert are_in(clients) == 1
    assert AccessRecord.objects.filter(action=Action.SIGNED_IN).count() == 1


def test_code_from_a_mail():
    make_member(ADDRESS)
    first = Client()
    first.post("/account/login/code/", {"email": ADDRESS})
    code = re.search(r"asks for it:\n\n(\S+)", delivered()[-1].body)[1]
    clients = [from_elsewhere(number) for number in range(AT_ONCE)]
    for client in clients:
        client.cookies.update(first.cookies)
    together(lambda number: clients[number].post("/account/login/code/confirm/", {"code": code}))
    assert AccessRecord.objects.filter(action=Action.SIGNED_IN).count() == 1
    later = Client()
    later.cookies.update(first.cookies)
    later.post("/account/login/code/confirm/", {"code": code})
    assert "_auth_user_id" not in later.session


def test_address_for_a_new_password():
    user = make_member(ADDRESS)
    first = Client()
    first.post("/account/password/reset/", {"email": ADDRESS})
    link = re.search(r"to choose it:\n\nhttps?://[^/]+(\S+)", delivered()[-1].body)[1]
    clients = [from_elsewhere(number) for number in range(AT_ONCE)]
    forms = [client.get(link)["Location"] for client in clients]

    def choose(number: int) -> bool:
        new = f"another horse battery {number}"
        answer = clients[number].post(forms[number], {"password1": new, "password2": new})
        return answer.get("Location", "").endswith("/key/done/")

    done = together(choose)
    assert done.count(True) == 1
    user.refresh_from_db()
    assert user.check_password(f"another horse battery {done.index(True)}")
    assert AccessRecord.objects.filter(action=Action.PASSWORD_CHANGED).count() == 1


def test_both_addresses_for_another_e_mail_address():
    make_member(ADDRESS)
    client = Client()
    client.post("/account/login/", {"login": ADDRESS, "password": PASSWORD})
    client.post("/account/email/", {"email": "new@example.org", "action_add": ""})
    agree = re.search(r"/account/email/agree/\S+", delivered()[-1].body)[0]
    answers = together(lambda number: from_elsewhere(number).post(agree).status_code)
    assert sorted(answers) == [200] + [404] * (AT_ONCE - 1)
    to_new = [message for message in delivered() if message.to == ["new@example.org"]]
    assert len(to_new) == 1
    confirm = re.search(r"/account/confirm-email/\S+", to_new[0].body)[0]
    together(lambda number: from_elsewhere(number).post(confirm))
    assert User.objects.get().email == "new@example.org"
    assert AccessRecord.objects.filter(action=Action.EMAIL_CHANGED).count() == 1
    assert len([message for message in delivered() if "was changed" in message.subject]) == 1
