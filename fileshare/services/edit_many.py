"""The same change of several papers: of all of them or of none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction

from fileshare import access, delivery, states
from fileshare.markings import MUST_BE_A_PLAIN_PDF, Marking
from fileshare.models import SharedDocument
from fileshare.services import inspect, publish, retention

if TYPE_CHECKING:
    from members.models import User

FIELDS = {"marking": "marking", "source": "source organisation", "expires_at": "expiry"}
MOST = 500  # papers: some seconds of work
MOST_EXAMINED = 50  # files: the same
CHANGED_MEANWHILE = "Somebody else has changed one of these papers meanwhile. Nothing was changed; please try again."

Changes = Mapping[str, Any]
# Of each paper what will differ: the field, as it is, as it will be.
Plan = dict[SharedDocument, list[tuple[str, Any, Any]]]


def plan(*, papers: Iterable[SharedDocument], changes: Changes, reason: str) -> Plan:
    """What the changes of FIELDS (a field that is not among them stays) come to. Looks into files, where a marking is
    raised.

    Raises ValidationError with a sentence for each paper that they do not fit.
    """
    planned: Plan = {
        paper: [(name, getattr(paper, name), new) for name, new in changes.items() if getattr(paper, name) != new]
        for paper in papers
    }
    changing = [paper for paper, differences in planned.items() if differences]
    problems = [sentence for paper in changing for sentence in _misfits(paper, changes)]
    if marking := changes.get("marking"):
        marked = [paper for paper in changing if paper.marking != marking]
        if marked and not reason:
            problems.append("Please say in a few words why the marking changes.")
        if marking in MUST_BE_A_PLAIN_PDF and not problems:
            problems += _files_that_bear_no_stamp(marked)
    if problems:
        raise ValidationError(problems)
    return planned


def _misfits(paper: SharedDocument, changes: Changes) -> list[str]:
    problems = []
    expiry = changes.get("expires_at")
    if expiry is not None and expiry <= paper.publish_at:
        problems.append(f"“{paper.title}” is published on {states.day(paper.publish_at)}: its expiry must be later.")
    elif lost := retention.destroyed_at_once(paper, folder_id=paper.collection_id, expires_at=expiry):
        problems.append(lost)
    if changes.get("marking") == Marking.RED and not paper.recipients.exists():
        problems.append(f"“{paper.title}” has no named recipients, which TLP:RED needs. Please mark it by itself.")
    return problems


def _files_that_bear_no_stamp(papers: list[SharedDocument]) -> list[str]:
    """POLICY: AMBER and above must be a PDF that can be stamped; those that are marked so already are."""
    raised = [paper for paper in papers if paper.marking not in MUST_BE_A_PLAIN_PDF]
    if len(raised) > MOST_EXAMINED:
        return [
            f"Raising a marking above TLP:GREEN looks into each file: please choose at most {MOST_EXAMINED} papers."
        ]
    problems = []
    for paper in raised:
        try:
            obstacle = inspect.obstacle_in_store(paper.newest_version) if paper.newest_version else ""
        except delivery.FileMissing:
            obstacle = "Its file cannot be reached just now."
        if obstacle:
            problems.append(f"“{paper.title}”: {obstacle}")
    return problems


def edit(*, papers: Iterable[SharedDocument], by: User, changes: Changes, reason: str) -> int:
    """Do it, with a row of the record for each paper that changes, and say of how many. Raises ValidationError as
    `plan`, and where a paper is not the person's to change, or is not what it was a moment ago."""
    planned = plan(papers=papers, changes=changes, reason=reason)
    with transaction.atomic():
        mine = SharedDocument.objects.filter(access.may_change_condition(by), pk__in=[paper.pk for paper in planned])
        locked = {paper.pk: paper for paper in mine.select_for_update(no_key=True, of=("self",)).order_by("pk")}
        for before, differences in planned.items():
            now = locked.get(before.pk)
            if now is None or _state(now) != _state(before):
                raise ValidationError(CHANGED_MEANWHILE)
            if differences:
                _change(now, differences, by, reason)
    return sum(map(bool, planned.values()))


def _state(paper: SharedDocument) -> tuple[Any, ...]:
    """What the plan rests upon."""
    return paper.marking, paper.publish_at, paper.current_version_id, paper.file.name


def _change(paper: SharedDocument, differences: list[tuple[str, Any, Any]], by: User, reason: str) -> None:
    marking_before, fields = paper.marking, [name for name, _was, _new in differences]
    for name, _was, new in differences:
        setattr(paper, name, new)
    paper.save(update_fields=fields)
    publish.record_change(
        document=paper,
        by=by,
        fields=fields,
        marking_before=marking_before,
        reason=reason if "marking" in fields else "",
    )


def in_words(differences: list[tuple[str, Any, Any]]) -> list[str]:
    """As a person reads it before it is done."""
    return [f"{FIELDS[name]}: {_word(name, was)} → {_word(name, new)}" for name, was, new in differences]


def _word(name: str, value: Any) -> str:
    if name == "expires_at":
        return states.day(value) or "never"
    return str(value or "none")
