"""`manage.py trace_copy FILE`: whose stamped copy a file is, or a page of which somebody has a print."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.formats import date_format

from fileshare import copy_numbers
from fileshare.models import SharedDocument
from fileshare.services import trace


class Command(BaseCommand):
    help = (
        "Says for whom a copy was stamped: from the file as it left, from what is left of it (its facts, the text of a "
        "page), or from the number typed in from a print. Ends with 1 where nothing leads to anybody. What is found is "
        "a row of the access record."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="a PDF, or the text of its pages")
        parser.add_argument("--number", help="the number of a copy, as it stands on its pages")

    def handle(self, *args: Any, file: Path | None, number: str | None, **options: Any) -> None:
        if (file is None) == (number is None):
            raise CommandError("Name either a file, or a number with --number.")
        found = [self._typed(number)] if number is not None else self._in(file)
        for each in found:
            self.stdout.write(in_words(each))
            trace.note(each)
        if not any(each.copy for each in found):
            raise CommandError("It is not known whose copy this is.")

    def _typed(self, number: str) -> trace.Found:
        found = trace.by_number(number)
        if found is None:
            raise CommandError(
                "This is no number of a copy: it has twelve digits, the last of which checks the others. Please look "
                "again; one of them was read wrongly."
            )
        return found

    def _in(self, file: Path | None) -> list[trace.Found]:
        try:
            found = list(trace.trace(file or Path()))
        except OSError as error:
            raise CommandError(f"The file cannot be read: {error}") from error
        if not found:
            raise CommandError(
                "There is no number of a copy in this file. If you can see one on its pages, type it in with --number."
            )
        return found


def in_words(found: trace.Found) -> str:
    number = copy_numbers.in_groups(found.number)
    if found.copy is None:
        return f"Copy {number}: the site never gave this number out (it was found in {found.by})."
    copy, person = found.copy, found.person
    whose = f"{person} <{person.email}>" if person else f"an account that is erased, {copy.user_id},"
    title = SharedDocument.objects.filter(uuid=copy.document_uuid).values_list("title", flat=True).first()
    paper = f"“{title}”" if title else f"the paper {copy.document_uuid}, which is deleted"
    made = timezone.localtime(copy.made_at)
    return (
        f"Copy {number} was made for {whose} on {date_format(made, 'j F Y, H:i')} {made.tzname()}, of {paper}, version "
        f"{copy.version_number}. Known from {found.by}."
    )
