"""Papers that were found otherwise, as far as a person may read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import DEFAULT_DB_ALIAS

from fileshare import access
from fileshare.asked_alike import AskedAlike
from fileshare.asked_paper import COLUMNS, VERSION_COLUMNS
from fileshare.models import DocumentVersion, SharedDocument
from members.many_keys import KEYS, NO_KEYS, among
from members.models import Organisation

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from members.models import User

SOURCE_COLUMNS = tuple(field.attname for field in Organisation._meta.concrete_fields)
PARTS = (("current_version", DocumentVersion, VERSION_COLUMNS), ("source", Organisation, SOURCE_COLUMNS))


class _Asked:
    """A question for these columns. Of members it is worded once: that takes longer than answering it."""

    def __init__(self, *columns: str) -> None:
        self._columns = columns
        self._alike = AskedAlike(self._rows, keys=(KEYS, NO_KEYS))

    def __call__(self, user: User | AnonymousUser, keys: Iterable[int]) -> list[tuple[Any, ...]]:
        if access.reads_as_members_do(user):
            return self._alike.all(user, keys=keys)  # type: ignore[arg-type]  # strangers read nothing
        return list(self._rows(user, None, keys))

    def _rows(
        self, user: User | AnonymousUser, now: datetime.datetime | None, keys: Iterable[int] = NO_KEYS
    ) -> QuerySet[SharedDocument, tuple[Any, ...]]:
        return among(SharedDocument.objects.visible_to(user, now).order_by(), keys).values_list(*self._columns)


FACTS = ("pk", "current_version", "source", "marking", "collection")
facts = _Asked(*FACTS)
_whole = _Asked(*COLUMNS, *(f"{name}__{column}" for name, _model, columns in PARTS for column in columns))


def with_version_and_source(user: User | AnonymousUser, keys: Iterable[int]) -> list[SharedDocument]:
    """In no order."""
    return list(map(_made_of, _whole(user, keys)))


def _made_of(row: tuple[Any, ...]) -> SharedDocument:
    paper = SharedDocument.from_db(DEFAULT_DB_ALIAS, COLUMNS, row[: len(COLUMNS)])
    begin = len(COLUMNS)
    for name, model, columns in PARTS:
        values = row[begin : begin + len(columns)]
        begin += len(columns)
        setattr(paper, name, model.from_db(DEFAULT_DB_ALIAS, columns, values) if values[0] is not None else None)
    return paper
