"""Asking clamd: each thing that it can say, and whatever else a connection can do."""

from __future__ import annotations

import socket
import threading

import pytest

from fileshare.inspection import scanner
from fileshare.inspection.scanner import Away, Failed, Verdict
from tests import clamd as fake

LARGE = [bytes(256 * 1024)] * 16
SIZE = 4 * 1024**2


@pytest.fixture(autouse=True)
def _settings_alone(clamd):
    """No database is asked."""


def scan(*pieces: bytes) -> Verdict:
    return scanner.scan(iter(pieces), sum(map(len, pieces)))


def test_clean_file_is_clean_and_arrives_whole(clamd):
    assert scan(b"one", b"", b"two" * 100_000, b"3") == Verdict()
    assert clamd.files == [b"one" + b"two" * 100_000 + b"3"]
    assert clamd.asked == [b"zINSTREAM"]


def test_empty_file_is_asked_about_too(clamd):
    assert scan() == Verdict()
    assert clamd.files == [b""]


def test_what_is_found_has_a_name(clamd):
    assert scan(b"with ", fake.EVIL) == Verdict(found="Test.Evil-1")


@pytest.mark.parametrize("reason", ["MaxFileSize", "MaxScanSize", "MaxRecursion", "MaxScanTime", "MaxFiles"])
def test_file_beyond_a_limit_of_the_scanner_is_too_large(clamd, reason):
    clamd.talk = fake.answers(f"stream: Heuristics.Limits.Exceeded.{reason} FOUND")
    assert scan(b"a") == Verdict(found=f"Heuristics.Limits.Exceeded.{reason}", too_large=True)


def test_scanner_that_wants_no_more_of_a_file_has_said_why(clamd):
    """It hangs up in the middle, as clamd does, and what it said before that is heard."""
    clamd.most = 300_000
    assert scanner.scan(LARGE, SIZE) == Verdict(found=scanner.SIZE_LIMIT, too_large=True)
    assert clamd.files == []


@pytest.mark.parametrize("words", [
    "stream: ok", "OK", "stream: OK ", " stream: OK", "stream: OK\n", "streams: OK", "PONG", "",
    "stream: Can't allocate memory ERROR", "FOUND", "stream: FOUND ", "Evil FOUND", "UNKNOWN COMMAND",
    "stream: \N{CYRILLIC CAPITAL LETTER O}K",
])  # fmt: skip
def test_other_words_are_no_verdict(clamd, words):
    clamd.talk = fake.answers(words)
    with pytest.raises(Failed):
        scan(b"a")


@pytest.mark.parametrize("words", [b"stream: OK", b"stream: OK\n", b"", b"x" * 5000, b"stream: OK\0stream: OK\0x"])
def test_answer_without_its_end_is_no_verdict(clamd, words):
    clamd.talk = fake.answers(words)
    with pytest.raises(Failed):
        scan(b"a")


def test_word_that_comes_before_the_whole_file_is_no_verdict(clamd):
    said = threading.Event()

    def hasty(conversation):
        conversation.say("stream: OK")
        said.set()
        conversation.file()

    def pieces():
        yield b"one"
        assert said.wait(10)
        yield b"two"

    clamd.talk = hasty
    with pytest.raises(Failed, match="before it has the whole file"):
        scanner.scan(pieces(), 6)


def test_connection_that_is_cut_is_no_verdict(clamd):
    clamd.talk = fake.hang_up
    with pytest.raises(Failed):
        scanner.scan(LARGE, SIZE)


def test_scanner_that_is_silent_is_no_verdict(clamd, monkeypatch):
    monkeypatch.setattr(scanner, "PATIENCE", 0.05)
    clamd.talk = lambda conversation: clamd.over.wait(10)
    with pytest.raises(scanner.Late, match="did not come to an end"):
        scan(b"a")


def test_scanner_that_takes_no_more_bytes_is_no_verdict(clamd, monkeypatch):
    monkeypatch.setattr(scanner, "PATIENCE", 0.05)
    monkeypatch.setattr(scanner, "BYTES_A_SECOND", 1 << 40)
    clamd.talk = lambda conversation: clamd.over.wait(10)
    with pytest.raises(scanner.Late, match="did not come to an end"):
        scanner.scan(LARGE, SIZE)


def test_trouble_of_the_store_is_the_store_s(clamd):
    def broken():
        yield b"one"
        raise OSError("the store broke off")

    with pytest.raises(OSError, match="the store broke off"):
        scanner.scan(broken(), 10)


def test_nobody_there_is_away(clamd):
    clamd.goes()
    for ask in (scanner.ping, scanner.version, lambda: scan(b"a")):
        with pytest.raises(Away):
            ask()


def test_address_of_a_server(settings):
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.CLAMD_URL = f"tcp://127.0.0.1:{server.getsockname()[1]}"

        def answer():
            peer, _ = server.accept()
            with peer:
                peer.recv(100)
                peer.sendall(b"PONG\0")

        thread = threading.Thread(target=answer)
        thread.start()
        scanner.ping()
        thread.join()


def test_version_is_the_scanner_s_own_words(clamd):
    assert scanner.version() == "ClamAV 1.4.6/1/Mon Nov 30 08:00:00 2026"
    clamd.signatures = "UNKNOWN COMMAND"
    with pytest.raises(Failed):
        scanner.version()
