"""How papers and folders are called in the access record.

Reading the record opens no paper: an auditor reads the titles of papers, and the names of folders, that are open to the
same person in the file share. All others keep their number, which an administrator can name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q
from wagtail.models import Collection

from fileshare import access
from fileshare.enums import Inspection, Refusal
from fileshare.models import SharedDocument
from members import record_words
from members.keys import as_keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from members.models import User

REPORTS = {"use": "The report of use", "review": "The list of papers to review"}
CLOSED_PAPER, CLOSED_FOLDER = "A paper that is not open to you", "A folder that is not open to you"


def open_folders(reader: User) -> QuerySet[Collection]:
    """Folders whose names somebody who reads the record may know."""
    is_inside = access.is_administrator(reader) or reader.is_current_member
    return access.open_collections(reader) if is_inside else Collection.objects.none()


def as_uuids(numbers: Iterable[str]) -> list[UUID]:
    """Those that are one."""
    found = []
    for number in numbers:
        try:
            found.append(UUID(number))
        except ValueError:
            continue
    return found


def _titles(reader: User, numbers: set[str]) -> dict[str, str]:
    wanted = as_uuids(numbers)
    if not wanted:
        return {}
    papers = SharedDocument.objects.filter(uuid__in=wanted).order_by()
    open_papers = Q(pk__in=SharedDocument.objects.visible_to(reader).order_by().values("pk"))
    named = papers.annotate(is_open=ExpressionWrapper(open_papers, BooleanField()))
    return {
        str(uuid): title if is_open else f"{CLOSED_PAPER} ({uuid})"
        for uuid, title, is_open in named.values_list("uuid", "title", "is_open")
    }


def _find_papers(reader: User, text: str) -> list[str]:
    papers = SharedDocument.objects.visible_to(reader).order_by()
    for word in text.split():
        papers = papers.filter(title__icontains=word)
    return [str(uuid) for uuid in papers.values_list("uuid", flat=True)]


def _folders(reader: User, numbers: set[str]) -> dict[str, str]:
    is_open = ExpressionWrapper(Q(pk__in=open_folders(reader).values("pk")), BooleanField())
    named = (
        Collection.objects.filter(pk__in=as_keys(numbers))
        .annotate(is_open=is_open)
        .values_list("pk", "name", "is_open")
    )
    return {str(pk): f"Folder “{name}”" if is_open else f"{CLOSED_FOLDER} ({pk})" for pk, name, is_open in named}


def _find_folders(reader: User, text: str) -> list[str]:
    return [str(pk) for pk in open_folders(reader).filter(name__icontains=text).values_list("pk", flat=True)]


def _addresses(reader: User, numbers: set[str]) -> dict[str, str]:
    """What somebody typed below /files/, as it was typed: a word or a digit there is no folder's number."""
    return {typed: f"The address /files/{typed}/" for typed in numbers}


def _find_addresses(reader: User, text: str) -> list[str]:
    return [text.strip("/").removeprefix("files/")]


def _terms(reader: User, numbers: set[str]) -> dict[str, str]:
    return {number: f"The handling terms, version {number}" for number in numbers}


def register() -> None:
    """Called once, when the apps are ready."""
    record_words.register(
        "document",
        record_words.Kind(_titles, _find_papers, "A paper that is not there, or not any more"),
        outcomes=[*Refusal.choices, *Inspection.choices],
    )
    record_words.register("folder", record_words.Kind(_folders, _find_folders, "A folder that is not there"))
    record_words.register(
        "store",
        record_words.Kind(
            lambda reader, numbers: dict.fromkeys(numbers, "The private store"), lambda reader, text: [], "The store"
        ),
    )
    record_words.register(
        "report",
        record_words.Kind(lambda reader, numbers: REPORTS, lambda reader, text: [], "A report"),
    )
    record_words.register(
        "terms",
        record_words.Kind(_terms, lambda reader, text: [text.strip()], "A version of the handling terms"),
    )
    record_words.register("address", record_words.Kind(_addresses, _find_addresses, "An address below /files/"))
