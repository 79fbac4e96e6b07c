"""The restore drill: a site with many files is backed up while it runs, and brought back elsewhere.

    python bench/drill.py [--files 10000] [--megabytes 1000] [--kills 10] [--postgresql postgres://user:password@host/]

It makes a site of its own under a temporary folder, kills backups and restores at random moments, and compares every
row and the SHA-256 of every file of the two sites. With `--postgresql`, the address of a server on which it may make a
database, the second site is on PostgreSQL; with PRIVATE_STORAGE=s3 and its variables in the environment, it is in that
bucket. Ends with 1 when anything differs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
STORE = ("PRIVATE_STORAGE", "S3_BUCKET", "S3_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
         "AWS_DEFAULT_REGION")  # fmt: skip
AT_ONCE = 500
TABLE = "{:<44}{:>9}{:>12}{:>10}{:>12}"


@dataclass
class Site:
    data: Path
    variables: dict[str, str] = field(default_factory=dict)

    def start(self, *arguments: str, **options: object) -> subprocess.Popen[bytes]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
        environment = kept | {"DJANGO_SETTINGS_MODULE": "portal.settings.dev", "DATA_DIR": str(self.data)}
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment | self.variables,
            **options,  # type: ignore[call-overload]
        )

    def manage(self, *arguments: str) -> tuple[float, int]:
        """Seconds, and the most memory in bytes. Ends the drill when the command fails."""
        begun, process = time.monotonic(), self.start("manage.py", *arguments, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"manage.py {' '.join(arguments)} ended with {process.returncode}.")
        return time.monotonic() - begun, used.ru_maxrss * 1024


# --- What is in the site ------------------------------------------------------------------------------------------
def fill(files: int, megabytes: int) -> None:
    """Papers of all sizes around the mean, ten rows of the record for each, and a member for every tenth."""
    import django

    django.setup()
    from django.db import transaction

    from members.models import AccessRecord, User

    mean = megabytes * 1_000_000 // files
    made = 0
    while made < files:
        some = min(AT_ONCE, files - made)
        with transaction.atomic():
            User.objects.bulk_create(User(email=f"member{made + n}@example.org") for n in range(0, some, 10))
            papers = [_paper(made + n, int(mean * random.uniform(0, 2))) for n in range(some)]  # noqa: S311 -- sizes
            AccessRecord.objects.append(
                AccessRecord(action="opened", object_kind="document", object_id=paper, details={"copy": n})
                for paper in papers
                for n in range(10)
            )
        made += some


def _paper(number: int, size: int) -> str:
    """As an upload leaves it: the object first, then its rows together."""
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage
    from django.db import transaction
    from wagtail.models import Collection

    from fileshare.models import DocumentVersion, SharedDocument
    from fileshare.storage import new_key

    content = secrets.token_bytes(size)
    key = default_storage.save(new_key(), ContentFile(content))
    with transaction.atomic():
        paper = SharedDocument(title=f"Paper {number}", collection=Collection.get_first_root_node(), file=key)
        paper.file_size = size
        SharedDocument.objects.bulk_create([paper])
        DocumentVersion.objects.create(
            document=paper, number=1, file=key, file_name=f"{number}.pdf", kind="pdf", size=size, crc32=0,
            sha256=hashlib.sha256(content).hexdigest(),
        )  # fmt: skip
    return str(paper.uuid)


def go_on() -> None:
    """A site at work: papers come, and every third goes, until the process is ended."""
    import django

    django.setup()
    from django.core.files.storage import default_storage
    from django.db import transaction

    from fileshare.models import DocumentVersion, SharedDocument
    from members import audit
    from members.enums import Action

    number = 0
    while True:
        number += 1
        key = _paper(1_000_000 + number, 10_000)
        audit.record(Action.UPLOADED, actor=None, object_kind="document", object_id=key)
        if number % 3 == 0:
            goes = DocumentVersion.objects.order_by("?").first()
            with transaction.atomic():
                goes.document.versions.all()._raw_delete("default")
                SharedDocument.objects.filter(pk=goes.document_id)._raw_delete("default")
            default_storage.delete(goes.file.name)


# --- The drill ----------------------------------------------------------------------------------------------------
def sums(archive: Path) -> dict[str, str]:
    """The SHA-256 of each member; of rows with the JSON in them in one form, since PostgreSQL has its own."""
    found = {}
    with tarfile.open(archive) as opened:
        for member in opened:
            content = opened.extractfile(member)
            if member.name.startswith("rows/"):
                rows = [[_one_form(value) for value in json.loads(line)] for line in content]
                found[member.name] = hashlib.sha256(json.dumps(rows).encode()).hexdigest()
            elif member.name.startswith("files/"):
                found[member.name] = hashlib.file_digest(content, "sha256").hexdigest()
    return found


def _one_form(value: object) -> object:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.dumps(json.loads(value), sort_keys=True)
        except ValueError:
            return value
    return value


@contextmanager
def second_site(work: Path, server: str, empty: Path) -> Iterator[Site]:
    data = work / "there"
    data.mkdir()
    variables = {name: os.environ[name] for name in STORE if name in os.environ}
    if not server:
        shutil.copy(empty, data / "db.sqlite3")
        yield Site(data, variables)
        return
    import psycopg

    name = f"gatehouse_drill_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        site = Site(data, variables | {"DATABASE_URL": urlsplit(server)._replace(path=f"/{name}").geturl()})
        site.manage("migrate", "-v0")
        site.manage("createcachetable")
        yield site
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def kill_within(process: subprocess.Popen[bytes], seconds: float) -> None:
    """At a random moment. Ends the drill when the process had ended before by itself with an error."""
    try:
        process.wait(random.uniform(0, seconds))  # noqa: S311 -- a moment
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()


def is_empty(site: Site) -> bool:
    asks = "from members.models import AccessRecord as A, User as U; print(A.objects.count() + U.objects.count())"
    process = site.start("manage.py", "shell", "-v0", "-c", asks, stdout=subprocess.PIPE)
    return process.communicate()[0].strip() == b"0"


def is_whole(archive: Path) -> bool:
    with tarfile.open(archive) as opened:
        return opened.getnames()[-1] == "end.json"


def line(what: str, files: int, size: int, took: float, memory: int) -> None:
    print(
        TABLE.format(what, files, f"{size / took / 1e6:.0f} MB/s", f"{took:.1f} s", f"{memory / 1e6:.0f} MB"),
        flush=True,
    )


def drill(options: argparse.Namespace, work: Path) -> bool:
    here = Site(work / "here")
    here.data.mkdir()
    here.manage("migrate", "-v0")
    here.manage("createcachetable")
    empty = work / "empty.sqlite3"
    shutil.copy(here.data / "db.sqlite3", empty)
    filled = here.start(__file__, "--fill", f"--files={options.files}", f"--megabytes={options.megabytes}")
    if filled.wait():
        sys.exit("The site could not be filled.")
    print(TABLE.format("", "files", "speed", "time", "memory"), flush=True)

    busy = work / "busy.tar"
    at_work = here.start(__file__, "--go-on")
    took, memory = here.manage("backup", str(busy))
    at_work.kill()
    at_work.wait()
    line("backup while papers come and go", options.files, busy.stat().st_size, took, memory)

    quiet = work / "quiet.tar"
    for _ in range(options.kills):
        killed = here.start("manage.py", "backup", str(work / "killed.tar"), stderr=subprocess.DEVNULL)
        kill_within(killed, took)
        if (work / "killed.tar").exists() and not is_whole(work / "killed.tar"):
            print("A backup that was killed left half a file under its name.")
            return False
        (work / "killed.tar").unlink(missing_ok=True)
    took, memory = here.manage("backup", str(quiet))
    line("backup", options.files, quiet.stat().st_size, took, memory)
    wanted = sums(quiet)

    with second_site(work, options.postgresql, empty) as there:
        for number in range(options.kills):
            process = there.start("manage.py", "restore", str(quiet), "--erased", "none", stdout=subprocess.DEVNULL)
            kill_within(process, took)
            if process.returncode == 0 or not is_empty(there):
                print(f"The restore that was killed as number {number} was finished, or left something.")
                return False
        took, memory = there.manage("restore", str(quiet), "--erased", "none")
        line("restore", options.files, quiet.stat().st_size, took, memory)
        there.manage("orphans")
        there.manage("verify_audit")
        again = work / "again.tar"
        there.manage("backup", str(again))
    found = sums(again)
    differing = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    with second_site(work / "busy", "", empty) as third:
        third.variables.clear()
        third.manage("restore", str(busy), "--erased", "none")
        third.manage("orphans")
        third.manage("verify_audit")
    rows = sum(name.startswith("rows/") for name in wanted)
    print(
        f"{len(wanted) - rows} files and {rows} pieces of rows were compared; {len(differing)} differ. "
        f"{options.kills} backups and {options.kills} restores were killed."
    )
    for name in differing[:10]:
        print(f"  differs: {name}")
    return not differing


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--postgresql", default="", metavar="ADDRESS")
    parser.add_argument("--fill", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--go-on", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fill or options.go_on:
        sys.path.insert(0, str(ROOT))
        go_on() if options.go_on else fill(options.files, options.megabytes)
        return
    with tempfile.TemporaryDirectory(prefix="gatehouse-drill-") as folder:
        (Path(folder) / "busy").mkdir()
        sys.exit(0 if drill(options, Path(folder)) else 1)


if __name__ == "__main__":
    main()
