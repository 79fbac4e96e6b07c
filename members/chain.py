"""How rows of the access record hang together: what is hashed, in which form. Knows neither tables nor settings.

A row's content is the SHA-256 of its canonical JSON. Its link is the SHA-256 of the link before it and of the canonical
JSON of the row's content, number, place and moment. The database itself makes links (`migrations/0003_…`), of rows
whose content the model has given; `deploy/verify_record.py` says the same again, for people who have an export alone.

Canonical is what SQLite and PostgreSQL both give back: keys in order, no blanks, ASCII alone, moments in UTC to the
microsecond, and whole numbers without a fraction, since PostgreSQL gives back 1e16 as a whole number.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from typing import Any

# Made once: a million rows are written by it when the record is checked.
_WRITER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
BEGINNING = "0" * 64  # what stands before the first link


_AS_IT_STANDS = {str, int, bool, type(None)}


def canonical(value: Any) -> str:
    """Raises TypeError or ValueError for what JSON does not have."""
    return _WRITER.encode(_plain(value))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key if type(key) is str else _name(key): each if type(each) in _AS_IT_STANDS else _plain(each)
            for key, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _name(key: Any) -> str:
    """As JSON writes a number that is a key; before the keys are put in order, since they come back as text."""
    if isinstance(key, bool) or not isinstance(key, str | int):
        raise TypeError(f"A key of the details is a {type(key).__name__}.")
    return str(key)


def moment(at: datetime.datetime) -> str:
    return f"{at.astimezone(datetime.UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def facts(
    at: datetime.datetime, action: str, actor: int | None, object_kind: str, object_id: str, reason: str, details: Any
) -> dict[str, Any]:
    """What a row says, in the names of an export."""
    return {
        "at": moment(at),
        "action": str(action),
        "actor": actor,
        "object_kind": object_kind,
        "object_id": object_id,
        "reason": reason,
        "details": details,
    }


def content_of(said: dict[str, Any]) -> str:
    return hashlib.sha256(canonical(said).encode()).hexdigest()


def link(before: str, *, at: str, content: str, place: int, row: int) -> str:
    """In the form that `canonical` would write: the databases' own functions write it too."""
    said = f'{before}{{"at":"{at}","content":"{content}","place":{place},"row":{row}}}'
    return hashlib.sha256(said.encode()).hexdigest()
