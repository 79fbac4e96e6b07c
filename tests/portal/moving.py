"""What a site has, before it is backed up and after it is restored, and the commands between."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path

from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.core.management.color import no_style
from django.db import connection

from members.append_only import TABLES
from members.models import AccessRecord, User
from portal.ops import tables
from tests.bending import bend


def everything() -> dict[str, list]:
    """Each row of each table, JSON as what it says."""
    connection.check_constraints()  # as a commit does, so that each row of the record has its link
    found = {}
    for table in tables.tables():
        places = [n for n, field in enumerate(table.fields) if field.get_internal_type() == "JSONField"]
        rows = list(table.rows())
        for row in rows:
            for number in places:
                row[number] = json.loads(row[number]) if row[number] else row[number]
        found[table.name] = rows
    return found


def files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for part in ("private", "public")
        for path in (folder / part).rglob("*")
        if path.is_file()
    }


def run(*arguments) -> str:
    """What the command said, or the sentence with which it ended."""
    out = io.StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=out)
    except CommandError as error:
        return f"! {error}"
    return out.getvalue()


def back_up(tmp_path: Path) -> Path:
    file = tmp_path / "site.tar"
    assert run("backup", str(file)).startswith("The backup has ")
    return file


def emptied() -> None:
    """As a new site is, but for what `migrate` would put into it. It counts from 1."""
    tables.clear()
    for table in TABLES:
        bend(f"DELETE FROM {table}")  # noqa: S608 -- our own names
    ContentType.objects.clear_cache()
    models = [table.model for table in tables.tables()]
    with connection.cursor() as cursor:
        sqlite = ["DELETE FROM sqlite_sequence"]
        for sql in sqlite if connection.vendor == "sqlite" else connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(sql)


def nothing_here(folder: Path) -> bool:
    return not User.objects.exists() and not AccessRecord.objects.exists() and files(folder) == {}


def members_of(data: bytes) -> dict[str, tuple[int, int]]:
    """Where each member of an archive begins, and its size."""
    with tarfile.open(fileobj=io.BytesIO(data)) as opened:
        return {member.name: (member.offset_data, member.size) for member in opened}
