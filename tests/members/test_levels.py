"""A level gives the audience of its group: from the same request on as the membership, and as long as it lasts."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from members import access
from members.models import AccessRecord, Membership, MembershipLevel, User
from members.services import level as services
from members.services import membership as decisions
from tests.factories import make_administrator, make_folder, make_member, make_paper, make_post, make_user

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


def make_level(name: str = "Fellow", **fields: object) -> MembershipLevel:
    return services.save(level=MembershipLevel(name=name, **fields), by=None)


@pytest.fixture
def level():
    return make_level()


@pytest.fixture
def fellow(level):
    user = make_member("fellow@example.org")
    Membership.objects.filter(user=user).update(level=level)
    return User.objects.get(pk=user.pk)


def groups(user):
    return sorted(access.groups_of(user).values_list("name", flat=True))


# --- The audience -----------------------------------------------------------------------------------------------


def test_paper_of_the_levels_folder_opens_and_closes_with_the_membership(level, fellow, signed_in):
    paper = make_paper(
        "For fellows", content=b"x", file_name="a.txt", collection=make_folder(groups=("Fellow members",))
    )
    address, client, by = f"/files/document/{paper.uuid}/", signed_in(fellow), make_user()
    other = signed_in(make_member())
    membership, today = fellow.membership, timezone.localdate()

    def is_open():
        assert other.get(address).status_code == 404
        return client.get(address).status_code == 200

    assert is_open()
    decisions.suspend(membership=membership, by=by, reason="x")
    assert not is_open()
    decisions.reinstate(membership=membership, by=by)
    assert is_open()
    decisions.change_details(membership=membership, by=by, level=None, organisation=None)
    assert not is_open()
    decisions.change_details(membership=membership, by=by, level=level, organisation=None)
    assert is_open()
    Membership.objects.filter(pk=membership.pk).update(expires_on=today - DAY)
    assert not is_open()
    level.grace_days = 1
    services.save(level=level, by=by)
    assert is_open()
    level.group = Group.objects.create(name="Another")
    services.save(level=level, by=by)
    assert not is_open()


def test_level_of_a_lapsed_editor_opens_nothing_either(level, fellow):
    """Whoever may change a folder's papers reads them as a member of the audience; a level that is over is none."""
    assert groups(fellow) == ["Fellow members"]
    Membership.objects.filter(user=fellow).update(expires_on=timezone.localdate() - DAY)
    assert groups(fellow) == []
    fellow.groups.add(level.group)
    assert groups(fellow) == ["Fellow members"]


def test_levels_group_is_in_nobodys_own_groups(fellow):
    assert list(fellow.groups.all()) == []


def test_groups_rights_are_not_the_levels(level, fellow):
    """A group that gets a right later on gives it to those who were put into it, and to nobody by a level."""
    level.group.permissions.add(Permission.objects.get(codename="access_admin"))
    assert not User.objects.get(pk=fellow.pk).has_perm("wagtailadmin.access_admin")


def test_private_page_of_the_levels_group_is_open_to_the_level(level, fellow, signed_in):
    post = make_post("For fellows")
    restriction = PageViewRestriction.objects.create(
        page=Page.objects.get(pk=post.pk), restriction_type=PageViewRestriction.GROUPS
    )
    restriction.groups.add(level.group)
    client = signed_in(fellow)
    assert client.get(post.url).status_code == 200
    assert signed_in(make_member()).get(post.url).status_code == 403
    Membership.objects.filter(user=fellow).update(expires_on=timezone.localdate() - DAY)
    assert client.get(post.url).status_code == 403


def test_people_of_a_group_are_counted_with_those_of_its_levels(level, fellow):
    both, put_in = make_member(groups=(level.group.name,)), make_user(groups=(level.group.name,))
    Membership.objects.filter(user=both).update(level=level)
    lapsed = make_member(standing="lapsed")
    Membership.objects.filter(user=lapsed).update(level=level)
    assert set(access.people_in(level.group)) == {fellow, both, put_in}
    level.group.delete()
    assert AccessRecord.objects.get(action="group_deleted").details["people"] == 3
    level.refresh_from_db()
    assert level.group is None


# --- Making and changing a level --------------------------------------------------------------------------------


@pytest.fixture
def admin(signed_in):
    return signed_in(make_administrator())


FORM = {"name": "Fellow", "group": "", "grace_days": "14", "order": "1"}
ADD = "/admin/snippets/members/membershiplevel/add/"


def rows():
    return [(row.object_id, row.details) for row in AccessRecord.objects.filter(action="level_changed").order_by("pk")]


def test_level_is_made_with_its_group_and_both_are_recorded(admin):
    assert admin.post(ADD, FORM).status_code == 302
    level = MembershipLevel.objects.get()
    assert (level.group.name, level.grace_days) == ("Fellow members", 14)
    changed = {"opens_to": {"from": None, "to": "Fellow members"}, "grace_days": {"from": 0, "to": 14}}
    assert rows() == [(str(level.pk), {"name": "Fellow", **changed})]
    address = f"/admin/snippets/members/membershiplevel/edit/{level.pk}/"
    committee = Group.objects.create(name="Committee")
    assert admin.post(address, {**FORM, "group": committee.pk, "order": "2"}).status_code == 302
    assert rows()[1:] == [
        (str(level.pk), {"name": "Fellow", "opens_to": {"from": "Fellow members", "to": "Committee"}})
    ]
    assert admin.post(address, {**FORM, "group": committee.pk, "order": "3"}).status_code == 302
    assert len(rows()) == 2
    page = admin.get("/admin/access-record/?action=level_changed").content.decode()
    assert "The level “Fellow”" in page
    assert "group from Fellow members to Committee" in page


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "There is a group “Fellow members” already."),
        ({"group": "Editors"}, "may do things in the administration. Choose a group that only opens papers."),
        ({"grace_days": "367"}, "less than or equal to 366"),
        ({"grace_days": "-1"}, "greater than or equal to 0"),
        ({"name": ""}, "This field is required."),
    ],
)
def test_level_that_does_not_fit_is_refused_in_a_sentence(admin, data, sentence):
    Group.objects.get_or_create(name="Fellow members")
    chosen = Group.objects.filter(name=data.get("group", "")).values_list("pk", flat=True).first()
    page = admin.post(ADD, {**FORM, **data, "group": chosen or ""})
    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert (MembershipLevel.objects.count(), rows()) == (0, [])


@pytest.mark.parametrize(
    "way", ["snippets/members/membershiplevel/delete/{}/", "bulk/members/membershiplevel/delete/?id={}"]
)
def test_level_that_somebody_has_stays(admin, level, fellow, way):
    response = admin.post(f"/admin/{way.format(level.pk)}", follow=True)
    assert "Somebody has the level Fellow. Give them another one first." in response.content.decode()
    assert MembershipLevel.objects.filter(pk=level.pk).exists()
    Membership.objects.update(level=None)
    admin.post(f"/admin/{way.format(level.pk)}")
    assert not MembershipLevel.objects.filter(pk=level.pk).exists()
