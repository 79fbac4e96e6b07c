"""Each list of papers, members and record rows asks the database the same for one and for thirty."""

from __future__ import annotations

import pytest

from members import audit
from members.enums import Action
from members.models import Organisation
from portal.services import roles
from tests.factories import add_version, make_folder, make_member, make_paper

pytestmark = pytest.mark.django_db


def fill(count, folder):
    for number in range(count):
        source = Organisation.objects.create(name=f"Organisation {Organisation.objects.count()} {number}")
        paper = make_paper(collection=folder, content=b"text", file_name="a.txt", source=source)
        add_version(paper, b"new", file_name="a.txt")
    return paper


def same_for_one_and_thirty(client, address, make, figure, assert_num_queries):
    make(1)
    for _ in range(2):  # content types, sites and the like are asked for once in a process; settings are made once
        client.get(address)
    with assert_num_queries(figure):
        assert client.get(address).status_code == 200
    make(29)
    client.get(address)  # what a process remembers is old
    with assert_num_queries(figure):
        assert client.get(address).status_code == 200


@pytest.mark.parametrize(("address", "figure"), [("/files/", 8), ("/files/guidance/", 8)])
def test_list_of_papers(signed_in, django_assert_num_queries, address, figure):
    folder = make_folder("Guidance")
    same_for_one_and_thirty(
        signed_in(make_member()), address, lambda count: fill(count, folder), figure, django_assert_num_queries
    )


def test_page_of_a_paper(signed_in, django_assert_num_queries):
    folder = make_folder("Guidance")
    paper = fill(1, folder)

    def make(count):
        for _ in range(count):
            add_version(paper, b"again", file_name="a.txt")
            make_paper(collection=folder, content=b"text", file_name="a.txt")

    same_for_one_and_thirty(signed_in(make_member()), paper.get_absolute_url(), make, 8, django_assert_num_queries)


def test_list_of_members(signed_in, django_assert_num_queries):
    def make(count):
        for _ in range(count):
            organisation = Organisation.objects.create(name=f"Organisation {Organisation.objects.count()}")
            membership = make_member().membership
            membership.organisation = organisation
            membership.save()

    client = signed_in(make_member(groups=(roles.SECRETARIES,)))
    same_for_one_and_thirty(client, "/admin/memberships/", make, 12, django_assert_num_queries)


def test_list_of_the_record(signed_in, django_assert_num_queries):
    def make(count):
        for _ in range(count):
            audit.record(Action.OPENED, actor=make_member(), object_kind="document", object_id="x")

    client = signed_in(make_member(groups=(roles.AUDITORS,)))
    same_for_one_and_thirty(client, "/admin/access-record/", make, 12, django_assert_num_queries)
