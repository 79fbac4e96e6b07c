"""The question for the paper whose bytes somebody asks for is the policy's, whoever asks and whatever came before."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.utils import timezone

from fileshare import asked_paper
from fileshare.models import DocumentVersion, SharedDocument
from members.auth_backends import AuthenticationBackend
from members.enums import Decision
from members.models import Membership, MembershipLevel
from tests.factories import make_administrator, make_editor_of, make_folder, make_member, make_paper, make_user

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)


def as_they_come(person):
    return AuthenticationBackend().get_user(person.pk)


@pytest.fixture
def papers():
    def paper(**facts):
        return make_paper(**({"content": b"x", "file_name": "a.txt"} | facts))

    now = timezone.now()
    return [
        paper(),
        paper(collection=make_folder(groups=("Reds",))),
        paper(collection=make_folder(groups=("Blues",))),
        paper(publish_at=now + HOUR),
        paper(expires_at=now + 2 * HOUR),
        paper(withdrawn_at=now),
        paper(review="waiting"),
        make_paper(marking="TLP:RED", recipients=(make_member("named@example.org"),)),
        make_paper(inspected=False, content=b"x", file_name="a.txt"),
    ]


@pytest.fixture
def people(papers):
    Membership.objects.all()  # the named one is there
    level = MembershipLevel.objects.create(name="Blue", group=Group.objects.get(name="Blues"))
    of_a_level = make_member("level@example.org")
    Membership.objects.filter(user=of_a_level).update(level=level)
    return [
        Membership.objects.get(user__email="named@example.org").user,
        make_member(),
        make_member(groups=("Reds",)),
        make_member(groups=("Blues",)),
        of_a_level,
        make_member(standing="suspended"),
        make_member(standing="lapsed"),
        make_user(),
        make_administrator(),
        make_editor_of(papers[1].collection),
    ]


def everything(people, papers):
    """Which papers each person gets, by both ways."""
    found, by_the_policy = {}, {}
    for person in map(as_they_come, people):
        for paper in papers:
            visible = SharedDocument.objects.visible_to(person).filter(uuid=paper.uuid)
            answer = asked_paper.for_bytes(person, paper.uuid)
            found[person.email, paper.pk] = answer and answer.pk
            by_the_policy[person.email, paper.pk] = visible.values_list("pk", flat=True).first()
    return found, by_the_policy


def test_everybody_gets_what_the_policy_gives_at_any_time(people, papers):
    for hours in (0, 1.5, 3):
        with time_machine.travel(timezone.now() + hours * HOUR, tick=False):
            found, by_the_policy = everything(people, papers)
        assert found == by_the_policy
        assert len(set(found.values())) > 3  # the table is not one of refusals alone


def test_what_is_found_is_the_paper_and_its_version_whole(papers):
    paper = asked_paper.for_bytes(as_they_come(make_member()), papers[0].uuid)
    expected = SharedDocument.objects.get(pk=papers[0].pk)
    for made, columns in ((paper, asked_paper.COLUMNS), (paper.current_version, asked_paper.VERSION_COLUMNS)):
        again = (expected if made is paper else DocumentVersion.objects.get(pk=made.pk)).__dict__
        assert {name: made.__dict__[name] for name in columns} == {name: again[name] for name in columns}


def test_access_ends_with_the_next_request(papers):
    member = make_member(groups=("Reds",))
    assert asked_paper.for_bytes(as_they_come(member), papers[1].uuid) == papers[1]
    other = make_member(groups=("Reds",))
    member.groups.clear()
    assert asked_paper.for_bytes(as_they_come(member), papers[1].uuid) is None
    assert asked_paper.for_bytes(as_they_come(other), papers[1].uuid) == papers[1]
    Membership.objects.filter(user=other).update(decision=Decision.SUSPENDED)
    assert asked_paper.for_bytes(as_they_come(other), papers[1].uuid) is None


def test_two_who_are_alike_are_asked_for_by_one_question_and_get_their_own(papers, people):
    named, other = map(as_they_come, people[:2])
    asked_paper._question._worded.clear()
    assert asked_paper.for_bytes(other, papers[7].uuid) is None
    assert asked_paper.for_bytes(named, papers[7].uuid) == papers[7]
    assert list(asked_paper._question._worded) == [(False, None)]
