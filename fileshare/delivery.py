"""Sending the bytes of a version: whole, or one range of it. The caller has asked the policy and written the record.

Constant memory whatever the size. Ranges and conditions after RFC 9110, sections 13 and 14; names after RFC 6266.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response  # type: ignore[attr-defined]
from django.utils.http import content_disposition_header

from fileshare.enums import Kind
from fileshare.inspection.formats import FORMATS
from fileshare.models import DocumentVersion

_RANGE = re.compile(r"bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", re.IGNORECASE | re.ASCII)


class FileMissing(Exception):
    """The store has no such object, or cannot be reached."""


@dataclass(frozen=True)
class ByteRange:
    """The bytes [start, start + length) of a file."""

    start: int
    length: int


class NotSatisfiable(ValueError):
    """The range that was asked for lies outside the file."""


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


def etag(version: DocumentVersion) -> str:
    """A strong validator bound to the version and telling nothing about its content."""
    return f'"{version.token.hex}"'


def wanted_range(request: HttpRequest, version: DocumentVersion) -> ByteRange | None:
    """The range to send, or None for all. Raises NotSatisfiable.

    If-Range with anything but this version's own validator means: the whole file, please.
    """
    header = request.headers.get("Range")
    if header is None or request.method != "GET":
        return None
    condition = request.headers.get("If-Range")
    if condition is not None and condition.strip() != etag(version):
        return None
    return parse_range(header, version.size)


def _with_headers(response: HttpResponseBase, version: DocumentVersion) -> HttpResponseBase:
    response["ETag"] = etag(version)
    response["Accept-Ranges"] = "bytes"
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
    """Ask the store whether it has the whole object. Raises FileMissing."""
    try:
        stored = default_storage.size(str(version.file.name))
    except Exception as error:  # each store has its own exceptions, and each means the same here
        raise FileMissing(version.file.name) from error
    if stored != version.size:
        raise FileMissing(f"{version.file.name}: {stored} bytes where {version.size} were stored")


def _pieces(request: HttpRequest, version: DocumentVersion, part: ByteRange) -> Iterable[bytes]:
    if request.method == "HEAD":
        return ()
    try:
        pieces: Iterable[bytes] = default_storage.read_range(version.file.name, part.start, part.length)  # type: ignore[attr-defined]
    except Exception as error:  # as in `check_stored`: the store may have gone since
        raise FileMissing(version.file.name) from error
    return pieces


def send(request: HttpRequest, version: DocumentVersion) -> HttpResponseBase:
    """The answer with the version's bytes: 200, 206, 304, 412 or 416. Raises FileMissing before the first byte."""
    conditional = get_conditional_response(request, etag=etag(version))
    if conditional is not None:
        return _with_headers(conditional, version)
    try:
        wanted = wanted_range(request, version)
    except NotSatisfiable:
        refused = HttpResponse(status=416, content_type="text/plain")
        refused["Content-Range"] = f"bytes */{version.size}"
        return _with_headers(refused, version)
    part = wanted or ByteRange(0, version.size)
    response = StreamingHttpResponse(_pieces(request, version, part), status=206 if wanted else 200)
    response["Content-Type"] = FORMATS[Kind(version.kind)].content_type
    response["Content-Length"] = str(part.length)
    if wanted:
        response["Content-Range"] = f"bytes {part.start}-{part.start + part.length - 1}/{version.size}"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name_for_reader(version))
    return _with_headers(response, version)
