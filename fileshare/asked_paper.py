"""The paper whose bytes a person asks for. Bytes are asked for more often than anything else that a person must be
allowed, and of the time that their request took, half went into wording this one question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS

from fileshare import access
from fileshare.asked_alike import AskedAlike
from fileshare.models import DocumentVersion, SharedDocument

if TYPE_CHECKING:
    import datetime

    from django.db.models import QuerySet

    from members.models import User

COLUMNS = tuple(field.attname for field in SharedDocument._meta.concrete_fields)
VERSION_COLUMNS = tuple(field.attname for field in DocumentVersion._meta.concrete_fields)
NO_PAPER = UUID(int=0)


def _readable(user: User, now: datetime.datetime) -> QuerySet[SharedDocument, tuple[Any, ...]]:
    visible = SharedDocument.objects.visible_to(user, now).filter(uuid=NO_PAPER).order_by()
    return visible.values_list(*COLUMNS, *(f"current_version__{name}" for name in VERSION_COLUMNS))


_question = AskedAlike(_readable, paper=(SharedDocument._meta.get_field("uuid"), NO_PAPER))


def for_bytes(user: User, uuid: UUID) -> SharedDocument | None:
    """The paper with its current version, where this person may read it."""
    if not access.reads_as_members_do(user):
        visible = SharedDocument.objects.visible_to(user).filter(uuid=uuid)
        return visible.select_related("current_version").first()
    found = _question.first(user, paper=uuid)
    return None if found is None else _made_of(found)


def _made_of(found: tuple[Any, ...]) -> SharedDocument:
    """None of these papers is without a version: nobody would read it."""
    document = SharedDocument.from_db(DEFAULT_DB_ALIAS, COLUMNS, found[: len(COLUMNS)])
    document.current_version = DocumentVersion.from_db(DEFAULT_DB_ALIAS, VERSION_COLUMNS, found[len(COLUMNS) :])
    return document
