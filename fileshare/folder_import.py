"""A folder on disk, read as papers: what is in it, what a CSV file says of it, and what is wrong with either.

Nothing here writes. Each file becomes a paper; each folder below becomes a folder of the file share.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django import forms
from django.core.files.base import File
from django.utils import timezone
from wagtail.models import Collection

from fileshare.enums import Kind
from fileshare.inspection import formats
from fileshare.markings import MUST_BE_A_PLAIN_PDF, Marking
from fileshare.services import upload
from fileshare.services.inspect import ONLY_A_PDF
from members.models import Organisation

FILE = "file"
LONGEST_CSV = 50 * 1024**2  # bytes
IGNORED = ("Thumbs.db", "desktop.ini")


class FieldsForm(forms.Form):
    """What a line of the CSV file may say of its paper. Whatever is left empty is as in the administration's form."""

    title = forms.CharField(required=False, max_length=255)
    description = forms.CharField(required=False, max_length=10_000)
    source = forms.CharField(required=False, max_length=200)
    original_date = forms.DateField(required=False, input_formats=["%Y-%m-%d", "%d/%m/%Y"])
    marking = forms.ChoiceField(required=False, choices=Marking.choices)
    caveat = forms.CharField(required=False, max_length=120)
    publish_at = forms.DateTimeField(required=False, input_formats=["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d"])
    expires_at = forms.DateTimeField(required=False, input_formats=["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d"])

    def clean_marking(self) -> str:
        marking = str(self.cleaned_data["marking"] or Marking.GREEN)
        if marking == Marking.RED:
            raise forms.ValidationError("TLP:RED names its recipients, which this list cannot: please upload it.")
        return marking

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        begins, ends = data.get("publish_at") or timezone.now(), data.get("expires_at")
        if ends is not None and ends <= begins:
            self.add_error("expires_at", "The expiry must be later than the publication.")
        return data


@dataclass
class Candidate:
    """One file with what is said of it. `folders` are the names of the folders that it lies in, from the outermost."""

    path: Path
    name: str
    folders: tuple[str, ...]
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """Why a file, or a line of the CSV file, cannot come in."""

    where: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.where}: {self.sentence}"


def files_below(folder: Path) -> Iterator[Path]:
    """Every file, in a steady order; hidden ones, links and what systems leave behind are passed over."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
        if not (hidden or path.name in IGNORED or path.is_symlink()) and path.is_file():
            yield path


def read_fields(table: Path) -> tuple[dict[str, tuple[int, dict[str, str]]], list[Problem]]:
    """The CSV file's lines by the file that they are about, with their numbers. The first line names the columns."""
    if table.stat().st_size > LONGEST_CSV:
        return {}, [Problem(table.name, "This file is too large to be a list of papers.")]
    try:
        text = table.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return {}, [Problem(table.name, "This file is not UTF-8. Please save it as “CSV UTF-8”.")]
    first = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    columns = [(name or "").strip().lower() for name in rows.fieldnames or []]
    unknown = sorted(set(columns) - {FILE, *FieldsForm.base_fields} - {""})
    if FILE not in columns or unknown:
        known = ", ".join((FILE, *FieldsForm.base_fields))
        wrong = f"there is no column {', '.join(unknown)}" if unknown else f"the column “{FILE}” is missing"
        return {}, [Problem(f"{table.name}, line 1", f"{wrong}. The columns are: {known}.")]
    rows.fieldnames = columns
    return _by_file(table, rows)


def _by_file(table: Path, rows: csv.DictReader[str]) -> tuple[dict[str, tuple[int, dict[str, str]]], list[Problem]]:
    found: dict[str, tuple[int, dict[str, str]]] = {}
    problems = []
    try:
        for row in rows:
            where = f"{table.name}, line {rows.line_num}"
            name = (row.get(FILE) or "").strip().replace("\\", "/")
            if None in row:
                problems.append(Problem(where, "There are more values than columns."))
            elif name in found:
                problems.append(Problem(where, f"“{name}” stands in line {found[name][0]} already."))
            elif name:
                found[name] = (rows.line_num, {key: (value or "").strip() for key, value in row.items() if key})
    except csv.Error as error:
        problems.append(Problem(f"{table.name}, line {rows.line_num}", f"This line cannot be read ({error})."))
    return found, problems


def _folder_at(into: Collection, names: tuple[str, ...]) -> int | None:
    """The folder that a file would come into, where it is there already: a new one takes no zip archives."""
    found: Collection | None = into
    for name in names:
        found = found.get_children().filter(name=name).first() if found else None
    return found.pk if found else None


def _kind_of(path: Path, folder_id: int | None) -> Kind:
    """Raises formats.Refused with a sentence."""
    with path.open("rb") as stored:
        if not path.stat().st_size:
            raise formats.Refused("The file is empty.")
        return upload.recognise(File(stored), path.name, folder_id).kind


def _sentences(form: FieldsForm) -> Iterator[str]:
    for name, errors in form.errors.items():
        for error in errors:
            yield f"{name}: {error}"


def plan(folder: Path, table: Path | None, into: Collection) -> tuple[list[Candidate], list[Problem]]:
    """The papers that could come in, and all that is wrong with the others."""
    said, problems = read_fields(table) if table else ({}, [])
    sources = {name.casefold(): key for key, name in Organisation.objects.values_list("pk", "name")}
    sources |= {short.casefold(): key for key, short in Organisation.objects.values_list("pk", "abbreviation") if short}
    candidates = []
    for path in files_below(folder):
        if table is not None and path.samefile(table):
            continue
        inside = path.relative_to(folder)
        line, fields = said.pop(inside.as_posix(), (0, {}))
        where = f"{table.name}, line {line}" if table and line else inside.as_posix()
        form = FieldsForm(fields)
        wrong = [] if form.is_valid() else list(_sentences(form))
        is_zip = path.suffix.lower() == ".zip"
        wrong += _about_file(path, form, _folder_at(into, inside.parent.parts) if is_zip else None)
        source = (fields.get("source") or "").casefold()
        if source and source not in sources:
            wrong.append(f"source: there is no organisation “{fields['source']}” here yet.")
        problems += [Problem(where, sentence) for sentence in wrong]
        if not wrong:
            details = {**form.cleaned_data, "source_id": sources.get(source)}
            candidates.append(Candidate(path, inside.as_posix(), inside.parent.parts, details))
    for name, (line, fields) in said.items():
        wrong = [f"There is no file “{name}”.", *_sentences(FieldsForm(fields))]
        problems += [Problem(f"{table and table.name}, line {line}", sentence) for sentence in wrong]
    return candidates, problems


def _about_file(path: Path, form: FieldsForm, folder_id: int | None) -> list[str]:
    try:
        kind = _kind_of(path, folder_id)
    except formats.Refused as refused:
        return [str(refused)]
    except OSError:
        return ["The file cannot be read."]
    marking = form.cleaned_data.get("marking")
    return [ONLY_A_PDF] if marking in MUST_BE_A_PLAIN_PDF and kind != Kind.PDF else []
