"""Questions that are worded once find what the same questions find when Django words them anew."""

from __future__ import annotations

import datetime
from contextlib import suppress

import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.models import User
from members.session_store import SessionStore
from members.worded import Worded
from tests.factories import make_user

pytestmark = pytest.mark.django_db
COLUMNS = ("pk", "email", "is_active", "date_joined")


@pytest.fixture
def question():
    people = User.objects.filter(pk=-1, date_joined__lt=datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC))
    return Worded(
        people.values_list(*COLUMNS),
        person=(User._meta.pk, -1),
        before=(User._meta.get_field("date_joined"), datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)),
    )


def test_each_value_is_asked_for_in_its_place(question):
    people, later = (make_user("100%@example.org"), make_user()), timezone.now() + datetime.timedelta(hours=1)
    for person in people:
        expected = User.objects.values_list(*COLUMNS).get(pk=person.pk)
        assert question.first(person=person.pk, before=later) == expected
    assert question.first(person=people[0].pk, before=people[0].date_joined) is None
    assert question.first(person=0, before=later) is None


def test_question_is_asked_each_time(question):
    person, later = make_user(), timezone.now() + datetime.timedelta(hours=1)
    assert question.first(person=person.pk, before=later)[2] is True
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert question.first(person=person.pk, before=later)[2] is False


def test_stand_in_that_is_nowhere_is_noticed():
    with pytest.raises(ValueError, match="no place for person"):
        Worded(User.objects.values_list("pk"), person=(User._meta.pk, -1))


def test_only_a_connection_that_was_told_is_asked_by_name(question, django_assert_num_queries):
    person, later = make_user(), timezone.now() + datetime.timedelta(hours=1)
    with django_assert_num_queries(2) as asked:
        for _ in range(2):
            question.first(person=person.pk, before=later)
    begin = {query["sql"].split()[0] for query in asked.captured_queries}
    assert begin == {"EXECUTE" if connection.vendor == "postgresql" else "SELECT"}


NAMES = ("pk", "first_name")
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL alone is told questions")


@on_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize(
    ("happens", "and_back"),
    [
        ("ALTER TABLE members_user ALTER first_name TYPE varchar(200)",
         "ALTER TABLE members_user ALTER first_name TYPE varchar(150)"),
        ("DEALLOCATE ALL", "SELECT 1"),
    ],
    ids=["another type", "forgotten"],
)  # fmt: skip
def test_question_is_answered_when_what_the_connection_was_told_does_not_hold_any_more(happens, and_back):
    person = make_user()
    question = Worded(User.objects.filter(pk=-1).values_list(*NAMES), person=(User._meta.pk, -1))
    expected = (person.pk, person.first_name)
    assert question.first(person=person.pk) == expected
    with connection.cursor() as cursor:
        cursor.execute(happens)
    try:
        assert [question.first(person=person.pk) for _ in range(2)] == [expected] * 2
    finally:
        with connection.cursor() as cursor:
            cursor.execute(and_back)
        connection.close()


@on_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_question_is_answered_on_a_new_connection_and_after_a_transaction_that_failed():
    person = make_user()
    question = Worded(User.objects.filter(pk=-1).values_list(*NAMES), person=(User._meta.pk, -1))
    expected = (person.pk, person.first_name)
    with suppress(DatabaseError), transaction.atomic():
        assert question.first(person=person.pk) == expected
        User.objects.raw("SELECT nothing FROM nowhere")[0]
    assert question.first(person=person.pk) == expected
    connection.close()
    connection.close_pool()
    assert question.first(person=person.pk) == expected


@on_postgresql
def test_different_questions_have_different_names_whoever_asks_first():
    """Two processes may be given the same connection by a pooler."""
    people = User.objects.filter(pk=-1)
    questions = [
        Worded(each.values_list("pk"), person=(User._meta.pk, -1))
        for each in (people.filter(first_name="a"), people.filter(first_name="b"), people.filter(first_name="a"))
    ]
    with CaptureQueriesContext(connection) as asked:
        for question in questions:
            question.first(person=1)
    first, second, third = (query["sql"].split()[1] for query in asked.captured_queries)
    assert first == third != second


def test_session_is_found_until_it_is_over_or_ended():
    store = SessionStore()
    store["said"] = "a word"
    store.save()
    key = store.session_key
    assert SessionStore(key)["said"] == "a word"
    assert SessionStore("0" * 32).load() == {}
    Session.objects.filter(pk=key).update(expire_date=timezone.now())
    over = SessionStore(key)
    assert (over.load(), over.session_key) == ({}, None)
    Session.objects.filter(pk=key).delete()
    assert SessionStore(key).load() == {}
