"""What one reader gets of a version: the stored file as it is, or the copy that was stamped for that person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fileshare.markings import MUST_BE_A_PLAIN_PDF

if TYPE_CHECKING:
    from uuid import UUID

    from fileshare.models import DocumentVersion, StampedCopy


class MustBeStamped(Exception):
    """Somebody was about to hand out a file as it is whose copies are stamped."""


@dataclass(frozen=True)
class ReadersCopy:
    """Where the bytes lie, how many there are, and what they are known by. `number` is that of a stamped copy, whose
    opening is known with it (`derivatives.opening`)."""

    version: DocumentVersion
    key: str
    size: int
    crc32: int
    token: UUID
    number: str = ""
    opening: str = ""
    opening_size: int = 0


def plain(version: DocumentVersion) -> ReadersCopy:
    """The file as it came in. Raises MustBeStamped where the paper's marking forbids that, whoever asks."""
    if version.document.marking in MUST_BE_A_PLAIN_PDF:
        raise MustBeStamped(f"{version} is marked {version.document.marking}.")
    return ReadersCopy(version, str(version.file.name), version.size, version.crc32, version.token)


def stamped(version: DocumentVersion, copy: StampedCopy) -> ReadersCopy:
    """A copy whose bytes are stored."""
    return ReadersCopy(
        version,
        str(copy.file.name),
        copy.size,
        copy.crc32,
        copy.token,
        copy.number,
        str(copy.opening.name),
        copy.opening_size,
    )
