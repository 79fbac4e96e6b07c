"""The code that confirms an applicant’s address: how long it holds, how often it may be guessed."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from members.models import (
    Application,
    Membership,
    User,
)
from members.services import apply as services
from tests.members.at_once import at_once
from tests.members.joining import (
    apply,
    code_for,
    confirm,
    errors_in,
    text_of,
    written,
)

pytestmark = pytest.mark.django_db


def test_code_is_good_for_fifteen_minutes(client):
    apply(client)
    code = code_for()
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=15, seconds=1)):
        assert errors_in(confirm(client, code)) == [f"Code: {services.NO_CODE}"]
    assert User.objects.count() == 0


def test_five_wrong_codes_end_the_right_one(client):
    apply(client)
    code = code_for()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert [errors_in(confirm(client, wrong)) for _ in range(5)] == [[f"Code: {services.WRONG_CODE}"]] * 5
    assert errors_in(confirm(client, code)) == [f"Code: {services.NO_CODE}"]
    again = client.post("/members/apply/code/again/")
    assert "A new code is on its way." in text_of(again)
    assert code_for() != code
    assert confirm(client, f"{code_for()[:3]} {code_for()[3:]}").status_code == 302


def test_new_code_ends_the_former_one_and_five_are_enough(client):
    apply(client)
    former = code_for()
    client.post("/members/apply/code/again/")
    if code_for() != former:
        assert errors_in(confirm(client, former)) == [f"Code: {services.WRONG_CODE}"]
    application = Application.objects.get()
    for _ in range(3):
        services.send_another_code(application_id=application.pk)
    with pytest.raises(ValidationError, match="Enough codes were sent"):
        services.send_another_code(application_id=application.pk)


def test_code_of_one_application_fits_no_other():
    first, second = Client(), Client()
    apply(first, email="one@example.org")
    apply(second, email="two@example.org")
    if code_for("one@example.org") != code_for("two@example.org"):
        assert confirm(second, code_for("one@example.org")).status_code == 400
    assert confirm(Client(), code_for("one@example.org"))["Location"] == "/members/apply/"


def test_two_browsers_apply_with_one_address():
    first, second = Client(), Client()
    apply(first)
    former = code_for()
    apply(second, first_name="Augusta")
    assert confirm(second, code_for()).status_code == 302
    assert errors_in(confirm(first, former)) == [f"Code: {services.ALREADY}"]
    assert (User.objects.get().first_name, Application.objects.received().count()) == ("Augusta", 1)


def test_codes_are_neither_kept_nor_guessed_by_the_row(client):
    apply(client)
    application = Application.objects.get()
    assert code_for() not in str(Application.objects.values().get())
    assert not application.is_code("")
    assert not application.is_code(application.code_digest)


@pytest.mark.parametrize("code", ["", "abc", "１２３", "x" * 21, "\0", "0" * 6, "²" * 6])
def test_code_that_is_none_is_told_in_a_sentence(client, code):
    apply(client)
    assert confirm(client, code).status_code == 400
    assert len(errors_in(confirm(client, code))) == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("is_right", [True, False])
def test_twenty_at_once_are_one_account_and_five_guesses(is_right):
    application = services.begin(email="ada@example.org", written=written())
    right = code_for()

    def confirm_it(number):
        code = right if is_right else f"{(int(right) + 1 + number) % 10**6:06}"
        services.confirm(application_id=application.pk, code=code)

    said = at_once(confirm_it)
    assert said.count("in") == User.objects.count() == Membership.objects.count() == int(is_right)
    assert said.count(services.WRONG_CODE) <= 5
    assert said.count(services.NO_CODE) >= 15
    assert Application.objects.get().code_attempts <= 5
