"""The access record as a file that can be checked far from the site: a line of JSON for each row, in the order of the
chain, and a signed line that says where it ends. Words that people typed, and names, are not in it.

Each line is canonical, so that no byte of it can be another one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from members import audit, chain, signing
from members.models import AccessLink
from members.record_check import AT_ONCE, COLUMNS, Bent, Place

NAMES = {"action", "actor", "at", "details", "hash", "linked_at", "object_id", "object_kind", "place", "reason", "row"}


def written(*, until: int | None = None) -> Iterator[bytes]:
    """The lines of all rows up to the last of this moment, or to a place, and the signed end. Only what no failure of
    the machine can take back is signed for."""
    if until is None:
        until = AccessLink.objects.order_by("-place").values_list("place", flat=True).first() or 0
    audit.flush()
    links = AccessLink.objects.filter(place__lte=until).order_by("place")
    names = [f"row__{name}" for name in COLUMNS]
    place, hash_ = 0, chain.BEGINNING
    for place, row, at, hash_, *said in links.values_list("place", "row_id", "at", "hash", *names).iterator(AT_ONCE):
        line = {**chain.facts(*said), "place": place, "row": row, "linked_at": at, "hash": hash_}
        yield chain.canonical(line).encode() + b"\n"
    yield chain.canonical(signing.sign(what=signing.EXPORT, place=place, hash_=hash_)).encode() + b"\n"


def check(lines: Iterable[bytes], *, keys: set[str]) -> Iterator[Place]:
    """Follow the chain of a file, and say after each line where it is. Raises Bent at the first bad line."""
    here, ended = Place(), False
    for number, line in enumerate(lines, 1):
        if ended:
            raise Bent(f"Line {number} stands behind the end of the export.")
        said = _read(line, number)
        if "what" in said:
            _end(said, here, keys)
            ended, here.ended = True, said["at"]
        else:
            _row(said, here, number)
        yield here
    if not ended:
        raise Bent(f"The export is cut off after row {here.place}: its signed end is missing.")


def _read(line: bytes, number: int) -> dict[str, Any]:
    try:
        said = json.loads(line)
        is_written = isinstance(said, dict) and chain.canonical(said).encode() + b"\n" == line
    except (ValueError, TypeError, RecursionError) as error:
        raise Bent(f"Line {number} is not what was written.") from error
    if not is_written:
        raise Bent(f"Line {number} is not what was written.")
    return dict(said)


def _row(said: dict[str, Any], here: Place, number: int) -> None:
    if set(said) != NAMES or not isinstance(said["linked_at"], str):
        raise Bent(f"Line {number} is not what was written.")
    place, row, at, hash_ = (said.pop(name) for name in ("place", "row", "linked_at", "hash"))
    here.follow(place=place, row=row, at=at, hash_=hash_, content=chain.content_of(said))


def _end(said: dict[str, Any], here: Place, keys: set[str]) -> None:
    try:
        signing.check(said, keys=keys, what=signing.EXPORT)
    except signing.Unsigned as error:
        raise Bent(str(error)) from error
    if (said["place"], said["hash"]) != (here.place, here.hash):
        raise Bent(f"The export ends with row {here.place}, and its end says row {said['place']}.")
