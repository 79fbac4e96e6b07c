"""The whole site as one archive, made while the site runs: all rows as of one moment, then the files that they name."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from django.utils import timezone

from portal.ops import stored, tables
from portal.ops.archive import Writer

PIECE = 4 * 1024 * 1024  # bytes of rows in one member


@dataclass
class Made:
    """What an archive has. `lost` are files that the store does not have, `damaged` those whose SHA-256 is not the
    row's, `gone` those that the site let go of while the backup was made (field and key)."""

    rows: int = 0
    files: int = 0
    file_bytes: int = 0
    bytes: int = 0
    lost: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    gone: list[list[str]] = field(default_factory=list)


def make(stream: IO[bytes]) -> Made:
    """Write the archive. Raises OtherSchema, StoreTrouble, and OSError as the stream does."""
    made, names = Made(), stored.Names()
    moment = timezone.now()
    with Writer(stream) as writer:
        with tables.one_moment():
            every = tables.tables()
            head = {
                "made_at": moment.isoformat(),
                "schema": tables.schema(),
                "tables": {table.name: table.columns for table in every},
                "numbers_given": tables.numbers_given(),
            }
            writer.begin(head)
            for table in every:
                _write_rows(writer, table, names, made)
        for named in names.files():
            _write_file(writer, named, made)
        writer.finish({"rows": made.rows, "files": made.files, "gone": made.gone})
        stream.flush()
        made.bytes = writer.bytes_written
    return made


def _write_rows(writer: Writer, table: tables.Table, names: stored.Names, made: Made) -> None:
    rows = table.rows()
    if note := names.watch(table):
        rows = _seen(rows, note)
    for number, (count, piece) in enumerate(tables.as_lines(rows, PIECE), start=1):
        writer.put(f"rows/{table.name}/{number:06}.jsonl", io.BytesIO(piece), len(piece))
        made.rows += count


def _seen(rows: Iterator[list[Any]], note: Callable[[list[Any]], None]) -> Iterator[list[Any]]:
    for row in rows:
        note(row)
        yield row


def _write_file(writer: Writer, named: stored.Named, made: Made) -> None:
    found = stored.opened(named)
    if found is None:
        if stored.is_still_named(named):
            made.lost.append(named.key)
        else:
            made.gone.append([named.field, named.key])
        return
    size, source = found
    try:
        sha256 = writer.put(named.member, stored.Reading(named, size, source), size)
    finally:
        source.close()
    if named.sha256 and sha256 != named.sha256:
        made.damaged.append(named.key)
    made.files += 1
    made.file_bytes += size
