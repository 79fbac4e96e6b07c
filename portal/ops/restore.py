"""An archive into an empty site: all of it or nothing.

Rows go in within one transaction, which ends when every file is stored and the archive's end has proved it whole. A
process that is killed in the middle leaves an empty site, and files that the next restore takes over.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, Any

from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from wagtail.models import Site

from members.models import ErasedPerson, User
from members.services import erase
from members.services.erased_list import Entry
from portal import freshness
from portal.ops import stored, tables
from portal.ops.archive import FORMAT, MOST_IN_MEMORY, Hashing, NotAnArchive, Reader
from portal.search import index
from portal.services.site_address import follow_base_url

logger = logging.getLogger(__name__)


class Refused(ValueError):
    """This backup cannot be restored into this site. The message is a sentence, and nothing has changed."""


@dataclass(frozen=True)
class Restored:
    """`erased` are the numbers of those who had been erased since the backup was made, and are gone again."""

    made_at: str
    rows: int
    files: int
    bytes: int
    erased: list[int]


def bring_back(stream: IO[bytes], *, erased: Iterable[Entry] | None = None) -> Restored:
    """Restore the archive. `erased` is the newest list of erased people; the one in DATA_DIR if there is none.

    Raises Refused.
    """
    _refuse_without_cache()
    bringing = stored.Bringing()
    is_whole = False
    try:
        with Reader(stream) as archive, transaction.atomic():
            restored = _into_empty_site(archive, bringing, erased)
            is_whole = True
    except BaseException as error:
        if not is_whole:  # where the commit itself fails, the rows may be there all the same
            bringing.undo()
        if isinstance(error, NotAnArchive | tables.OtherSchema | tables.RowRefused | stored.StoreTrouble):
            raise Refused(str(error)) from error
        if isinstance(error, DatabaseError):
            what = str(error).strip().partition("\n")[0]
            raise Refused(f"The database does not take the backup: {what}") from error
        if isinstance(error, OSError):
            raise Refused(f"The backup cannot be read: {error.strerror or error}.") from error
        raise
    finally:
        bringing.close()
    _afterwards()
    return restored


def _refuse_without_cache() -> None:
    """Before anything is done, since what comes last needs it."""
    try:
        cache.get("restore")
    except Exception as error:  # whichever cache it is has errors of its own
        raise Refused("The cache does not answer. Is it there, and was “manage.py createcachetable” run?") from error


def _into_empty_site(archive: Reader, bringing: stored.Bringing, erased: Iterable[Entry] | None) -> Restored:
    ours = tables.schema()
    head = archive.head()
    _check(head, ours)
    tables.wait_until_alone()
    if reason := tables.what_is_here():
        raise Refused(reason)
    tables.clear()
    rows = _bring_members(archive, head["tables"], bringing)
    end = archive.end()
    if (end.get("rows"), end.get("files")) != (rows, bringing.count):
        raise NotAnArchive("The backup was altered: its end counts other rows and files than it has.")
    ContentType.objects.clear_cache()
    tables.stored_tasks_again()
    stored.settle_gone(end.get("gone", []))
    again = erase.apply_list(erased)
    _go_on_counting(head["numbers_given"])
    follow_base_url()
    connection.check_constraints()  # here, and not at the commit
    return Restored(head["made_at"], rows, bringing.count, bringing.bytes, again)


def _check(head: dict[str, Any], ours: dict[str, list[str]]) -> None:
    if not isinstance(head.get("format"), int) or head["format"] < 1:
        raise NotAnArchive("This is no backup of Gatehouse.")
    if head["format"] > FORMAT:
        raise Refused("The backup was made by a newer version of Gatehouse, in a form that this one does not know.")
    if missing := {"schema", "tables", "numbers_given", "made_at"} - head.keys():
        raise NotAnArchive(f"The backup was altered: its beginning lacks {', '.join(sorted(missing))}.")
    tables.compare_schema(head["schema"], ours)
    if {name: sorted(columns) for name, columns in head["tables"].items()} != {
        table.name: sorted(table.columns) for table in tables.tables()
    }:
        raise Refused("The backup has other tables or columns than this version of Gatehouse.")


def _bring_members(archive: Reader, columns: dict[str, list[str]], bringing: stored.Bringing) -> int:
    """Returns how many rows there were."""
    by_name = {table.name: table for table in tables.tables()}
    count = 0
    for name, size, source in archive.members():
        kind, _, rest = name.partition("/")
        if kind == "rows":
            table = by_name.get(rest.partition("/")[0])
            if table is None or size > MOST_IN_MEMORY:
                raise NotAnArchive(f"The backup was altered: “{name}” does not belong to it.")
            count += _bring_rows(table, columns[table.name], source)
        else:
            bringing.bring(name, size, source)
    return count


def _bring_rows(table: tables.Table, columns: list[str], source: Hashing) -> int:
    pieces = []
    while piece := source.read():
        pieces.append(piece)
    rows = tables.from_lines(b"".join(pieces), len(columns))
    if columns != table.columns:  # the same ones in another order
        places = [columns.index(name) for name in table.columns]
        rows = [[row[place] for place in places] for row in rows]
    return table.insert(rows)


def _go_on_counting(given: dict[str, int]) -> None:
    """An erased person's number, too, is nobody else's."""
    last = ErasedPerson.objects.order_by("-number").values_list("number", flat=True).first() or 0
    users = User._meta.db_table
    tables.go_on_from({**given, users: max(given.get(users, 0), last)})


def _afterwards() -> None:
    """What is made from the rows. Should the process end here, `manage.py update_index` and `rebuild_search` do the
    rest; so does `run_due`, of the latter."""
    Site.clear_site_root_paths_cache()
    freshness.expire()
    index.rebuild()
    call_command("update_index", verbosity=0)
