"""Several applications decided at once, and one by several secretaries at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from members.models import AccessRecord, Application, Membership, Organisation
from members.services import decide as services
from members.services import membership as memberships
from tests.factories import make_administrator, make_application
from tests.members.deciding import LIST, WORDS, bulk, messages_of
from tests.members.joining import mails_to
from tests.portal.reading import soup_of, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(secretary, signed_in):
    return signed_in(secretary)


def test_who_applies_after_the_page_was_shown_is_not_decided_about_by_it(client):
    """“All” are those whom the secretary has seen."""
    seen = make_application(email="seen@example.org")
    page_of_all = soup_of(client, f"/admin/bulk/members/application/approve/?id=all&next={LIST}")
    unseen = make_application(email="unseen@example.org")
    client.post(page_of_all.select_one("form.joining-form")["action"], {"expires_on": "", **WORDS})
    for application in (seen, unseen):
        application.refresh_from_db()
    assert (seen.state, unseen.state) == ("approved", "new")


def test_nothing_is_asked_about_what_is_no_application(client):
    for chosen in ("", "id=0"):
        answer = client.get(f"/admin/bulk/members/application/approve/?{chosen}", follow=True)
        assert "Nothing was chosen." in messages_of(answer)


def test_several_are_approved_each_with_an_own_mail(client):
    first = make_application(email="one@example.org", organisation_name="Ours")
    second = make_application(email="two@example.org", organisation_name="OURS", state="asked")
    over = make_application(email="over@example.org", state="declined")
    asked = soup_of(client, bulk("approve", first, second, over))
    assert "Good day, {first name}," in asked.select_one("[name=text]").text
    assert "one@example.org" in words_of(asked)
    answer = client.post(bulk("approve", first, second, over), {"expires_on": "", **WORDS}, follow=True)
    said = messages_of(answer)
    assert "2 applications approved." in said
    assert f"Passed over: 1. Pat Person: {services.DECIDED}" in said
    numbers = {each.user.membership.number for each in (first, second) if not each.user.membership.refresh_from_db()}
    assert len(numbers) == 2
    assert Organisation.objects.get().name.casefold() == "ours"
    for application in (first, second):
        mail = mails_to(application.email)[-1]
        assert mail.text == f"Good day, Pat: number {application.user.membership.number_label}, without an end."
    assert len(mails_to("over@example.org")) == 2


def test_several_are_declined(client, secretary):
    several = [make_application() for _ in range(3)]
    answer = client.post(bulk("decline", *several), {"subject": "No", "text": "{first name}, no."}, follow=True)
    assert "3 applications declined." in messages_of(answer)
    assert set(Application.objects.values_list("state", "decided_by")) == {("declined", secretary.pk)}
    assert AccessRecord.objects.filter(action="application_declined").count() == 3


def test_all_of_a_list_are_those_that_wait(client):
    waiting, asked = make_application(), make_application(state="asked")
    client.post(f"/admin/bulk/members/application/decline/?id=all&next={LIST}", {"subject": "No", "text": "No."})
    for application in (waiting, asked):
        application.refresh_from_db()
    assert (waiting.state, asked.state) == ("declined", "asked")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_secretaries_at_once_decide_once():
    secretary, application = make_administrator(), make_application()
    together = Barrier(6)

    def act(number):
        try:
            together.wait()
            if number % 3 == 0:
                services.approve(application=application, by=secretary, words=("Yes", "Yes"))
            elif number % 3 == 1:
                services.decline(application=application, by=secretary, words=("No", "No"))
            else:
                membership = Membership.objects.get(user=application.user)
                memberships.approve(membership=membership, by=secretary, expires_on=None)
        except (ValidationError, Membership.DoesNotExist):
            return 0
        finally:
            connection.close()
        return 1

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(act, range(6))) == 1
    application.refresh_from_db()
    assert application.state in ("approved", "declined")
    is_member = Membership.objects.current().filter(user=application.user).exists()
    assert is_member == (application.state == "approved")
    assert AccessRecord.objects.filter(action__in=("membership_approved", "application_declined")).count() == 1
