"""The access record in plain words: who, about what, with which outcome.

A row names people and things by numbers and never holds a paper's title: a row cannot be taken back, and a title may
be under embargo. The words are put beside the numbers when somebody reads, and only those that this reader may see.
Who knows a kind of thing registers how it is called, since imports run portal → fileshare → members.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from django.contrib.auth.models import Group
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q

from members import record_facts
from members.enums import Action
from members.keys import as_keys
from members.models import (
    AccessRecord,
    Application,
    ErasedPerson,
    Invitation,
    Membership,
    MembershipLevel,
    RecordedWords,
    User,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet

AT_ONCE = 500  # rows
LEFT = "A person who left"
SITE, ACCOUNT_GONE = "The site itself", "Somebody whose account is gone"
WORDS_GONE = "the words that stood here went with the person"
WORDS_CHANGED = "the words beside this row are not those that were written"
EXPORTS = (Action.RECORD_EXPORTED, Action.MEMBERS_EXPORTED, Action.REPORT_EXPORTED, Action.MESSAGES_EXPORTED)


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


def words_for(object_kind: str, reader: User, numbers: set[str]) -> Mapping[str, str]:
    """The words for some things of one kind, as this reader may know them; no query for none."""
    return _kinds[object_kind].names(reader, numbers) if numbers else {}


def name_of(kind: str, number: str, reader: User) -> str:
    """How one thing is called, as this reader may know it."""
    known = _kinds.get(kind)
    if known is None:
        return f"{kind} {number}".strip()
    return known.names(reader, {number}).get(number) or f"{known.nameless} ({number})"


def describe(rows: Iterable[AccessRecord], reader: User) -> None:
    """Give each row its `words`; one query for each kind of thing among them."""
    rows = list(rows)
    numbers: dict[str, set[str]] = {}
    for row in rows:
        if row.object_kind in _kinds:
            numbers.setdefault(row.object_kind, set()).add(_kinds[row.object_kind].number(row))
    names = {kind: _kinds[kind].names(reader, wanted) for kind, wanted in numbers.items()}
    left, said = _who_left(rows), _said(rows)
    for row in rows:
        who, email = _person(row, left)
        about = _about(row, names.get(row.object_kind, {}))
        row.words = Words(who=who, email=email, about=about, outcome=_outcome(row, said))


class InWords:
    """Rows for an export, described some hundred at a time."""

    def __init__(self, queryset: QuerySet[AccessRecord], reader: User) -> None:
        self.model = queryset.model
        self._queryset, self._reader = queryset, reader

    def iterator(self, chunk_size: int) -> Iterator[AccessRecord]:
        rows = self._queryset.iterator(chunk_size=chunk_size)
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


def story(kind: str, number: str) -> Q:
    """Everything about one thing; of a person also what that person did, and the membership's rows. By numbers, so that
    it is found when the person is gone."""
    condition = Q(object_kind=kind, object_id=number)
    if kind != "user":
        return condition
    keys = as_keys([number])
    numbers = {*Membership.objects.filter(user__in=keys).values_list("number", flat=True)}
    numbers |= {*ErasedPerson.objects.filter(number__in=keys).values_list("member_number", flat=True)}
    members = ["", *(str(each) for each in numbers if each)]
    return condition | Q(actor__in=keys) | Q(object_kind="membership", object_id__in=members, details__user__in=keys)


def _actor(row: AccessRecord) -> User | None:
    try:
        return row.actor
    except ObjectDoesNotExist:
        return None


def _who_left(rows: list[AccessRecord]) -> set[int]:
    """Of the actors whose account is gone, those who have been erased."""
    gone = {row.actor_id for row in rows if row.actor_id is not None and _actor(row) is None}
    return set(ErasedPerson.objects.filter(number__in=gone).values_list("number", flat=True)) if gone else set()


def _said(rows: list[AccessRecord]) -> dict[int, str]:
    """What somebody typed when a row was written, by the row's number; words that are not those any more say so."""
    wanted = {row.pk: row.details["words"] for row in rows if "words" in row.details}
    kept = RecordedWords.objects.filter(row__in=wanted) if wanted else ()
    found = {each.row_id: each.text if each.digest == wanted[each.row_id] else WORDS_CHANGED for each in kept}
    return {number: found.get(number, WORDS_GONE) for number in wanted}


def _person(row: AccessRecord, left: set[int]) -> tuple[str, str]:
    if row.actor_id is None:
        return SITE, ""
    person = _actor(row)
    if person is not None:
        return str(person), person.email
    gone = LEFT if row.actor_id in left else ACCOUNT_GONE
    return f"{gone} (no. {row.actor_id})", ""


def _about(row: AccessRecord, names: Mapping[str, str]) -> str:
    kind = _kinds.get(row.object_kind)
    if kind is None:
        return f"{row.object_kind} {row.object_id}".strip()
    number = kind.number(row)
    name = names.get(number) or f"{kind.nameless} ({number or 'no number'})"
    return f"{name}, version {row.details['version']}" if "version" in row.details else name


def _outcome(row: AccessRecord, typed: Mapping[int, str]) -> str:
    said = [row.reason, *_typed(row, typed.get(row.pk, "")), *record_facts.of(row.details)]
    return "; ".join(_outcomes.get(each, each) for each in said if each)


def _typed(row: AccessRecord, words: str) -> Iterable[str]:
    is_query = row.action in EXPORTS and words not in ("", WORDS_GONE, WORDS_CHANGED)
    return record_facts.of_export(words) if is_query else [words]


# --- People, which this app knows itself ------------------------------------------------------------------------
def _people(text: str) -> QuerySet[User]:
    people = User.objects.order_by()
    for word in text.split():
        people = people.filter(Q(email__icontains=word) | Q(first_name__icontains=word) | Q(last_name__icontains=word))
    return people


def _names_of_people(reader: User, numbers: set[str]) -> dict[str, str]:
    people = User.objects.filter(pk__in=as_keys(numbers))
    known = {str(person.pk): f"{person} ({person.email})" for person in people}
    return known | {str(number): f"{LEFT} (no. {number})" for number, _ in _left(numbers - known.keys())}


def _left(numbers: set[str]) -> list[tuple[int, int | None]]:
    """The accounts among these that were erased, with the number of the membership."""
    if not numbers:
        return []
    return list(ErasedPerson.objects.filter(number__in=as_keys(numbers)).values_list("number", "member_number"))


def _find_people(reader: User, text: str) -> list[str]:
    return [str(number) for number in _people(text).values_list("pk", flat=True)]


def _names_of_members(reader: User, numbers: set[str]) -> dict[str, str]:
    members = Membership.objects.filter(user__in=as_keys(numbers)).select_related("user").order_by()
    known = {
        str(each.user_id): f"{each.user} ({each.user.email}), member no. {each.number_label}"
        if each.number
        else f"{each.user} ({each.user.email})"
        for each in members
    }
    return known | {
        str(number): f"{LEFT}, member no. {member:05d}" if member else f"{LEFT} (no. {number})"
        for number, member in _left(numbers - known.keys())
    }


def _names_of_groups(reader: User, numbers: set[str]) -> dict[str, str]:
    return {str(group.pk): f"The group “{group.name}”" for group in Group.objects.filter(pk__in=as_keys(numbers))}


def _names_of_levels(reader: User, numbers: set[str]) -> dict[str, str]:
    levels = MembershipLevel.objects.filter(pk__in=as_keys(numbers))
    return {str(level.pk): f"The level “{level.name}”" for level in levels}


def _find_levels(reader: User, text: str) -> list[str]:
    found = MembershipLevel.objects.filter(name__icontains=text)
    return [str(number) for number in found.values_list("pk", flat=True)]


def _find_groups(reader: User, text: str) -> list[str]:
    return [str(number) for number in Group.objects.filter(name__icontains=text).values_list("pk", flat=True)]


def _find_members(reader: User, text: str) -> list[str]:
    members = Membership.objects.filter(user__in=_people(text).values("pk"), number__isnull=False).order_by()
    numbers = {str(number) for number in members.values_list("number", flat=True)}
    return sorted(numbers | {str(number) for number in as_keys([text])})


def _names_of_applications(reader: User, numbers: set[str]) -> dict[str, str]:
    return {str(each.pk): f"The application of {each} ({each.email})" for each in
            Application.objects.filter(pk__in=as_keys(numbers))}  # fmt: skip


def _find_applications(reader: User, text: str) -> list[str]:
    return [str(number) for number in Application.objects.received().matching(text).values_list("pk", flat=True)]


def _names_of_invitations(reader: User, numbers: set[str]) -> dict[str, str]:
    found = Invitation.objects.filter(pk__in=as_keys(numbers))
    return {str(each.pk): f"The invitation to {each.email}" for each in found}


def _find_invitations(reader: User, text: str) -> list[str]:
    return [str(number) for number in Invitation.objects.filter(email__icontains=text).values_list("pk", flat=True)]


def _number_of_member(row: AccessRecord) -> str:
    """The account, which an applicant without a number has too."""
    return str(row.details.get("user", ""))


register("user", Kind(_names_of_people, _find_people, "An account that is gone"))
register("application", Kind(_names_of_applications, _find_applications, "An application that is gone"))
register("invitation", Kind(_names_of_invitations, _find_invitations, "An invitation that is gone"))
register("group", Kind(_names_of_groups, _find_groups, "A group that is gone"))
register("level", Kind(_names_of_levels, _find_levels, "A level that is gone"))
register(
    "members",
    Kind(
        lambda reader, numbers: dict.fromkeys(numbers, "The list of members"),
        lambda reader, text: [],
        "The list of members",
    ),
)
register(
    "membership", Kind(_names_of_members, _find_members, "A membership that is gone", number=_number_of_member)
)  # fmt: skip
