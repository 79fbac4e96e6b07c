"""A real clamd, started on this machine for these tests, with a signature of their own for the harmless test file."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.test import override_settings

from deploy import clamd as clamd_here
from fileshare.enums import Inspection, PaperState
from fileshare.inspection import scanner
from fileshare.inspection.scanner import Verdict
from fileshare.models import DocumentVersion, SharedDocument
from fileshare.services import inspect, release, rescan, upload
from portal.ops import scanning
from portal.ops.doctor import scanner as doctor
from tests.factories import make_administrator, make_member, make_paper
from tests.fileshare import files
from tests.portal.test_doctor import told

MOST = 4 * 1024**2
EICAR = doctor.eicar()
LEARNT = b"words of which nobody knew that they are evil"

pytestmark = [
    pytest.mark.skipif(
        clamd_here.PROGRAM is None, reason="no virus scanner on this machine: apt-get install clamav-daemon"
    ),
    pytest.mark.xdist_group("clamd"),
]


class Scanner:
    """clamd in a folder of its own, as an ordinary user."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.address = folder, clamd_here.address(folder)
        clamd_here.prepare(folder, limits=("4M", "16M"))

    def learn(self, name: str, evil: bytes) -> None:
        """A signature: whatever begins with these bytes."""
        with (self.folder / "db" / "own.ndb").open("a") as database:
            database.write(f"{name}:0:0:{evil.hex()}\n")

    def start(self) -> None:
        self.process = clamd_here.process(self.folder, self.folder / "log")
        self.process.start()
        with override_settings(CLAMD_URL=self.address):
            self.process.wait_until(answers)

    def stop(self) -> None:
        self.process.stop()


def answers() -> bool:
    try:
        scanner.ping()
    except scanner.NoVerdict:
        return False
    return True


@pytest.fixture(scope="module")
def installed() -> Iterator[Scanner]:
    with tempfile.TemporaryDirectory(prefix="clamd-") as folder:
        running = Scanner(Path(folder))
        running.start()
        try:
            yield running
        finally:
            running.stop()


@pytest.fixture
def clamd(installed, settings, db) -> Scanner:
    settings.CLAMD_URL, settings.SCAN_AT_MOST = installed.address, MOST
    return installed


def scan(content: bytes) -> Verdict:
    return scanner.scan([content], len(content))


def readable(paper: SharedDocument) -> bool:
    return SharedDocument.objects.visible_to(make_member()).filter(pk=paper.pk).exists()


def test_what_clamd_says(clamd):
    assert scanner.version().startswith("ClamAV ")
    assert scan(b"Good words.") == scan(b"") == scan(b" " + EICAR) == Verdict()
    assert scan(EICAR) == scan(files.archive({"a": b"a", "b.com": EICAR})) == Verdict(found="Test.Eicar.UNOFFICIAL")
    nested = scan(doctor.nested())
    assert (nested.too_large, nested.found) == (True, "Heuristics.Limits.Exceeded.MaxRecursion")
    pieces = [bytes(256 * 1024)] * 160
    assert scanner.scan(pieces, 40 * 1024**2) == Verdict(found=scanner.SIZE_LIMIT, too_large=True)
    assert scan(bytes(MOST)) == Verdict()
    assert told(doctor.answers) == [
        f"right scanner: {scanner.version()} finds what it should, at every size that may come in."
    ]


def test_paper_s_way_past_clamd(clamd):
    paper = make_paper(content=b"Good words.", file_name="a.txt")
    assert readable(paper)
    infected = upload.replace(document=paper, file=ContentFile(EICAR), name="a.txt", by=None)
    inspect.inspect(version_id=infected.pk)
    large = make_paper(content=b"a" * (MOST + 1), file_name="a.txt")
    clamd.stop()
    waiting = make_paper(content=LEARNT, file_name="a.txt")
    scanning.keep_up()
    paper.refresh_from_db()
    found = dict(DocumentVersion.objects.values_list("pk", "inspection"))
    assert found == {
        paper.current_version_id: Inspection.PASSED, infected.pk: Inspection.QUARANTINED,
        large.versions.get().pk: Inspection.QUARANTINED, waiting.versions.get().pk: Inspection.UNSCANNED,
    }  # fmt: skip
    assert [readable(each) for each in (paper, large, waiting)] == [True, False, False]
    clamd.start()
    inspect.inspect(version_id=waiting.versions.get().pk)
    infected.refresh_from_db()
    release.release(version=infected, by=make_administrator(), found=infected.scan_found, reason="The test file.")
    inspect.inspect(version_id=infected.pk)
    paper.refresh_from_db()
    assert (readable(waiting), paper.current_version) == (True, infected)
    # The scanner learns, and what is out is looked at again.
    clamd.stop()
    clamd.learn("Test.Learnt", LEARNT)
    clamd.start()
    DocumentVersion.objects.update(scanned_with="ClamAV 1.0.0")
    assert rescan.share() == 3
    waiting.refresh_from_db()
    assert (waiting.state, readable(waiting), readable(paper)) == (PaperState.QUARANTINED, False, True)


def test_files_at_the_same_time(clamd):
    content = {number: EICAR if number % 2 else f"Words {number}".encode() for number in range(8)}
    said: dict[int, Verdict] = {}
    threads = [
        threading.Thread(target=lambda number=number: said.update({number: scan(content[number])}))
        for number in content
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {number: bool(verdict.found) for number, verdict in said.items()} == {
        number: bool(number % 2) for number in content
    }
