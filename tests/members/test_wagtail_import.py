"""A register that a secretary brings in through the administration."""

from __future__ import annotations

import datetime
import io

import pytest
from django.utils import timezone

from members.models import (
    MemberImport,
    Membership,
    User,
)
from members.services import import_members as services
from portal.services import roles
from tests.factories import make_member
from tests.members import registers
from tests.members.registers import FILES, GOOD, rows

pytestmark = pytest.mark.django_db
clock, level, run = registers.clock, registers.level, registers.run


@pytest.fixture
def client(secretary, signed_in):
    return signed_in(secretary)


def bring(client, content, name="register.csv"):
    file = io.BytesIO(content if isinstance(content, bytes) else content.encode())
    file.name = name
    return client.post("/admin/memberships/import/", {"file": file})


COLUMNS = ("number", "first_name", "last_name", "email", "level", "organisation", "starts_on", "expires_on")


def chosen(**fields):
    columns = {f"column_{name}": place for place, name in enumerate(COLUMNS)}
    facts = {"update": "on", "make_organisations": "on", "level": "", "expires_on": ""}
    return {**columns, **facts, **fields}


def test_secretary_imports_a_register_step_by_step(client, level, django_capture_on_commit_callbacks):
    step = bring(client, GOOD)["Location"]
    page = client.get(step).content.decode()
    assert "Surname (such as “Byron”)" in page
    assert client.post(step, chosen()).status_code == 302
    waiting = client.get(step)
    assert "The file is being checked." in waiting.content.decode()
    assert waiting["Refresh"] == "3"
    found = MemberImport.objects.get()
    services.check(import_id=found.pk)
    services.check(import_id=found.pk)
    page = client.get(step).content.decode()
    assert "This would happen" in page
    assert "City Hall, Pell, Water &amp; Co" in page
    assert User.objects.count() == 1
    assert client.post(f"{step}carry-out/").status_code == 302
    assert "The people are being imported." in client.get(step).content.decode()
    services.carry_out(import_id=found.pk)
    services.carry_out(import_id=found.pk)
    page = client.get(step).content.decode()
    assert "New members: 2. Changed: 0. Unchanged: 0." in page
    found.refresh_from_db()
    assert (found.state, found.text, User.objects.count()) == ("done", "", 3)
    listed = client.get("/admin/memberships/?password=none").content.decode()
    assert "ada@example.org" in listed
    assert "secretary@example.org" not in listed.split("listing-results")[1]
    again = client.post(f"{step}carry-out/", follow=True).content.decode()
    assert "This file is not ready to be imported, or is being imported already." in again


def test_problems_are_listed_and_nothing_can_be_imported(client):
    step = bring(client, GOOD)["Location"]
    client.post(step, chosen())
    found = MemberImport.objects.get()
    services.check(import_id=found.pk)
    page = client.get(step).content.decode()
    assert "1 problem, so nothing was imported" in page
    assert "The site knows no level “Fellow”." in page
    client.post(f"{step}carry-out/")
    services.carry_out(import_id=found.pk)
    assert User.objects.count() == 1


@pytest.mark.parametrize(("content", "sentence"), FILES[:-2])
def test_file_that_is_no_register_is_refused_on_the_page(client, content, sentence):
    response = bring(client, content)
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert MemberImport.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"column_email": ""}, "No column holds the e-mail address"),
        ({"column_number": 3}, "One column of the file is given for two things."),
        ({"column_email": 99}, "Select a valid choice."),
        ({"expires_on": "9999-01-01"}, "Please choose a day within the next 50 years"),
    ],
)
def test_columns_that_do_not_fit_are_refused_in_a_sentence(client, fields, sentence):
    step = bring(client, GOOD)["Location"]
    page = client.post(step, chosen(**fields))
    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert MemberImport.objects.get().state == "assigning"


def test_secretary_is_not_imported_by_the_own_hand(client, secretary):
    Membership.objects.filter(user=secretary).update(expires_on=timezone.localdate() + datetime.timedelta(days=1))
    step = bring(client, rows("secretary@example.org,S,,,,,2099-12-31"))["Location"]
    columns = {"column_email": 0, "column_last_name": 1, "column_expires_on": 6}
    client.post(step, {"update": "on", **columns})
    services.check(import_id=MemberImport.objects.get().pk)
    assert "This is your own membership." in client.get(step).content.decode()


def test_secretary_who_is_no_member_is_not_made_one_by_the_own_hand(client, secretary):
    Membership.objects.filter(user=secretary).delete()
    step = bring(client, rows("secretary@example.org,S"))["Location"]
    client.post(step, {"update": "on", "column_email": 0, "column_last_name": 1})
    found = MemberImport.objects.get()
    services.check(import_id=found.pk)
    assert "This is your own membership." in client.get(step).content.decode()
    client.post(f"{step}carry-out/")
    services.carry_out(import_id=found.pk)
    assert not Membership.objects.filter(user=secretary).exists()


def test_secretary_makes_no_levels(client):
    """A level opens papers: it is an administrator's to make, and the box is not on the secretary's page."""
    step = bring(client, GOOD)["Location"]
    assert "Add levels" not in client.get(step).content.decode()
    client.post(step, chosen(make_levels="on"))
    assert MemberImport.objects.get().options["make_levels"] is False


def test_file_is_seen_by_whoever_brought_it_and_forgotten(client, signed_in):
    step = bring(client, GOOD)["Location"]
    other = signed_in(make_member(groups=(roles.SECRETARIES,)))
    for address in (step, f"{step}carry-out/", f"{step}forget/"):
        assert other.post(address).status_code == 404
    assert other.get(step).status_code == 404
    assert client.post(f"{step}forget/").status_code == 302
    assert MemberImport.objects.count() == 0


def test_files_of_last_week_are_forgotten(client):
    for age in (6, 8):
        bring(client, GOOD, name=f"{age}.csv")
    now = timezone.now()
    MemberImport.objects.filter(file_name="8.csv").update(created_at=now - datetime.timedelta(days=8))
    services.forget_old()
    assert list(MemberImport.objects.values_list("file_name", flat=True)) == ["6.csv"]


def test_import_is_for_those_who_may_change_memberships(signed_in, client):
    step = bring(client, GOOD)["Location"]
    auditor = signed_in(make_member(groups=(roles.AUDITORS,)))
    for address in ("/admin/memberships/import/", step, f"{step}carry-out/", f"{step}forget/"):
        assert auditor.get(address).status_code == 302
        assert auditor.post(address, {}).status_code == 302
    assert MemberImport.objects.count() == 1


@pytest.mark.parametrize("number", [1, 30])
def test_import_asks_the_same_number_of_questions_for_few_and_many(run, level, number, django_assert_num_queries):
    content = rows(*(f"p{each}@example.org,P,,Fellow,City Hall,," for each in range(number)))
    with django_assert_num_queries(17):
        assert run(content)[2]
