"""Checks an exported access record of Gatehouse, far from the site, with nothing but this file and Python 3.11.

    python3 verify_record.py EXPORT.jsonl KEY [HEADS.jsonl …]

KEY is the site's public key, as “manage.py record_key” printed it on a day when nobody doubted the site. HEADS are
files of the statements that the site has signed each hour and left where it cannot reach them. Whatever is wrong is
said in one sentence, and the program ends with 1.

The form is that of docs/security.md, written here a second time on purpose: nothing is taken over from the site's code.
The signature is Ed25519 as RFC 8032 has it, in section 5.1; it is slow, and there are few of them.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

FACTS = {"action", "actor", "at", "details", "object_id", "object_kind", "reason"}
LINK = {"place", "row", "linked_at", "hash"}
STATEMENT = {"at", "hash", "key", "place", "signature", "site", "what"}
WRITER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)
SIGNED_FOR = b"Gatehouse access record\n"


class Bent(Exception):
    """The first thing that is not as it was. The message is a sentence."""


# --- The form -----------------------------------------------------------------------------------------------------
def canonical(value: Any) -> bytes:
    """Keys in order, no blanks, ASCII alone; a number without a fraction is a whole number."""
    return WRITER.encode(whole(value)).encode()


def whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: whole(each) for key, each in value.items()}
    if isinstance(value, list):
        return [whole(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def read(line: bytes, where: str) -> dict[str, Any]:
    try:
        said = json.loads(line)
        if isinstance(said, dict) and canonical(said) + b"\n" == line:
            return said
    except (ValueError, RecursionError):
        pass
    raise Bent(f"{where} is not what was written.")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# --- Ed25519: only checking, never signing ------------------------------------------------------------------------
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)  # of -1


class Point(NamedTuple):
    """X/Z, Y/Z, and T = XY/Z."""

    x: int
    y: int
    z: int
    t: int

    def __add__(self, other: Point) -> Point:  # type: ignore[override]
        a, b = (self.y - self.x) * (other.y - other.x) % P, (self.y + self.x) * (other.y + other.x) % P
        c, d = 2 * self.t * other.t * D % P, 2 * self.z * other.z % P
        e, f, g, h = b - a, d - c, d + c, b + a
        return Point(e * f % P, g * h % P, f * g % P, e * h % P)

    def times(self, number: int) -> Point:
        found, power = Point(0, 1, 1, 0), self
        while number:
            if number & 1:
                found += power
            power, number = power + power, number >> 1
        return found

    def is_same(self, other: Point) -> bool:
        return (self.x * other.z - other.x * self.z) % P == 0 and (self.y * other.z - other.y * self.z) % P == 0


def point(data: bytes) -> Point | None:
    """None where 32 bytes stand for no point."""
    number = int.from_bytes(data, "little")
    y, is_odd = number & ((1 << 255) - 1), number >> 255
    if len(data) != 32 or y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and is_odd):
        return None
    if x & 1 != is_odd:
        x = P - x
    return Point(x, y, 1, x * y % P)


BASE = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def is_signed(message: bytes, signature: bytes, key: bytes) -> bool:
    public, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if public is None or r is None or BASE is None or len(signature) != 64 or s >= ORDER:
        return False
    said = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    return BASE.times(s).is_same(r + public.times(said))


def statement(said: dict[str, Any], key: str, what: str, where: str) -> dict[str, Any]:
    """What was signed. Raises Bent."""
    if set(said) != STATEMENT or said["what"] != what:
        raise Bent(f"{where} is no signed {what}.")
    if said["key"] != key:
        raise Bent(f"{where} is signed with another key, {said['key']}.")
    signed = canonical({name: value for name, value in said.items() if name not in ("key", "signature")})
    try:
        is_right = is_signed(SIGNED_FOR + signed, bytes.fromhex(said["signature"]), bytes.fromhex(key))
    except (TypeError, ValueError):
        is_right = False
    if not is_right:
        raise Bent(f"{where} is not what was signed.")
    return said


# --- The record ---------------------------------------------------------------------------------------------------
def follow(lines: Iterable[bytes], key: str, heads: dict[int, set[str]]) -> dict[str, Any]:
    """Read an export to its end, and return what that says. `heads` are hashes by their places. Raises Bent."""
    place, last, moment, end = 0, "0" * 64, "", None
    for number, line in enumerate(lines, 1):
        said = read(line, f"Line {number}")
        if end is not None:
            raise Bent(f"Line {number} stands behind the end of the export.")
        if "what" in said:
            end = statement(said, key, "export", f"Line {number}")
            continue
        place += 1
        last, moment = link(said, place, last, moment, f"Line {number}")
        if heads.get(place, {last}) != {last}:
            raise Bent(f"Row {place} is not the one that was signed for when it was the last one.")
    if end is None:
        raise Bent(f"The export is cut off after row {place}: its signed end is missing.")
    if (end["place"], end["hash"]) != (place, last):
        raise Bent(f"The export ends with row {place}, and its end says row {end['place']}.")
    return end


def link(said: dict[str, Any], place: int, last: str, moment: str, where: str) -> tuple[str, str]:
    """The hash and the moment of a row. Raises Bent."""
    if set(said) != FACTS | LINK or not all(isinstance(said[name], str) for name in ("linked_at", "hash")):
        raise Bent(f"{where} is not what was written.")
    if said["place"] != place:
        raise Bent(f"Row {place} is missing: {where.lower()} is row {said['place']}.")
    content = sha256(canonical({name: said[name] for name in FACTS}))
    linked = canonical({"at": said["linked_at"], "content": content, "place": place, "row": said["row"]})
    if sha256(last.encode() + linked) != said["hash"]:
        raise Bent(f"Row {place} (no. {said['row']} of the record) does not follow from the row before it.")
    if said["linked_at"] < moment:
        raise Bent(f"Row {place} (no. {said['row']} of the record) is older than the row before it.")
    return said["hash"], said["linked_at"]


def read_heads(paths: Iterable[Path], key: str) -> Iterator[dict[str, Any]]:
    for path in paths:
        for number, line in enumerate(path.read_bytes().splitlines(keepends=True), 1):
            where = f"Line {number} of {path.name}"
            yield statement(read(line, where), key, "head", where)


def check(export: Path, key: str, paths: list[Path]) -> str:
    """What is right, as a sentence. Raises Bent, and OSError."""
    heads: dict[int, set[str]] = {}
    signed = list(read_heads(paths, key))
    for head in signed:
        heads.setdefault(head["place"], set()).add(head["hash"])
    with export.open("rb") as lines:
        end = follow(lines, key, heads)
    for head in signed:
        if head["place"] > end["place"] and head["at"] <= end["at"]:
            raise Bent(f"Rows are missing at the end: {end['place']} are there, and {head['place']} were signed for.")
    known = sum(head["place"] <= end["place"] for head in signed)
    return (
        f"All {end['place']} rows are what was written, as {end['site']} had them at {end['at']}. "
        f"They agree with {known} of {len(signed)} signed heads."
    )


def main(arguments: list[str]) -> int:
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        print(check(Path(arguments[0]), arguments[1].strip().lower(), [Path(each) for each in arguments[2:]]))
    except (Bent, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
