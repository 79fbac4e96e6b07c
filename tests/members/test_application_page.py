"""After applying: where the application stands, what the applicant is asked, and what is forgotten."""

from __future__ import annotations

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from members.enums import ApplicationState
from members.models import (
    AccessRecord,
    Application,
    Membership,
    User,
)
from members.services import apply as services
from members.services import decide
from tests.factories import make_administrator, make_application, make_member
from tests.members.joining import (
    apply,
    code_for,
    errors_in,
    text_of,
    written,
)
from tests.portal.reading import soup_of, words_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("state", "sentence"), [
    ("new", "We have received your application"),
    ("review", "The membership secretary is looking at your application."),
    ("asked", "We have a question before we can decide."),
    ("approved", "Your application has been approved: you are a member."),
    ("declined", "Your application has been declined."),
    ("withdrawn", "You have withdrawn this application."),
])  # fmt: skip
def test_applicant_sees_where_the_application_stands(signed_in, state, sentence):
    application = make_application(state=state)
    page = text_of(signed_in(application.user).get("/members/application/"))
    assert sentence in page
    assert ("Withdraw the application" in page) == application.is_open
    assert ("Send the answer" in page) == (state == "asked")


def test_applicant_reads_the_question_and_the_letter_and_never_a_note(signed_in):
    secretary = make_administrator()
    application = make_application(state="asked", by=secretary)
    decide.note(application=application, by=secretary, text="Heliotrope7731")
    client = signed_in(application.user)
    assert "Which one?" in text_of(client.get("/members/application/"))
    answer = client.post("/members/application/answer/", {"text": "The first\r\n\r\none."})
    assert (answer.status_code, answer["Location"]) == (302, "/members/application/")
    application.refresh_from_db()
    assert application.state == ApplicationState.REVIEW
    assert [(each.kind, each.text) for each in application.entries.all()] == [
        ("question", "Which one?"), ("note", "Heliotrope7731"), ("answer", "The first\n\none."),
    ]  # fmt: skip
    decide.decline(application=application, by=secretary, words=("No", "Good day, {first name}: no, for a reason."))
    page = client.get("/members/application/").content.decode()
    assert "Good day, Pat: no, for a reason." in page
    assert "Heliotrope7731" not in page
    assert "My application" in text_of(client.get("/members/"))


def test_answer_without_words_or_without_a_question_is_refused(signed_in):
    application = make_application(state="asked")
    client = signed_in(application.user)
    assert errors_in(client.post("/members/application/answer/", {"text": " "})) == [
        "Your answer: Please write your answer first."
    ]
    long = client.post("/members/application/answer/", {"text": "x" * 2001})
    assert (long.status_code, "x" * 2001 in long.content.decode()) == (400, True)
    assert client.post("/members/application/answer/", {"text": "Yes"}).status_code == 302
    again = client.post("/members/application/answer/", {"text": "Yes"})
    assert (again.status_code, errors_in(again)) == (400, ["There is no open question about your application."])


def test_applicant_withdraws_once_and_may_apply_again(signed_in):
    application = make_application(state="review")
    client = signed_in(application.user)
    assert client.post("/members/application/withdraw/").status_code == 302
    application.refresh_from_db()
    assert (application.state, Membership.objects.count() - 1) == ("withdrawn", 0)  # the administrator's is left
    assert AccessRecord.objects.filter(action="application_withdrawn").count() == 1
    again = client.post("/members/application/withdraw/")
    assert (again.status_code, services.NOT_OPEN in text_of(again)) == (400, True)
    assert apply(client).status_code == 302
    assert "We have received your application" in text_of(client.get("/members/application/"))


def test_nobody_sees_or_touches_anothers_application(signed_in, client):
    application = make_application(state="asked")
    other = signed_in(make_member())
    assert other.get("/members/application/")["Location"] == "/members/apply/"
    for address in ("answer", "withdraw"):
        assert other.post(f"/members/application/{address}/", {"text": "x"}).status_code == 404
        assert client.post(f"/members/application/{address}/")["Location"].startswith("/account/login/")
    application.refresh_from_db()
    assert application.state == "asked"


def test_applicant_of_whom_more_was_asked_is_told_everywhere(signed_in):
    application = make_application(state="asked")
    page = soup_of(signed_in(application.user), "/files/")
    assert "We have a question before we can decide" in words_of(page.main)
    assert page.select_one('main a[href="/members/application/"]')


def test_what_nobody_confirms_is_forgotten_after_a_day(client):
    apply(client)
    apply(client, email="late@example.org")
    yesterday = timezone.now() - datetime.timedelta(days=1, minutes=1)
    Application.objects.filter(email="ada@example.org").update(applied_at=yesterday)
    kept = make_application()
    Application.objects.filter(pk=kept.pk).update(applied_at=yesterday)
    services.forget_unconfirmed()
    assert set(Application.objects.values_list("email", flat=True)) == {"late@example.org", kept.email}


def test_database_refuses_what_cannot_be():
    application = make_application()
    for wrong in ({"user": None}, {"state": "approved"}, {"decided_at": timezone.now()}, {"code_digest": "x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Application.objects.filter(pk=application.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.create(user=application.user, state="new", why="x")


def test_application_that_cannot_be_recorded_does_not_happen(monkeypatch):
    application = services.begin(email="ada@example.org", written=written())

    def full(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr("members.audit.record", full)
    with pytest.raises(OSError, match="disk full"):
        services.confirm(application_id=application.pk, code=code_for())
    assert (User.objects.count(), Application.objects.received().count()) == (0, 0)
