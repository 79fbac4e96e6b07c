"""What the virus scanner says of a stored file, and what follows from it.

A file goes on to its readers only with a scanner's “clean”, where the site has a scanner. While none can be had it
waits, and readers keep the former file; the timer asks again (`portal.ops.scanning`).
"""

from __future__ import annotations

import datetime
import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from fileshare.enums import Inspection
from fileshare.inspection import scanner
from fileshare.models import DocumentVersion

logger = logging.getLogger(__name__)
# After failures with one file, while the scanner answers otherwise: a file on which it dies must not be all it does.
WAITS = tuple(datetime.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
# A file with which the scanner is late may be one of them, or it may hang, and would hold the worker with each. So all
# wait a while; ever longer, as files are late one after the other.
PAUSES = WAITS[:3]
KEY = "fileshare.services.scan"  # in the shared cache: how many were late in a row, and until when none is scanned
HANGS = "it did not come to an end with the last file"
TOO_LARGE = "too large"
INFECTED = "The virus scanner found “{found}” in it."
NOT_WHOLE = "It is too large, or packed too deeply, for the virus scanner to look through all of it."
AWAY = "The virus scanner does not answer. As soon as it does, the file is scanned."
FAILED = "The virus scanner did not come to an end with this file. It is tried again, after ever longer waits."
NOT_GIVEN = "The file store does not give the file. It is tried again, after ever longer waits."


@dataclass(frozen=True)
class Scan:
    """What one attempt came to. `found` is "" for a clean file, and where nobody could tell, as `why_not` then says:
    since the scanner `is_away`, or the store `is_without` the file, or for the file's own sake."""

    found: str = ""
    signatures: str = ""
    why_not: str = ""
    is_away: bool = False
    is_without: bool = False

    @property
    def note(self) -> str:
        """For the people who may change the paper."""
        if self.why_not:
            return NOT_GIVEN if self.is_without else AWAY if self.is_away else FAILED
        return (NOT_WHOLE if self.found == TOO_LARGE else INFECTED.format(found=self.found)) if self.found else ""

    @property
    def outcome(self) -> Inspection:
        if self.why_not:
            return Inspection.UNSCANNED
        return Inspection.QUARANTINED if self.found else Inspection.PASSED


def is_wanted() -> bool:
    return bool(settings.CLAMD_URL)


def look(version: DocumentVersion) -> Scan:
    """Have the scanner look at the stored file. Raises what the store raises when it has lost the file, or is away."""
    if is_paused():
        return Scan(why_not=HANGS, is_away=True)
    try:
        signatures = scanner.version()
    except scanner.NoVerdict as error:  # whatever it is, it has nothing to do with this file
        return Scan(why_not=str(error), is_away=True)
    try:
        return Scan(_found(version), signatures[:255])
    except scanner.Late as error:
        count = _late()[0] + 1
        _note((count, time.time() + PAUSES[min(count, len(PAUSES)) - 1].total_seconds()))
        return Scan(why_not=str(error))
    except scanner.NoVerdict as error:
        return Scan(why_not=str(error), is_away=isinstance(error, scanner.Away))


def _found(version: DocumentVersion) -> str:
    if version.size > settings.SCAN_AT_MOST:
        return TOO_LARGE
    name = str(version.file.name)
    if default_storage.size(name) != version.size:
        raise FileNotFoundError(f"{name} is not as long as it was when it came in")
    pieces = default_storage.read_range(name, 0, version.size)  # type: ignore[attr-defined]  # of our own storages
    with closing(pieces):
        verdict = scanner.scan(_whole(pieces, version), version.size)
    if _late()[0]:
        _note((0, 0.0))
    return TOO_LARGE if verdict.too_large else verdict.found[:200]


def _whole(pieces: Iterable[bytes], version: DocumentVersion) -> Iterator[bytes]:
    """Half a file that is clean says nothing of the whole."""
    left = version.size
    for piece in pieces:
        left -= len(piece)
        yield piece
    if left:
        raise OSError(f"The store broke off while it gave {version.file.name}")


def is_paused() -> bool:
    """Whether no file is scanned for a while, since the scanner did not come to an end with the last one."""
    return _late()[1] > time.time()


def _late() -> tuple[int, float]:
    try:
        found: tuple[int, float] = cache.get(KEY, (0, 0.0))
    except Exception:  # noqa: BLE001 -- whatever the cache raises: its absence holds no file
        return 0, 0.0
    return found


def _note(late: tuple[int, float]) -> None:
    try:
        cache.set(KEY, late, timeout=None)
    except Exception:  # noqa: BLE001 -- as above
        logger.warning("The cache is away: a scanner that hangs is given file after file.")


def facts(version: DocumentVersion, scan: Scan | None) -> dict[str, object]:
    """What the version's row keeps of it; nothing where there was none."""
    if scan is None:
        return {}
    now = timezone.now()
    if scan.why_not:
        tries = 0 if scan.is_away else min(version.scan_tries + 1, 1_000)
        wait = WAITS[min(tries, len(WAITS)) - 1] if tries else datetime.timedelta()
        return {"scan_tries": tries, "scan_after": now + wait}
    return {
        "scan_found": scan.found, "scanned_with": scan.signatures, "scanned_at": now, "scan_tries": 0,
        "scan_after": None,
    }  # fmt: skip


def too_large_to_come_in(size: int) -> str:
    """Why a file cannot come in, as a sentence; "" where it can."""
    if size <= settings.WAGTAILDOCS_MAX_UPLOAD_SIZE:
        return ""
    most = filesizeformat(settings.WAGTAILDOCS_MAX_UPLOAD_SIZE)
    because = ", since larger files cannot be scanned for viruses here" if is_wanted() else ""
    return f"This file is larger than {most}, which is the most that can come in{because}."
