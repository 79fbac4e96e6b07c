"""Whether the access record is what was written: row by row in the order of the chain, in the live tables.

No model is made of a row, and few rows are in memory at a time: a million take less than a minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef

from members import chain
from members.models import AccessLink, AccessRecord, RecordedWords

AT_ONCE = 2_000  # rows
COLUMNS = ("at", "action", "actor_id", "object_kind", "object_id", "reason", "details")


class Bent(Exception):
    """A row is not what was written, or not where. The message is a sentence that names it."""


@dataclass
class Place:
    """How far the chain has been followed."""

    place: int = 0
    hash: str = chain.BEGINNING
    at: str = ""
    ended: str = ""  # when an export says that it was made

    def follow(self, *, place: int, row: int, at: str, hash_: str, content: str) -> None:
        """Go on to the next row. Raises Bent."""
        if place != self.place + 1:
            raise Bent(f"Row {self.place + 1} of the chain is missing: after row {self.place} comes row {place}.")
        if chain.link(self.hash, at=at, content=content, place=place, row=row) != hash_:
            raise Bent(f"Row {place} of the chain (no. {row} of the record) does not follow from the row before it.")
        if at < self.at:
            raise Bent(f"Row {place} of the chain (no. {row} of the record) is older than the row before it.")
        self.place, self.hash, self.at = place, hash_, at


def check_rows(*, until: int | None = None) -> Iterator[Place]:
    """Follow the chain of the live tables, and say after each row where it is. Raises Bent at the first bad row."""
    here = Place()
    links = AccessLink.objects.order_by("place")
    if until is not None:
        links = links.filter(place__lte=until)
    names = [f"row__{name}" for name in (*COLUMNS, "content")]
    for place, row, at, hash_, *said, content in (
        links.values_list("place", "row_id", "at", "hash", *names).iterator(chunk_size=AT_ONCE)
    ):  # fmt: skip
        if content_of(said) != content:
            raise Bent(f"Row {place} of the chain (no. {row} of the record) is not what was written.")
        here.follow(place=place, row=row, at=at, hash_=hash_, content=content)
        yield here
    _nothing_beside_the_chain()


def content_of(said: list[Any]) -> str:
    return chain.content_of(chain.facts(*said))


def _nothing_beside_the_chain() -> None:
    """Raises Bent for rows without a link, links without a row, and words that are not those of their row."""
    if (
        loose := AccessRecord.objects.filter(link=None).order_by("pk").values_list("pk", flat=True).first()
    ) is not None:
        raise Bent(f"No. {loose} of the record has no place in the chain.")
    gone = ~Exists(AccessRecord.objects.filter(pk=OuterRef("row")))
    if (bare := AccessLink.objects.filter(gone).order_by("place").first()) is not None:
        raise Bent(f"Row {bare.place} of the chain (no. {bare.row_id} of the record) was removed.")
    words = RecordedWords.objects.order_by("row_id").values_list("row_id", "text", "salt", "row__details")
    for row, text, salt, details in words.iterator(chunk_size=AT_ONCE):
        if RecordedWords(text=text, salt=salt).digest != details.get("words"):
            raise Bent(f"The words beside no. {row} of the record are not those that were written.")
