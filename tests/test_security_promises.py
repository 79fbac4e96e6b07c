"""docs/security.md: each test that it names is there, and each promise names one or says that it is not kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs" / "security.md").read_text()
PROMISES = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| promise |")]
NAMED = sorted(set(re.findall(r"`(test_\w+)`", PAGE)))


@pytest.fixture(scope="module")
def known():
    return {
        name for file in TESTS.rglob("test_*.py") for name in re.findall(r"^def (test_\w+)", file.read_text(), re.M)
    }


@pytest.mark.parametrize("name", NAMED)
def test_named_test_is_there(known, name):
    assert name in known


@pytest.mark.parametrize("promise", PROMISES, ids=lambda line: re.sub(r"\W+", " ", line)[:50].strip())
def test_promise_names_its_tests(promise):
    assert re.search(r"\| (Not kept|`test_)", promise)
