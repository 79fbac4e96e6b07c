"""A register comes in from a file: checked as a whole, and then imported as a whole or not at all.

The check reads and writes nothing. The import itself is one transaction, kept short by doing everything else before it,
since SQLite lets nobody else write meanwhile.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from members import audit, csv_rows, import_plan, signals
from members.csv_register import Unreadable
from members.csv_rows import Entry, Problem
from members.enums import Action, Decision, ImportState
from members.import_plan import Options, Plan
from members.models import MemberImport, Membership, MembershipLevel, Organisation, User
from members.services import level as level_services
from members.services.membership import begin_new_term, next_number

AT_ONCE = 500  # rows in one statement
MOST_PROBLEMS = 500  # in a report: nobody reads more of them
KEEP = datetime.timedelta(days=7)
MEANWHILE = "Somebody has changed the same people while the import ran. Nothing was imported: please check again."


class Refused(Exception):
    """Something stands against the import, and nothing was imported."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


# --- In the administration: by the worker, with what it found kept beside the file --------------------------------
def ask_for_check(*, member_import: MemberImport, columns: dict[str, int], options: Options) -> None:
    """Let the worker check the file, as the columns and wishes are now."""
    from members.tasks import check_import  # noqa: PLC0415 -- the task calls this module

    with transaction.atomic():
        fitting = MemberImport.objects.filter(pk=member_import.pk).exclude(
            state__in=[ImportState.IMPORTING, ImportState.DONE]
        )
        if fitting.update(state=ImportState.CHECKING, columns=columns, options=options.as_json(), report={}):
            check_import.enqueue(member_import.pk)


def ask_for_import(*, member_import: MemberImport) -> bool:
    """Let the worker import a file that was checked. False where it was asked before, or something else happened."""
    from members.tasks import carry_out_import  # noqa: PLC0415 -- the task calls this module

    with transaction.atomic():
        asked = MemberImport.objects.filter(pk=member_import.pk, state=ImportState.CHECKED)
        if not asked.update(state=ImportState.IMPORTING):
            return False
        carry_out_import.enqueue(member_import.pk)
    return True


def check(*, import_id: int) -> None:
    """Safe to run twice."""
    found = MemberImport.objects.filter(pk=import_id, state=ImportState.CHECKING).select_related("by").first()
    if found is None:
        return
    plan = plan_of(found)
    state = ImportState.REFUSED if plan.problems else ImportState.CHECKED
    report = plan.summary() | _told(plan.problems)
    MemberImport.objects.filter(pk=import_id, state=ImportState.CHECKING).update(state=state, report=report)


def carry_out(*, import_id: int) -> None:
    """Import a checked file. Safe to run twice: the state changes in the transaction that writes everybody."""
    found = MemberImport.objects.filter(pk=import_id, state=ImportState.IMPORTING).select_related("by").first()
    if found is None or found.by is None:
        return
    options = Options.from_json(found.options)
    try:
        plan = plan_of(found)
        write(plan, options=options, by=found.by, file_name=found.file_name, member_import=found)
    except Refused as refused:
        MemberImport.objects.filter(pk=import_id).update(state=ImportState.REFUSED, report=_told(refused.problems))


def plan_of(found: MemberImport) -> Plan:
    options = Options.from_json(found.options)
    try:
        entries, problems = csv_rows.read(found.text, found.delimiter, found.columns)
    except Unreadable as trouble:
        return Plan(problems=[Problem(0, "", str(trouble))])
    return import_plan.make(entries, problems, options=options, by=found.by)


def _told(problems: list[Problem]) -> dict[str, Any]:
    rows = [{"line": each.line, "column": each.column, "sentence": each.sentence} for each in problems]
    return {"problems": rows[:MOST_PROBLEMS], "problem_count": len(rows)}


def forget_old() -> None:
    """Files of the week before, with the people in those that nobody imported."""
    old = MemberImport.objects.filter(created_at__lt=timezone.now() - KEEP)
    old.exclude(state=ImportState.IMPORTING).delete()


# --- The import itself --------------------------------------------------------------------------------------------
def write(
    plan: Plan, *, options: Options, by: User | None, file_name: str, member_import: MemberImport | None = None
) -> dict[str, Any]:
    """Everything that the plan holds, or nothing. Raises Refused."""
    if plan.problems:
        raise Refused(plan.problems)
    users = [_user(entry) for entry in plan.new]
    try:
        with transaction.atomic():
            if member_import is not None and not _finish(member_import, plan):
                return plan.summary()
            levels = _levels(plan, options, by)
            organisations = _organisations(plan)
            User.objects.bulk_create(users, batch_size=AT_ONCE)
            _fill_in_names(plan)
            people = [(entry, user.pk) for entry, user in zip(plan.new, users, strict=True)]
            _join([*people, *plan.known], levels, organisations, options, by)
            _change(plan, levels, organisations, by)
            signals.many_changed.send(sender=MemberImport)
            audit.record(
                Action.MEMBERS_IMPORTED, actor=by, object_kind="members", words=file_name,
                new_members=len(users) + len(plan.known), changed_members=len(plan.changes),
            )  # fmt: skip
    except IntegrityError:
        raise Refused([Problem(0, "", MEANWHILE)]) from None
    return plan.summary()


def _finish(member_import: MemberImport, plan: Plan) -> bool:
    """In the transaction: whoever is second finds that it is done."""
    return bool(
        MemberImport.objects.filter(pk=member_import.pk, state=ImportState.IMPORTING).update(
            state=ImportState.DONE, done_at=timezone.now(), text="", report=plan.summary()
        )
    )


def _user(entry: Entry) -> User:
    """Nobody can sign in with it before having chosen a password, by an invitation or by “Forgotten your password?”."""
    user = User(email=entry.email, first_name=entry.first_name, last_name=entry.last_name)
    user.set_unusable_password()
    return user


def _levels(plan: Plan, options: Options, by: User | None) -> dict[str, MembershipLevel | None]:
    for name in plan.levels:
        level_services.save(level=MembershipLevel(name=name), by=by)
    found: dict[str, MembershipLevel | None] = {_key(each.name): each for each in MembershipLevel.objects.all()}
    return found | {"": found.get(_key(options.level))}


def _organisations(plan: Plan) -> dict[str, Organisation | None]:
    Organisation.objects.bulk_create([Organisation(name=name) for name in plan.organisations], batch_size=AT_ONCE)
    return {"": None, **{_key(each.name): each for each in Organisation.objects.all()}}


def _key(name: str) -> str:
    return " ".join(name.casefold().split())


def _fill_in_names(plan: Plan) -> None:
    """A name that somebody gave himself stays; where there is none, the register's is written."""
    for entry, user_id in plan.known:
        User.objects.filter(pk=user_id, first_name="", last_name="").update(
            first_name=entry.first_name, last_name=entry.last_name
        )


def _join(
    people: list[tuple[Entry, int]],
    levels: dict[str, MembershipLevel | None],
    organisations: dict[str, Organisation | None],
    options: Options,
    by: User | None,
) -> None:
    """New memberships, with the register's numbers, and behind all of those the next free ones."""
    last = max([next_number() - 1, *(entry.number or 0 for entry, _user_id in people)])
    numbers = iter(range(last + 1, last + 1 + len(people)))
    today = timezone.localdate()
    made = []
    for entry, user_id in people:
        expires_on = import_plan.last_day(entry, options)
        membership = Membership(
            user_id=user_id,
            number=entry.number or next(numbers),
            decision=Decision.APPROVED,
            level=levels[_key(entry.level)],
            organisation=organisations[_key(entry.organisation)],
            starts_on=import_plan.first_day(entry),
            expires_on=expires_on,
            # Whose membership was over before the site knew of it is not told so by a mail.
            lapse_is_noted=expires_on is not None and expires_on < today,
        )
        made.append((entry, membership))
    Membership.objects.bulk_create([membership for _entry, membership in made], batch_size=AT_ONCE)
    facts = ((membership.number, _facts(entry, membership)) for entry, membership in made)
    audit.record_many(Action.MEMBERSHIP_IMPORTED, actor=by, object_kind="membership", facts=facts)


def _facts(entry: Entry, membership: Membership) -> dict[str, Any]:
    facts = {
        "user": membership.user_id,
        "starts_on": membership.starts_on and membership.starts_on.isoformat(),
        "expires_on": membership.expires_on and membership.expires_on.isoformat(),
        "line": entry.line,
    }
    return facts | ({"level": membership.level.name} if membership.level else {})


def _change(
    plan: Plan,
    levels: dict[str, MembershipLevel | None],
    organisations: dict[str, Organisation | None],
    by: User | None,
) -> None:
    for start in range(0, len(plan.changes), AT_ONCE):
        some = plan.changes[start : start + AT_ONCE]
        held = (
            Membership.objects.select_for_update(no_key=True, of=("self",))
            .select_related("level", "organisation")
            .order_by()
        )
        memberships = held.in_bulk([change.membership_id for change in some])
        facts = []
        for change in some:
            membership = memberships.get(change.membership_id)
            if membership is None or membership.decision == Decision.PENDING:
                raise Refused([Problem(change.entry.line, "", MEANWHILE)])
            facts.append((membership.number, {
                "user": membership.user_id,
                **dict(_changed(change, membership, levels, organisations)),
                "line": change.entry.line,
            }))  # fmt: skip
        _save(memberships.values())
        audit.record_many(Action.MEMBERSHIP_IMPORTED, actor=by, object_kind="membership", facts=facts)


def _save(memberships: Iterable[Membership]) -> None:
    """One statement for those who get the same, which are many: a fifth of the time that `bulk_update` takes."""
    alike: dict[tuple[Any, ...], list[int]] = {}
    for each in memberships:
        facts = (each.level_id, each.organisation_id, each.expires_on, each.ended_early, each.lapse_is_noted)
        alike.setdefault((*facts, each.reminded_days), []).append(each.pk)
    names = ("level", "organisation", "expires_on", "ended_early", "lapse_is_noted", "reminded_days")
    for facts, keys in alike.items():
        Membership.objects.filter(pk__in=keys).update(**dict(zip(names, facts, strict=True)))


def _changed(
    change: import_plan.Change,
    membership: Membership,
    levels: dict[str, MembershipLevel | None],
    organisations: dict[str, Organisation | None],
) -> Iterator[tuple[str, Any]]:
    """Change the membership, and say what was and what is."""
    entry = change.entry
    if change.level:
        was, membership.level = membership.level, levels[_key(entry.level)]
        yield "level", {"from": was and was.name, "to": membership.level and membership.level.name}
    if change.organisation:
        membership.organisation = organisations[_key(entry.organisation)]
        yield "changed", ["organisation"]  # not by its name, which may be the person's own
    if change.expires_on:
        before = membership.expires_on
        if before is None or (entry.expires_on is not None and entry.expires_on < before):
            raise Refused([Problem(entry.line, "", MEANWHILE)])
        begin_new_term(membership, entry.expires_on)
        membership.lapse_is_noted = entry.expires_on is not None and entry.expires_on < timezone.localdate()
        yield "before", before.isoformat()
        yield "expires_on", entry.expires_on and entry.expires_on.isoformat()
