"""Whose audience a person is in: asked by the policy for papers, and by whoever else opens something to a group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Group
from django.db.models import Exists, OuterRef, Q

from members.models import Membership, User

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet


def ways_into_groups(user: User, path: str = "") -> tuple[Q, ...]:
    """How a person comes to be in a group's audience, as conditions on groups, or on what names groups by `path`
    (such as "groups__"): somebody put the person into it, or it is the group of the level of a *current* membership.

    A level's group is never written into the table of people's groups: it is looked up here, through the membership,
    each time that somebody asks. So it begins and ends at the same moment as the membership, be it by a decision, by
    midnight, by another level or by another group of the level, and no job, no import and no slip in a list of
    100,000 people can leave one of them behind. It gives an audience and no rights: what the administration lets people
    do goes by the table.

    One condition for each way, each for a query of its own: together, by “or”, the database would walk through
    everybody who is in a group. One subquery deep, since SQLite's parser gives up on the policy's nested ones
    otherwise. Of whoever comes with a session it is known which ways there are (members.auth_backends).
    """
    in_table = Q(**{f"{path}user": user.pk})
    if not getattr(user, "is_known_today", False):
        levels = Membership.objects.current().filter(user=user.pk).values("level")
        return in_table, Q(**{f"{path}levels__in": levels})
    known: Any = user
    ways = [in_table] if known.is_in_a_group else []
    if known.is_current_member and known.level_today:
        ways.append(Q(**{f"{path}levels": known.level_today}))
    return tuple(ways)


def groups_of(user: User) -> QuerySet[Group]:
    """The groups whose audience the person is in."""
    found = Q(pk__in=[])
    for way in ways_into_groups(user):
        found |= Q(pk__in=Group.objects.filter(way).values("pk"))
    return Group.objects.filter(found)


def people_in(group: Group) -> QuerySet[User]:
    """Everybody in the group's audience, in the same sense."""
    by_level = Membership.objects.current().filter(level__group=group).values("user")
    return User.objects.filter(Q(pk__in=by_level) | Q(pk__in=User.objects.filter(groups=group).values("pk")))


def current_people() -> QuerySet[User]:
    """Everybody who is a current member today and may sign in."""
    return User.objects.filter(Exists(Membership.objects.current().filter(user=OuterRef("pk"))), is_active=True)


def those_in(people: QuerySet[User], groups: Collection[int]) -> QuerySet[User]:
    """Those of some people who are in the audience of any of these groups, each in their own way in."""
    in_table = User.groups.through.objects.filter(user=OuterRef("pk"), group__in=groups)
    by_level = Membership.objects.current().filter(user=OuterRef("pk"), level__group__in=groups)
    return people.filter(Exists(in_table) | Exists(by_level))


def tell_wagtail(user: User) -> None:
    """Wagtail asks `user.groups.all()` whether a private page is open to the person: let it find, for this request,
    the groups that count. Asks nothing by itself."""
    user._prefetched_objects_cache = {  # type: ignore[attr-defined]  # Django's own place for what it knows already
        **getattr(user, "_prefetched_objects_cache", {}),
        "groups": groups_of(user),
    }
