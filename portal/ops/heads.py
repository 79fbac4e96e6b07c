"""The heads of the access record, signed each hour and left where the site cannot take them back (RECORD_HEADS)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.core.files.base import ContentFile

from members import chain, mail, record_heads

EACH = 1  # hours
FILE = "record-heads.jsonl"


class Away(Protocol):
    """A place for heads. Both raise OSError while it cannot be reached."""

    def keep(self, line: bytes, said: dict[str, Any]) -> None: ...

    def kept(self) -> Iterator[Any]: ...


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
    """Once an hour, where rows were added: to each place first, and into the site's own table last, so that a place
    that is away is tried again."""
    if not record_heads.last_before(EACH) or (said := record_heads.newest()) is None:
        return
    line = chain.canonical(said).encode() + b"\n"
    for place in places():
        place.keep(line, said)
    record_heads.keep(said)


def everywhere() -> Iterator[Any]:
    """All that were signed, as far as the site can read them. Raises Bent, and OSError."""
    yield from record_heads.kept()
    for place in places():
        yield from place.kept()
