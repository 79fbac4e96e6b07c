"""Papers: nine in ten in one folder, which is the page that must not grow slow; their bytes are one object."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from wagtail.models import Collection

from bench.fill.rows import mend_sequences, next_key, numbered, write
from bench.fill.words import EVERYWHERE, VOCABULARY, page_of, title_of
from fileshare.enums import Inspection, Kind, Making
from fileshare.markings import Marking
from fileshare.models import Derivation, DocumentVersion, PageText, SharedDocument
from fileshare.services import inspect, upload
from members.models import Organisation

LIBRARY, SHELVES = "Library", 9
GAP = datetime.timedelta(minutes=13)  # between two papers; the newest is as old as this
TEXT = "A paper that was made for measuring.\n" * 20


def papers(count: int, pages: int = 0) -> None:
    """`pages` of text in each, of 4 KB; without, one page with a line on it."""
    missing = count - SharedDocument.objects.count()
    if missing <= 0:
        return
    library, shelves = folders()
    file = paper_of("Model of the filled papers", TEXT.encode(), library).versions.get()
    sources = list(Organisation.objects.values_list("pk", flat=True)) or [None]
    first, first_version, now = next_key(SharedDocument), next_key(DocumentVersion), timezone.now()

    def paper(place: int, key: int) -> dict[str, Any]:
        published = now - GAP * (place + 1)
        return {
            "id": key,
            "uuid": uuid.uuid4(),
            "collection_id": library if place % 10 else shelves[place // 10 % SHELVES],
            "title": title_of(key, "paper"),
            "description": f"{EVERYWHERE.capitalize()} {VOCABULARY[place % 3011]} {VOCABULARY[place % 1013]}.",
            "created_at": published,
            "publish_at": published if place % 50 else now + datetime.timedelta(days=300),
            "marking": Marking.CLEAR if place % 3 == 0 else Marking.GREEN,
            "source_id": sources[place % len(sources)],
            "file": file.file.name,
            "file_size": file.size,
            "current_version_id": first_version + place,
        }

    def version(place: int, key: int) -> dict[str, Any]:
        return {
            "id": first_version + place,
            "document_id": key,
            "number": 1,
            "file": file.file.name,
            "file_name": f"paper-{place}.txt",
            "kind": Kind.TXT,
            "size": file.size,
            "sha256": file.sha256,
            "crc32": file.crc32,
            "token": uuid.uuid4(),
            "inspection": Inspection.PASSED,
            "now": now - GAP * (place + 1),
        }

    versions = list(numbered(first_version, missing))
    with transaction.atomic():  # papers and versions name each other
        write(SharedDocument, (paper(*each) for each in numbered(first, missing)))
        write(DocumentVersion, (version(*each) for each in numbered(first, missing)))
        write(Derivation, ({"version_id": key, "state": Making.MADE} for _, key in versions))
        write(PageText, _texts(versions, next_key(PageText), pages))
    mend_sequences(SharedDocument, DocumentVersion, PageText)


def _texts(versions: list[tuple[int, int]], first: int, pages: int) -> Iterator[dict[str, Any]]:
    for place, version in versions:
        texts = [page_of(place, number) for number in range(1, pages + 1)] or [title_of(place, "text")]
        for number, text in enumerate(texts, start=1):
            yield {"id": first + place * len(texts) + number - 1, "version_id": version, "number": number, "text": text}


def folders() -> tuple[int, list[int]]:
    """The keys of the library and of the folders inside it; as many, however many papers there are."""
    root = Collection.get_first_root_node()
    library = root.get_children().filter(name=LIBRARY).first() or root.add_child(name=LIBRARY)
    names = [f"Shelf {number}" for number in range(1, SHELVES + 1)]
    inside = {each.name: each.pk for each in library.get_children()}
    for name in names:
        if name not in inside:
            library.refresh_from_db()
            inside[name] = library.add_child(name=name).pk
    return library.pk, [inside[name] for name in names]


def paper_of(title: str, content: bytes, collection_id: int, name: str = "paper.txt") -> SharedDocument:
    """A paper that came in as every paper does, and was inspected; the one of this title where there is one."""
    made = SharedDocument.objects.filter(title=title).first()
    if made is None:
        made = SharedDocument(title=title, collection_id=collection_id)
        upload.create(document=made, file=ContentFile(content, name=name), name=name, by=None)
        inspect.inspect(version_id=made.versions.get().pk)
        made.refresh_from_db()
    return made
