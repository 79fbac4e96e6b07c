"""Single sign-on against a real OpenID Connect provider, in a process of its own on the loopback address."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.test import Client

from members.enums import Action
from members.models import AccessRecord, User
from tests.factories import make_administrator, make_member
from tests.identity_provider.serve import CLIENT, PASSWORD, SECRET

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
DOOR, CALLBACK = "/account/oidc/sso/login/", "/account/oidc/sso/login/callback/"


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    """Its address."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "tests.identity_provider.settings",
        "IDP_DATABASE": str(tmp_path_factory.mktemp("provider") / "db.sqlite3"),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.identity_provider.serve", str(port), f"http://testserver{CALLBACK}"],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout.readline() == "ready\n"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture(autouse=True)
def _service(settings, provider):
    settings.OIDC = {
        "provider_id": "sso", "name": "Head Office", "client_id": CLIENT, "secret": SECRET,
        "settings": {"server_url": provider, "oauth_pkce_enabled": True},
    }  # fmt: skip


def at_the_service(address: str, name: str) -> str:
    """Sign in there, as a browser would, and come back with its answer."""
    with requests.Session() as browser:
        page = browser.get(address, timeout=20)
        page = browser.post(page.url, {"login": name, "password": PASSWORD}, allow_redirects=False, timeout=20)
        while "testserver" not in urlsplit(page.headers["Location"]).netloc:
            page = browser.get(requests.compat.urljoin(page.url, page.headers["Location"]), allow_redirects=False,
                               timeout=20)  # fmt: skip
        return page.headers["Location"].removeprefix("http://testserver")


def come_in(name: str, client: Client | None = None, back: str = ""):
    client = client or Client()
    there = client.get(DOOR, {"next": back} if back else {})
    assert there.status_code == 302
    return client, client.get(at_the_service(there["Location"], name))


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_sign_in_page_offers_the_service_by_its_name(settings):
    assert "Sign in with Head Office" in Client().get("/account/login/").content.decode()
    settings.OIDC = {}
    assert "Head Office" not in Client().get("/account/login/").content.decode()
    for address in (DOOR, CALLBACK):
        assert Client().get(address).status_code == 404


def test_member_comes_in_by_the_confirmed_address_and_back_to_the_page():
    user = make_member("pat@example.org")
    client, answer = come_in("pat", back="/files/")
    assert answer["Location"] == "/files/"
    assert client.session["_auth_user_id"] == str(user.pk)
    row = AccessRecord.objects.first()
    assert (row.action, row.details["how"]) == (Action.SIGNED_IN, "single sign-on")
    assert (SocialAccount.objects.count(), SocialToken.objects.count()) == (0, 0)


@pytest.mark.parametrize("name", ["stranger", "claims"])
def test_nobody_comes_in_or_joins_by_another_address_or_an_unconfirmed_one(name):
    make_member("pat@example.org")
    client, answer = come_in(name)
    assert answer.status_code == 403
    assert "There is no account for you here" in answer.content.decode()
    assert not is_in(client)
    assert User.objects.count() == 1
    assert client.get("/account/3rdparty/signup/").status_code == 404


def test_second_step_is_asked_for_all_the_same():
    user = make_member("pat@example.org")
    TOTP.activate(user, generate_totp_secret())
    client, answer = come_in("pat")
    assert answer["Location"] == "/account/2fa/authenticate/"
    assert not is_in(client)


def test_gate_is_shut_all_the_same(settings):
    settings.STAFF_REQUIRE_MFA = True
    make_administrator("pat@example.org")
    client, _answer = come_in("pat")
    assert client.get("/admin/")["Location"] == "/account/2fa/required/"


def test_person_who_was_switched_off_does_not_come_in():
    make_member("pat@example.org", is_active=False)
    client, answer = come_in("pat")
    assert answer["Location"] == "/account/inactive/"
    assert not is_in(client)


def test_no_account_of_the_service_is_tied_to_one_here(signed_in):
    client = signed_in(make_member("other@example.org"))
    there = client.get(DOOR, {"process": "connect"})
    answer = client.get(at_the_service(there["Location"], "stranger"))
    assert answer.status_code == 403
    assert SocialAccount.objects.count() == 0
    assert client.get("/account/3rdparty/").status_code == 404


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_foreign_way_back_is_refused(back):
    make_member("pat@example.org")
    _client, answer = come_in("pat", back=back)
    assert answer["Location"] == "/members/"


def test_answer_is_good_once_and_in_the_browser_that_asked_alone():
    make_member("pat@example.org")
    client = Client()
    answer = at_the_service(client.get(DOOR)["Location"], "pat")
    other = Client()
    for forged in (answer, f"{CALLBACK}?code=x&state=y", f"{CALLBACK}?error=server_error", CALLBACK):
        page = other.get(forged)
        assert page.status_code == 401
        assert "The other service could not say who you are" in page.content.decode()
        assert not is_in(other)
    assert client.get(answer)["Location"] == "/members/"
    client.post("/account/logout/")
    assert client.get(answer).status_code == 401
    assert not is_in(client)


def test_question_names_our_own_address_and_is_sealed(provider):
    asked = urlsplit(Client().get(DOOR)["Location"])
    assert f"{asked.scheme}://{asked.netloc}" == provider
    query = parse_qs(asked.query)
    assert query["redirect_uri"] == [f"http://testserver{CALLBACK}"]
    assert query["code_challenge_method"] == ["S256"]


def test_service_that_is_away_is_said_in_a_sentence(settings):
    settings.OIDC["settings"]["server_url"] = "http://127.0.0.1:9"
    page = Client().get(DOOR)
    assert page.status_code == 503
    assert "The other service could not say who you are" in page.content.decode()
