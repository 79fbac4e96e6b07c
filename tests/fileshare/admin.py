"""What a person types and presses in the administration's pages about papers."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from wagtail.models import Collection

from fileshare.models import SharedDocument
from members.models import AccessRecord


def objects() -> set[Path]:
    """Everything that lies in the private store."""
    return {path for path in Path(settings.PRIVATE_ROOT).rglob("*") if path.is_file()}


def local(moment: datetime.datetime | None) -> str:
    """As a browser sends it."""
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M:%S") if moment else ""


def details(collection: Collection, /, title: str = "A paper", **changes: Any) -> dict[str, Any]:
    """A filled form for a new paper."""
    return {
        "title": title,
        "collection": collection.pk,
        "description": "",
        "source": "",
        "original_date": "",
        "marking": "TLP:GREEN",
        "caveat": "",
        "publish_at": local(timezone.now() - datetime.timedelta(hours=1)),
        "expires_at": "",
        "tags": "",
        "recipient_addresses": "",
        "version_note": "",
    } | changes


def details_of(paper: SharedDocument, **changes: Any) -> dict[str, Any]:
    """The form of a paper as its page shows it, with some fields changed."""
    filled = details(
        paper.collection,
        paper.title,
        description=paper.description,
        marking=paper.marking,
        caveat=paper.caveat,
        publish_at=local(paper.publish_at),
        expires_at=local(paper.expires_at),
        recipient_addresses="\n".join(person.email for person in paper.recipients.order_by("email")),
        marking_reason="",
        **{"initial-publish_at": local(paper.publish_at)},
    )
    if paper.is_withdrawn:
        filled |= {"withdrawn": "on", "withdrawal_reason": paper.withdrawal_reason or "A reason"}
    return filled | changes


def attached(content: bytes, name: str = "paper.pdf", content_type: str = "application/pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type)


def add(client: Client, collection: Collection, file: SimpleUploadedFile | None, /, **changes: Any) -> Any:
    files = {"file": file} if file is not None else {}
    return client.post("/admin/documents/add/", details(collection, **changes) | files)


def edit(client: Client, paper: SharedDocument, **changes: Any) -> Any:
    return client.post(f"/admin/documents/edit/{paper.pk}/", details_of(paper, **changes))


def errors(response: Any) -> dict[str, list[str]]:
    """The form's complaints, by field; empty when it was accepted."""
    return dict(response.context["form"].errors) if response.status_code == 200 and response.context else {}


def drop(client: Client, collection: Collection, content: bytes, name: str) -> Any:
    """What the page for several files sends for each that is dropped on it."""
    return client.post(
        "/admin/documents/multiple/add/",
        {"collection": collection.pk, "files[]": attached(content, name)},
        headers={"x-requested-with": "XMLHttpRequest"},
    )


def fill_in(client: Client, number: object, collection: Collection, /, **changes: Any) -> Any:
    """The details of a file that was dropped, which bring it in."""
    prefix = f"uploaded-document-{number}"
    filled = {f"{prefix}-{name}": value for name, value in details(collection, **changes).items()}
    return client.post(f"/admin/documents/multiple/create_from_uploaded_document/{number}/", filled)


def bulk(client: Client, action: str, papers: Iterable[Any], **data: Any) -> Any:
    """What is done with several, papers or their numbers; without data its page."""
    numbers = "&".join(f"id={getattr(paper, 'pk', paper)}" for paper in papers)
    address = f"/admin/bulk/fileshare/shareddocument/{action}/?{numbers}"
    return client.post(address, data) if data else client.get(address)


def rows(count: int) -> list[tuple[Any, ...]]:
    """The newest of the record, the newest last."""
    newest = AccessRecord.objects.order_by("-pk")[:count]
    return [(row.action, row.actor_id, row.object_id, row.reason, row.details) for row in newest][::-1]
