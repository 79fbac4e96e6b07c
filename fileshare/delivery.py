"""Sending bytes: those of a reader's copy or of a zip of several, whole or one range. The caller has asked the policy
and written the record.

Constant memory whatever the size. With DELIVERY=accel nginx in front sends what lies in the store as it is, while
policy and record stay here; what is made while it is sent (zips) streams through this process. Ranges and conditions
after RFC 9110, sections 13 and 14; names after RFC 6266.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models.fields.files import FieldFile
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response  # type: ignore[attr-defined]
from django.utils.http import content_disposition_header

from fileshare.archive import Archive, Cut
from fileshare.enums import Kind
from fileshare.inspection.formats import FORMATS
from fileshare.models import DocumentVersion
from fileshare.readers_copy import ReadersCopy

_RANGE = re.compile(r"bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", re.IGNORECASE | re.ASCII)
# The location that nginx opens to nobody (deploy/nginx/site.conf.template).
INTERNAL = "/_private/"
# What a browser may show by itself, at its own address: nothing that can hold a script.
INLINE = (Kind.PNG, Kind.JPEG, Kind.WEBP, Kind.MP4)


class FileMissing(Exception):
    """The store has no such object, or cannot be reached."""


@dataclass(frozen=True)
class ByteRange:
    """The bytes [start, start + length) of a file."""

    start: int
    length: int


class NotSatisfiable(ValueError):
    """The range that was asked for lies outside the file."""


@dataclass(frozen=True)
class Parcel:
    """What is sent: its length, its validator, its type, its name, and how its bytes are read from the store.

    `key` is that of a stored object whose bytes are sent as they are; empty where they are made or changed here.
    """

    size: int
    etag: str
    content_type: str
    file_name: str
    pieces: Callable[[ByteRange], Iterable[bytes]]
    is_inline: bool = False
    key: str = ""


def parse_range(header: str, size: int) -> ByteRange | None:
    """The single range of a Range header; None for several, for another unit or for nonsense, which all get the whole
    file (RFC 9110, 14.2 allows a server to ignore the header). Raises NotSatisfiable when it lies outside the file."""
    match = _RANGE.fullmatch(header.strip())
    if match is None or len(header) > 100:
        return None
    first, last = match.groups()
    if not first and not last:
        return None
    if not first:
        length = min(int(last), size)
        if length == 0:
            raise NotSatisfiable
        return ByteRange(size - length, length)
    start, end = int(first), int(last) if last else size - 1
    if last and end < start:
        return None
    if start >= size:
        raise NotSatisfiable
    return ByteRange(start, min(end, size - 1) - start + 1)


def etag(copy: ReadersCopy) -> str:
    """A strong validator bound to the copy and telling nothing about its content."""
    return f'"{copy.token.hex}"'


def wanted_range(request: HttpRequest, parcel: Parcel) -> ByteRange | None:
    """The range to send, or None for all. Raises NotSatisfiable.

    If-Range with anything but this parcel's own validator means: the whole file, please.
    """
    header = request.headers.get("Range")
    if header is None or request.method != "GET":
        return None
    condition = request.headers.get("If-Range")
    if condition is not None and condition.strip() != parcel.etag:
        return None
    return parse_range(header, parcel.size)


def _with_headers(response: HttpResponseBase, parcel: Parcel) -> HttpResponseBase:
    response["ETag"] = parcel.etag
    if "X-Accel-Redirect" not in response:
        response["Accept-Ranges"] = "bytes"  # nginx says so itself
    return _closed(response)


def _closed(response: HttpResponseBase) -> HttpResponseBase:
    """Kept by nobody, shown by no browser as anything but a file."""
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def name_for_reader(version: DocumentVersion) -> str:
    """The name as the editor gave it; a former version says which it is, so that two copies do not look alike."""
    if version.is_current:
        return version.file_name
    stem, dot, extension = version.file_name.rpartition(".")
    return f"{stem} (version {version.number}).{extension}" if dot else f"{extension} (version {version.number})"


def check_stored(version: DocumentVersion) -> None:
    """Ask the store whether it has the whole object. Raises FileMissing, also for a destroyed file whose bytes the
    store has not let go of yet."""
    if version.destroyed_at is not None:
        raise FileMissing(f"{version.file_name} was destroyed on {version.destroyed_at}")
    try:
        stored = default_storage.size(str(version.file.name))
    except Exception as error:  # each store has its own exceptions, and each means the same here
        raise FileMissing(version.file.name) from error
    if stored != version.size:
        raise FileMissing(f"{version.file.name}: {stored} bytes where {version.size} were stored")


def read(copy: ReadersCopy, start: int, length: int) -> Iterable[bytes]:
    """Those bytes of a reader's copy, in pieces: the one way out for downloads, readings and zips.

    Raises FileMissing before the first piece.
    """
    try:
        pieces: Iterable[bytes] = default_storage.read_range(copy.key, start, length)  # type: ignore[attr-defined]
    except Exception as error:  # as in `check_stored`: the store may have gone since
        raise FileMissing(copy.key) from error
    return Unhurried(pieces)


def lend_connection() -> None:
    """Before something that takes its time: the database's connection goes back to the others, of which a process has
    few. The next question fetches one."""
    if not connection.in_atomic_block:  # as in a test
        connection.close_if_unusable_or_obsolete()


class Unhurried:
    """Pieces for a reader who may take an hour."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._source, self._pieces, self._begun = pieces, iter(pieces), False

    def __iter__(self) -> Unhurried:
        return self

    def __next__(self) -> bytes:
        if not self._begun:
            self._begun = True
            lend_connection()
        return next(self._pieces)

    def close(self) -> None:
        close: Callable[[], None] | None = getattr(self._source, "close", None)
        if close:
            close()


def parcel_of(copy: ReadersCopy, *, for_reading: bool = False) -> Parcel:
    """A reader's copy, to be downloaded or to be shown by the reader page."""
    return Parcel(
        size=copy.size,
        etag=etag(copy),
        content_type=FORMATS[Kind(copy.version.kind)].content_type,
        file_name=name_for_reader(copy.version),
        pieces=lambda part: read(copy, part.start, part.length),
        is_inline=for_reading and copy.version.kind in INLINE,
        key=copy.key,
    )


def parcel_of_opening(copy: ReadersCopy) -> Parcel:
    """What the reader page fetches before the file's own bytes (`derivatives.opening`)."""
    opening = replace(copy, key=copy.opening, size=copy.opening_size)
    return Parcel(
        size=opening.size,
        etag=f'"{copy.token.hex}-opening"',
        content_type="application/octet-stream",
        file_name="opening",
        pieces=lambda part: read(opening, part.start, part.length),
        key=opening.key,
    )


def parcel_of_archive(
    archive: Archive[ReadersCopy], name: str, *, failed: Callable[[DocumentVersion, Exception], None]
) -> Parcel:
    """A zip. When a file fails half-way, `failed` is told and the connection is cut: a zip that ends too early is
    noticed, while one that is silently short would be taken for whole."""

    def pieces(part: ByteRange) -> Iterator[bytes]:
        try:
            yield from archive.stream(part.start, part.length, read)
        except Cut as error:
            failed(error.entry.source.version, error)
            raise

    told = hashlib.sha256()
    for entry in archive.entries:
        told.update(f"{entry.source.token.hex} {entry.name}\n".encode())
    return Parcel(archive.size, f'"{told.hexdigest()[:32]}"', "application/zip", name, pieces)


def send_picture(file: FieldFile) -> HttpResponseBase:
    """A preview, whole: it is small. Raises FileMissing."""
    try:
        with file.open("rb") as stored:
            response = HttpResponse(stored.read(), content_type="image/webp")
    except Exception as error:  # as in `check_stored`
        raise FileMissing(file.name) from error
    response["Content-Disposition"] = "inline"
    return _closed(response)


def _is_for_nginx(request: HttpRequest, parcel: Parcel, wanted: ByteRange | None) -> bool:
    """Whether nginx may send it: whatever it would judge otherwise than we do stays here, all of it rare. It knows no
    validator when it looks at If-Match, and gives several ranges their parts and a HEAD its range."""
    if settings.DELIVERY != "accel" or not parcel.key or request.method != "GET" or parcel.size == 0:
        return False
    if "If-Match" in request.headers or "If-Unmodified-Since" in request.headers:
        return False
    return "Range" not in request.headers or wanted is not None


def _by_nginx(parcel: Parcel, wanted: ByteRange | None) -> HttpResponseBase:
    """An answer without bytes, which nginx replaces by the object's; its location adds the headers of this one.

    A file on its disk it cuts by the reader's own Range; of the object store it asks `X-Object-Range`.
    """
    response = HttpResponse()
    response["X-Accel-Redirect"] = INTERNAL + default_storage.internal_address(parcel.key)  # type: ignore[attr-defined]
    if wanted:
        response["X-Object-Range"] = f"bytes={wanted.start}-{wanted.start + wanted.length - 1}"
    return response


def _streamed(request: HttpRequest, parcel: Parcel, wanted: ByteRange | None) -> HttpResponseBase:
    part = wanted or ByteRange(0, parcel.size)
    response = StreamingHttpResponse(
        () if request.method == "HEAD" else parcel.pieces(part), status=206 if wanted else 200
    )
    response["Content-Length"] = str(part.length)
    if wanted:
        response["Content-Range"] = f"bytes {part.start}-{part.start + part.length - 1}/{parcel.size}"
    return response


def send(request: HttpRequest, parcel: Parcel) -> HttpResponseBase:
    """The answer with the parcel's bytes, which nginx may add: 200, 206, 304, 412 or 416. Raises FileMissing before the
    first byte."""
    conditional = get_conditional_response(request, etag=parcel.etag)
    if conditional is not None:
        return _with_headers(conditional, parcel)
    try:
        wanted = wanted_range(request, parcel)
    except NotSatisfiable:
        refused = HttpResponse(status=416, content_type="text/plain")
        refused["Content-Range"] = f"bytes */{parcel.size}"
        return _with_headers(refused, parcel)
    if _is_for_nginx(request, parcel, wanted):
        response = _by_nginx(parcel, wanted)
    else:
        response = _streamed(request, parcel, wanted)
    response["Content-Type"] = parcel.content_type
    response["Content-Disposition"] = (
        content_disposition_header(as_attachment=not parcel.is_inline, filename=parcel.file_name) or "inline"
    )
    return _with_headers(response, parcel)


def send_own(request: HttpRequest, *, key: str, size: int, name: str) -> HttpResponseBase:
    """A zip that was made for the person who fetches it, whole. Raises FileMissing before the first byte."""
    try:
        stored = default_storage.size(key)
        stored_pieces: Iterable[bytes] = () if request.method == "HEAD" else default_storage.read_range(key, 0, size)  # type: ignore[attr-defined]
    except Exception as error:  # as in `check_stored`
        raise FileMissing(key) from error
    if stored != size:
        raise FileMissing(f"{key}: {stored} bytes where {size} were stored")
    response = StreamingHttpResponse(Unhurried(stored_pieces), content_type="application/zip")
    response["Content-Length"] = str(size)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return _closed(response)
