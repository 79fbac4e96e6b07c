"""`manage.py import_members FILE.csv`: a register comes in as a whole, or not at all."""

from __future__ import annotations

import datetime
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import pluralize

from members import csv_register, csv_rows, import_plan
from members.csv_register import COLUMNS, Unreadable
from members.import_plan import Options
from members.models import MembershipLevel, User
from members.services import import_members


def _assigned(text: str) -> tuple[str, str]:
    name, parted, head = text.partition("=")
    if not parted or name not in COLUMNS:
        raise ArgumentTypeError(f"write NAME=HEAD, where NAME is one of {', '.join(COLUMNS)}")
    return name, head


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError("write the day as 2027-03-31") from None


class Command(BaseCommand):
    help = (
        "Import members from a CSV file. The whole file is checked first, with a line for each problem; with any "
        "problem nothing is imported. Nobody gets a mail: invitations are a step of their own."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument("--dry-run", action="store_true", help="Only check, and say what would happen.")
        parser.add_argument("--by", metavar="E-MAIL", help="Who answers for it in the access record (default: nobody).")
        parser.add_argument(
            "--column", type=_assigned, action="append", default=[], metavar="NAME=HEAD",
            help=f"Which column holds what, where its head does not say so. NAME is one of {', '.join(COLUMNS)}.",
        )  # fmt: skip
        parser.add_argument("--no-update", action="store_true", help="People who are members already are problems.")
        parser.add_argument("--only-known-organisations", action="store_true", help="Make no organisation.")
        parser.add_argument("--make-levels", action="store_true", help="Make levels that the site does not know.")
        parser.add_argument("--level", default="", help="The level of those whose row names none.")
        parser.add_argument("--until", type=_day, metavar="DAY", help="The last day of those whose row names none.")

    def handle(self, *args: Any, **options: Any) -> None:
        by = self._person(options["by"])
        wishes = Options(
            update=not options["no_update"],
            make_organisations=not options["only_known_organisations"],
            make_levels=options["make_levels"],
            level=options["level"],
            expires_on=options["until"],
        )
        if wishes.level and not MembershipLevel.objects.filter(name__iexact=wishes.level).exists():
            raise CommandError(f"The site knows no level “{wishes.level}”.")
        plan = self._plan(options["file"], dict(options["column"]), wishes, by)
        self._refuse_if_wrong(plan.problems)
        self._say(plan.summary())
        if options["dry_run"]:
            self.stdout.write("A dry run: nothing was imported.")
            return
        try:
            import_members.write(plan, options=wishes, by=by, file_name=options["file"].name)
        except import_members.Refused as refused:
            self._refuse_if_wrong(refused.problems)
        self.stdout.write("Imported. Nobody was sent a mail: invite people in the administration, under Members.")

    def _person(self, email: str | None) -> User | None:
        if email is None:
            return None
        try:
            return User.objects.get(email=email.lower())
        except User.DoesNotExist:
            raise CommandError(f"Nobody has the address {email}.") from None

    def _plan(self, file: Path, assigned: dict[str, str], options: Options, by: User | None) -> import_plan.Plan:
        try:
            table = csv_register.open_table(file.read_bytes())
            columns = csv_register.guess(table.head) | {
                name: _place(head, table.head) for name, head in assigned.items()
            }
            csv_register.require(columns, table.head)
            entries, problems = csv_rows.read(table.text, table.delimiter, columns)
        except OSError as trouble:
            raise CommandError(f"{file} cannot be read: {trouble.strerror}.") from None
        except Unreadable as trouble:
            raise CommandError(str(trouble)) from None
        if table.note:
            self.stderr.write(table.note)
        return import_plan.make(entries, problems, options=options, by=by)

    def _refuse_if_wrong(self, problems: list[csv_rows.Problem]) -> None:
        for problem in problems:
            self.stderr.write(str(problem))
        if problems:
            raise CommandError(f"{len(problems):,} problem{pluralize(len(problems))}. Nothing was imported.")

    def _say(self, summary: dict[str, Any]) -> None:
        self.stdout.write(
            f"New members: {summary['new']:,}. Changed: {summary['changed']:,}. Unchanged: {summary['unchanged']:,}."
        )
        for name in ("organisations", "levels"):
            if summary[name]:
                self.stdout.write(f"New {name}: {', '.join(summary[name][:20])}{' …' if summary[name][20:] else ''}.")


def _place(head: str, heads: tuple[str, ...]) -> int:
    try:
        return heads.index(head)
    except ValueError:
        raise Unreadable(f"No column is called “{head}”. The first line says: {', '.join(heads)}.") from None
