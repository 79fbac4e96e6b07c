"""Papers that were found otherwise come as the policy gives them, whoever asks, with what lists show of them."""

from __future__ import annotations

import pytest
import time_machine
from django.utils import timezone

from fileshare import asked_papers
from fileshare.models import SharedDocument
from members.models import Organisation
from tests.fileshare.test_asked_paper import HOUR, as_they_come, papers, people

pytestmark = pytest.mark.django_db
assert papers, people  # fixtures


def test_everybody_gets_of_many_what_the_policy_gives_at_any_time(people, papers):
    keys = [paper.pk for paper in papers]
    for hours in (0, 1.5, 3):
        with time_machine.travel(timezone.now() + hours * HOUR, tick=False):
            got = [
                (
                    sorted(asked_papers.facts(person, keys)),
                    {paper.pk for paper in asked_papers.with_version_and_source(person, keys)},
                    sorted(SharedDocument.objects.visible_to(person).values_list(*asked_papers.FACTS)),
                )
                for person in map(as_they_come, people)
            ]
        for facts, shown, by_the_policy in got:
            assert facts == by_the_policy
            assert shown == {row[0] for row in by_the_policy}
        assert len({len(facts) for facts, _shown, _by_the_policy in got}) > 3  # not everybody gets the same
    assert asked_papers.facts(as_they_come(people[1]), keys[1:3]) == []


def test_papers_come_whole_with_their_version_and_their_source(people, papers, django_assert_num_queries):
    source = Organisation.objects.create(name="Office for Storms")
    SharedDocument.objects.filter(pk=papers[0].pk).update(source=source)
    expected = SharedDocument.objects.select_related("source", "current_version").get(pk=papers[0].pk)
    member, administrator = as_they_come(people[1]), as_they_come(people[8])
    for person in (member, administrator):
        with django_assert_num_queries(1):
            (paper,) = asked_papers.with_version_and_source(person, [papers[0].pk])
            made = [paper, paper.current_version, paper.source]
        for one, other in zip(made, [expected, expected.current_version, expected.source], strict=True):
            shown, whole = ({k: v for k, v in vars(each).items() if k != "_state"} for each in (one, other))
            assert shown == whole
    with django_assert_num_queries(1):
        of_the_others = asked_papers.with_version_and_source(administrator, [papers[8].pk])
        assert [(paper.current_version, paper.source) for paper in of_the_others] == [(None, None)]
