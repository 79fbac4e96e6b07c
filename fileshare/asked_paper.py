"""The paper whose bytes a person asks for. Bytes are asked for more often than anything else that a person must be
allowed, and of the time that their request took, half went into wording this one question."""

from __future__ import annotations

import copy
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone

from fileshare import access
from fileshare.models import DocumentVersion, SharedDocument
from members.models import User
from members.worded import NOBODY, Worded

COLUMNS = tuple(field.attname for field in SharedDocument._meta.concrete_fields)
VERSION_COLUMNS = tuple(field.attname for field in DocumentVersion._meta.concrete_fields)
NO_PAPER = UUID(int=0)


# By what the words depend on: whether the person is in a group, and the level.
_questions: dict[tuple[bool, int | None], Worded] = {}


def for_bytes(user: User, uuid: UUID) -> SharedDocument | None:
    """The paper with its current version, where this person may read it."""
    if not access.reads_as_members_do(user):
        visible = SharedDocument.objects.visible_to(user).filter(uuid=uuid)
        return visible.select_related("current_version").first()
    person: Any = user
    alike = (person.is_in_a_group, person.level_today)
    if alike not in _questions:
        _questions[alike] = _question_of(user)
    found = _questions[alike].first(person=user.pk, paper=uuid, now=timezone.now())
    return None if found is None else _made_of(found)


def _question_of(user: User) -> Worded:
    """The policy's own, with places for what differs from member to member."""
    anybody, now = copy.copy(user), timezone.now()
    anybody.pk = NOBODY
    visible = SharedDocument.objects.visible_to(anybody, now).filter(uuid=NO_PAPER).order_by()
    fields = SharedDocument._meta
    return Worded(
        visible.values_list(*COLUMNS, *(f"current_version__{name}" for name in VERSION_COLUMNS)),
        person=(User._meta.pk, NOBODY),
        paper=(fields.get_field("uuid"), NO_PAPER),
        now=(fields.get_field("publish_at"), now),
    )


def _made_of(found: tuple[Any, ...]) -> SharedDocument:
    """None of these papers is without a version: nobody would read it."""
    document = SharedDocument.from_db(DEFAULT_DB_ALIAS, COLUMNS, found[: len(COLUMNS)])
    document.current_version = DocumentVersion.from_db(DEFAULT_DB_ALIAS, VERSION_COLUMNS, found[len(COLUMNS) :])
    return document
