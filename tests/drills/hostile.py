"""Files as somebody brings them who means harm: good ones bent, cut and put together, with names that are none."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache

from tests.fileshare import files

PARTS = [
    "../",
    "..\\",
    "/",
    "\0",
    "\r\n",
    "\u202e",
    "%00",
    "<script>",
    "'\"",
    "=cmd|",
    "🗎",
    "ﬁ",
    "﹒",
    ".",
    " ",
    "a" * 250,
]
ENDINGS = [*files.GOOD, "exe", "html", "svg", "zip", "PDF", "pdf.exe", "docm", "", "pdf ", "p\u200bdf"]


@cache
def _bent_already() -> tuple[bytes, ...]:
    """What is known to be hostile, each with its reason in tests/fileshare/files.py."""
    return (
        files.lying_bomb(), files.encrypted_office(), files.encrypted_pdf("secret"), files.pdf_with_opening_script(),
        files.pdf_with_embedded_file(), files.pdf_that_turns_in_a_circle(), files.damaged_pdf(),
        files.with_part(files.docx_file(), "word/vbaProject.bin", b"macro"),
        files.archive({"../../outside.txt": b"x", "a/" * 200 + "b": b"y"}),
        files.archive({"inner.zip": files.archive({"inner.zip": files.archive({"a": bytes(10_000)})})}),
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>', b"MZ" + bytes(100),
        b"<svg onload=alert(1)>", b"\x89PNG\r\n\x1a\n" + b"\xff" * 60, b"GIF89a" + b"\xff" * 40, b"", b"\0",
    )  # fmt: skip


def made(count: int, seed: int = 5230) -> Iterator[tuple[str, bytes]]:
    """Names and contents, the same ones each time; most of them with the ending of what they were made from."""
    dice = random.Random(seed)  # noqa: S311 -- the same dice each time
    good = [
        *files.GOOD.items(),
        *(("pdf", each) if each[:4] == b"%PDF" else ("docx", each) for each in _bent_already()),
    ]
    for _ in range(count):
        ending, content = dice.choice(good)
        bend = dice.choice(BENDS)
        other = dice.choice(good)[1]
        yield _name(dice, ending), bend(content, other, dice)


def _name(dice: random.Random, ending: str) -> str:
    stem = "".join(dice.choice([*PARTS, "paper", "Отчёт", "report"]) for _ in range(dice.randrange(1, 4)))
    return f"{stem}.{ending if dice.random() < 0.8 else dice.choice(ENDINGS)}"


def _as_it_is(content: bytes, other: bytes, dice: random.Random) -> bytes:
    return content


def _cut(content: bytes, other: bytes, dice: random.Random) -> bytes:
    place = dice.randrange(len(content) + 1)
    return content[:place] if dice.random() < 0.7 else content[place:]


def _two_in_one(content: bytes, other: bytes, dice: random.Random) -> bytes:
    return content + other if dice.random() < 0.5 else content[: dice.randrange(600)] + other


def _lying(content: bytes, other: bytes, dice: random.Random) -> bytes:
    """About sizes and places, which stand at the end of archives and PDFs."""
    bent, place = bytearray(content), dice.randrange(max(0, len(content) - 80), max(1, len(content)))
    bent[place : place + 4] = dice.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xfe\xff\xff\x7f"])
    return bytes(bent)


def _bytes_changed(content: bytes, other: bytes, dice: random.Random) -> bytes:
    bent = bytearray(content)
    for _ in range(dice.randrange(1, 40) if bent else 0):
        bent[dice.randrange(len(bent))] = dice.randrange(256)
    return bytes(bent)


BENDS = [_as_it_is, _cut, _two_in_one, _lying, _bytes_changed]
