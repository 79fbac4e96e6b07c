"""What is kept about a person, table by table: what the person gets in a file, and what becomes of it when they leave.

Each room registers its own tables when the apps are ready, since imports run portal → fileshare → members. Every key to
`User` must be named here (tests/members/test_personal.py walks all models), so that no later table is forgotten.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django.apps import apps

if TYPE_CHECKING:
    from django.db.models import Model

    from members.models import User

Row = Mapping[str, Any]
Rows = Callable[["User"], Iterable[Row]]


class Fate(enum.Enum):
    """What happens to a table's rows when their person is erased."""

    GOES = "The rows go with the account."
    NAMELESS = "The rows stay and name nobody."
    NUMBER = "The rows stay and keep the account's number, which leads to nobody."


@dataclass(frozen=True)
class Leaver:
    """A person about to be erased, with what their own words and traces are found by."""

    user: User
    keeps_name: bool
    name: str
    addresses: frozenset[str]


@dataclass(frozen=True)
class Relation:
    """One key from a table to the person. Without `rows` it is in no file, and `why_not` says why."""

    key: str  # such as “members.Membership.user”
    fate: Fate
    file: str
    rows: Rows | None
    why_not: str


_relations: dict[str, Relation] = {}
_others: dict[str, Rows] = {}
_forgetting: list[Callable[[Leaver], None]] = []


def register(
    key: str, fate: Fate, *, file: str = "", columns: Iterable[str] = (), rows: Rows | None = None, why_not: str = ""
) -> None:
    """Name a key to a person: `file` gets the given columns of the person's rows, or what `rows` makes of them."""
    if columns:
        rows = partial(_columns, key, tuple(columns))
    if (rows is None) == (not why_not) or (rows is None) == bool(file):
        raise ValueError(f"{key}: say either what the person gets of it, and in which file, or why nothing.")
    _relations[key] = Relation(key, fate, file, rows, why_not)


def register_rows(file: str, rows: Rows) -> None:
    """What is kept about a person without a key to the account."""
    _others[file] = rows


def register_forgetting(forget: Callable[[Leaver], None]) -> None:
    """What must be done before the account goes, in the same transaction. May run twice."""
    _forgetting.append(forget)


def relations() -> dict[str, Relation]:
    return dict(_relations)


def files(user: User) -> Iterable[tuple[str, list[Row]]]:
    """Everything about this person: the name of each file, without its ending, with its rows."""
    found: dict[str, list[Row]] = {}
    for relation in _relations.values():
        if relation.rows is not None:
            found.setdefault(relation.file, []).extend(relation.rows(user))
    for file, rows in _others.items():
        found.setdefault(file, []).extend(rows(user))
    return sorted(found.items())


def forget(leaver: Leaver) -> None:
    for each in _forgetting:
        each(leaver)


def _columns(key: str, columns: tuple[str, ...], user: User) -> Iterable[Row]:
    label, _, field = key.rpartition(".")
    model: type[Model] = apps.get_model(label)
    return model._default_manager.filter(**{field: user}).order_by("pk").values(*columns)
