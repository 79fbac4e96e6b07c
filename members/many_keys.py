"""Thousands of keys as one value of a question: each as one of its own takes longer than what is asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import connection, models

from members.worded import NOBODY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet


class KeysField(models.Field[Any, Any]):
    """No column has it: it says how the database takes them (`members.worded`)."""

    def get_db_prep_value(self, value: Iterable[int], connection: Any, prepared: bool = False) -> str:
        if connection.vendor == "postgresql":
            return f"{{{','.join(map(str, value))}}}"
        return json.dumps(list(value))


KEYS, NO_KEYS = KeysField(), (NOBODY,)  # the place for them, and what stands in


def one_of(column: str) -> str:
    """The condition that a column has one of these, in the words of the database in use."""
    has = "= ANY(%s::bigint[])" if connection.vendor == "postgresql" else "IN (SELECT value FROM json_each(%s))"
    return f"{column} {has}"


def as_value(keys: Iterable[int]) -> str:
    """What `one_of` is compared with."""
    return KEYS.get_db_prep_value(keys, connection)


def among(things: QuerySet[Any], keys: Iterable[int]) -> QuerySet[Any]:
    """Those with these keys."""
    where = one_of(f'"{things.model._meta.db_table}"."{things.model._meta.pk.column}"')
    return things.extra(where=[where], params=[as_value(keys)])  # noqa: S610 -- our own names
