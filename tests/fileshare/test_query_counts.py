"""Each list of papers, members and record rows asks the database the same for one and for thirty."""

from __future__ import annotations

import pytest
from django.utils import timezone
from wagtail.models import ReferenceIndex

from fileshare.models import SharedDocument
from fileshare.services import own_papers
from members import audit
from members.enums import Action
from members.models import Organisation
from portal.services import roles
from tests.factories import add_version, make_folder, make_member, make_paper, make_post

pytestmark = pytest.mark.django_db


def fill(count, folder, *readers):
    for number in range(count):
        source = Organisation.objects.create(name=f"Organisation {Organisation.objects.count()} {number}")
        paper = make_paper(collection=folder, content=b"text", file_name="a.txt", source=source)
        paper.tags.add("Crowds", f"Topic {number}")
        add_version(paper, b"new", file_name="a.txt")
        for reader in readers:
            own_papers.save_paper(document=paper, by=reader)
            own_papers.note_reading(document=paper, by=reader)
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


@pytest.mark.parametrize(
    ("address", "figure"),
    [
        ("/files/", 7),
        ("/files/guidance/", 7),
        ("/files/?view=grid&sort=source", 7),
        ("/files/?topic=Crowds&show=unread&kind=txt", 8),
        ("/files/saved/", 7),
        ("/files/recent/", 7),
    ],
)
def test_list_of_papers(signed_in, django_assert_num_queries, address, figure):
    folder, member = make_folder("Guidance"), make_member()
    readers = () if "unread" in address else (member,)
    same_for_one_and_thirty(
        signed_in(member), address, lambda count: fill(count, folder, *readers), figure, django_assert_num_queries
    )


@pytest.mark.parametrize(("asks", "figure"), [(False, 12), (True, 14)])
def test_page_of_a_paper(signed_in, django_assert_num_queries, asks, figure):
    folder = make_folder("Guidance")
    paper = fill(1, folder)
    SharedDocument.objects.update(acknowledge_by=timezone.localdate() if asks else None)

    def make(count):
        for _ in range(count):
            add_version(paper, b"again", file_name="a.txt")
            other = make_paper(collection=folder, content=b"text", file_name="a.txt", source=paper.source)
            other.tags.add("Crowds")
            paper.tags.add(other.title)
        for _ in range(min(count, 4)):
            post = make_post(body=[("members_only", None), ("documents", {"heading": "", "documents": [paper]})])
            ReferenceIndex.create_or_update_for_object(post)

    same_for_one_and_thirty(signed_in(make_member()), paper.get_absolute_url(), make, figure, django_assert_num_queries)


def test_list_of_papers_to_confirm(signed_in, django_assert_num_queries):
    def make(count):
        for _ in range(count):
            make_paper(content=b"text", file_name="a.txt", acknowledge_by=timezone.localdate())

    # One more than anywhere else: a site without folders is asked whether its root is open.
    same_for_one_and_thirty(signed_in(make_member()), "/files/document/to-confirm/", make, 7, django_assert_num_queries)


def test_list_of_members(signed_in, django_assert_num_queries):
    def make(count):
        for _ in range(count):
            organisation = Organisation.objects.create(name=f"Organisation {Organisation.objects.count()}")
            membership = make_member().membership
            membership.organisation = organisation
            membership.save()

    client = signed_in(make_member(groups=(roles.SECRETARIES,)))
    same_for_one_and_thirty(client, "/admin/memberships/", make, 9, django_assert_num_queries)


def test_list_of_the_record(signed_in, django_assert_num_queries):
    def make(count):
        for _ in range(count):
            audit.record(Action.OPENED, actor=make_member(), object_kind="document", object_id="x")

    client = signed_in(make_member(groups=(roles.AUDITORS,)))
    same_for_one_and_thirty(client, "/admin/access-record/", make, 9, django_assert_num_queries)
