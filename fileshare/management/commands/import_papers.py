"""`manage.py import_papers`: bring a folder of papers in."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from wagtail.models import Collection

from fileshare import folder_import
from fileshare.services import import_folder
from fileshare.services.upload import NotStored
from members.models import User


class Command(BaseCommand):
    help = (
        "Bring the files of a folder into the file share, each as a paper, its folders as folders. Without --go it "
        "only says what it would do, with a line for each problem. Run again, it passes over what is in already."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="The folder on this machine's disk.")
        parser.add_argument("--fields", type=Path, help="A CSV file that says more of each file.")
        parser.add_argument(
            "--into", default="", help="The folder of the file share by name, such as Guidance/Reports."
        )
        parser.add_argument("--by", default="", help="The e-mail address of whoever brings them, for the record.")
        parser.add_argument("--go", action="store_true", help="Do it. What has problems is left out.")

    def handle(self, *args: Any, **options: Any) -> None:
        folder, table = options["folder"], options["fields"]
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}.")
        if table is not None and not table.is_file():
            raise CommandError(f"There is no file {table}.")
        into, by = self._into(options["into"]), self._by(options["by"])
        candidates, problems = folder_import.plan(folder, table, into)
        for problem in problems:
            self.stderr.write(str(problem))
        if options["go"]:
            self._bring(candidates, into, by)
        else:
            self.stdout.write(
                f"{len(candidates)} papers would come in, {len(problems)} problems. Run it again with --go."
            )
        if problems:
            raise CommandError(f"{len(problems)} problems; see above.")

    def _bring(self, candidates: list[folder_import.Candidate], into: Collection, by: User | None) -> None:
        new = old = 0
        try:
            for _candidate, is_new in import_folder.import_papers(candidates=candidates, into=into, by=by):
                new, old = new + is_new, old + (not is_new)
        except NotStored as error:
            raise CommandError(
                f"The store of papers is full, or cannot be reached. {new} papers came in before that; "
                "run the command again to go on with the others."
            ) from error
        self.stdout.write(
            f"{new} papers came in; {old} were here already. The worker checks each before members see it."
        )

    @staticmethod
    def _into(path: str) -> Collection:
        found = Collection.get_first_root_node()
        for name in filter(None, path.split("/")):
            child = found.get_children().filter(name=name).first()
            if child is None:
                raise CommandError(f"There is no folder “{name}” in “{found.name}”. Make it under Settings → Folders.")
            found = child
        return found

    @staticmethod
    def _by(email: str) -> User | None:
        user = User.objects.filter(email=email.lower()).first()
        if email and user is None:
            raise CommandError(f"Nobody here has the address {email}.")
        return user
