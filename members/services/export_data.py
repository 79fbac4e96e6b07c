"""The file with everything that is kept about a person: asked for by the person, made by the worker, gone in a week."""

from __future__ import annotations

import csv
import datetime
import io
import json
import tempfile
import zipfile
from typing import IO, TYPE_CHECKING, Any

from django.core.files import File
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils import timezone

from members import audit, mail, personal, personal_data
from members.enums import Action, ExportState
from members.models import DataExport
from members.spreadsheets import inert

if TYPE_CHECKING:
    from members.models import User
    from members.personal import Row


def ask(*, user: User) -> DataExport:
    """Have the file made. Whoever asks twice gets the one in the making."""
    for _ in range(2):
        waiting = DataExport.objects.filter(user=user, state=ExportState.WAITING).first()
        if waiting is not None:
            return waiting
        try:
            return _ask(user)
        except IntegrityError:  # asked for at the same moment in another window, whose request is there now
            continue
    raise RuntimeError("Two requests at once, and neither of them is there.")


@transaction.atomic
def _ask(user: User) -> DataExport:
    from members.tasks import make_export  # noqa: PLC0415 -- the task calls this module

    export = DataExport.objects.create(user=user)
    audit.record(Action.DATA_ASKED, actor=user, object_kind="user", object_id=user.pk)
    make_export.enqueue(export.pk)  # a row of the same transaction: there after the commit, and only then
    return export


def make(*, export_id: int) -> None:
    """Make a file that is waited for. Safe to run twice: a second run finds nothing to do, or leaves nothing."""
    export = DataExport.objects.select_related("user").filter(pk=export_id, state=ExportState.WAITING).first()
    if export is None:
        return
    with tempfile.TemporaryFile() as file:
        write(file, export.user)
        size = file.tell()
        file.seek(0)
        export.file.save("", File(file), save=False)
    stored, storage = str(export.file.name), export.file.storage
    try:
        is_first = _is_ready(export, size)
    except BaseException:
        storage.delete(stored)
        raise
    if not is_first:
        storage.delete(stored)


@transaction.atomic
def _is_ready(export: DataExport, size: int) -> bool:
    """Whether this run's file is the one that counts."""
    taken = DataExport.objects.filter(pk=export.pk, state=ExportState.WAITING).update(
        state=ExportState.READY, file=export.file.name, size=size, made_at=timezone.now()
    )
    if taken:
        for former in DataExport.objects.filter(user=export.user, state=ExportState.READY).exclude(pk=export.pk):
            _drop(former)
        mail.post(to=export.user, occasion=f"own data {export.pk}", template="own_data_ready")
    return bool(taken)


def fetched(*, export: DataExport) -> None:
    """A row of the record, before the first byte leaves."""
    audit.record(Action.DATA_FETCHED, actor=export.user, object_kind="user", object_id=export.user_id)


def forget_old() -> None:
    """Files that nobody may fetch any more."""
    for old in DataExport.objects.filter(state=ExportState.READY).exclude(
        pk__in=DataExport.objects.kept().values("pk")
    ):
        with transaction.atomic():
            _drop(old)


def _drop(export: DataExport) -> None:
    personal_data.delete_file(export.file)
    export.delete()


# --- What is in it ----------------------------------------------------------------------------------------------
def write(file: IO[bytes], user: User) -> None:
    """A zip: what is in it, and each table twice, for programs (JSON) and for people with a spreadsheet (CSV)."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        tables = [(name, rows) for name, rows in personal.files(user) if rows]
        read_me = render_to_string(
            "members/own_data.txt", {"person": user, "made_at": timezone.now(), "tables": tables}
        )
        archive.writestr("read-me.txt", read_me)
        for name, rows in tables:
            archive.writestr(f"{name}.json", _as_json(rows))
            archive.writestr(f"{name}.csv", _as_csv(rows))


def _as_json(rows: list[Row]) -> str:
    return json.dumps([dict(row) for row in rows], cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)


def _as_csv(rows: list[Row]) -> bytes:
    """With the mark by which spreadsheets know UTF-8, and no cell that they take for a formula."""
    out = io.StringIO(newline="")
    columns = list(dict.fromkeys(column for row in rows for column in row))
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    writer.writerows({column: inert(_plain(value)) for column, value in row.items()} for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _plain(value: Any) -> Any:
    """As the JSON has it; None is an empty cell."""
    if value is None or isinstance(value, str | dict | bool | int):
        return value
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, list):
        return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))
