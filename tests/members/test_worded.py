"""Questions that are worded once find what the same questions find when Django words them anew."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
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
