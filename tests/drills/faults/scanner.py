"""The virus scanner, which the site otherwise has not got here."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.core.cache import cache
from django.test import override_settings

from fileshare.inspection import scanner
from fileshare.services import scan
from tests import clamd
from tests.drills.faults import AT_ONCE


@contextmanager
def working() -> Iterator[clamd.Clamd]:
    """No fault: one that finds nothing."""
    with (
        tempfile.TemporaryDirectory() as folder,
        clamd.Clamd(Path(folder) / "ctl") as there,
        override_settings(CLAMD_URL=there.address),
    ):
        yield there


@contextmanager
def scanner_away() -> Iterator[None]:
    with override_settings(CLAMD_URL="unix:///nowhere/ctl"):
        yield


def _saying(talk: clamd.Talk, **facts: Any) -> Callable[[], Any]:
    @contextmanager
    def fault() -> Iterator[None]:
        with working() as there, patch.multiple(scanner, ANSWER=AT_ONCE, PATIENCE=AT_ONCE):
            there.talk = talk
            vars(there).update(facts)
            yield
        with suppress(Exception):  # that it was late
            cache.delete(scan.KEY)

    return fault


def _say_nothing(conversation: clamd.Conversation) -> None:
    conversation.server.clamd.over.wait(10)


scanner_hangs = _saying(_say_nothing)
scanner_talks_nonsense = _saying(clamd.answers("HTTP/1.1 400 Bad Request"))
scanner_breaks_off = _saying(clamd.hang_up)
scanner_has_no_memory = _saying(clamd.answers("stream: Can't allocate memory ERROR"))
scanner_answers_half = _saying(clamd.answers(b"stream: O"))
scanner_is_something_else = _saying(clamd.as_it_should, signatures="400 Bad Request")
scanner_finds_it_too_large = _saying(clamd.as_it_should, most=1)
