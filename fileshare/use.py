"""How papers are used: readings and downloads, counted from the access record, for reports.

An editor gets counts of the papers that the same person may change; who it was that read is for those who may read the
access record, with the titles and folders that are open to them (as `record_words` has it).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Count, OuterRef, Q, Subquery, UUIDField, Value
from django.db.models.functions import Cast, Replace, TruncDate
from wagtail.models import Collection

from fileshare.enums import UseBy
from fileshare.models import SharedDocument
from fileshare.record_words import CLOSED_FOLDER, CLOSED_PAPER, as_uuids, open_folders
from fileshare.wagtail_policy import policy
from members import record_words
from members.enums import Action
from members.models import AccessRecord

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from members.models import User

AT_ONCE = 500  # rows that are put into words together
GONE = "Papers that are gone"
DAYS = (UseBy.PAPER_DAY, UseBy.FOLDER_DAY, UseBy.DAY, UseBy.PERSON)
FOLDERS = (UseBy.FOLDER, UseBy.FOLDER_DAY)
PAPERS = (UseBy.PAPER, UseBy.PAPER_DAY, UseBy.PERSON)


@dataclass(frozen=True)
class Row:
    """One line of the report; what its grouping does not name is empty. `paper` is the key of one that the person may
    change, `uuid` the number under which the record knows it."""

    reads: int
    downloads: int
    day: datetime.date | None = None
    title: str = ""
    folder: str = ""
    person: str = ""
    uuid: str = ""
    paper: int | None = None


def knows_people(reader: User) -> bool:
    """Whether the person may be told who read."""
    return reader.has_perm("members.view_accessrecord")


def is_for(reader: User) -> bool:
    """Whether there is anything in the report for this person."""
    return knows_people(reader) or bool(policy().user_has_permission(reader, "change"))


def papers_known_to(reader: User) -> QuerySet[SharedDocument]:
    """Papers whose titles the person may know: those to change, and for who reads the record, those to read."""
    mine: QuerySet[SharedDocument] = policy().instances_user_has_permission_for(reader, "change")
    if not knows_people(reader):
        return mine
    open_to = SharedDocument.objects.visible_to(reader).order_by()
    return SharedDocument.objects.filter(Q(pk__in=mine.order_by().values("pk")) | Q(pk__in=open_to.values("pk")))


def folders_known_to(reader: User) -> QuerySet[Collection]:
    """Folders whose names the person may know."""
    known = Q(pk__in=policy().collections_to_change(reader).values("pk"))
    if knows_people(reader):
        known |= Q(pk__in=open_folders(reader).values("pk"))
    return Collection.objects.filter(known)


def counted(reader: User) -> QuerySet[AccessRecord]:
    """The rows of the record that count, as far as this person may know of them. A part of a file, which a program asks
    for when a download broke off, is no download. (Only papers are read and downloaded: to ask for their kind as well
    would have SQLite leave the index of actions alone.)"""
    whole = Q(action=Action.READ) | (Q(action=Action.DOWNLOADED) & ~Q(details__has_key="range"))
    rows = AccessRecord.objects.filter(whole, action__in=(Action.READ, Action.DOWNLOADED))
    return rows if knows_people(reader) else about(rows, papers_known_to(reader))


def about(rows: QuerySet[AccessRecord], papers: QuerySet[SharedDocument]) -> QuerySet[AccessRecord]:
    """Those about some papers. The record writes a paper's number with hyphens; SQLite keeps it without."""
    bare = Replace(Cast("uuid", CharField()), Value("-"), Value(""))
    keys = papers.order_by().annotate(bare=bare).values("bare")
    return rows.alias(bare=Replace("object_id", Value("-"), Value(""))).filter(bare__in=keys)


def grouped(rows: QuerySet[AccessRecord], by: UseBy) -> QuerySet[AccessRecord, dict[str, Any]]:
    """One dictionary for each group: its keys, `reads` and `downloads`."""
    if by in DAYS:
        rows = rows.annotate(day=TruncDate("at"))
    if by in FOLDERS:
        number = Cast(Replace(OuterRef("object_id"), Value("-"), Value("")), UUIDField())
        rows = rows.annotate(folder=Subquery(SharedDocument.objects.filter(uuid=number).values("collection")[:1]))
    keys = [name for name, where in (("day", DAYS), ("folder", FOLDERS), ("object_id", PAPERS)) if by in where]
    keys += ["actor_id"] if by == UseBy.PERSON else []
    counts = {
        "reads": Count("pk", filter=Q(action=Action.READ)),
        "downloads": Count("pk", filter=Q(action=Action.DOWNLOADED)),
    }
    first = ["-day"] if by in DAYS else []
    return rows.order_by().values(*keys).annotate(**counts).order_by(*first, "-downloads", "-reads", *keys)


def in_words(groups: Iterable[dict[str, Any]], reader: User) -> Iterator[Row]:
    """In the same order; at most five queries for each `AT_ONCE` groups."""
    left = iter(groups)
    while some := list(islice(left, AT_ONCE)):
        yield from _in_words(some, reader)


def _in_words(groups: list[dict[str, Any]], reader: User) -> Iterator[Row]:
    titles, mine = _titles({each["object_id"] for each in groups if "object_id" in each}, reader)
    names = _names({each["folder"] for each in groups if "folder" in each}, reader)
    numbers = {str(each["actor_id"]) for each in groups if each.get("actor_id") is not None}
    people = record_words.words_for("user", reader, numbers)
    for each in groups:
        uuid = each.get("object_id", "")
        yield Row(
            reads=each["reads"],
            downloads=each["downloads"],
            day=each.get("day"),
            title=titles.get(uuid, f"A paper that is gone ({uuid})") if uuid else "",
            folder=names[each["folder"]] if "folder" in each else "",
            person=_person(each["actor_id"], people) if "actor_id" in each else "",
            uuid=uuid,
            paper=mine.get(uuid),
        )


def _person(number: int | None, names: Mapping[str, str]) -> str:
    return (
        record_words.SITE if number is None else names.get(str(number), f"{record_words.ACCOUNT_GONE} (no. {number})")
    )


def _titles(uuids: set[str], reader: User) -> tuple[dict[str, str], dict[str, int]]:
    """The titles by the paper's public number, and the keys of those that the person may change."""
    if not uuids:
        return {}, {}
    # By their keys, and not by way of `papers_known_to`: the database would find all of those for each some hundred.
    papers = SharedDocument.objects.filter(uuid__in=as_uuids(uuids)).order_by()
    keys = {key: str(uuid) for key, uuid in papers.values_list("pk", "uuid")}
    titles = {uuid: f"{CLOSED_PAPER} ({uuid})" for uuid in keys.values()}
    if knows_people(reader):
        open_to = SharedDocument.objects.filter(pk__in=keys).visible_to(reader).order_by()
        titles |= {keys[key]: title for key, title in open_to.values_list("pk", "title")}
    mine = policy().instances_user_has_permission_for(reader, "change").filter(pk__in=keys).order_by()
    changed = dict(mine.values_list("pk", "title"))
    return titles | {keys[key]: title for key, title in changed.items()}, {keys[key]: key for key in changed}


def _names(folders: set[int | None], reader: User) -> dict[int | None, str]:
    if not folders:
        return {}
    known = folders_known_to(reader).filter(pk__in=folders - {None})
    names = {each.pk: "In no folder" if each.is_root() else each.name for each in known}
    return {key: GONE if key is None else names.get(key, f"{CLOSED_FOLDER} ({key})") for key in folders}
