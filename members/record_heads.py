"""Signed heads beside a chain that is followed: each must be a link of it, and none may lie beyond its end."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from members import audit, chain, signing
from members.models import AccessLink, HeadToLeave, RecordHead
from members.record_check import Bent, Place

STATEMENT = ("at", "hash", "key", "place", "signature", "site")


class Heads:
    """Statements of which each is signed with one of these keys. Raises Bent where one is not."""

    def __init__(self, statements: Iterable[Any], *, keys: set[str]) -> None:
        self._hashes: dict[int, str] = {}
        self._made: list[tuple[int, str]] = []
        for said in statements:
            try:
                signing.check(said, keys=keys, what=signing.HEAD)
            except signing.Unsigned as error:
                raise Bent(str(error)) from error
            if self._hashes.setdefault(said["place"], said["hash"]) != said["hash"]:
                raise Bent(f"Two heads of row {said['place']} were signed that differ.")
            self._made.append((said["place"], said["at"]))

    def __len__(self) -> int:
        return len(self._hashes)

    def compare(self, here: Place) -> None:
        """Raises Bent."""
        if self._hashes.get(here.place, here.hash) != here.hash:
            raise Bent(f"Row {here.place} of the chain is not the one that was signed for when it was the last one.")

    def end(self, place: int, *, before: str = "") -> None:
        """The chain ends here. Heads that were signed after a moment say nothing of it. Raises Bent."""
        last = max((reached for reached, at in self._made if not before or at <= before), default=0)
        if last > place:
            raise Bent(f"Rows are missing at the end: {place} are there, and {last} were signed for.")


def newest() -> dict[str, Any] | None:
    """What is to be signed of the chain as it is now; None where nothing was added since the last time. Only what a
    failure of the machine cannot take back is signed."""
    last = AccessLink.objects.order_by("-place").values_list("place", "hash").first()
    if last is None or RecordHead.objects.filter(place=last[0]).exists():
        return None
    audit.flush()
    return signing.sign(what=signing.HEAD, place=last[0], hash_=last[1])


@transaction.atomic
def keep(said: dict[str, Any], *, places: Iterable[str]) -> None:
    """With the places where it has still to be left."""
    head = RecordHead.objects.create(**{name: said[name] for name in STATEMENT})
    HeadToLeave.objects.bulk_create(HeadToLeave(head=head, where=where) for where in dict.fromkeys(places))


def kept() -> Iterator[dict[str, Any]]:
    for head in RecordHead.objects.order_by("place").iterator(chunk_size=2_000):
        yield _statement(head)


def to_leave(where: str) -> Iterator[tuple[HeadToLeave, dict[str, Any]]]:
    """What a place has still to get, the oldest first: the row that says so, and the head."""
    for waiting in HeadToLeave.objects.filter(where=where).select_related("head").order_by("head"):
        yield waiting, _statement(waiting.head)


def _statement(head: RecordHead) -> dict[str, Any]:
    return {**{name: getattr(head, name) for name in STATEMENT}, "what": signing.HEAD}


def places_away(*, since: datetime.datetime) -> list[str]:
    """Those that have not got a head which was signed before then."""
    late = HeadToLeave.objects.filter(head__at__lt=chain.moment(since))
    return list(late.order_by("where").values_list("where", flat=True).distinct())


def forget_other_places(places: Iterable[str]) -> None:
    """Nothing waits any more for a place that was taken out of RECORD_HEADS."""
    HeadToLeave.objects.exclude(where__in=places).delete()


def last_before(hours: float) -> bool:
    """Whether the last head is as old as that, or there is none."""
    last = RecordHead.objects.order_by("-place").values_list("at", flat=True).first()
    return last is None or last <= chain.moment(timezone.now() - datetime.timedelta(hours=hours))


def read_file(path: Path) -> Iterator[Any]:
    """The statements of a file, one a line. Raises Bent, and OSError."""
    yield from read_lines(path.read_bytes(), path.name)


def read_lines(data: bytes, name: str) -> Iterator[Any]:
    for number, line in enumerate(data.splitlines(), 1):
        try:
            yield json.loads(line)
        except ValueError as error:
            raise Bent(f"Line {number} of {name} is not what was written.") from error
