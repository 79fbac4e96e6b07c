"""The access record in plain words: who, about what, with which outcome.

A row names people and things by numbers and never holds a paper's title: a row cannot be taken back, and a title may
be under embargo. The words are put beside the numbers when somebody reads, and only those that this reader may see.
Who knows a kind of thing registers how it is called, since imports run portal → fileshare → members.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from django.contrib.auth.models import Group
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q
from django.utils.formats import date_format

from members.enums import Action
from members.keys import as_keys
from members.models import AccessRecord, Membership, User

if TYPE_CHECKING:
    from django.db.models import QuerySet

AT_ONCE = 500  # rows
FILTERS = {
    "q": "search",
    "at_from": "from",
    "at_to": "to",
    "action": "what happened",
    "person": "who",
    "subject": "about",
}
SWITCHES = {
    "is_superuser": ("is now an administrator", "is no longer an administrator"),
    "is_active": ("the account is open", "the account is closed"),
    "former_versions_readable": ("former versions are readable", "former versions are no longer readable"),
}


@dataclass(frozen=True)
class Kind:
    """One kind of thing. `names` gives the words for some of its numbers, in one query however many they are;
    `find` the numbers of the things that are called by a word. Both know only what this reader may see."""

    names: Callable[[User, set[str]], Mapping[str, str]]
    find: Callable[[User, str], Iterable[str]]
    nameless: str  # what to say of a number that has no words
    number: Callable[[AccessRecord], str] = lambda row: row.object_id


@dataclass(frozen=True)
class Words:
    """One row in plain words."""

    who: str
    email: str
    about: str
    outcome: str


_kinds: dict[str, Kind] = {}
_outcomes: dict[str, str] = {}


def register(object_kind: str, kind: Kind, *, outcomes: Iterable[tuple[str, str]] = ()) -> None:
    """Say how the things of rows with this `object_kind` are called, and what reasons and outcomes mean."""
    _kinds[object_kind] = kind
    _outcomes.update(outcomes)


def describe(rows: Iterable[AccessRecord], reader: User) -> None:
    """Give each row its `words`; one query for each kind of thing among them."""
    numbers: dict[str, set[str]] = {}
    for row in rows:
        if row.object_kind in _kinds:
            numbers.setdefault(row.object_kind, set()).add(_kinds[row.object_kind].number(row))
    names = {kind: _kinds[kind].names(reader, wanted) for kind, wanted in numbers.items()}
    for row in rows:
        who, email = _person(row)
        about = _about(row, names.get(row.object_kind, {}))
        row.words = Words(who=who, email=email, about=about, outcome=_outcome(row))


class InWords:
    """Rows for an export, described some hundred at a time."""

    def __init__(self, queryset: QuerySet[AccessRecord], reader: User) -> None:
        self.model = queryset.model
        self._queryset, self._reader = queryset, reader

    def __iter__(self) -> Iterator[AccessRecord]:
        rows = iter(self._queryset)
        while some := list(islice(rows, AT_ONCE)):
            describe(some, self._reader)
            yield from some


def by_person(text: str) -> Q:
    """Rows of people whose name or address has every word of the text."""
    return Q(actor__in=_people(text).values("pk"))


def by_subject(text: str, reader: User) -> Q:
    """Rows about things that are called by the text, or that have it as their number."""
    condition = Q(object_id__iexact=text)
    for object_kind, kind in _kinds.items():
        condition |= Q(object_kind=object_kind, object_id__in=list(kind.find(reader, text)))
    return condition


def _person(row: AccessRecord) -> tuple[str, str]:
    if row.actor_id is None:
        return "The site itself", ""
    try:
        person = row.actor
    except ObjectDoesNotExist:
        person = None
    return (str(person), person.email) if person else (f"Somebody whose account is gone (no. {row.actor_id})", "")


def _about(row: AccessRecord, names: Mapping[str, str]) -> str:
    kind = _kinds.get(row.object_kind)
    if kind is None:
        return f"{row.object_kind} {row.object_id}".strip()
    number = kind.number(row)
    name = names.get(number) or f"{kind.nameless} ({number or 'no number'})"
    return f"{name}, version {row.details['version']}" if "version" in row.details else name


def _outcome(row: AccessRecord) -> str:
    said = [row.reason, *_facts(row.details)]
    return "; ".join(_outcomes.get(each, each) for each in said if each)


def _facts(details: Mapping[str, Any]) -> Iterator[str]:
    """What the details say beyond the version and the numbers of things."""
    if "outcome" in details:
        yield str(details["outcome"])
    if "range" in details:
        yield "part of the file"
    if details.get("marking"):
        yield f"from {details['marking']['from']} to {details['marking']['to']}"
    if "expires_on" in details:
        until = details["expires_on"]
        yield f"until {date_format(datetime.date.fromisoformat(until), 'j F Y')}" if until else "no end"
    if "groups" in details:
        yield f"groups: {', '.join(details['groups'])}" if details["groups"] else "no groups"
    if "filters" in details:
        yield from _facts_of_export(details["filters"])
    yield from _facts_of_permissions(details)


def _facts_of_export(asked: str) -> Iterator[str]:
    """Which rows were exported, from the address that asked for them (cut off where it was very long)."""
    wanted = [(name, value) for name, value in parse_qsl(asked) if value]
    yield f"as {dict(wanted).get('export', 'a file').upper()}"
    narrowed = [(FILTERS[name], Action(value).label if value in Action else value)
                for name, value in wanted if name in FILTERS]  # fmt: skip
    yield ", ".join(f"{name}: {value}" for name, value in narrowed) or "all rows"


def _facts_of_permissions(details: Mapping[str, Any]) -> Iterator[str]:
    if details.get("given"):
        yield f"may now: {', '.join(details['given'])}"
    if details.get("taken"):
        yield f"may no longer: {', '.join(details['taken'])}"
    if "people" in details:
        yield f"“{details['group']}”"
        yield f"people in it: {details['people']}"
    for name, (yes, no) in SWITCHES.items():
        if name in details:
            yield yes if details[name] else no


# --- People, which this app knows itself ------------------------------------------------------------------------
def _people(text: str) -> QuerySet[User]:
    people = User.objects.order_by()
    for word in text.split():
        people = people.filter(Q(email__icontains=word) | Q(first_name__icontains=word) | Q(last_name__icontains=word))
    return people


def _names_of_people(reader: User, numbers: set[str]) -> dict[str, str]:
    people = User.objects.filter(pk__in=as_keys(numbers))
    return {str(person.pk): f"{person} ({person.email})" for person in people}


def _find_people(reader: User, text: str) -> list[str]:
    return [str(number) for number in _people(text).values_list("pk", flat=True)]


def _names_of_members(reader: User, numbers: set[str]) -> dict[str, str]:
    members = Membership.objects.filter(user__in=as_keys(numbers)).select_related("user").order_by()
    return {
        str(each.user_id): f"{each.user} ({each.user.email}), member no. {each.number_label}"
        if each.number
        else f"{each.user} ({each.user.email})"
        for each in members
    }


def _names_of_groups(reader: User, numbers: set[str]) -> dict[str, str]:
    return {str(group.pk): f"The group “{group.name}”" for group in Group.objects.filter(pk__in=as_keys(numbers))}


def _find_groups(reader: User, text: str) -> list[str]:
    return [str(number) for number in Group.objects.filter(name__icontains=text).values_list("pk", flat=True)]


def _find_members(reader: User, text: str) -> list[str]:
    members = Membership.objects.filter(user__in=_people(text).values("pk"), number__isnull=False).order_by()
    numbers = {str(number) for number in members.values_list("number", flat=True)}
    return sorted(numbers | {str(number) for number in as_keys([text])})


def _number_of_member(row: AccessRecord) -> str:
    """The account, which an applicant without a number has too."""
    return str(row.details.get("user", ""))


register("user", Kind(_names_of_people, _find_people, "An account that is gone"))
register("group", Kind(_names_of_groups, _find_groups, "A group that is gone"))
register(
    "membership", Kind(_names_of_members, _find_members, "A membership that is gone", number=_number_of_member)
)  # fmt: skip
