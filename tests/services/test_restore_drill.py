"""The restore drill of ten thousand files (bench/drill.py), with DRILL=all alone: it takes a quarter of an hour.
RESTORE has its options, such as another number of files."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from deploy.processes import ROOT

pytestmark = [
    pytest.mark.services,
    pytest.mark.xdist_group("restore-drill"),
    pytest.mark.skipif(os.environ.get("DRILL") != "all", reason="takes a quarter of an hour: DRILL=all"),
]


def test_site_of_ten_thousand_files_is_the_same_after_a_restore(count):
    command = [sys.executable, "bench/drill.py", *os.environ.get("RESTORE", "").split()]
    drill = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    ended = re.search(r"(\d+) files and \d+ pieces of rows were compared; (\d+) differ", drill.stdout)
    assert ended, drill.stdout + drill.stderr
    files, differing = map(int, ended.groups())
    count("Files restored and compared", 10_000, files, differing, drill.stdout.strip().replace("\n", "\n  "))
    assert (drill.returncode, differing) == (0, 0), drill.stdout + drill.stderr
    assert files >= 10_000 or os.environ.get("RESTORE")
