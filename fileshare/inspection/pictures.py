"""How large a picture is, from its first bytes: a page that knows keeps the place while the picture arrives.

PNG: W3C PNG, 11.2.1; JPEG: ITU-T T.81, annex B; WebP: RFC 9649, 2.4 to 2.7. Nothing is decoded.
"""

from __future__ import annotations

import struct

HEAD = 256 * 1024  # bytes in which the size is looked for; a JPEG may carry a preview before it
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD9)}
_NO_FRAME = {0xC4, 0xC8, 0xCC}


def size_of(head: bytes) -> tuple[int, int] | None:
    """Width and height in pixels; None where they cannot be told."""
    try:
        if head.startswith(b"\x89PNG"):
            found: tuple[int, int] = struct.unpack_from(">2L", head, 16)
        elif head.startswith(b"\xff\xd8"):
            found = _of_jpeg(head)
        else:
            found = _of_webp(head)
    except (struct.error, IndexError, ValueError):
        return None
    return found if min(found) > 0 else None


def _of_jpeg(head: bytes) -> tuple[int, int]:
    """From the header of the first frame, which follows other segments."""
    place = 2
    while True:
        place = head.index(b"\xff", place)
        while head[place] == 0xFF:
            place += 1
        marker, place = head[place], place + 1
        if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAME:
            height, width = struct.unpack_from(">2H", head, place + 3)
            return width, height
        if marker not in _WITHOUT_LENGTH:
            place += int(struct.unpack_from(">H", head, place)[0])


def _of_webp(head: bytes) -> tuple[int, int]:
    form = head[12:16]
    if form == b"VP8X":
        width, height = (int.from_bytes(head[at : at + 3], "little") + 1 for at in (24, 27))
    elif form == b"VP8L":
        packed = int(struct.unpack_from("<L", head, 21)[0])
        width, height = (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    elif form == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<2H", head, 26))
    else:
        raise ValueError("no WebP picture")
    return width, height
