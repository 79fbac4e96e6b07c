"""`manage.py doctor` and the virus scanner: it is given what it must find, and its answer is judged."""

from __future__ import annotations

import datetime
import io
import marshal
import zipfile
from pathlib import Path

import pytest
import time_machine

from fileshare.models import DocumentVersion
from portal.ops.doctor import scanner
from tests import clamd as fake
from tests.factories import make_paper
from tests.portal.test_doctor import told

CONF = "Put the lines of docs/operator.md into clamd.conf"
MOST = 3 * 1024**2


@pytest.fixture(autouse=True)
def _settings(db, settings):
    settings.SCAN_AT_MOST = MOST


@pytest.fixture
def clamd(clamd):
    """It finds the test file alone and in what it unpacks, as far as its limits go."""
    clamd.evil, clamd.deepest, clamd.called_deep = scanner.eicar(), 20, "Heuristics.Limits.Exceeded.MaxRecursion FOUND"

    def talk(conversation):
        content = conversation.file(clamd.most)
        if content is not None and content == scanner.nested():
            conversation.say(f"stream: {clamd.called_deep}")
        elif content is None:
            conversation.say("INSTREAM size limit exceeded. ERROR")
        else:
            conversation.say("stream: Eicar FOUND" if clamd.evil in content else "stream: OK")

    clamd.talk = talk
    return clamd


def asked():
    with time_machine.travel(datetime.datetime(2026, 11, 30, 12, tzinfo=datetime.UTC), tick=False):
        return told(scanner.answers)


def test_no_scanner_is_said():
    assert told(scanner.answers) == [
        (
            "look scanner: There is no virus scanner: files are judged by what they are, and active PDFs are held. Set "
            "CLAMD_URL to have one."
        )
    ]
    assert told(scanner.behind) == []


def test_scanner_that_does_all_that_is_relied_on_is_right(clamd):
    assert asked() == [f"right scanner: {clamd.signatures} finds what it should, at every size that may come in."]
    assert max(map(len, clamd.files)) == MOST


def test_scanner_that_is_away_is_named(clamd):
    clamd.goes()
    assert asked() == [
        (
            f"act scanner: The scanner at {clamd.address} gives no answer: it cannot be reached (No such file or "
            "directory). New files wait for it."
        )
    ]


def test_scanner_without_signatures_is_named(clamd):
    clamd.evil = b"nothing that there is"
    assert asked() == [
        "act scanner: It does not find the test file of its makers (EICAR): it lacks signatures. Run freshclam."
    ]


def test_scanner_that_calls_clean_what_it_cannot_look_through_is_named(clamd):
    clamd.called_deep = "OK"
    assert asked() == [
        f"act scanner: It calls files clean that it cannot look through. {CONF}, AlertExceedsMax above all."
    ]


@pytest.mark.parametrize("silently", [False, True])
def test_scanner_with_lower_limits_than_the_site_s_is_named(clamd, silently):
    clamd.most = MOST - 1
    if silently:  # as MaxFileSize is, without AlertExceedsMax
        rest = clamd.talk

        def talk(conversation):
            if clamd.files[-1:] == [scanner.nested()]:
                conversation.file()
                conversation.say("stream: OK")
            else:
                rest(conversation)

        clamd.talk = talk
    assert asked() == [
        (
            f"act scanner: It does not look through files of 3 MB, which may come in. {CONF}, with that size, or set "
            "CLAMD_MAX_MB to what its limits allow."
        )
    ]


def test_scanner_that_fails_at_a_trial_is_named(clamd):
    clamd.talk = fake.hang_up
    said = asked()
    assert len(said) == 1
    assert said[0].startswith(f"act scanner: The scanner at {clamd.address} does not come to an end with a trial: ")


def test_old_signatures_are_named(clamd):
    clamd.signatures = "ClamAV 1.4.6/1/Thu Nov 26 08:00:00 2026"
    assert asked()[:-1] == ["act scanner: Its signatures are of 26 November 2026. Look at freshclam."]


def test_files_that_wait_for_their_scan_are_counted(clamd):
    make_paper(content=b"Words.", file_name="a.txt")
    assert told(scanner.behind) == []
    clamd.signatures = "ClamAV 1.4.6/2/Mon Nov 30 09:00:00 2026"
    assert told(scanner.behind) == ["look scans: 1 files have still to be scanned with its newest signatures."]
    DocumentVersion.objects.update(scan_tries=1)
    assert told(scanner.behind) == [
        (
            "act scans: The scanner comes to no end with 1 of the files that members can read. Its log says why; its "
            "limits may have been lowered."
        )
    ]
    clamd.goes()
    assert told(scanner.behind) == []


def test_large_trial_is_a_zip_with_the_test_file_at_its_end():
    content = b"".join(scanner.large(MOST))
    assert len(content) == MOST
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.read("b.com") == scanner.eicar()
    assert len(scanner.eicar()) == 68


def test_program_itself_is_clean():
    """The words of the test file stand in one piece neither in its source nor in what Python makes of it."""
    source = Path(scanner.__file__).read_bytes()
    assert scanner.eicar() not in source + marshal.dumps(compile(source, "scanner.py", "exec"))
