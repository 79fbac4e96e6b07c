"""The key with which the site signs what it says of its access record, and the form of such a statement.

A statement says: at this moment, the link at this place had this hash. Signed with Ed25519 (RFC 8032) and kept where
the site cannot reach it, it proves later that no row up to there was changed, and that none was cut off.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.utils import timezone

from members import chain

FOR = b"Gatehouse access record\n"  # a signature for this is one for nothing else
SAID = {"at", "hash", "key", "place", "signature", "site", "what"}
HEAD, EXPORT = "head", "export"


class Unsigned(ValueError):
    """It is no statement of this form, or is signed with another key, or was changed. The message is a sentence."""


def key_file() -> Path:
    return Path(settings.DATA_DIR) / "record_key"


def _key() -> Ed25519PrivateKey:
    """From RECORD_KEY, else from the file, which is made when it is first asked for. Raises OSError, ValueError."""
    given = settings.RECORD_KEY
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(given or _from_file()))


def _from_file() -> str:
    file = key_file()
    if not file.exists():
        _make(file)
    return file.read_text().strip()


def _make(file: Path) -> None:
    """Whole or not at all, and once, however many processes ask at the same time; only its owner can read it."""
    descriptor, partial = tempfile.mkstemp(prefix="record_key.", dir=file.parent)
    try:
        with os.fdopen(descriptor, "w") as opened:
            opened.write(Ed25519PrivateKey.generate().private_bytes_raw().hex() + "\n")
            opened.flush()
            os.fsync(opened.fileno())
        with contextlib.suppress(FileExistsError):  # another process was quicker: its key counts
            file.hardlink_to(partial)
    finally:
        Path(partial).unlink()


def known() -> set[str]:
    """The site's own public key, where it has one yet."""
    return {public_key()} if settings.RECORD_KEY or key_file().exists() else set()


def public_key() -> str:
    return _key().public_key().public_bytes_raw().hex()


def sign(*, what: str, place: int, hash_: str) -> dict[str, Any]:
    """What is said now of the link at a place, with the public key and the signature."""
    said = {"what": what, "site": settings.BASE_URL, "at": chain.moment(timezone.now()), "place": place, "hash": hash_}
    key = _key()
    return {**said, "key": key.public_key().public_bytes_raw().hex(), "signature": key.sign(_signed(said)).hex()}


def check(statement: Any, *, keys: set[str], what: str) -> None:
    """Raises Unsigned."""
    if not isinstance(statement, dict) or set(statement) != SAID or statement["what"] != what:
        raise Unsigned(f"This is no signed {what}.")
    if not all(isinstance(value, int if name == "place" else str) for name, value in statement.items()):
        raise Unsigned(f"This is no signed {what}.")
    if statement["key"] not in keys:
        raise Unsigned(f"The {what} of {statement['at']} is signed with another key, {statement['key']}.")
    said = {name: value for name, value in statement.items() if name not in ("key", "signature")}
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(statement["key"]))
        public.verify(bytes.fromhex(statement["signature"]), _signed(said))
    except (InvalidSignature, ValueError, TypeError) as error:
        raise Unsigned(f"The {what} of {statement['at']} is not what was signed.") from error


def _signed(said: dict[str, Any]) -> bytes:
    return FOR + chain.canonical(said).encode()
