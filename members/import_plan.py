"""What an import of a register would do: who is new, who changes, what is made besides, and what stands against it."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from members.csv_register import COLUMNS
from members.csv_rows import Entry, Problem
from members.enums import Decision
from members.models import ErasedPerson, Membership, MembershipLevel, Organisation, User
from members.services.membership import OWN, is_oneself

AT_ONCE = 500  # people asked for in one query
TO_BE_MADE = -1  # nobody has it yet


@dataclass(frozen=True)
class Options:
    """How the secretary wants it.

    People who are members already are known by their address. What the register says of their level, organisation and
    dates is taken over; with `update` off each of them is a problem instead.
    """

    update: bool = True
    make_organisations: bool = True
    make_levels: bool = False
    level: str = ""  # for rows that name none
    expires_on: datetime.date | None = None  # for rows that name none

    def as_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self) | {"expires_on": self.expires_on and self.expires_on.isoformat()}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Options:
        day = kept.get("expires_on")
        return cls(**{**kept, "expires_on": datetime.date.fromisoformat(day) if day else None})


@dataclass(frozen=True, slots=True)
class Change:
    """What a row changes about somebody who is a member."""

    entry: Entry
    membership_id: int
    level: bool
    organisation: bool
    expires_on: bool


@dataclass
class Plan:
    new: list[Entry] = field(default_factory=list)
    known: list[tuple[Entry, int]] = field(default_factory=list)  # accounts without a membership, by their key
    changes: list[Change] = field(default_factory=list)
    unchanged: int = 0
    organisations: list[str] = field(default_factory=list)
    levels: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """For the report, as JSON."""
        return {
            "new": len(self.new) + len(self.known),
            "changed": len(self.changes),
            "unchanged": self.unchanged,
            "organisations": self.organisations,
            "levels": self.levels,
        }


def make(entries: list[Entry], problems: list[Problem], *, options: Options, by: User | None) -> Plan:
    """Compare the register with what the site knows. `by` is None at the console, where an operator may do anything."""
    plan = Plan(problems=list(problems))
    plan.levels = _names(entries, "level", MembershipLevel, options.make_levels, plan)
    plan.organisations = _names(entries, "organisation", Organisation, options.make_organisations, plan)
    levels = {_key(level.name): level.pk for level in MembershipLevel.objects.all()}
    organisations = {_key(name): key for key, name in Organisation.objects.values_list("pk", "name")}
    people = _People(levels, organisations)
    for some in _batches(entries):
        for entry, user, membership in people.of(some):
            _sort(entry, user, membership, people, options, by, plan)
    _numbers(plan)
    plan.problems.sort(key=lambda problem: problem.line)
    return plan


def _names(entries: list[Entry], name: str, model: type[Any], may_be_made: bool, plan: Plan) -> list[str]:
    """Those that the site does not know, as the register first writes them; where none may be made, as problems."""
    known = {_key(each) for each in model.objects.values_list("name", flat=True)}
    wanted: dict[str, str] = {}
    for entry in entries:
        text = getattr(entry, name)
        if text and _key(text) not in known:
            if not may_be_made:
                sentence = f"The site knows no {name} “{text}”. Correct it, or let the import make what is missing."
                plan.problems.append(Problem(entry.line, COLUMNS[name][0], sentence))
            wanted.setdefault(_key(text), text)
    return list(wanted.values()) if may_be_made else []


def _key(name: str) -> str:
    return " ".join(name.casefold().split())


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    rest = iter(entries)
    while some := list(islice(rest, AT_ONCE)):
        yield some


class _People:
    """Accounts and memberships of the people of some rows, two queries for some hundred of them."""

    def __init__(self, levels: dict[str, int], organisations: dict[str, int]) -> None:
        self.levels, self.organisations = levels, organisations

    def of(self, entries: list[Entry]) -> Iterator[tuple[Entry, User | None, Membership | None]]:
        found = User.objects.filter(email__in=[each.email for each in entries]).only("email", "leaves_at")
        users = {user.email: user for user in found}
        rows = Membership.objects.filter(user__in=[user.pk for user in users.values()]).order_by()
        memberships = {each.user_id: each for each in rows}
        for entry in entries:
            user = users.get(entry.email)
            yield entry, user, memberships.get(user.pk) if user else None


def _sort(
    entry: Entry,
    user: User | None,
    membership: Membership | None,
    people: _People,
    options: Options,
    by: User | None,
    plan: Plan,
) -> None:
    if user is not None and user.is_leaving:
        sentence = f"{entry.email} has asked to be erased. Please take the row out."
        plan.problems.append(Problem(entry.line, COLUMNS["email"][0], sentence))
        return
    if membership is None:
        problem = _against_new(entry, user, options, by)
        if problem:
            plan.problems.append(problem)
        elif user is None:
            plan.new.append(entry)
        else:
            plan.known.append((entry, user.pk))
        return
    change = Change(
        entry,
        membership.pk,
        level=bool(entry.level) and people.levels.get(_key(entry.level), TO_BE_MADE) != membership.level_id,
        organisation=bool(entry.organisation)
        and people.organisations.get(_key(entry.organisation), TO_BE_MADE) != membership.organisation_id,
        expires_on=entry.expires_on is not None and entry.expires_on != membership.expires_on,
    )
    problem = _against_change(entry, membership, change, options, by)
    if problem:
        plan.problems.append(problem)
    elif change.level or change.organisation or change.expires_on:
        plan.changes.append(change)
    else:
        plan.unchanged += 1


def first_day(entry: Entry) -> datetime.date:
    return entry.starts_on or timezone.localdate()


def last_day(entry: Entry, options: Options) -> datetime.date | None:
    return entry.expires_on or options.expires_on


def _against_new(entry: Entry, user: User | None, options: Options, by: User | None) -> Problem | None:
    if user is not None and by is not None and is_oneself(user.pk, by):
        return Problem(entry.line, COLUMNS["email"][0], OWN)
    last = last_day(entry, options)
    if last is not None and last < first_day(entry):
        what = "ended before it starts" if entry.starts_on else "has ended, and no first day says when it began"
        return Problem(entry.line, COLUMNS["expires_on"][0], f"The membership {what}. Please give both days.")
    return None


def _against_change(
    entry: Entry, membership: Membership, change: Change, options: Options, by: User | None
) -> Problem | None:
    """Why a row about somebody who has a membership, or has applied for one, cannot be taken over."""
    address = COLUMNS["email"][0]
    if not options.update:
        return Problem(entry.line, address, f"{entry.email} is known to the site already.")
    if membership.decision == Decision.PENDING:
        return Problem(entry.line, address, f"{entry.email} has applied. Please decide about the application first.")
    if entry.number is not None and entry.number != membership.number:
        sentence = f"{entry.email} has the number {membership.number} on the site, and a number never changes."
        return Problem(entry.line, COLUMNS["number"][0], sentence)
    if entry.expires_on is not None and (membership.expires_on is None or entry.expires_on < membership.expires_on):
        on_site = date_format(membership.expires_on, "j F Y") if membership.expires_on else "no end"
        sentence = f"The site has {on_site}. An import makes no membership shorter: end it by hand, or correct the row."
        return Problem(entry.line, COLUMNS["expires_on"][0], sentence)
    differs = change.level or change.organisation or change.expires_on
    if differs and by is not None and is_oneself(membership.user_id, by):
        return Problem(entry.line, address, OWN)
    return None


def _numbers(plan: Plan) -> None:
    """A number of the register that another member has."""
    joining = (*plan.new, *(entry for entry, _user_id in plan.known))
    wanted = {entry.number: entry for entry in joining if entry.number is not None}
    for some in _batches_of_numbers(list(wanted)):
        taken = Membership.objects.filter(number__in=some).order_by().values_list("number", flat=True)
        left = ErasedPerson.objects.filter(member_number__in=some).values_list("member_number", flat=True)
        for number in {each for each in (*taken, *left) if each is not None}:
            sentence = f"Another member has, or had, the number {number} already."
            plan.problems.append(Problem(wanted[number].line, COLUMNS["number"][0], sentence))


def _batches_of_numbers(numbers: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(numbers), AT_ONCE):
        yield numbers[start : start + AT_ONCE]
