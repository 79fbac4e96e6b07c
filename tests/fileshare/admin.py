"""What a person types and presses in the administration's pages about papers."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from wagtail.models import Collection

from fileshare.models import SharedDocument


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
