"""Every command in the documentation: it is there, takes these arguments, and a test runs it; or it is not ours."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).resolve().parents[2]
DOCS = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ENDS = re.compile(r"\s*(?:&&|\|\||[|;<>]|\\\n)\s*")
# The tests that run each command of ours. Those of Django and its like are theirs to test.
RUN_BY = {
    "backup": "test_backup.py", "restore": "test_restore.py",
    "check": "test_settings.py", "collectstatic": "test_served.py", "demo": "../browser/conftest.py",
    "doctor": "test_served.py", "erase_again": "../members/test_erase_restored.py",
    "import_members": "../members/test_import.py", "import_papers": "../fileshare/test_import_papers.py",
    "migrate": "test_settings.py", "orphans": "../fileshare/test_orphans.py",
    "rebuild_search": "test_search.py", "record_key": "../members/test_record_file.py", "verify_audit": "test_heads.py",
    "scan_again": "../fileshare/test_scan_again.py",
    "reset_second_factor": "../members/test_second_factor.py",
    "trace_copy": "../fileshare/test_trace_copy.py", "run_due": "test_due.py", "db_worker": "test_served.py",
}  # fmt: skip
NOT_OURS = {"changepassword", "clearsessions", "createcachetable", "createsuperuser", "showmigrations", "update_index"}
# Not run here: they change the machine, ask another one, or are for other programs to test.
NOT_RUN = {
    "adduser", "age", "apt-get", "cat", "cd", "chmod", "cp", "createdb", "createuser", "export", "find", "git", "mkdir",
    "nginx", "openssl", "set", "sha256sum", "sleep", "systemctl", "tar", "useradd", "zstd", ".", ".venv/bin/pip",
}  # fmt: skip


def lines_of(written: str) -> Iterator[str]:
    """The commands in the fences of a page, each by itself, without the variables set before it."""
    for language, block in FENCE.findall(written):
        if language not in ("", "sh"):
            continue
        for line in block.replace("\\\n", " ").splitlines():
            for part in ENDS.split(line.strip()):
                command = re.sub(r"^\(?(?:[A-Z_]+=\S+\s+)*", "", part).strip(" ()")
                if command and not command.startswith(("#", "/")) and not re.fullmatch(r"[A-Z/\w.{}:-]+", command):
                    yield command


COMMANDS = sorted({line for page in DOCS for line in lines_of(page.read_text())})


def is_ours(command: str) -> list[str] | None:
    """The words after manage.py."""
    found = re.fullmatch(r"(?:(?:\.venv/bin/)?python3? )?manage\.py (.*)", command)
    return shlex.split(found[1]) if found else None


@pytest.mark.parametrize("command", [each for each in COMMANDS if is_ours(each)])
def test_command_of_the_site_is_there_and_takes_these_arguments(command):
    name, *arguments = is_ours(command) or []
    known = get_commands()
    assert name in known
    parser = load_command_class(known[name], name) if isinstance(known[name], str) else known[name]
    parser.create_parser("manage.py", name).parse_args(arguments)  # ends the test where it does not understand
    if name in NOT_OURS:
        return
    test = Path(__file__).parent / RUN_BY[name]
    assert re.search(rf"""["']{name}["']""", test.read_text()), f"{test} does not run {name}"


@pytest.mark.parametrize("command", [each for each in COMMANDS if not is_ours(each)])
def test_other_command_is_known_and_said_not_to_be_run(command):
    first, *rest = shlex.split(command)
    if first == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
        assert {word for word in rest if "=" not in word} <= set(targets)
    elif (first, *rest[:2]) == ("python3", "-m", "venv"):
        assert rest[2:] == [".venv"]
    elif first == "python3":  # a program that goes without the site
        assert (ROOT / "deploy" / rest[0]).exists()
    elif (first, *rest[:1]) == ("python", "-m"):
        assert find_spec(rest[1])
    else:
        assert first in NOT_RUN | {"gunicorn"}


def test_pages_have_commands():
    assert len([each for each in COMMANDS if is_ours(each)]) > 12
