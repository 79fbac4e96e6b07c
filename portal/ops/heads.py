"""The heads of the access record, signed each hour and left where the site cannot take them back (RECORD_HEADS)."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.core.files.base import ContentFile

from members import chain, mail, record_heads

logger = logging.getLogger(__name__)
EACH = 1  # hours
FILE = "record-heads.jsonl"


class Away(Protocol):
    """A place for heads."""

    def keep(self, line: bytes, said: dict[str, Any]) -> None:
        """Raises whatever the place has to say while it is away."""

    def kept(self) -> Iterator[Any]:
        """Raises OSError while the place is away."""


class Folder:
    """A file in a folder, best on another machine; on a file system that only appends it is out of the site's reach."""

    def __init__(self, path: str) -> None:
        self._file = Path(path) / FILE

    def keep(self, line: bytes, said: dict[str, Any]) -> None:
        with self._file.open("ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def kept(self) -> Iterator[Any]:
        return record_heads.read_file(self._file) if self._file.exists() else iter(())


class Bucket:
    """An object for each head; the bucket's own lock or versions keep them."""

    def __init__(self, name: str, folder: str) -> None:
        self._name, self._folder = name, folder.strip("/")

    @cached_property
    def _storage(self) -> Any:
        from fileshare.object_storage import PrivateObjectStorage  # noqa: PLC0415 -- its library is large

        return PrivateObjectStorage(bucket_name=self._name, endpoint_url=settings.S3_ENDPOINT_URL or None)

    def keep(self, line: bytes, said: dict[str, Any]) -> None:
        name = "/".join(each for each in (self._folder, f"{said['place']:015}-{said['at']}.jsonl") if each)
        self._storage.save(name.replace(":", ""), ContentFile(line))

    def kept(self) -> Iterator[Any]:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 -- as above

        try:
            for name in sorted(self._storage.listdir(self._folder)[1]):
                with self._storage.open("/".join(each for each in (self._folder, name) if each)) as file:
                    yield from record_heads.read_lines(file.read(), name)
        except (BotoCoreError, ClientError) as error:
            raise OSError(f"the bucket {self._name} does not answer: {error}") from error


class Mailbox:
    """A person's mailbox, which only that person reads."""

    def __init__(self, address: str) -> None:
        self._address = address

    def keep(self, line: bytes, said: dict[str, Any]) -> None:
        mail.post(
            to=self._address,
            occasion=f"record head {said['place']} {self._address}"[:200],
            template="record_head",
            context={"line": line.decode().strip(), "place": said["place"], "site": said["site"]},
        )

    def kept(self) -> Iterator[Any]:
        return iter(())


def places() -> list[Away]:
    return [_place(each) for each in settings.RECORD_HEADS]


def _place(said: str) -> Away:
    if said.startswith("s3://"):
        bucket, _, folder = said.removeprefix("s3://").partition("/")
        return Bucket(bucket, folder)
    return Mailbox(said.removeprefix("mailto:")) if said.startswith("mailto:") else Folder(said)


def sign() -> None:
    """Once an hour, where rows were added: kept in the site's own table at once, with the places where it has still to
    be left. Each place is tried for itself, each time, with what it has not got. Raises OSError, which names those that
    are away."""
    record_heads.forget_other_places(settings.RECORD_HEADS)
    if record_heads.last_before(EACH) and (said := record_heads.newest()) is not None:
        record_heads.keep(said, places=settings.RECORD_HEADS)
    if away := [where for where in settings.RECORD_HEADS if not _has_all(where)]:
        raise OSError(f"Heads of the record have still to be left in {', '.join(away)}.")


def _has_all(where: str) -> bool:
    """Leave what a place has not got. Whether it has all now."""
    try:
        place = _place(where)
        for waiting, said in record_heads.to_leave(where):
            place.keep(chain.canonical(said).encode() + b"\n", said)
            waiting.delete()
    except Exception:  # whatever its trouble is, the other places must get theirs
        logger.warning("The head of the record could not be left in %s.", where, exc_info=True)
        return False
    return True


def everywhere() -> Iterator[Any]:
    """All that were signed, as far as the site can read them. Raises Bent, and OSError."""
    yield from record_heads.kept()
    for place in places():
        yield from place.kept()
