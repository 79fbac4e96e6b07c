"""The one way in: e-mail and password, limited, and back to where one came from."""

from __future__ import annotations

import pytest
from django.test import Client

from members.models import User
from tests.factories import PASSWORD, make_member, make_paper, make_user
from tests.mailbox import delivered

pytestmark = pytest.mark.django_db
ADDRESS = "pat@example.org"


@pytest.fixture
def pat():
    return make_member(ADDRESS)


def sign_in(client, email=ADDRESS, password=PASSWORD, **more):
    back = {"next": more.pop("next")} if "next" in more else {}
    return client.post("/account/login/", {"login": email, "password": password, **back}, **more)


def signed_in_as(client):
    number = client.session.get("_auth_user_id")
    return User.objects.get(pk=number).email if number else None


@pytest.mark.parametrize("email", [ADDRESS, "PAT@Example.ORG", f" {ADDRESS} "])
def test_right_password_signs_in(client, pat, email):
    response = sign_in(client, email)
    assert (response.status_code, response["Location"]) == (302, "/members/")
    assert signed_in_as(client) == ADDRESS
    assert client.get("/members/").status_code == 200


@pytest.mark.parametrize("password", ["wrong", "", PASSWORD.upper(), f"{PASSWORD} x", "x" * 5000])
def test_wrong_password_does_not(client, pat, password):
    assert sign_in(client, password=password).status_code == 200
    assert signed_in_as(client) is None


def test_key_tab_leads_from_the_address_to_the_password(client):
    body = client.get("/account/login/").content.decode()
    places = [body.index(part) for part in ('name="login"', 'name="password"', 'href="/account/password/reset/"')]
    assert places == sorted(places)
    assert body.count("/account/password/reset/") == 1
    assert body.count('id="id_password_helptext"') == 1


def test_unknown_address_looks_like_a_wrong_password(pat):
    wrong = sign_in(Client(), ADDRESS, "not the password")
    unknown = sign_in(Client(), "tam@example.org", "not the password")
    first, second = (str(response.context["form"].errors) for response in (wrong, unknown))
    assert first == second
    assert wrong.status_code == unknown.status_code == 200


def test_person_who_was_switched_off_does_not_come_in(client, pat):
    User.objects.update(is_active=False)
    sign_in(client)
    assert signed_in_as(client) is None


def test_person_without_a_password_does_not_come_in(client):
    User.objects.create_user(ADDRESS)
    for password in ("", "x", "None", "!"):
        sign_in(client, password=password)
        assert signed_in_as(client) is None


def test_unverified_address_does_not_come_in(client):
    User.objects.create_user(ADDRESS, PASSWORD)
    response = sign_in(client)
    assert response["Location"] == "/account/confirm-email/"
    assert signed_in_as(client) is None
    assert [message.to for message in delivered()] == [[ADDRESS]]


@pytest.mark.parametrize(
    "back", ["/news/", "/files/?sort=title", "/files/document/00000000-0000-0000-0000-000000000001/"]
)
def test_way_back_is_kept(client, pat, back):
    assert sign_in(client, next=back)["Location"] == back


def test_visitor_of_a_paper_comes_back_to_it(client, pat):
    paper = make_paper(content=b"text", file_name="a.txt")
    there = client.get(paper.get_absolute_url())["Location"]
    form = client.get(there).content.decode()
    assert f'name="next" value="{paper.get_absolute_url()}"' in form
    assert sign_in(client, next=paper.get_absolute_url())["Location"] == paper.get_absolute_url()
    assert client.get(paper.get_absolute_url()).status_code == 200


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        " https://evil.example/",
        "https://testserver@evil.example/",
        "https://testserver.evil.example/",
    ],
)
def test_foreign_way_back_is_refused(client, pat, back):
    assert sign_in(client, next=back)["Location"] == "/members/"
    assert "evil.example" not in client.get("/account/login/", {"next": back}).get("Location", "")


@pytest.mark.parametrize(
    ("standing", "title"),
    [
        ("applicant", "Your application is being considered"),
        ("lapsed", "Your membership has lapsed"),
        ("suspended", "Your membership is suspended"),
    ],
)
def test_person_without_access_signs_in_and_is_told_why(client, standing, title):
    make_member(ADDRESS, standing=standing)
    assert sign_in(client, next="/files/")["Location"] == "/files/"
    for address in ("/files/", "/members/"):
        response = client.get(address)
        assert response.status_code == 200
        assert title in response.content.decode()


def test_person_without_a_membership_signs_in_and_is_told_why(client):
    make_user(ADDRESS)
    sign_in(client)
    assert "Your account has no membership yet" in client.get("/files/").content.decode()


def test_nobody_signs_up_by_themselves(client):
    before = User.objects.count()
    for method in (client.get, client.post):
        response = method("/account/signup/", {"email": "new@example.org", "password1": PASSWORD})
        assert (response.status_code, response["Location"]) == (302, "/members/apply/")
    assert User.objects.count() == before
    assert delivered() == []


def test_right_password_is_refused_after_five_wrong_ones(client, pat):
    for _ in range(5):
        sign_in(client, password="wrong")
    response = sign_in(client)
    assert signed_in_as(client) is None
    assert response.status_code in (200, 429)
    assert "There were too many wrong passwords. Please try again in 5 minutes" in response.content.decode()


def test_limit_holds_for_a_fresh_browser_and_another_spelling(pat):
    for _ in range(5):
        sign_in(Client(), password="wrong")
    for email in (ADDRESS, "PAT@example.org", f" {ADDRESS}"):
        fresh = Client()
        sign_in(fresh, email)
        assert signed_in_as(fresh) is None


def test_limit_of_one_person_is_not_another_s(pat):
    make_member("sam@example.org")
    for _ in range(5):
        sign_in(Client(), password="wrong")
    fresh = Client()
    sign_in(fresh, "sam@example.org")
    assert signed_in_as(fresh) == "sam@example.org"


def test_forwarded_addresses_do_not_pass_the_limit_by(pat):
    """Nobody in front is trusted unless the settings say so."""
    for number in range(30):
        sign_in(Client(), f"someone{number}@example.org", "wrong", HTTP_X_FORWARDED_FOR=f"10.0.0.{number}")
    fresh = Client()
    response = sign_in(fresh, HTTP_X_FORWARDED_FOR="10.9.9.9")
    assert signed_in_as(fresh) is None
    assert response.status_code in (200, 429)


def test_four_wrong_tries_do_not_lock_out(client, pat):
    for _ in range(4):
        sign_in(client, password="wrong")
    sign_in(client)
    assert signed_in_as(client) == ADDRESS


def test_session_is_new_after_signing_in(client, pat):
    client.get("/account/login/")
    session = client.session
    session["planted"] = "by an attacker"
    session.save()
    before = session.session_key
    sign_in(client)
    assert client.session.session_key != before


def test_signing_out_ends_the_session(client, pat):
    sign_in(client)
    key = client.session.session_key
    client.post("/account/logout/")
    stolen = Client()
    stolen.cookies["session"] = key
    assert stolen.get("/files/").status_code == 302


def test_new_password_ends_other_sessions(pat):
    here, there = Client(), Client()
    sign_in(here)
    sign_in(there)
    pat.set_password("another horse battery")
    pat.save()
    assert here.get("/files/").status_code == there.get("/files/").status_code == 302


def test_signed_in_pages_are_not_stored(client, pat):
    sign_in(client)
    for address in ("/files/", "/members/", "/", "/no-such-page/"):
        assert client.get(address)["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("back", ["http://[", "//[", "http://[x]:y/"])
@pytest.mark.parametrize("path", ["login/", "logout/", "password/reset/", "password/change/", "signup/", "email/",
                                  "reauthenticate/", "2fa/reauthenticate/", "2fa/authenticate/"])  # fmt: skip
def test_way_back_that_is_no_address_is_passed_over(pat, signed_in, path, back):
    for client in (Client(), signed_in(pat)):
        for method in (client.get, client.post):
            assert method(f"/account/{path}", query_params={"next": back}).status_code in (200, 302, 405)
    fresh = Client()
    assert sign_in(fresh, next=back)["Location"] == "/members/"
