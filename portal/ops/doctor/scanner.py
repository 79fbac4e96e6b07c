"""Whether the virus scanner does what the site relies on: it is given what it must find, and what it must refuse.

clamd says of a file that is beyond its limits that it is clean, unless it is told otherwise; so it is not only asked
whether it is there.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.utils import timezone

from fileshare.archive import Archive, Entry
from fileshare.inspection import scanner
from fileshare.services import rescan, scan
from portal.ops import scanning
from portal.ops.doctor.finding import Finding, act, look, right

ABOUT = "scanner"
PIECE = bytes(1024**2)
DEEPEST = 101  # archives in archives: more than clamd can be told to open
CONF = "Put the lines of docs/operator.md into clamd.conf"


def answers() -> Iterator[Finding]:
    """Asked here, at this moment; the worker and the timer may be on another machine."""
    if not scan.is_wanted():
        yield look(
            ABOUT, "There is no virus scanner: files are judged by what they are, and active PDFs are held. Set "
            "CLAMD_URL to have one.",
        )  # fmt: skip
        return
    heard = scanning.ask()
    if not heard.signatures:
        yield act(
            ABOUT, f"The scanner at {settings.CLAMD_URL} gives no answer: {heard.why_not}. New files wait for it."
        )
        return
    made = scanning.made_at(heard.signatures)
    if made is not None and timezone.now() - made > scanning.OLD_AFTER:
        yield act(ABOUT, f"Its signatures are of {made:%-d %B %Y}. Look at freshclam.")
    try:
        trials = list(_trials())
    except scanner.NoVerdict as why:
        yield act(ABOUT, f"The scanner at {settings.CLAMD_URL} does not come to an end with a trial: {why}.")
        return
    yield from trials or [right(ABOUT, f"{heard.signatures} finds what it should, at every size that may come in.")]


def _trials() -> Iterator[Finding]:
    if not _has_found(scanner.scan([eicar()], len(eicar()))):
        yield act(ABOUT, "It does not find the test file of its makers (EICAR): it lacks signatures. Run freshclam.")
        return
    deep = nested()
    if not scanner.scan([deep], len(deep)).found:
        yield act(ABOUT, f"It calls files clean that it cannot look through. {CONF}, AlertExceedsMax above all.")
    most = settings.SCAN_AT_MOST
    if not _has_found(scanner.scan(large(most), most)):
        yield act(
            ABOUT, f"It does not look through files of {most // 1024**2} MB, which may come in. {CONF}, with that "
            "size, or set CLAMD_MAX_MB to what its limits allow.",
        )  # fmt: skip


def _has_found(verdict: scanner.Verdict) -> bool:
    return bool(verdict.found) and not verdict.too_large


def eicar() -> bytes:
    """What every scanner finds and nobody is harmed by (eicar.org). In pieces, or a scanner would find this file."""
    return b"$".join((b"X5O!P%@AP[4\\PZX54(P^)7CC)7}", b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!", b"H+H*"))


def nested() -> bytes:
    """An archive in an archive, and so on: some 11 KB."""
    content = b"x"
    for _ in range(DEEPEST):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("a.zip", content)
        content = out.getvalue()
    return content


def large(size: int) -> Iterator[bytes]:
    """A zip of so many bytes, with the test file behind much that is nothing."""
    found, moment = eicar(), timezone.now()
    last = Entry("b.com", len(found), zlib.crc32(found), moment, found)
    around = Archive([Entry("a", 0, 0, moment, b""), last]).size
    padding = size - around
    first = Entry("a", padding, _crc_of_nothing(padding), moment, b"")
    yield from Archive([first, last]).stream(0, size, _read)


def _read(source: bytes, start: int, length: int) -> Iterable[bytes]:
    if source:
        yield source[start : start + length]
        return
    for _ in range(length // len(PIECE)):
        yield PIECE
    yield PIECE[: length % len(PIECE)]


def _crc_of_nothing(length: int) -> int:
    crc = 0
    for piece in _read(b"", 0, length):
        crc = zlib.crc32(piece, crc)
    return crc


def behind() -> Iterator[Finding]:
    """What is out and was not scanned with the newest signatures."""
    if not scan.is_wanted() or not (heard := scanning.ask()).signatures:
        return
    failed = rescan.behind(heard.signatures).filter(scan_tries__gt=0).count()
    if failed:
        yield act(
            "scans", f"The scanner comes to no end with {failed} of the files that members can read. Its log says why; "
            "its limits may have been lowered.",
        )  # fmt: skip
    elif heard.behind:
        yield look("scans", f"{heard.behind} files have still to be scanned with its newest signatures.")
