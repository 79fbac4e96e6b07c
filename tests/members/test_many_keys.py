"""Thousands of keys are one value of a question."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.many_keys import KEYS, NO_KEYS, among
from members.models import User
from members.worded import Worded
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_those_with_the_keys_are_found_however_many_there_are():
    people = [make_user() for _ in range(3)]
    keys = [people[0].pk, *range(10**6, 10**6 + 5_000), people[2].pk]
    with CaptureQueriesContext(connection) as captured:
        assert {person.pk for person in among(User.objects.all(), keys)} == {people[0].pk, people[2].pk}
    assert len(captured) == 1
    assert list(among(User.objects.all(), [])) == []


def test_question_that_is_worded_once_has_a_place_for_them():
    people = [make_user() for _ in range(3)]
    question = Worded(among(User.objects.order_by("pk"), NO_KEYS).values_list("pk"), keys=(KEYS, NO_KEYS))
    assert question.all(keys=[people[1].pk, people[0].pk]) == [(people[0].pk,), (people[1].pk,)]
    assert question.all(keys=[]) == []
    assert question.all(keys=range(people[2].pk, people[2].pk + 5_000)) == [(people[2].pk,)]
