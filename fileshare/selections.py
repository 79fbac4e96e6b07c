"""Papers that a person has chosen, where they are more than an address can name: kept for some hours under a short key.

The key stands in the address of their zip, which can thus be asked for again, from any byte on and by way of the pages
that a marking asks for first. It opens nothing: who may read what is asked anew each time. The choice lies in the cache
that all processes share, since losing it costs a person no more than choosing once more. Each person has a few places
there and no more, even where two choices are made at once; a new one takes the place of the oldest.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.cache import cache

if TYPE_CHECKING:
    from collections.abc import Sequence

    from members.models import User

KEPT_FOR = 12  # hours
MOST = 5  # of one person, of 80 KB at most
_BYTES = 16  # of a UUID


def _name(person: User, place: int | str) -> str:
    return f"fileshare.chosen:{person.pk}:{place}"


def _places(person: User) -> dict[str, int]:
    """The place of each key, the oldest first."""
    found: dict[str, int] = cache.get(_name(person, "places"), {})
    return found


def keep(person: User, papers: Sequence[UUID]) -> str:
    """Their key: the same for the same papers, so that whoever chooses them again finds the download that broke."""
    content = b"".join(each.bytes for each in papers)
    key = hashlib.sha256(content).hexdigest()[:32]
    places = _places(person)
    oldest = next(iter(places)) if len(places) == MOST else ""
    place = places.pop(key if key in places else oldest, len(places))
    seconds = KEPT_FOR * 60 * 60
    cache.set(_name(person, place), (key, content), seconds)
    cache.set(_name(person, "places"), {**places, key: place}, seconds)
    return key


def kept(person: User, key: str) -> list[UUID] | None:
    """The papers in the order in which this person chose them; None where nothing is kept under the key."""
    place = _places(person).get(key)
    held, content = ("", b"") if place is None else cache.get(_name(person, place), ("", b""))
    if held != key:
        return None
    return [UUID(bytes=content[first : first + _BYTES]) for first in range(0, len(content), _BYTES)]
