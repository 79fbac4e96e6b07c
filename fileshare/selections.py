"""Papers that a person has chosen, where they are more than an address can name: kept for some hours under a short key.

The key stands in the address of their zip, which can thus be asked for again, from any byte on and by way of the pages
that a marking asks for first. It opens nothing: who may read what is asked anew each time. The choice lies in the cache
that all processes share, since losing it costs a person no more than choosing once more.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.cache import cache

if TYPE_CHECKING:
    from collections.abc import Sequence

    from members.models import User

KEPT_FOR = 12  # hours
_KEY = re.compile("[0-9a-f]{32}")
_BYTES = 16  # of a UUID


def _place(person: User, key: str) -> str:
    return f"fileshare.chosen:{person.pk}:{key}"


def keep(person: User, papers: Sequence[UUID]) -> str:
    """Their key: the same for the same papers, so that whoever chooses them again finds the download that broke."""
    content = b"".join(each.bytes for each in papers)
    key = hashlib.sha256(content).hexdigest()[:32]
    cache.set(_place(person, key), content, KEPT_FOR * 60 * 60)
    return key


def kept(person: User, key: str) -> list[UUID] | None:
    """The papers in the order in which this person chose them; None where nothing is kept under the key."""
    content = cache.get(_place(person, key)) if _KEY.fullmatch(key) else None
    if content is None:
        return None
    return [UUID(bytes=content[place : place + _BYTES]) for place in range(0, len(content), _BYTES)]
