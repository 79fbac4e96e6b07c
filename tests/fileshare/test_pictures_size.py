"""How large a picture is, from its first bytes, as Pillow writes them."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fileshare.inspection.pictures import size_of


def written(kind, **options):
    out = io.BytesIO()
    Image.new(options.pop("mode", "RGB"), (321, 123), "red").save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    "picture",
    [
        written("PNG"),
        written("JPEG"),
        written("JPEG", progressive=True),
        written("JPEG", comment=b"\xff\xc0 no frame" * 400, exif=b"Exif\0\0" + bytes(5000)),
        written("WEBP"),
        written("WEBP", lossless=True),
        written("WEBP", mode="RGBA", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0"),
    ],
)
def test_size_is_told(picture):
    assert size_of(picture) == (321, 123)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_picture_that_ends_too_early_has_no_size(kind):
    assert size_of(written(kind)[:15]) is None


@given(st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"RIFF1234WEBPVP8 ", b"RIFF1234WEBPVP8X", b""]), st.binary())
def test_whatever_the_bytes_nothing_is_raised(start, rest):
    size_of(start + rest)
