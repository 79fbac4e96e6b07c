"""The policy against a judge of its own, in plain Python, on random trees, audiences, people, dates and markings."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from wagtail.models import Collection, CollectionViewRestriction

from fileshare import access, folders
from fileshare.enums import Refusal
from fileshare.models import SharedDocument
from members.models import Membership, User
from tests.factories import make_administrator, make_editor_of, make_folder, make_member, make_paper, make_user

pytestmark = pytest.mark.django_db

GROUPS = ("Reds", "Blues")
MARKINGS = ("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED")
HOUR = datetime.timedelta(hours=1)


# --- What is drawn at random ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DrawnFolder:
    """`above` is the place of the folder above it, or None; `audience` is None for any member."""

    above: int | None
    audience: frozenset[str] | None


@dataclass(frozen=True)
class DrawnPaper:
    folder: int
    marking: str
    published: int  # hours from now
    expires: int | None  # hours from now; later than `published`
    withdrawn: bool
    checked: bool
    named: bool


@dataclass(frozen=True)
class DrawnPerson:
    standing: str
    groups: frozenset[str]
    edits: int | None  # the folder that the person may change, with those below it
    active: bool
    administrator: bool


audiences = st.one_of(st.none(), st.frozensets(st.sampled_from(GROUPS)))


@st.composite
def trees(draw):
    """Up to seven folders, three deep: each lies at the top or in one that was drawn before it."""
    drawn: list[DrawnFolder] = []
    depths: list[int] = []
    for _ in range(draw(st.integers(1, 7))):
        possible = [None, *(place for place, depth in enumerate(depths) if depth < 3)]
        above = draw(st.sampled_from(possible))
        drawn.append(DrawnFolder(above, draw(audiences)))
        depths.append(1 if above is None else depths[above] + 1)
    return drawn


@st.composite
def sites(draw):
    tree = draw(trees())
    paper = st.builds(
        lambda times, **others: DrawnPaper(published=times[0], expires=times[1], **others),
        times=st.sampled_from([(-5, None), (-5, None), (-2, 3), (-5, -1), (-9, -1), (1, None), (1, 3)]),
        folder=st.integers(0, len(tree) - 1),
        marking=st.sampled_from(MARKINGS),
        withdrawn=st.sampled_from([False, False, True]),
        checked=st.sampled_from([True, True, False]),
        named=st.booleans(),
    )
    person = st.builds(
        DrawnPerson,
        standing=st.sampled_from(["current"] * 4 + ["applicant", "lapsed", "none", "suspended"]),
        groups=st.frozensets(st.sampled_from(GROUPS)),
        edits=st.sampled_from([None, None, *range(len(tree))]),
        active=st.sampled_from([True, True, True, False]),
        administrator=st.sampled_from([False] * 7 + [True]),
    )
    return tree, draw(st.lists(paper, min_size=4, max_size=8)), draw(st.lists(person, min_size=4, max_size=4))


# --- The judge, who has read POLICY.md and not the code ---------------------------------------------------------


@dataclass
class Judge:
    tree: list[DrawnFolder]
    person: DrawnPerson
    above: dict[int, list[int]] = field(default_factory=dict)

    def way_up(self, place: int | None) -> list[int]:
        way = []
        while place is not None:
            way.append(place)
            place = self.tree[place].above
        return way

    def may_enter(self, place: int) -> bool:
        if self.person.administrator and self.person.active:
            return True
        audiences = [self.tree[each].audience for each in self.way_up(place)]
        return all(audience is None or audience & self.person.groups for audience in audiences)

    def may_read(self, paper: DrawnPaper) -> bool:
        if not self.person.active:
            return False
        if self.person.administrator:
            return True
        is_out = (
            paper.checked
            and not paper.withdrawn
            and paper.published <= 0
            and (paper.expires is None or paper.expires > 0)
        )
        may_change = self.person.edits in self.way_up(paper.folder)
        if self.person.standing in ("lapsed", "suspended"):
            return False
        if not may_change and not (self.person.standing == "current" and is_out):
            return False
        return self.may_enter(paper.folder) and (paper.marking != "TLP:RED" or paper.named)


# --- Making it --------------------------------------------------------------------------------------------------


def make_tree(tree: list[DrawnFolder]) -> list[Collection]:
    made: list[Collection] = []
    for place, drawn in enumerate(tree):
        above = made[drawn.above] if drawn.above is not None else None
        made.append(make_folder(f"Folder {place}", parent=above))
        if drawn.audience is not None:
            restriction = CollectionViewRestriction.objects.create(collection=made[-1], restriction_type="groups")
            restriction.groups.set(Group.objects.filter(name__in=drawn.audience))
    return made


def make_person(drawn: DrawnPerson, collections: list[Collection]) -> User:
    user = make_member(
        standing="current" if drawn.standing == "none" else drawn.standing,
        groups=tuple(drawn.groups),
        is_superuser=drawn.administrator,
        is_staff=drawn.administrator,
    )
    if drawn.standing == "none":
        Membership.objects.filter(user=user).delete()
    if drawn.edits is not None:
        collections[drawn.edits].refresh_from_db()
        user.groups.add(make_editor_of(collections[drawn.edits]).groups.get())
    User.objects.filter(pk=user.pk).update(is_active=drawn.active)
    return User.objects.get(pk=user.pk)


def make_papers(drawn: list[DrawnPaper], collections: list[Collection], people: list[User]) -> list[SharedDocument]:
    now, made = timezone.now(), []
    for paper in drawn:
        expires = now + paper.expires * HOUR if paper.expires is not None else None
        document = make_paper(
            collection=collections[paper.folder],
            content=b"text",
            file_name="a.txt",
            publish_at=now + paper.published * HOUR,
            expires_at=expires,
            withdrawn_at=now if paper.withdrawn else None,
            inspected=paper.checked,
            recipients=tuple(people) if paper.named else (),
        )
        SharedDocument.objects.filter(pk=document.pk).update(marking=paper.marking)
        made.append(document)
    return made


def papers_in(body: str) -> set[str]:
    return set(re.findall(r'class="paper-row" data-document="([^"]+)"', body))


@settings(
    # PostgreSQL takes its time to plan for tables of a few rows, and what is drawn first is the same on each database.
    max_examples=10 if connection.vendor == "postgresql" else 25,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(site=sites())
def test_every_surface_agrees_with_the_judge(db, site):
    tree, drawn_papers, drawn_people = site
    with transaction.atomic():
        for name in GROUPS:
            Group.objects.get_or_create(name=name)
        collections = make_tree(tree)
        people = [make_person(drawn, collections) for drawn in drawn_people]
        papers = make_papers(drawn_papers, collections, people)
        for place, (drawn, person) in enumerate(zip(drawn_people, people, strict=True)):
            judge = Judge(tree, drawn)
            readable = {
                str(paper.uuid) for paper, each in zip(papers, drawn_papers, strict=True) if judge.may_read(each)
            }
            check_policy(judge, person, papers, readable)
            check_tree(judge, person, collections, papers, readable)
            if place == 0:  # the pages of one take as long as the questions of ten
                check_pages(judge, person, collections, papers, readable)
        transaction.set_rollback(True)


def check_policy(judge, person, papers, readable):
    """The list that every surface starts from, and the decision on each paper."""
    assert {str(paper.uuid) for paper in SharedDocument.objects.visible_to(person)} == readable
    for paper in papers:
        # The record's reason is "no file" just where nothing else stands in the way. Administrators are refused
        # nothing, so that nobody asks why.
        if judge.person.active and not judge.person.administrator:
            reason, uuid = access.refusal(person, pk=paper.pk)
            assert (reason == Refusal.NO_FILE, uuid) == (str(paper.uuid) in readable, str(paper.uuid))


def check_tree(judge, person, collections, papers, readable):
    """Which folders there are, and their counts with those below."""
    nodes = {node.collection_id: node for node in folders.tree_for(person)}
    may_enter = {collection.pk for place, collection in enumerate(collections) if judge.may_enter(place)}
    assert set(nodes) == may_enter
    for place, collection in enumerate(collections):
        if collection.pk not in nodes:
            continue
        below = {collections[each].pk for each in range(len(collections)) if place in judge.way_up(each)}
        inside = {str(paper.uuid) for paper in papers if paper.collection_id in below}
        assert nodes[collection.pk].count == len(inside & readable)
    assert folders.tree_for(person).total == len(readable)


def check_pages(judge, person, collections, papers, readable):
    """The lists over HTTP, each folder's page, and each download."""
    client = Client()
    client.force_login(person)
    if not person.is_active:
        assert client.get("/files/").status_code == 302
        return
    body = client.get("/files/").content.decode()
    assert papers_in(body) == readable
    reads_nothing = not readable and judge.person.standing != "current"
    for place, collection in enumerate(collections):
        path = "/".join(f"folder-{each}" for each in reversed(judge.way_up(place)))
        response = client.get(f"/files/{path}/")
        if not judge.may_enter(place) or reads_nothing:
            assert response.status_code == 404
            continue
        own = {str(paper.uuid) for paper in papers if paper.collection_id == collection.pk}
        assert papers_in(response.content.decode()) == own & readable
    for paper in papers:
        response = client.get(paper.download_url)
        gets = str(paper.uuid) in readable and paper.current_version is not None
        paper.refresh_from_db(fields=["marking"])
        assert response.status_code == ((302 if paper.is_stamped else 200) if gets else 404)
        if paper.is_stamped and gets:  # to the terms, which nobody has accepted here
            assert response["Location"].startswith(f"/files/document/{paper.uuid}/versions/1/terms/")
        if response.streaming:
            assert b"".join(response.streaming_content) == b"text"


# --- What the judge does not draw -------------------------------------------------------------------------------


def test_visitor_reads_nothing():
    make_paper(content=b"x", file_name="a.txt", marking="TLP:CLEAR")
    assert not SharedDocument.objects.visible_to(AnonymousUser()).exists()


def test_restriction_to_signed_in_people_is_one_to_members():
    """Wagtail's "logged-in users" would admit people who are not approved."""
    folder = make_folder()
    CollectionViewRestriction.objects.create(collection=folder, restriction_type="login")
    make_paper(collection=folder, content=b"x", file_name="a.txt")
    visible = SharedDocument.objects.visible_to
    assert visible(make_member()).exists()
    assert not visible(make_member(standing="applicant")).exists()
    assert not visible(make_user()).exists()


def test_folder_with_a_shared_password_is_closed():
    folder = make_folder()
    CollectionViewRestriction.objects.create(collection=folder, restriction_type="password", password="x")
    make_paper(collection=folder, content=b"x", file_name="a.txt")
    assert not SharedDocument.objects.visible_to(make_member()).exists()
    assert SharedDocument.objects.visible_to(make_administrator()).exists()


def test_two_restrictions_of_one_folder_apply_together():
    folder = make_folder(groups=("Reds",))
    second = CollectionViewRestriction.objects.create(collection=folder, restriction_type="groups")
    second.groups.set([Group.objects.get_or_create(name="Blues")[0]])
    make_paper(collection=folder, content=b"x", file_name="a.txt")
    visible = SharedDocument.objects.visible_to
    assert not visible(make_member(groups=("Reds",))).exists()
    assert not visible(make_member(groups=("Blues",))).exists()
    assert visible(make_member(groups=("Reds", "Blues"))).exists()


def test_moving_a_folder_below_a_closed_one_closes_it():
    closed, folder = make_folder("Closed", groups=("Reds",)), make_folder("Open")
    make_paper(collection=folder, content=b"x", file_name="a.txt")
    member = make_member()
    assert SharedDocument.objects.visible_to(member).exists()
    folder.move(closed, "sorted-child")
    assert not SharedDocument.objects.visible_to(member).exists()


def test_folder_with_the_longer_number_is_not_taken_for_one_below():
    """Paths of neighbours never begin with one another."""
    first = make_folder("First", groups=("Reds",))
    neighbours = [make_folder(f"Neighbour {number}") for number in range(40)]
    for neighbour in neighbours:
        make_paper(collection=neighbour, content=b"x", file_name="a.txt")
    assert first.path
    assert SharedDocument.objects.visible_to(make_member()).count() == 40


@pytest.mark.parametrize(("seconds", "readable"), [(-1, True), (0, True), (1, False)])
def test_publication_is_from_its_very_moment(seconds, readable, monkeypatch):
    now = timezone.now()
    make_paper(content=b"x", file_name="a.txt", publish_at=now + datetime.timedelta(seconds=seconds))
    monkeypatch.setattr(access.timezone, "now", lambda: now)
    assert SharedDocument.objects.visible_to(make_member()).exists() is readable


@pytest.mark.parametrize(("seconds", "readable"), [(1, True), (0, False), (-1, False)])
def test_expiry_is_from_its_very_moment(seconds, readable, monkeypatch):
    now = timezone.now()
    make_paper(content=b"x", file_name="a.txt", expires_at=now + datetime.timedelta(seconds=seconds))
    monkeypatch.setattr(access.timezone, "now", lambda: now)
    assert SharedDocument.objects.visible_to(make_member()).exists() is readable


def test_person_in_two_of_an_audience_s_groups_sees_the_paper_once():
    folder = make_folder(groups=GROUPS)
    make_paper(collection=folder, content=b"x", file_name="a.txt")
    assert SharedDocument.objects.visible_to(make_member(groups=GROUPS)).count() == 1


def test_any_member_s_papers_are_what_a_member_without_groups_reads():
    papers = {
        "open": make_paper(content=b"x", file_name="a.txt"),
        "closed": make_paper(content=b"x", file_name="a.txt", collection=make_folder(groups=("Reds",))),
        "red": make_paper(marking="TLP:RED"),
        "early": make_paper(content=b"x", file_name="a.txt", publish_at=timezone.now() + HOUR),
    }
    assert list(SharedDocument.objects.visible_to_any_member()) == [papers["open"]]
    assert list(SharedDocument.objects.visible_to(make_member())) == [papers["open"]]


def test_losing_a_group_ends_access_at_the_next_question():
    folder = make_folder(groups=("Reds",))
    make_paper(collection=folder, content=b"x", file_name="a.txt")
    member = make_member(groups=("Reds",))
    assert SharedDocument.objects.visible_to(member).exists()
    member.groups.clear()
    assert not SharedDocument.objects.visible_to(member).exists()
    member.groups.add(Group.objects.get(name="Reds"))
    Membership.objects.filter(user=member).delete()
    assert not SharedDocument.objects.visible_to(member).exists()
