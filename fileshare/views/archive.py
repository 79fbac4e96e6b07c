"""Several papers as one zip: those that are chosen in a list, or all of a folder.

Only what the person may read is in it; everything else is not there, and each refusal is a row of the record. Every
paper of the zip has its row before the first byte leaves.

A zip comes from an address that names its papers, so that it can be resumed, kept and come back to. The list sends what
was chosen as a form, of any length, and is answered with that address; where they are too many for one, it has a key in
their place.
"""

from __future__ import annotations

import secrets
import time
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from fileshare import access, delivery, folders, selections
from fileshare.archive import Archive, Entry, Names, safe_name
from fileshare.derivatives.stamp import NotStamped
from fileshare.enums import Refusal
from fileshare.folders import FolderNode
from fileshare.markings import MUST_BE_A_PLAIN_PDF
from fileshare.models import DocumentVersion, SharedDocument
from fileshare.readers_copy import ReadersCopy
from fileshare.services import addresses, own_papers
from fileshare.views.handing_out import (
    ChangedMeanwhile,
    ask_again,
    copy_for,
    missing,
    not_in_advance,
    not_stamped,
    out_of_reach,
    record,
    required_first,
)
from members import audit, limits
from members.enums import Action

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fileshare.models.document import SharedDocumentQuerySet
    from fileshare.views.types import SignedInRequest

MAX_NAMED = 150  # papers named in one address, which servers cut off at 8 KB
MAX_PAPERS = 5_000  # papers in one zip: their rows are written in some seconds
MAX_STAMPED = 40  # papers in one zip that are stamped before its first byte, some ten seconds of work
STAMPED_WITHIN = 60  # seconds for all of them: what is stamped by then is there when the person tries again
ROWS_AT_ONCE = 200  # rows of the record in one transaction, so that others need not wait long


NONE_CHOSEN = "No paper is chosen. Please go back, tick the papers that you want, and try again."
_HAS_BYTES = Q(current_version__isnull=False, current_version__destroyed_at=None)


class CannotBeFetched(Exception):
    """There is nothing to send; the message is a sentence for the person."""

    heading = "Nothing to download"


class TooMany(CannotBeFetched):
    """There is more than one zip holds."""

    heading = "This cannot be downloaded at once"


class TooOften(CannotBeFetched):
    """The person has to wait."""


class _Failed(Exception):
    """A file of the zip cannot be had, and the record says so already."""

    def __init__(self, answer: HttpResponseBase) -> None:
        super().__init__()
        self.answer = answer


def _entry(
    names: Names, above: list[str], document: SharedDocument, version: DocumentVersion
) -> Entry[DocumentVersion]:
    version.document = document
    name = names.path_for(above, delivery.name_for_reader(version))
    return Entry(name, version.size, version.crc32, version.created_at, version)


def _uuids(asked: Iterable[str]) -> list[UUID]:
    """Those among the words that can name a paper, each once."""
    found = []
    for text in dict.fromkeys(asked):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


def _with_bytes(request: SignedInRequest) -> SharedDocumentQuerySet:
    return SharedDocument.objects.visible_to(request.user).filter(_HAS_BYTES)


def _refuse_all(request: SignedInRequest, uuids: list[UUID]) -> None:
    """A row of the record for each."""
    for reason, some in access.refusals(request.user, uuids).items() if uuids else ():
        for first in range(0, len(some), ROWS_AT_ONCE):
            facts = [(uuid, dict[str, object]()) for uuid in some[first : first + ROWS_AT_ONCE]]
            audit.record_many(
                Action.REFUSED, actor=request.user, object_kind="document", facts=facts, reason=reason.value
            )


def _chosen(request: SignedInRequest, wanted: list[UUID]) -> list[Entry[DocumentVersion]]:
    """These papers, as far as the person may read them. Raises Http404 where that is none, and TooOften."""
    found = {document.uuid: document for document in _with_bytes(request).with_facts().filter(uuid__in=wanted)}
    refused = [uuid for uuid in wanted if uuid not in found]
    if len(refused) > MAX_NAMED:  # of a choice with a key, whose papers all were the person's
        _count_zip(request)
    _refuse_all(request, refused)
    if not found:
        raise Http404("No such papers.")
    names = Names()
    in_order = [found[uuid] for uuid in wanted if uuid in found]
    return [_entry(names, [], document, document.current_version) for document in in_order if document.current_version]


def _of_folder(request: SignedInRequest, node: FolderNode) -> list[Entry[DocumentVersion]]:
    """All papers of the folder and of the folders below it, in folders of the same names."""
    steps = len(node.lineage) - 1
    above = {each.collection_id: [step.name for step in each.lineage[steps:]] for each in node.walk()}
    readable = _with_bytes(request).filter(collection__in=above)
    papers = list(readable.with_facts().order_by("collection__path", "title", "pk")[: MAX_PAPERS + 1])
    if len(papers) > MAX_PAPERS:
        raise TooMany(
            f"This folder holds more than {MAX_PAPERS} papers, which is too many for one zip. Please download the "
            "folders inside it one by one."
        )
    if not papers:
        raise CannotBeFetched("There is no paper in this folder that could be downloaded.")
    names = Names()
    return [
        _entry(names, above[document.collection_id], document, document.current_version)
        for document in papers
        if document.current_version
    ]


def _wanted(request: SignedInRequest) -> tuple[str, list[Entry[DocumentVersion]]]:
    """The zip's name and its files. Raises CannotBeFetched, TooOften, and Http404 where there is nothing for this
    person."""
    today = f"{timezone.localdate():%Y-%m-%d}"
    if path := request.GET.get("folder"):
        node = addresses.node_at(folders.tree_for(request.user), path)
        if node is None or not (node.count or request.user.is_current_member):
            audit.record(
                Action.REFUSED, actor=request.user, object_kind="address", object_id=path, reason=Refusal.UNKNOWN.value
            )
            raise Http404("No such folder.")
        return f"{safe_name(node.name)} {today}.zip", _of_folder(request, node)
    return f"Papers {today}.zip", _chosen(request, _named(request))


def _named(request: SignedInRequest) -> list[UUID]:
    """The papers that the address names, or has the key of. Raises CannotBeFetched."""
    if key := request.GET.get("chosen"):
        if (kept := selections.kept(request.user, key)) is None:
            raise CannotBeFetched(
                f"What you chose is no longer there: your last {selections.MOST} choices are kept, for "
                f"{selections.KEPT_FOR} hours. Please choose the papers again."
            )
        return kept
    asked = request.GET.getlist("document")
    if not asked:
        raise CannotBeFetched(NONE_CHOSEN)
    if len(asked) > MAX_NAMED:
        raise TooMany(
            f"You can fetch up to {MAX_NAMED} papers at a time by an address. Please choose them in a list, or "
            "download the whole folder."
        )
    return _uuids(asked)


def _address_of_choice(request: SignedInRequest) -> str:
    """Where the zip of the papers in the form is. Raises CannotBeFetched, TooOften, and Http404."""
    asked = request.POST.getlist("document")
    if not asked:
        raise CannotBeFetched(NONE_CHOSEN)
    if len(asked) > MAX_PAPERS:
        raise TooMany(
            f"You have chosen {len(asked):,} papers, and a zip holds up to {MAX_PAPERS:,}. Please choose fewer, or "
            "download whole folders."
        )
    wanted = _uuids(asked)
    if not wanted:
        raise Http404("No such papers.")
    if len(wanted) <= MAX_NAMED:
        return f"{request.path}?{urlencode([('document', uuid) for uuid in wanted])}"
    if not limits.allows(request, "choose", user=request.user):
        raise TooOften("You have chosen many papers many times in this hour.")
    # What is refused has its row here, once, and not again each time that the zip is asked for.
    readable = set(_with_bytes(request).order_by().filter(uuid__in=wanted).values_list("uuid", flat=True))
    _refuse_all(request, [uuid for uuid in wanted if uuid not in readable])
    if not readable:
        raise Http404("No such papers.")
    key = selections.keep(request.user, [uuid for uuid in wanted if uuid in readable])
    return f"{request.path}?{urlencode({'chosen': key})}"


def _count_zip(request: SignedInRequest) -> None:
    """Each answer has a row for each paper, be it for a single byte. Raises TooOften."""
    if not limits.allows(request, "zip", user=request.user):
        raise TooOften("You have fetched papers as a zip many times in this hour.")


def _copied(request: SignedInRequest, entries: list[Entry[DocumentVersion]]) -> list[Entry[ReadersCopy]]:
    """Each file as this person gets it. Raises CannotBeFetched, and _Failed with the answer."""
    if sum(entry.source.document.marking in MUST_BE_A_PLAIN_PDF for entry in entries) > MAX_STAMPED:
        raise TooMany(
            f"More than {MAX_STAMPED} of these papers are marked above TLP:GREEN, and each copy of those is stamped "
            "with your name, which takes its time. Please fetch them in smaller parts."
        )
    copied, until = [], time.monotonic() + STAMPED_WITHIN
    for entry in entries:
        try:
            copy = copy_for(request, entry.source, until)
        except NotStamped as error:
            raise _Failed(not_stamped(request, entry.source, error)) from error
        except delivery.FileMissing as error:
            missing(request, entry.source, error)
            sentence = f"The file of “{entry.source.document}” cannot be reached just now."
            raise _Failed(out_of_reach(request, sentence)) from error
        copied.append(Entry(entry.name, copy.size, copy.crc32, entry.modified, copy))
    return copied


def _record_all(request: SignedInRequest, entries: list[Entry[ReadersCopy]]) -> None:
    """A row for each paper; `archive` says which of them left together."""
    action = Action.DOWNLOADED if request.method == "GET" else Action.OPENED
    archive = secrets.token_hex(4)
    for first in range(0, len(entries), ROWS_AT_ONCE):
        with transaction.atomic():
            for entry in entries[first : first + ROWS_AT_ONCE]:
                record(request, entry.source, action, archive=archive)
                if request.method == "GET":
                    own_papers.note_reading(document=entry.source.version.document, by=request.user)


def _cannot(request: SignedInRequest, why: CannotBeFetched) -> HttpResponseBase:
    if isinstance(why, TooOften):
        sentence = f"{why} Please try again {limits.when(request)}."
        return render(request, "429.html", {"sentence": sentence}, status=429)
    return render(request, "fileshare/no_archive.html", {"heading": why.heading, "sentence": str(why)}, status=400)


def _choose(request: SignedInRequest) -> HttpResponseBase:
    """To the address of the zip; what the person may read, and what is asked first, is judged there."""
    try:
        return redirect(_address_of_choice(request))
    except CannotBeFetched as why:
        return _cannot(request, why)


@require_http_methods(["GET", "HEAD", "POST"])
@not_in_advance
def fetch(request: SignedInRequest) -> HttpResponseBase:
    """The zip, or the way to it; or a sentence where there is none."""
    if request.method == "POST":
        return _choose(request)
    try:
        name, wanted = _wanted(request)
        sources = [entry.source for entry in wanted]
        if (elsewhere := required_first(request, sources, request.get_full_path())) is not None:
            return elsewhere
        _count_zip(request)  # not whoever was led elsewhere first, once for each paper that asks for it
        entries = _copied(request, wanted)
        ask_again(request, [entry.source for entry in entries])
    except ChangedMeanwhile:
        return redirect(request.get_full_path())
    except CannotBeFetched as why:
        return _cannot(request, why)
    except _Failed as failed:
        return failed.answer
    _record_all(request, entries)
    return delivery.send(request, delivery.parcel_of_archive(Archive(entries), name, failed=partial(missing, request)))
