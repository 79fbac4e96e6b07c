"""What passwords must be and need not be, and what asks for them once more (ASVS 5.0, 6.2, 6.4 and 7.5)."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from tests.factories import make_administrator, make_member
from tests.marked import note_signing_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("password", ["nine lett", "1234567890", "qwertyuiop"])
def test_password_is_ten_signs_at_least_and_none_that_everybody_has(password):
    with pytest.raises(ValidationError):
        validate_password(password)
    validate_password(f"{password} and a little more")


def test_long_password_is_taken_exactly_as_typed():
    password = "  a sentence of sixty-four signs and more, with blanks around it,  Größe and 词  "
    person = make_member("long@example.org")
    person.set_password(password)
    person.save()
    for typed, status in ((password.strip(), 200), (password[:-1], 200), (password.upper(), 200), (password, 302)):
        answer = Client().post("/account/login/", {"login": person.email, "password": typed})
        assert answer.status_code == status, typed


def test_field_of_a_password_hides_it_and_takes_what_a_manager_fills_in(client):
    field = BeautifulSoup(client.get("/account/login/").content, "html.parser").find("input", {"name": "password"})
    assert (field["type"], field["autocomplete"]) == ("password", "current-password")
    assert not [name for name in field.attrs if name.startswith("on")]


@pytest.mark.parametrize(
    "address",
    ["/account/2fa/totp/activate/", "/account/2fa/webauthn/add/", "/account/email/", "/members/privacy/leave/"],
)
def test_changes_of_the_account_ask_who_it_is_once_more(signed_in, address):
    client = signed_in(make_member())
    note_signing_in(client, "password", ago=3600)
    answer = client.post(address, {"email": "another@example.org", "action_add": ""})
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/account/reauthenticate/")


def test_administrators_choose_nobodys_password(signed_in):
    person = make_member()
    before = person.password
    client = signed_in(make_administrator())
    address = f"/admin/users/edit/{person.pk}/"
    page = BeautifulSoup(client.get(address).content, "html.parser")
    assert page.find("form", {"action": address})
    assert page.find_all("input", {"type": "password"}) == []
    client.post(address, {"email": person.email, "first_name": "Pat", "last_name": "P", "password1": "x" * 12,
                          "password2": "x" * 12, "password": "x" * 12})  # fmt: skip
    person.refresh_from_db()
    assert person.password == before
