"""The counts in the tree of folders: worked out from what is remembered for everybody, and for each person the same as
what the policy lets them read."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fileshare import folders, offered
from fileshare.models import SharedDocument
from members.models import Organisation, User
from tests.factories import make_administrator, make_editor_of, make_folder, make_member, make_paper, make_user

pytestmark = pytest.mark.django_db
PEOPLE = ("member", "committee", "named", "editor", "administrator", "lapsed", "nobody")


@pytest.fixture
def people():
    """Papers beside the folders, in an open one, in a closed one and inside that, some for named recipients alone."""
    named = make_member()
    opened, closed = make_folder("Open"), make_folder("Closed", groups=("Committee",))
    inside = make_folder("Inside", parent=closed)
    for place in (None, opened, opened, closed, inside):
        make_paper(content=b"text", file_name="a.txt", collection=place)
    make_paper(collection=opened, marking="TLP:RED", recipients=(named,))
    make_paper(collection=closed, marking="TLP:RED", recipients=(named,))
    return {
        "member": make_member(),
        "committee": make_member(groups=("Committee",)),
        "named": named,
        "editor": make_editor_of(opened),
        "administrator": make_administrator(),
        "lapsed": make_member(standing="lapsed"),
        "nobody": make_user(),
    }


def as_in_a_session(client: Client, person: User) -> User:
    """The person as a request has them, who is known to hold no rights."""
    client.force_login(person)
    return client.get("/members/").wsgi_request.user


@pytest.mark.parametrize("who", PEOPLE)
def test_counts_are_those_of_the_papers_that_the_person_may_read(people, client, who):
    person = as_in_a_session(client, people[who])
    visible = SharedDocument.objects.visible_to(person)
    tree = folders.tree_for(person)
    papers = Counter(visible.values_list("collection_id", flat=True))
    assert tree.total == visible.count()
    assert {node.collection_id: node.own_count for node in tree if node.own_count} == {
        node.collection_id: papers[node.collection_id] for node in tree if papers[node.collection_id]
    }


@pytest.mark.parametrize(("who", "counted"), [("member", []), ("named", [True])])
def test_members_do_not_have_all_papers_counted_again(who, counted, people, client):
    person = as_in_a_session(client, people[who])
    folders.tree_for(person)
    with CaptureQueriesContext(connection) as asked:
        folders.tree_for(person)
    counting = [each["sql"] for each in asked.captured_queries if "COUNT(" in each["sql"]]
    assert ["\"marking\" = 'TLP:RED'" in sql for sql in counting] == counted


def test_new_paper_is_counted_at_once(people, client):
    person = as_in_a_session(client, people["member"])
    before = folders.tree_for(person).total
    make_paper(content=b"new", file_name="a.txt", collection=make_folder("New"))
    assert folders.tree_for(person).total == before + 1


@pytest.mark.parametrize("who", PEOPLE)
def test_choices_are_those_of_the_papers_that_the_person_may_read(people, client, who):
    for paper in SharedDocument.objects.all():
        paper.source = Organisation.objects.create(name=f"Office {paper.pk}")
        paper.save()
        paper.tags.add(f"Topic {paper.pk}", "Crowds")
    person = as_in_a_session(client, people[who])
    visible, tree = SharedDocument.objects.visible_to(person), folders.tree_for(person)
    keys = sorted(visible.values_list("pk", flat=True))
    topics = sorted([*(f"Topic {key}" for key in keys), *(["Crowds"] if keys else [])])
    for _ in range(2):
        assert sorted(name for _, name in offered.sources(tree, visible)) == sorted(f"Office {key}" for key in keys)
        assert [name for name, _ in offered.topics(tree, visible)] == topics


def test_members_do_not_have_all_papers_looked_through_again_for_choices(people, client, django_assert_num_queries):
    person = as_in_a_session(client, people["member"])
    visible, tree = SharedDocument.objects.visible_to(person), folders.tree_for(person)
    offered.sources(tree, visible), offered.topics(tree, visible)
    with django_assert_num_queries(0):
        offered.sources(tree, visible), offered.topics(tree, visible)


def test_new_topic_of_a_paper_is_a_choice_at_once(people, client):
    person = as_in_a_session(client, people["member"])
    visible = SharedDocument.objects.visible_to(person)
    assert offered.topics(folders.tree_for(person), visible) == []
    visible.first().tags.add("Crowds")
    assert offered.topics(folders.tree_for(person), visible) == [("Crowds", "Crowds")]
